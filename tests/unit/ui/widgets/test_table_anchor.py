"""Where cursor and window go when rows come, go and change places."""

from __future__ import annotations

import pytest

from k8stui.ui.widgets.table_anchor import anchored_top, nearest_survivor

WINDOW = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("left", "line", "expected"),
    [
        ("abde", 2, "d"),  # the next below takes its place
        ("ab", 2, "b"),  # else the next above
        ("ae", 2, "e"),  # below before above at the same distance
        ("", 2, None),
        ("abcde", -2, "a"),  # the row was above the window
        ("abcde", 9, "e"),  # or below it
    ],
)
def test_the_cursor_goes_to_the_nearest(left: str, line: int, expected: str | None) -> None:
    rows = list(left)
    index = nearest_survivor(WINDOW, line, lambda key: rows.index(key) if key in rows else None)
    assert (None if index is None else rows[index]) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("xyabcde", 2),  # two came above: the offset follows
        ("xybcde", 1),  # the first went: the second stays on its line
        ("zz", 7),  # none is left: as it was
    ],
)
def test_the_window_stays_on_its_rows(rows: str, expected: int) -> None:
    top = anchored_top(WINDOW, 7, lambda key: rows.index(key) if key in rows else None)
    assert top == expected
