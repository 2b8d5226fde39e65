"""Which lines of several notes are shown where there is no room for all."""

from __future__ import annotations

import pytest

from k8stui.ui.widgets.notes import shared_lines


@pytest.mark.parametrize(
    ("wanted", "room", "shown"),
    [
        ([1, 1, 3, 2], 9, [1, 1, 3, 2]),
        ([1, 1, 5, 1, 2], 7, [1, 1, 3, 1, 1]),
        ([1, 2, 5, 3], 6, [1, 2, 2, 1]),
        ([2, 2, 2], 2, [1, 1, 0]),
        ([2, 2], 0, [0, 0]),
        ([], 3, []),
    ],
)
def test_each_note_is_seen_before_any_is_seen_whole(
    wanted: list[int], room: int, shown: list[int]
) -> None:
    assert shared_lines(wanted, room) == shown
