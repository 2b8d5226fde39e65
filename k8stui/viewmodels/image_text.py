"""Images to choose from, and what a typed tag means."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.resources.revisions import RevisionRow


def with_tag(image: str, typed: str) -> str:
    """The image that was typed; `:1.8` and `@sha256:…` stand for another version of `image`."""
    typed = typed.strip()
    if typed[:1] not in (":", "@"):
        return typed
    bare = image.partition("@")[0]
    name, colon, tag = bare.rpartition(":")
    # A colon before the last slash is a registry's port.
    return f"{name if colon and '/' not in tag else bare}{typed}"


def image_choices(
    revisions: Sequence[RevisionRow], container: str, image: str
) -> tuple[tuple[str, str], ...]:
    """(image, where it comes from) of each other image in the container's history, newest first."""
    found: dict[str, str] = {}
    for row in revisions:
        for name, one in (*row.images, *row.init_images):
            if name == container and one != image:
                cause = f" · {row.change_cause}" if row.change_cause else ""
                found.setdefault(one, f"revision {row.revision}{cause}")
    return tuple(found.items())
