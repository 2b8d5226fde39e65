"""A view of a log that grows: follows its end, or stands still while lines arrive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from k8stui.resources.record import Tone
from k8stui.ui.bindings import place_bindings
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.line_search import MatchingLines
from k8stui.ui.widgets.line_selection import SelectableLines
from k8stui.ui.widgets.line_text import Position, ShownLine, Span, TextLine
from k8stui.ui.widgets.log_colours import LOG_CLASSES, LOG_CSS
from k8stui.ui.widgets.log_line import LogLayout
from k8stui.viewmodels.log_source import Anchor, LogSource

PAINTS_PER_SECOND = 12
SELDOM_PAINTED = 2.0
"""Seconds between two paints where little is to be sent: one moves every line of the pane."""


class LogView(SelectableLines):
    """Shows a `LogSource`. The owner calls `source_changed` as often as it likes."""

    COMPONENT_PREFIX: ClassVar[str] = "log-view"
    BREAKS_AT_WORDS: ClassVar[bool] = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "toggle_follow", "Follow", show=False),
        Binding("s", "screen.log_follow_as_k9s", "Follow", show=False),
        Binding("space", "toggle_selection", "Select lines", show=False),
        Binding("escape", "end_selection", "End the selection", show=False),
        *place_bindings("logs"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = LOG_CLASSES
    DEFAULT_CSS = LOG_CSS

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    """The end is shown and stays in sight as lines arrive."""
    new_lines: reactive[int] = reactive(0, repaint=False, init=False)
    """How many lines arrived behind the window since it stands still."""
    taken_up: reactive[int] = reactive(0, repaint=False, init=False)
    """How often changes of the source were painted: what is told of it can be so in one frame."""
    show_streams: reactive[bool] = reactive(True, repaint=False, init=False)
    show_times: reactive[bool] = reactive(True, repaint=False, init=False)

    @dataclass
    class FollowChanged(Message):
        """The view began to follow or to stand still."""

        view: LogView
        follow: bool

        @property
        def control(self) -> LogView:
            return self.view

    @dataclass
    class MatchShown(Message):
        """`n` or `N` went to this line."""

        view: LogView
        index: int

        @property
        def control(self) -> LogView:
            return self.view

    @dataclass
    class OlderWanted(Message):
        """The user went up at the first line."""

        view: LogView

        @property
        def control(self) -> LogView:
            return self.view

    def __init__(
        self,
        source: LogSource,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._source = source
        self._layout_of = LogLayout()
        self._stopped_at = 0
        self._resting = False
        self._changed = False
        self._pause = 1 / PAINTS_PER_SECOND
        self._generation = self._look = 0
        self._where: dict[str, Anchor | None] = {}
        self._seeking: tuple[Anchor, int] | None = None
        """The line that is looked for, and in how many rows below the top it is to be."""
        self._focus = ("top", 0)
        """The line that the user looks at, and how many rows below the top it is."""
        self._held = False
        """Whether the lines on the screen are gone from the source."""
        self._empty = ("", Tone.MUTED)
        self._vacant = False
        """Whether the page says why there is no line."""

    @property
    def current_match(self) -> int | None:
        """The row that `n` went to last."""
        return self._current

    # What the owner calls

    @property
    def source(self) -> LogSource:
        """What is shown."""
        return self._source

    def show_source(self, source: LogSource) -> None:
        """Shows another source, at its end."""
        self._source = source
        self._layout_of = LogLayout(self._width)
        self._left = 0
        self._where.clear()
        self.follow = True
        self.source_replaced()

    def set_empty(self, text: str, tone: Tone) -> None:
        """What stands here while there is no line."""
        if (text, tone) != self._empty:
            self._empty = (text, tone)
            if not self._source.line_count:
                self._show()

    def be_thrifty(self, on: bool) -> None:
        """Paints new lines seldom, or as soon as usual."""
        self._pause = SELDOM_PAINTED if on else 1 / PAINTS_PER_SECOND

    def source_replaced(self) -> None:
        """The user changed what is shown: paints now, the line at the top stays near there."""
        self._renumbered()
        self._search_again()
        self._take_up()

    def _renumbered(self) -> None:
        """Numbers mean other lines than before: finds again what they were."""
        other = self._look != self._source.look
        self._generation, self._look = self._source.generation, self._source.look
        if other:
            self._layout_of.names_width = 0
        self._forget_lines()
        places = self._found_again()
        if "stopped" in places:
            self._stopped_at = places["stopped"][0] + 1
        name, rows = self._focus if other and self._focus[0] in places else ("top", 0)
        anchor = self._where.get(name)
        if not self.follow and anchor is not None:
            line, exact = places[name]
            # Lines that went while they were read stay in sight; another filter's do not.
            self._held = not exact and not other and not self._source.filling
            self._seeking = (anchor, rows) if self._source.filling else None
            if not self._held:
                self._top = self._moved_by(Position(line), -rows)

    def _found_again(self) -> dict[str, tuple[int, bool]]:
        """Where the lines that were remembered are now; those of search and selection are set."""
        places = {
            name: self._source.locate(anchor)
            for name, anchor in self._where.items()
            if anchor is not None
        }
        for name in ("_current", "_cursor", "_fixed"):
            line, exact = places.get(name, (None, False))
            if name == "_current" and not exact and not self._source.filling:
                line = None
            if getattr(self, name) is not None:
                setattr(self, name, line)
        return places

    def _remember(self) -> None:
        """Notes what the numbers are of, in case that they change."""
        if self._seeking is not None:
            return
        numbers = {
            "top": self._top.line,
            "stopped": self._stopped_at - 1,
            "_current": self._current,
            "_cursor": self._cursor,
            "_fixed": self._fixed,
        }
        for name, number in numbers.items():
            if number is None:
                self._where.pop(name, None)
            else:
                self._where[name] = self._source.anchor(number) or self._where.get(name)
        self._focus = self._looked_at()

    def _looked_at(self) -> tuple[str, int]:
        """The line of the selection or of the search where it is in sight, else the top one."""
        shown = self._shown_lines()
        for name, line in (("_cursor", self._cursor), ("_current", self._current)):
            if line is not None and line in shown:
                return name, self._row_total(range(shown.start, line))
        return "top", 0

    def source_changed(self) -> None:
        """Lines arrived or were evicted. Paints now, or together with others a moment later."""
        if self._resting:
            self._changed = True
            return
        self._resting = True
        self.set_timer(self._pause, self._rested)
        self._take_up()
        self.taken_up += 1

    @property
    def resting(self) -> bool:
        """True for a moment after lines were painted; changes are gathered meanwhile."""
        return self._resting

    def _rested(self) -> None:
        self._resting = False
        if self._changed:
            self._changed = False
            self.source_changed()

    def _take_up(self) -> None:
        """Shows what the source holds now."""
        if self._source.generation != self._generation:
            self._renumbered()
            if self._found is not None:
                self._found = MatchingLines(self._found.needle, self._first())
        elif self._seeking is not None:
            anchor, rows = self._seeking
            line, _ = self._source.locate(anchor)
            self._found_again()
            self._top = self._moved_by(Position(line), -rows)
            if not self._source.filling:
                self._seeking = None
        if self.follow:
            self._top = self._tail()
            self._show()
        else:
            self.new_lines = max(0, self._end() - self._stopped_at)
            # The bar would be painted for every change; it is put right when the user moves.
            self._show(bar=False)
        self._remember()
        if self._found is not None:
            self._scan()

    # The window

    def _first(self) -> int:
        return self._source.first_index

    def _end(self) -> int:
        return self._source.first_index + self._source.line_count

    def _is_frozen(self) -> bool:
        """Lines that are read stay, though the source let go of them, until the user moves."""
        if self.follow or not self._page or self._vacant:
            return False
        return self._held or (self._top.line < self._first() and self._seeking is None)

    def _moved(self, at_end: bool) -> None:
        self._held = False
        self._seeking = None
        self.follow = at_end and not self.selecting

    def _go(self, top: Position) -> None:
        super()._go(top)
        self._remember()

    def scroll_by_rows(self, rows: int) -> None:
        self._want_older(rows < 0)
        super().scroll_by_rows(rows)

    def action_first_line(self) -> None:
        self._want_older(True)
        super().action_first_line()

    def _want_older(self, up: bool) -> None:
        """Going up from the first line asks for what was before it."""
        if up and self._top <= Position(self._first()) and not self.selecting:
            self.follow = False
            self.post_message(self.OlderWanted(self))

    def go_to(self, index: int) -> None:
        """Shows the line at the top and stands still."""
        self.end_selection()
        self.follow = False
        self._held, self._seeking = False, None
        self._top = min(Position(index), max(self._tail(), Position(self._first())))
        self._show()
        self._remember()

    def watch_follow(self, follow: bool) -> None:
        self._stopped_at = self._end()
        self._held, self._seeking = False, None
        if follow:
            self.end_selection()
        self.new_lines = 0
        if follow:
            self._take_up()
        self.post_message(self.FollowChanged(self, follow))

    def watch_show_streams(self) -> None:
        self._rebuild()

    def watch_show_times(self) -> None:
        self._rebuild()

    def _rebuild(self) -> None:
        self._forget_lines()
        self._show_again()

    def _show_again(self) -> None:
        if self.follow:
            self._top = self._tail()
            self._show()
        else:
            self._top = max(self._top, Position(self._first()))
            super()._show_again()

    def action_toggle_follow(self) -> None:
        self.follow = not self.follow

    def action_last_line(self) -> None:
        self._go(self._tail())
        self.follow = True

    # Lines

    def _compose_page(self) -> list[ShownLine]:
        layout = self._layout_of
        layout.width = self._width
        before = layout.names_width
        page = super()._compose_page()
        if layout.names_width != before:
            # A longer stream name came into sight: all prefixes get wider.
            self._forget_lines()
            page = super()._compose_page()
        self._vacant = not page
        return page or self._empty_page()

    def _empty_page(self) -> list[ShownLine]:
        text, tone = self._empty
        line = TextLine(text, (Span(0, len(text), str(tone)),) if tone else ())
        rows = cells.wrap(text, self._width) if text else []
        return [ShownLine(line, start, end) for start, end in rows[: self._height]]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next_match", "previous_match") and self._source.searching:
            return True
        return super().check_action(action, parameters)

    def _step_match(self, forward: bool) -> None:
        if self._found is not None or not self._source.searching:
            super()._step_match(forward)
            return
        shown = self._shown_lines()
        start = self._current
        if start is None:
            start = shown.start - 1 if forward else shown.stop
        target = self._source.next_match(start, backwards=not forward)
        if target is not None:
            self.end_selection()
            self._go_to_match(target)
            self._remember()
            self.post_message(self.MatchShown(self, target))

    def _first_match(self, found: MatchingLines) -> int | None:
        return found.before(self._end()) if self.follow else super()._first_match(found)

    def _searched(self, index: int) -> str:
        return self._source.line(index).text

    def _build(self, index: int) -> TextLine:
        line = self._source.line(index)
        return self._layout_of.text_line(line, names=self.show_streams, times=self.show_times)
