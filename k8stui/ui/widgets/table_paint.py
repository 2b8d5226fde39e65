"""Draws the lines of a table: pure text in, strips out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple, Protocol

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from k8stui.resources.record import Tone
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.table_layout import Layout, shorten, title_of
from k8stui.viewmodels.table_source import CellText, ColumnLayout, HeaderCell


class RowLine(NamedTuple):
    """All that a row's line depends on, the layout and the theme aside."""

    key: str
    version: Hashable
    marked: bool
    cursor: bool
    live: tuple[CellText, ...]


_INDENT = "  "


class NoticeLine(NamedTuple):
    """What stands where there are no rows, or one line of it."""

    text: str
    tone: Tone


class StyleOf(Protocol):
    """The style of these component names, laid over each other."""

    def __call__(self, *names: str) -> Style: ...


def row_strip(
    line: RowLine,
    row: Sequence[CellText],
    tone: Tone,
    *,
    columns: Sequence[ColumnLayout],
    layout: Layout,
    width: int,
    focused: bool,
    style_of: StyleOf,
) -> Strip:
    """A row's line: glyphs of cursor and mark, then the cells in their places."""
    glyph = ("▸" if focused else "›") if line.cursor else " "
    runs = [(glyph + ("*" if line.marked else " "), tone)]
    for place in layout.placed:
        cell = row[place.column]
        text = shorten(cell.text, columns[place.column], place)
        runs.append((text + " " * layout.gap, cell.tone or tone))
    over = ["marked"] * line.marked + ["cursor"] * line.cursor
    segments: list[Segment] = []
    room = width
    for text, run_tone in merged(runs):
        size = cells.width_of(text)
        if size > room:
            text, size = cells.pad(cells.head(text, room), room), room
        segments.append(Segment(text, style_of(run_tone, *over)))
        room -= size
    if room > 0:
        segments.append(Segment(" " * room, style_of(tone, *over)))
    return Strip(segments, width).simplify()


def header_strip(
    header: Sequence[HeaderCell], layout: Layout, more_right: bool, width: int, style_of: StyleOf
) -> Strip:
    """The titles, with a glyph at each side where there are more columns."""
    text = "‹ " if layout.more_left else "  "
    for place in layout.placed:
        cell = header[place.column]
        title = cells.cut_end(title_of(cell), place.width)
        text += cells.pad(title, place.width, cell.align) + " " * layout.gap
    text = cells.pad(cells.head(text, width), width)
    if more_right and width:
        text = cells.pad(cells.head(text, width - 1), width - 1) + "›"
    return Strip([Segment(text, style_of("header"))], width)


def notice_part(notice: NoticeLine, number: int, width: int) -> NoticeLine | None:
    """The notice's line with this number in this many cells, None after its end."""
    lines = cells.wrap(notice.text, width - len(_INDENT))
    if not 0 <= number < len(lines):
        return None
    start, end = lines[number]
    return notice._replace(text=notice.text[start:end])


def notice_strip(line: NoticeLine, width: int, style_of: StyleOf) -> Strip:
    """The line that says why there are no rows."""
    text = cells.pad(cells.cut_end(_INDENT + line.text, width), width)
    return Strip([Segment(text, style_of(line.tone))], width)


def merged(runs: Iterable[tuple[str, Tone]]) -> list[tuple[str, Tone]]:
    """Joins neighbours of one tone: each change of style costs up to 40 bytes."""
    joined: list[tuple[str, Tone]] = []
    for text, tone in runs:
        if joined and joined[-1][1] == tone:
            joined[-1] = (joined[-1][0] + text, tone)
        else:
            joined.append((text, tone))
    return joined
