"""Which columns of a table are shown, where, and how wide. Widths are in terminal cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from k8stui.ui.widgets import cells
from k8stui.viewmodels.table_source import CellText, ColumnLayout, HeaderCell

GUTTER = 2
"""The cursor's and the mark's glyph, before the first column."""
GAP = 2
"""Between two columns."""
NARROW_GAP = 1
"""The same where a name or a state would be shortened otherwise."""
FLEXIBLE_EASE = 32
"""What is nice to know (priority 2 and more) goes before a flexible column is cut shorter."""
FLEXIBLE_FLOOR = 20
"""All columns that may go do so before a flexible one is cut shorter than this."""
LAST_RESORT = 6
"""A flexible column is never cut shorter than this."""
SORT_GLYPH = {"": "", "asc": "↑", "desc": "↓"}


class Placed(NamedTuple):
    """A column on the screen."""

    column: int
    """Its index among the source's columns."""
    x: int
    width: int
    skip: int = 0
    """Cells of its content that are scrolled out at the left."""


class Stop(NamedTuple):
    """How far the columns after the first are scrolled to the left."""

    column: int
    skip: int = 0


class Layout(NamedTuple):
    """The columns on the screen, and whether there are more at either side."""

    placed: tuple[Placed, ...] = ()
    more_left: bool = False
    hidden: int = 0
    """How many columns are not shown."""
    gap: int = GAP


def title_of(header: HeaderCell) -> str:
    """The title with the glyph that tells by which column the rows are sorted."""
    return header.title + SORT_GLYPH[header.sorted]


