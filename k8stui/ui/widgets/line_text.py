"""Lines of text with roles, and how they become strips."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from k8stui.ui.widgets import cells
from k8stui.ui.widgets.table_paint import StyleOf


class Span(NamedTuple):
    """A part of a line that is meant in some way; the theme decides how it looks."""

    start: int
    end: int
    role: str


class TextLine(NamedTuple):
    """One line before wrapping."""

    text: str
    spans: tuple[Span, ...] = ()
    """In order, not overlapping."""
    hanging: int = 0
    """Cells by which the lines are indented that it continues on."""
    search_from: int = 0
    """A search looks at the text from here on (after a log line's prefix)."""
    wraps: bool = True
    marks: tuple[Span, ...] = ()
    """What was found in it, over the spans; they may overlap."""


class ShownLine(NamedTuple):
    """All that one line on the screen depends on, width and theme aside."""

    line: TextLine
    start: int
    end: int
    indent: int = 0
    left: int = 0
    """Cells scrolled out at the left."""
    matches: tuple[tuple[int, int], ...] = ()
    current: bool = False
    """True on the line that `n` and `N` have gone to."""
    selected: bool = False


class Position(NamedTuple):
    """The line at the top, and how many of its wrapped rows are above the top."""

    line: int
    row: int = 0


def moved_by(
    top: Position, rows: int, first: int, last: int, row_count: Callable[[int], int]
) -> Position:
    """The position so many rows further down (up when negative), from line first to last.

    Only the lines between are asked for how many rows they wrap into.
    """
    line, row = top
    while rows < 0 and (row > 0 or line > first):
        if row == 0:
            line -= 1
            row = row_count(line)
        step = min(row, -rows)
        row -= step
        rows += step
    while rows > 0 and line <= last:
        rest = row_count(line) - 1 - row
        if rows <= rest:
            return Position(line, row + rows)
        if line == last:
            return Position(line, row + rest)
        rows -= rest + 1
        line, row = line + 1, 0
    return Position(line, row)


def strip_of(shown: ShownLine, width: int, style_of: StyleOf) -> Strip:
    """Draws one line of the screen."""
    line = shown.line
    end = shown.end
    if not line.wraps or shown.left or end - shown.start > width:
        end = min(end, cells.head_index(line.text, shown.start, shown.left + width))
    segments: list[Segment] = []
    if shown.indent:
        segments.append(Segment(" " * shown.indent, style_of("")))
    for start, stop, roles in _pieces(shown, end):
        segments.append(Segment(line.text[start:stop], style_of(*roles)))
    strip = Strip(segments)
    if shown.left:
        strip = strip.crop(shown.left, shown.left + width)
    rest = style_of("", "selected") if shown.selected else style_of("")
    return strip.adjust_cell_length(width, rest).simplify()


def _pieces(shown: ShownLine, end: int) -> list[tuple[int, int, tuple[str, ...]]]:
    """The stretches of the line that look the same: (start, end, roles)."""
    found_spans = (Span(*match, "") for match in shown.matches)
    edges = [
        edge
        for span in (*shown.line.spans, *shown.line.marks, *found_spans)
        for edge in (span.start, span.end)
        if shown.start < edge < end
    ]
    cuts = sorted({shown.start, end, *edges})
    found = "match-current" if shown.current else "match"
    pieces = []
    for start, stop in pairwise(cuts):
        roles = tuple(s.role for s in shown.line.spans if s.start <= start < s.end)[:1] or ("",)
        marked = [mark.role for mark in shown.line.marks if mark.start <= start < mark.end]
        if marked:
            roles = (*roles, *marked)
            roles = (*roles, found) if shown.current else roles
        if any(begin <= start < finish for begin, finish in shown.matches):
            roles = (*roles, found)
        if shown.selected:
            roles = (*roles, "selected")
        pieces.append((start, stop, roles))
    return pieces
