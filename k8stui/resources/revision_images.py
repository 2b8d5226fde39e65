"""The images of a revision in a few words, and what changed in them."""

from __future__ import annotations

from k8stui.resources.pod_templates import Images


def short_image(image: str) -> str:
    """An image without its registry and folders: `web:1.8`, `web@3f2a91c`."""
    name, at, digest = image.rpartition("/")[2].partition("@")
    return f"{name.partition(':')[0]}@{digest.rpartition(':')[2][:7]}" if at else name


def image_delta(images: Images, init_images: Images, before: Images) -> str:
    """Short image names, each once: what changed since the revision `before`, then the others.

    `web:1.8 (was 1.7), envoy:3`: what it is stands before what may be cut off. A container that
    is new has a `+`. Init containers' images are named only where they changed.
    """
    was = dict(before)
    changed = []
    for name, image in (*images, *init_images):
        if was and name not in was:
            changed.append(f"+{short_image(image)}")
        elif was and was[name] != image:
            changed.append(_change_text(was[name], image))
    same = [image for name, image in images if not was or was.get(name) == image]
    return ", ".join(dict.fromkeys((*changed, *map(short_image, same))))


def _change_text(before: str, after: str) -> str:
    """`web:1.8 (was 1.7)`; all of what it was where more than the tag differs."""
    old, new = short_image(before), short_image(after)
    if old == new:
        return f"{after} (was {before})"  # the registry or the folder is what differs
    same = before.rpartition(":")[0] == after.rpartition(":")[0]
    return f"{new} (was {old.partition(':')[2] if ':' in new and same else old})"