class Widths:
    """The natural widths of all columns. They only grow, so that columns do not dance."""

    def __init__(self) -> None:
        self._widths: list[int] = []

    @property
    def natural(self) -> Sequence[int]:
        """The width that each column needs to show all seen so far."""
        return self._widths

    def reset(self, columns: Sequence[ColumnLayout], header: Sequence[HeaderCell]) -> None:
        """Begins anew from the titles."""
        self._widths = [
            max(column.min_width, cells.width_of(title_of(cell)))
            for column, cell in zip(columns, header, strict=True)
        ]

    def add_header(self, header: Sequence[HeaderCell]) -> bool:
        """True when a title needed more room than there was."""
        return self._grow([title_of(cell) for cell in header])

    def add_row(self, row: Sequence[CellText]) -> bool:
        """True when a cell needed more room than there was."""
        return self._grow([cell.text for cell in row])

    def add_cell(self, column: int, cell: CellText) -> bool:
        """True when the cell needed more room than there was."""
        width = cells.width_of(cell.text)
        if width <= self._widths[column]:
            return False
        self._widths[column] = width
        return True

    def _grow(self, texts: Sequence[str]) -> bool:
        grown = False
        widths = self._widths
        for column, text in enumerate(texts[: len(widths)]):
            width = cells.width_of(text)
            if width > widths[column]:
                widths[column] = width
                grown = True
        return grown

    def fit(self, columns: Sequence[ColumnLayout], room: int) -> Layout:
        """The columns for a screen that is not scrolled sideways.

        What has the highest priority number goes first where there is no room, of equals the
        rightmost; columns of priority 0 stay, flexible ones are shortened. A column that still
        has no room at all is left out from the right, never cut, apart from the first.
        """
        natural = self._widths
        chosen = list(range(len(columns)))
        for least, ease in ((2, FLEXIBLE_EASE), (1, FLEXIBLE_FLOOR)):
            while _need(chosen, columns, natural, ease) > room:
                droppable = [index for index in chosen if columns[index].priority >= least]
                if not droppable:
                    break
                chosen.remove(max(droppable, key=lambda index: (columns[index].priority, index)))
        floor = FLEXIBLE_FLOOR
        if _need(chosen, columns, natural, floor) > room:
            floor = LAST_RESORT
        while len(chosen) > 1 and _need(chosen, columns, natural, floor) > room:
            chosen.pop()
        widths = {index: natural[index] for index in chosen}
        excess = _need(chosen, columns, natural, 1 << 30) - room
        gap = GAP if excess <= 0 else NARROW_GAP
        _shrink(widths, columns, excess - (GAP - gap) * (len(chosen) - 1), floor)
        placed = []
        x = GUTTER
        for index in chosen:
            width = max(1, min(widths[index], room - x))
            placed.append(Placed(index, x, width))
            x += width + gap
        return Layout(tuple(placed), False, len(columns) - len(chosen), gap)

    def stops(self, columns: Sequence[ColumnLayout], room: int) -> list[Stop]:
        """Where the columns may be scrolled to; the first is "not scrolled".

        The first column stays where it is. A column wider than the room has several stops. After
        the last stop the last column is shown to its end.
        """
        stops = [Stop(0)]
        if len(columns) < 2:
            return stops
        start = GUTTER + self._frozen(room) + GAP
        space = max(1, room - start)
        for index in range(1, len(columns)):
            stops.append(Stop(index))
            width = self._widths[index]
            step = max(1, space // 2)
            stops.extend(Stop(index, skip) for skip in range(step, width - space + step, step))
            rest = sum(self._widths[index:]) + GAP * (len(columns) - index - 1)
            if rest <= space:
                break
        return stops

    def scrolled(self, columns: Sequence[ColumnLayout], room: int, stop: Stop) -> Layout:
        """The first column, and all columns from the stop on that fit whole."""
        frozen = self._frozen(room)
        placed = [Placed(0, GUTTER, frozen)]
        x = GUTTER + frozen + GAP
        for index in range(stop.column, len(columns)):
            skip = stop.skip if index == stop.column else 0
            width = self._widths[index] - skip
            if x + width > room and (index != stop.column or x >= room):
                break
            width = min(width, room - x)
            placed.append(Placed(index, x, width, skip))
            x += width + GAP
        return Layout(tuple(placed), True, len(columns) - len(placed))

    def _frozen(self, room: int) -> int:
        return max(1, min(self._widths[0], max(LAST_RESORT, room // 3)))


def _need(
    chosen: Sequence[int], columns: Sequence[ColumnLayout], natural: Sequence[int], floor: int
) -> int:
    """The room that the chosen columns need with the flexible ones cut to the floor."""
    total = GUTTER + GAP * (len(chosen) - 1)
    for index in chosen:
        width = natural[index]
        if columns[index].flexible:
            width = min(width, max(floor, columns[index].min_width))
        total += width
    return total


def _shrink(
    widths: dict[int, int], columns: Sequence[ColumnLayout], excess: int, floor: int
) -> None:
    """Takes the excess from details, then from the widest flexible columns, down to the floor."""
    flexible = {
        index: max(floor, columns[index].min_width) for index in widths if columns[index].flexible
    }
    details = {
        index: least for index, least in flexible.items() if columns[index].flexible == "details"
    }
    excess = _take_from_widest(widths, details, excess)
    _take_from_widest(widths, flexible, excess)


def _take_from_widest(widths: dict[int, int], least: Mapping[int, int], excess: int) -> int:
    """Takes from the columns in `least`, none of which gets narrower than that; what is left."""
    while excess > 0:
        spare = [index for index, width in least.items() if widths[index] > width]
        if not spare:
            break
        widest = max(spare, key=lambda index: (widths[index], index))
        next_widest = max((widths[index] for index in spare if index != widest), default=0)
        step = max(1, widths[widest] - max(next_widest, least[widest]))
        step = min(step, excess)
        widths[widest] -= step
        excess -= step
    return excess


def shorten(text: str, column: ColumnLayout, placed: Placed) -> str:
    """The cell's text as it stands in its place, padded to its width."""
    if placed.skip:
        text = text[cells.head_index(text, 0, placed.skip) :]
    if text.isascii() and len(text) <= placed.width:
        # Nearly all are, and need not be measured.
        return text.rjust(placed.width) if column.align == "right" else text.ljust(placed.width)
    if column.flexible == "middle":
        text = cells.cut_middle(text, placed.width)
    else:
        text = cells.cut_end(text, placed.width)
    return cells.pad(text, placed.width, column.align)
