"""Images to choose from, and what a typed tag means."""

from __future__ import annotations

import pytest

from k8stui.resources.revisions import RevisionRow
from k8stui.viewmodels.image_text import image_choices, with_tag


@pytest.mark.parametrize(
    ("image", "typed", "meant"),
    [
        ("web:1.7", ":1.8", "web:1.8"),
        ("web", ":1.8", "web:1.8"),
        ("r:5000/web", ":1.8", "r:5000/web:1.8"),
        ("r:5000/web:1.7", ":1.8", "r:5000/web:1.8"),
        ("web:1.7@sha256:aa", ":1.8", "web:1.8"),
        ("web:1.7", "@sha256:bb", "web@sha256:bb"),
        # Without a sign it is an image, whatever it looks like.
        ("web:1.7", "1.8", "1.8"),
        ("web:1.7", " web:1.8 ", "web:1.8"),
    ],
)
def test_a_tag_alone_or_an_image(image: str, typed: str, meant: str) -> None:
    assert with_tag(image, typed) == meant


def test_the_history_of_one_container() -> None:
    def row(number: int, image: str, cause: str = "") -> RevisionRow:
        return RevisionRow(
            uid=str(number),
            name=f"web-{number}",
            revision=number,
            plural="replicasets",
            images=(("app", image), ("side", "envoy:1")),
            change_cause=cause,
        )

    rows = [row(4, "web:3"), row(3, "web:2", "release 88"), row(2, "web:1"), row(1, "web:2")]
    assert image_choices(rows, "app", "web:3") == (
        ("web:2", "revision 3 · release 88"),
        ("web:1", "revision 2"),
    )
    assert image_choices(rows, "side", "envoy:1") == ()
