"""A view of a log that grows: follows its end, or stands still while lines arrive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from k8stui.resources.record import Tone
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.line_search import MatchingLines
from k8stui.ui.widgets.line_text import Position, ShownLine, Span, TextLine
from k8stui.ui.widgets.line_view import LineView
from k8stui.viewmodels.log_source import LogLine, LogSource

PAINTS_PER_SECOND = 12
SELDOM_PAINTED = 2.0
"""Seconds between two paints where little is to be sent: one moves every line of the pane."""
PALETTE = 8
"""How many colours streams have; the name stands beside, so two may share one."""
WIDEST_STREAM = 32


class LogView(LineView):
    """Shows a `LogSource`. The owner calls `source_changed` as often as it likes."""

    COMPONENT_PREFIX: ClassVar[str] = "log-view"
    BREAKS_AT_WORDS: ClassVar[bool] = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "toggle_follow", "Follow", show=False),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"log-view--stream-{number}" for number in range(PALETTE)),
        "log-view--time",
        "log-view--divider",
        "log-view--notice",
        "log-view--ok",
        "log-view--warn",
        "log-view--error",
        "log-view--muted",
        "log-view--accent",
        "log-view--match",
        "log-view--match-current",
    }

    DEFAULT_CSS = """
    LogView {
        & > .log-view--stream-0 { color: $text-primary; }
        & > .log-view--stream-1 { color: $text-accent; }
        & > .log-view--stream-2 { color: $text-success; }
        & > .log-view--stream-3 { color: $text-secondary; }
        & > .log-view--stream-4 { color: $text-warning; }
        & > .log-view--stream-5 { color: $text-primary; text-style: bold; }
        & > .log-view--stream-6 { color: $text-accent; text-style: bold; }
        & > .log-view--stream-7 { color: $text-success; text-style: bold; }
        & > .log-view--time { color: $text-muted; }
        & > .log-view--divider { color: $text-muted; text-style: bold; }
        & > .log-view--notice { color: $text-muted; text-style: italic; }
        & > .log-view--ok { color: $text-success; }
        & > .log-view--warn { color: $text-warning; }
        & > .log-view--error { color: $text-error; }
        & > .log-view--muted { color: $text-muted; }
        & > .log-view--accent { color: $text-accent; }
        & > .log-view--match { text-style: underline; }
        & > .log-view--match-current { text-style: reverse; }
    }
    """

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    """The end is shown and stays in sight as lines arrive."""
    new_lines: reactive[int] = reactive(0, repaint=False, init=False)
    """How many lines arrived behind the window since it stands still."""
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
    class NewLines(Message):
        """So many lines have arrived since the view stands still."""

        view: LogView
        count: int

        @property
        def control(self) -> LogView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, type(self)) and message.view is self.view

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
        self._stream_width = 0
        self._stopped_at = 0
        self._resting = False
        self._changed = False
        self._pause = 1 / PAINTS_PER_SECOND

    # What the owner calls

    @property
    def source(self) -> LogSource:
        """What is shown."""
        return self._source

    def show_source(self, source: LogSource) -> None:
        """Shows another source, at its end."""
        self._source = source
        self._stream_width = 0
        self._left = 0
        self.follow = True
        self.source_replaced()

    def be_thrifty(self, on: bool) -> None:
        """Paints new lines seldom, or as soon as usual."""
        self._pause = SELDOM_PAINTED if on else 1 / PAINTS_PER_SECOND

    def source_replaced(self) -> None:
        """The indexes mean other lines than before (a filter changed): starts at the end again."""
        self._forget_lines()
        self._current = None
        self._top = Position(self._first())
        self._stopped_at = self._end()
        self.new_lines = 0
        self._search_again()
        self._take_up()

    def source_changed(self) -> None:
        """Lines arrived or were evicted. Paints now, or together with others a moment later."""
        if self._resting:
            self._changed = True
            return
        self._resting = True
        self.set_timer(self._pause, self._rested)
        self._take_up()

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
        if self.follow:
            self._top = self._tail()
            self._show()
        else:
            self.new_lines = max(0, self._end() - self._stopped_at)
            # The bar would be painted for every change; it is put right when the user moves.
            self._show(bar=False)
        if self._found is not None:
            self._scan()

    # The window

    def _first(self) -> int:
        return self._source.first_index

    def _end(self) -> int:
        return self._source.first_index + self._source.line_count

    def _is_frozen(self) -> bool:
        """Lines that are read stay, though the source let go of them, until the user moves."""
        return not self.follow and bool(self._page) and self._top.line < self._first()

    def _moved(self, at_end: bool) -> None:
        self.follow = at_end

    def watch_follow(self, follow: bool) -> None:
        self._stopped_at = self._end()
        self.new_lines = 0
        if follow:
            self._take_up()
        self.post_message(self.FollowChanged(self, follow))

    def watch_new_lines(self, count: int) -> None:
        self.post_message(self.NewLines(self, count))

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
        width = self._stream_width
        page = super()._compose_page()
        if self._stream_width != width:
            # A longer stream name came into sight: all prefixes get wider.
            self._forget_lines()
            page = super()._compose_page()
        return page

    def _first_match(self, found: MatchingLines) -> int | None:
        return found.before(self._end()) if self.follow else super()._first_match(found)

    def _searched(self, index: int) -> str:
        return self._source.line(index).text

    def _build(self, index: int) -> TextLine:
        line = self._source.line(index)
        if line.kind == "divider":
            return _divider(line, self._width)
        if line.kind == "notice":
            return TextLine(line.text, (Span(0, len(line.text), str(line.tone) or "notice"),))
        prefix = ""
        spans: list[Span] = []
        if line.stream and self.show_streams:
            width = min(WIDEST_STREAM, cells.width_of(line.stream))
            self._stream_width = width = max(self._stream_width, width)
            prefix = cells.pad(cells.cut_middle(line.stream, width), width) + " "
            spans.append(Span(0, len(prefix), f"stream-{line.palette % PALETTE}"))
        if line.time and self.show_times:
            spans.append(Span(len(prefix), len(prefix) + len(line.time), "time"))
            prefix += line.time + " "
        text = prefix + line.text
        if line.tone is not Tone.PLAIN:
            spans.append(Span(len(prefix), len(text), str(line.tone)))
        return TextLine(text, tuple(spans), cells.width_of(prefix), len(prefix))


def _divider(line: LogLine, width: int) -> TextLine:
    """A rule across the screen with its text near the left."""
    lead = f"── {line.text} "
    text = lead + "─" * max(2, width - cells.width_of(lead))
    return TextLine(text, (Span(0, len(text), str(line.tone) or "divider"),), search_from=3)
