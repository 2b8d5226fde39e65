"""Which columns are shown in how much room, and what goes first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from k8stui.ui.widgets.table_layout import GUTTER, Placed, Widths, shorten
from k8stui.viewmodels.table_source import CellText, ColumnLayout, HeaderCell

COLUMNS = (
    ColumnLayout("name", "NAME", flexible="middle", min_width=8),
    ColumnLayout("status", "STATUS"),
    ColumnLayout("cpu", "CPU", align="right", priority=1),
    ColumnLayout("node", "NODE", priority=3),
    ColumnLayout("age", "AGE"),
)
ROW = [
    CellText("web-7f6d9c5b8d-abcde-0123456789"),  # 31
    CellText("CrashLoopBackOff"),  # 16
    CellText("1200m"),
    CellText("node-10"),
    CellText("5d23h"),
]


def widths_of(*rows: list[CellText]) -> Widths:
    widths = Widths()
    widths.reset(COLUMNS, [HeaderCell(c.id, c.title) for c in COLUMNS])
    for row in rows:
        widths.add_row(row)
    return widths


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (60, [11, 20, 24]),
        (54, [11, 20, 19]),
        (50, [11, 19, 16]),  # what begins with the state gives way first, down to the state
        (40, [10, 10, 16]),
    ],
)
def test_details_go_before_names_are_cut(room: int, shown: list[int]) -> None:
    columns = [
        ColumnLayout("namespace", "NAMESPACE", flexible="middle"),
        ColumnLayout("workload", "WORKLOAD", flexible="middle"),
        ColumnLayout("status", "STATUS", flexible="details", min_width=16),
    ]
    widths = Widths()
    widths.reset(columns, [HeaderCell(each.id, each.title) for each in columns])
    widths.add_row([CellText("kube-system"), CellText("w" * 20), CellText("s" * 24)])
    assert [place.width for place in widths.fit(columns, room).placed] == shown


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (200, {0: 31, 1: 16, 2: 5, 3: 7, 4: 5}),
        (74, {0: 31, 1: 16, 2: 5, 3: 7, 4: 5}),
        (70, {0: 31, 1: 16, 2: 5, 4: 5}),  # the node goes before a name is cut
        (62, {0: 31, 1: 16, 2: 5, 4: 5}),  # columns move together before that, too
        (58, {0: 27, 1: 16, 2: 5, 4: 5}),  # then the name gives way
        (50, {0: 25, 1: 16, 4: 5}),  # then the CPU
        (40, {0: 15, 1: 16, 4: 5}),  # then the name below its floor
        (34, {0: 15, 1: 16}),  # a state is left out rather than cut
        (12, {0: 10}),
    ],
)
def test_what_is_shown_in_how_much_room(room: int, shown: dict[int, int]) -> None:
    layout = widths_of(ROW).fit(COLUMNS, room)
    assert {place.column: place.width for place in layout.placed} == shown
    assert layout.hidden == len(COLUMNS) - len(shown)
    last = layout.placed[-1]
    assert last.x + last.width <= room


def test_columns_stand_beside_each_other_with_a_gap() -> None:
    placed = widths_of(ROW).fit(COLUMNS, 200).placed
    assert placed[0].x == GUTTER
    for left, right in pairwise(placed):
        assert right.x == left.x + left.width + 2


def test_widths_only_grow() -> None:
    widths = widths_of(ROW)
    assert not widths.add_row([CellText("")] * 5)
    assert not widths.add_row(ROW)
    assert widths.add_cell(4, CellText("120d23h"))
    assert not widths.add_cell(4, CellText("1s"))
    assert widths.natural[4] == 7


def test_scrolling_sideways_reaches_every_column() -> None:
    widths = widths_of(ROW)
    seen = {place.column for place in widths.fit(COLUMNS, 40).placed}
    for stop in widths.stops(COLUMNS, 40)[1:]:
        layout = widths.scrolled(COLUMNS, 40, stop)
        assert layout.placed[0].column == 0
        seen |= {place.column for place in layout.placed}
        assert all(place.x + place.width <= 40 for place in layout.placed)
    assert seen == set(range(5))


def test_a_column_wider_than_the_screen_is_scrolled_through() -> None:
    columns = (COLUMNS[0], ColumnLayout("message", "MESSAGE", flexible="end"))
    widths = Widths()
    widths.reset(columns, [HeaderCell(c.id, c.title) for c in columns])
    message = "".join(chr(97 + i % 26) for i in range(120))
    widths.add_row([CellText("web"), CellText(message)])
    shown = set()
    for stop in widths.stops(columns, 60)[1:]:
        place = widths.scrolled(columns, 60, stop).placed[1]
        shown |= set(range(place.skip, place.skip + place.width))
    assert shown >= set(range(120))


@pytest.mark.parametrize(
    ("text", "column", "placed", "expected"),
    [
        ("web-7f6d9c5b8d-abcde", COLUMNS[0], Placed(0, 2, 11), "web-7…abcde"),
        ("12m", COLUMNS[2], Placed(2, 2, 6), "   12m"),
        ("Running", COLUMNS[1], Placed(1, 2, 9), "Running  "),
        ("0123456789", COLUMNS[1], Placed(1, 2, 4, 3), "345…"),
    ],
)
def test_a_cell_in_its_place(
    text: str, column: ColumnLayout, placed: Placed, expected: str
) -> None:
    assert shorten(text, column, placed) == expected
