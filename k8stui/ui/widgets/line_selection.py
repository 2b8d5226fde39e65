"""Lines that can be chosen: to be copied, or to be looked at one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.message import Message

from k8stui.ui.widgets.line_text import Position
from k8stui.ui.widgets.line_view import LineView


class SelectableLines(LineView):
    """Space begins a selection, moving extends it, Space or Escape ends it."""

    @dataclass
    class SelectionChanged(Message):
        """So many lines are selected; 0 when the selection has ended."""

        view: SelectableLines
        count: int

        @property
        def control(self) -> SelectableLines:
            return self.view

    _cursor: int | None = None
    """The line that moves."""
    _fixed: int | None = None
    """The line at which the selection began."""

    @property
    def selecting(self) -> bool:
        """Whether lines are being selected."""
        return self._cursor is not None

    @property
    def selection(self) -> range:
        """The lines that are selected, else the one that a key is about."""
        if self._cursor is None or self._fixed is None:
            line = self.current_line
            return range(0) if line is None else range(line, line + 1)
        low, high = sorted((self._cursor, self._fixed))
        return range(max(low, self._first()), min(high + 1, self._end()))

    @property
    def current_line(self) -> int | None:
        """The line that a key is about: the selection's, the search's, else the lowest in sight."""
        if self._cursor is not None:
            return self._cursor
        shown = self._shown_lines()
        if self._current is not None and self._current in shown:
            return self._current
        return shown[-1] if shown else None

    def _shown_lines(self) -> range:
        """The lines that are in sight."""
        if not self._page:
            return range(0)
        line, rows = self._top.line, -self._top.row
        while line < self._end() and rows < self._height:
            rows += self._row_count(line)
            line += 1
        return range(self._top.line, line)

    def _is_selected(self, index: int) -> bool:
        return self._cursor is not None and index in self.selection

    def begin_selection(self, line: int) -> None:
        """Selects one line; moving from there selects more."""
        self._cursor = self._fixed = line
        self._moved(at_end=False)
        self._selection_changed()

    def end_selection(self) -> None:
        """Nothing is selected any more."""
        if self._cursor is not None:
            self._cursor = self._fixed = None
            self._selection_changed()

    def _selection_changed(self) -> None:
        self._show()
        count = len(self.selection) if self.selecting else 0
        self.post_message(self.SelectionChanged(self, count))

    def _move_cursor(self, line: int) -> None:
        self._cursor = line = max(self._first(), min(line, self._end() - 1))
        shown = self._shown_lines()
        if line < shown.start:
            self._top = Position(line)
        elif line >= shown.stop - (self._height < self._row_total(shown)):
            last = Position(line, self._row_count(line) - 1)
            self._top = max(self._top, self._moved_by(last, 1 - self._height))
        self._selection_changed()

    def _row_total(self, lines: range) -> int:
        return sum(map(self._row_count, lines)) - self._top.row

    def _move(self, lines: int, otherwise: Callable[[], None]) -> None:
        if self._cursor is None:
            otherwise()
        else:
            self._move_cursor(self._cursor + lines)

    def action_toggle_selection(self) -> None:
        line = self.current_line
        if self.selecting:
            self.end_selection()
        elif line is not None:
            self.begin_selection(line)

    def action_end_selection(self) -> None:
        self.end_selection()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is this view's while something is selected, else the screen's."""
        if action == "end_selection":
            return self.selecting
        return super().check_action(action, parameters)

    def action_line_up(self) -> None:
        self._move(-1, super().action_line_up)

    def action_line_down(self) -> None:
        self._move(1, super().action_line_down)

    def action_page_up(self) -> None:
        self._move(1 - self._height, super().action_page_up)

    def action_page_down(self) -> None:
        self._move(self._height - 1, super().action_page_down)

    def action_first_line(self) -> None:
        self._move(self._first() - self._end(), super().action_first_line)

    def action_last_line(self) -> None:
        self._move(self._end() - self._first(), super().action_last_line)

    def on_click(self, event: events.Click) -> None:
        """A click selects a line, with Shift all up to it; a second one on it ends that."""
        rows = -self._top.row
        for line in self._shown_lines():
            rows += self._row_count(line)
            if event.y < rows:
                if event.shift and self._cursor is not None:
                    self._move_cursor(line)
                elif self._cursor == self._fixed == line:
                    self.end_selection()
                else:
                    self.begin_selection(line)
                return
