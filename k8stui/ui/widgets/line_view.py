"""What the text view and the log view share: a window on numbered lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from k8stui.ui._textual_compat.views import move_offset, resize_virtual
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.line_search import MatchingLines, Needle, SearchState
from k8stui.ui.widgets.line_text import Position, ShownLine, TextLine, moved_by, strip_of
from k8stui.ui.widgets.still_scroll import SIDEWAYS, StillScroll

SCAN_LINES = 20_000
"""Lines that a search looks at in one go; the rest follows a moment later."""


class LineView(StillScroll):
    """Draws the lines from `_first()` up to `_end()` that are on the screen, and no others.

    The position is kept as a line's number and not as an offset in rows, so no line outside of
    the screen is ever wrapped or measured. A subclass calls `_show` when something changed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "line_up", "Line up", show=False),
        Binding("down,j", "line_down", "Line down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page_down", "Page down", show=False),
        Binding("home,g", "first_line", "First line", show=False),
        Binding("end,G", "last_line", "Last line", show=False),
        Binding("left", "text_left", "Text to the left", show=False),
        Binding("right", "text_right", "Text to the right", show=False),
        Binding("w", "toggle_wrap", "Wrap lines", show=False),
        Binding("n", "next_match", "Next match", show=False),
        Binding("N", "previous_match", "Previous match", show=False),
    ]

    BREAKS_AT_WORDS: ClassVar[bool] = True

    wrap: reactive[bool] = reactive(False, repaint=False, init=False)
    """Continue long lines on the next row; the first visible line stays."""

    @dataclass
    class SearchChanged(Message):
        """A search began, moved, ended, or found more."""

        view: LineView
        state: SearchState

        @property
        def control(self) -> LineView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, type(self)) and message.view is self.view

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._top = Position(0)
        self._left = 0
        self._page: list[ShownLine] = []
        self._found: MatchingLines | None = None
        self._current: int | None = None
        self._state = SearchState()
        self._scanning = False
        self._jump = False
        self._lines: LRUCache[int, TextLine] = LRUCache(256)
        self._wrapped: LRUCache[int, list[tuple[int, int]]] = LRUCache(256)

    # What a subclass answers

    def _first(self) -> int:
        """The number of the first line that there is."""
        return 0

    def _end(self) -> int:
        """The number behind the last line."""
        raise NotImplementedError

    def _build(self, index: int) -> TextLine:
        """The line with this number."""
        raise NotImplementedError

    def _searched(self, index: int) -> str:
        """What a search looks at in this line."""
        line = self._line(index)
        return line.text[line.search_from :]

    def _is_selected(self, _index: int) -> bool:
        """Whether the line is among those that were chosen to be copied."""
        return False

    def _moved(self, at_end: bool) -> None:
        """The user moved the window; `at_end` when down to the last line."""

    def _is_frozen(self) -> bool:
        """True while what is on the screen stays whatever the lines are."""
        return False

    # Where the window is

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        return self.size.height

    def _line(self, index: int) -> TextLine:
        line = self._lines.get(index)
        if line is None:
            line = self._lines[index] = self._build(index)
        return line

    def _forget_lines(self) -> None:
        """Lines are built anew: they, or what they are laid out by, changed."""
        size = 4 * max(16, self._height)
        self._lines = LRUCache(size)
        self._wrapped = LRUCache(size)

    def _rows(self, index: int) -> list[tuple[int, int]]:
        """Where the rows of a line begin and end in its text."""
        line = self._line(index)
        if not (self.wrap and line.wraps):
            return [(0, len(line.text))]
        rows = self._wrapped.get(index)
        if rows is None:
            rows = self._wrapped[index] = cells.wrap(
                line.text, self._width, self._hanging(line), words=self.BREAKS_AT_WORDS
            )
        return rows

    def _hanging(self, line: TextLine) -> int:
        return min(line.hanging, self._width // 2)

    def _row_count(self, index: int) -> int:
        return len(self._rows(index)) if self.wrap else 1

    def _moved_by(self, top: Position, rows: int) -> Position:
        """The position so many rows further down (up when negative), within the lines."""
        first, last = self._first(), self._end() - 1
        top = max(top, Position(first))
        if not self.wrap:
            return Position(max(first, min(top.line + rows, last)))
        return moved_by(top, rows, first, last, self._row_count)

    def _tail(self) -> Position:
        """The position at which the last line is at the bottom."""
        end = self._end()
        if end <= self._first():
            return Position(self._first())
        last = Position(end - 1, self._row_count(end - 1) - 1)
        return self._moved_by(last, 1 - max(1, self._height))

    def scroll_by_rows(self, rows: int) -> None:
        self._go(self._moved_by(self._top, rows))

    def scroll_by_pages(self, pages: int) -> None:
        self.scroll_by_rows(pages * max(1, self._height - 1))

    def scroll_to_row(self, row: int) -> None:
        self._go(Position(self._first() + row))

    def _go(self, top: Position) -> None:
        """Moves the window for the user."""
        if not self._height:
            return
        tail = self._tail()
        top = max(min(top, tail), Position(self._first()))
        down = top >= self._top
        self._top = top
        self._moved(at_end=down and top == tail)
        self._show()

    # Painting

    def _show(self, *, bar: bool = True) -> None:
        """Works out the page and repaints its lines that differ; the bar where wanted."""
        if not self._height or self._is_frozen():
            return
        self._top = max(self._top, Position(self._first()))
        before, self._page = self._page, self._compose_page()
        if len(self._page) < self._height and self._top > Position(self._first()):
            self._top = self._tail()
            self._page = self._compose_page()
        width = self._width
        for y in range(self._height):
            old = before[y] if y < len(before) else None
            new = self._page[y] if y < len(self._page) else None
            if old != new:
                self.refresh(Region(0, y, width, 1))
        if bar:
            self._move_bar()

    def _move_bar(self) -> None:
        count = self._end() - self._first()
        resize_virtual(self, Size(self._width, count))
        offset = self._top.line - self._first()
        move_offset(self, count if self.wrap and self._top == self._tail() else offset)

    def _compose_page(self) -> list[ShownLine]:
        page: list[ShownLine] = []
        index, row = self._top
        end = self._end()
        while len(page) < self._height and index < end:
            line = self._line(index)
            matches = self._found.needle.matches(line.text, line.search_from) if self._found else ()
            current = bool(matches or line.marks) and index == self._current
            for number, (start, stop) in enumerate(self._rows(index)):
                if number >= row and len(page) < self._height:
                    indent = self._hanging(line) if number else 0
                    left = 0 if self.wrap and line.wraps else self._left
                    chosen = self._is_selected(index)
                    page.append(
                        ShownLine(line, start, stop, indent, left, matches, current, chosen)
                    )
            index, row = index + 1, 0
        return page

    def render_line(self, y: int) -> Strip:
        width = self._width
        if y >= len(self._page):
            return Strip.blank(width, self._style_of())
        return strip_of(self._page[y], width, self._style_of)

    def on_resize(self) -> None:
        self._forget_lines()
        self._show_again()

    def _show_again(self) -> None:
        """Shows the page in another layout."""
        self._top = Position(self._top.line)
        self._show()

    def watch_wrap(self) -> None:
        self._left = 0
        self._forget_lines()
        self._show_again()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The offset only moves the bar: what is shown is kept by line."""
        self.vertical_scrollbar.position = new_value

    # Search

    @property
    def search_state(self) -> SearchState:
        """How the search stands; an empty query when there is none."""
        return self._state

    def search(self, query: str) -> None:
        """Looks for a text and goes to the first line from the top on; empty ends the search.

        Case matters only when the query has a capital letter.
        """
        self._current = None
        self._jump = bool(query)
        self._found = MatchingLines(Needle(query), self._first()) if query else None
        self._scan()

    def _search_again(self) -> None:
        """Takes up the search in a text that was replaced; the window stays."""
        if self._found is None:
            return
        self._found = MatchingLines(self._found.needle, self._first())
        if self._current is None:
            self._current = self._top.line
        self._scan()

    def _scan(self) -> None:
        """Looks at lines that were not looked at yet."""
        found = self._found
        if found is None:
            self._tell_search(complete=True)
            self._show()
            return
        found.evict(self._first())
        done = found.scan(self._searched, self._first(), self._end(), SCAN_LINES)
        if self._jump:
            target = self._first_match(found)
            if target is not None and (done or target >= self._top.line):
                self._go_to_match(target)
            self._jump = self._current is None and not done
        self._tell_search(complete=done)
        self._show()
        if not done and not self._scanning:
            self._scanning = True
            self.set_timer(0.02, self._scan_on)

    def _scan_on(self) -> None:
        self._scanning = False
        self._scan()

    def _first_match(self, found: MatchingLines) -> int | None:
        """Where a new search goes: the first matching line from the top on."""
        return found.after(self._top.line - 1)

    def _tell_search(self, *, complete: bool) -> None:
        found = self._found
        if found is None:
            state = SearchState()
        else:
            rank = 0 if self._current is None else found.rank(self._current)
            state = SearchState(found.needle.text, rank, len(found.lines), complete)
        if state != self._state:
            self._state = state
            self.post_message(self.SearchChanged(self, state))

    def _go_to_match(self, index: int) -> None:
        """Brings the line's first match into sight, down and sideways."""
        self._current = index
        self._top = max(self._top, Position(self._first()))
        line = self._line(index)
        matches = self._found.needle.matches(line.text, line.search_from) if self._found else ()
        matches = matches or tuple((mark.start, mark.end) for mark in line.marks)
        start, end = matches[0] if matches else (0, 0)
        row = next((n for n, piece in enumerate(self._rows(index)) if start < piece[1]), 0)
        place = Position(index, row)
        if not self._top <= place <= self._moved_by(self._top, self._height - 1):
            self._top = self._moved_by(place, -(self._height // 3))
        if not self.wrap:
            at, behind = cells.width_of(line.text[:start]), cells.width_of(line.text[:end])
            if not self._left <= at <= behind <= self._left + self._width:
                self._left = max(0, at - self._width // 2) if behind > self._width else 0
        self._moved(at_end=False)
        self._show()

    def _step_match(self, forward: bool) -> None:
        if self._found is None:
            return
        start = self._top.line - forward if self._current is None else self._current
        target = self._found.after(start) if forward else self._found.before(start)
        if target is not None:
            self._go_to_match(target)
            self._tell_search(complete=self._state.complete)

    # Keys and mouse

    def action_line_up(self) -> None:
        self.scroll_by_rows(-1)

    def action_line_down(self) -> None:
        self.scroll_by_rows(1)

    def action_page_up(self) -> None:
        self.scroll_by_pages(-1)

    def action_page_down(self) -> None:
        self.scroll_by_pages(1)

    def action_first_line(self) -> None:
        self._go(Position(self._first()))

    def action_last_line(self) -> None:
        self._go(self._tail())

    def action_text_left(self) -> None:
        self.scroll_sideways(-SIDEWAYS)

    def action_text_right(self) -> None:
        self.scroll_sideways(SIDEWAYS)

    def scroll_sideways(self, by: int) -> None:
        """Up to the end of the longest line on the screen."""
        if self.wrap:
            return
        longest = max((cells.width_of(shown.line.text) for shown in self._page), default=0)
        furthest = max(self._left, longest - self._width)
        self._left = max(0, min(self._left + by, furthest))
        self._show()

    def action_toggle_wrap(self) -> None:
        self.wrap = not self.wrap

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a search `n` is not this view's: it switches the namespace, as elsewhere."""
        return bool(self._found) or action not in ("next_match", "previous_match")

    def action_next_match(self) -> None:
        self._step_match(True)

    def action_previous_match(self) -> None:
        self._step_match(False)
