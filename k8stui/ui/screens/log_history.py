"""Going back in a log: to a moment, to its beginning, and to what the server has before that."""

from __future__ import annotations

from textual import on

from k8stui.logs.zones import zone_of
from k8stui.ui.screens.log_saving import LogSavingScreen
from k8stui.ui.screens.logs import TypedLine
from k8stui.ui.widgets.log_view import LogView
from k8stui.viewmodels.log_moment import parse_moment

_AGO = {2: (60, "1m"), 3: (300, "5m"), 4: (900, "15m"), 5: (1_800, "30m"), 6: (3_600, "1h")}
_HEAD_LINES = 10_000
_MOST_TURNS = 10


class LogHistoryScreen(LogSavingScreen):
    """The only keys of the log pane that ask the server for anything but a stream."""

    def action_log_since(self, which: int) -> None:
        if which == 0:
            self.logs.since = "tail"
            self.log_view.action_last_line()
            self.show_log_header()
        elif which == 1:
            self.run_worker(self._go_to_head(), group="older", exclusive=True)
        else:
            seconds, label = _AGO[which]
            self._go_to(self.clock() - seconds, f"last {label}")

    def action_log_jump(self) -> None:
        hint = "a moment: -15m, 14:05, 2026-01-31 14:05:10"
        self._type(hint, "", TypedLine(self._jump))

    def _jump(self, text: str) -> None:
        if text.strip():
            zone = zone_of(self.logs.pane.shown.zone)
            self._go_to(parse_moment(text, self.clock(), zone), f"from {text.strip()}")

    def _go_to(self, moment: float, label: str) -> None:
        self.run_worker(self._load_and_go(moment, label), group="older", exclusive=True)

    async def _load_and_go(self, moment: float, label: str) -> None:
        """Shows the first line from this moment on; older ones are read where they are missing."""
        message = await self.logs.read_from(moment)
        pane = self.logs.pane
        index = pane.index_at(moment)
        if index is None:
            self.tell("nothing has been written since then", 4.0)
            return
        self._changed()
        self.log_view.go_to(index)
        self.logs.since = label
        self.show_log_header()
        if message:
            self.tell(message, 5.0)

    async def _go_to_head(self) -> None:
        message = ""
        for _ in range(_MOST_TURNS):
            older = await self.logs.read_older(_HEAD_LINES)
            message = older.message
            if older.complete or not older.lines:
                break
        self._changed()
        self.log_view.go_to(self.logs.pane.first_index)
        self.logs.since = "from its start"
        self.show_log_header()
        if message:
            self.tell(message, 5.0)

    @on(LogView.OlderWanted)
    def _older_wanted(self) -> None:
        if not self.logs.reading_older:
            self.run_worker(self._read_older(), group="older")

    async def _read_older(self) -> None:
        older = await self.logs.read_older()
        if not self.is_attached:
            return
        if older.lines:
            self._changed()
        if older.message:
            self.tell(older.message, 5.0)
        elif older.lines:
            self.tell(f"{older.lines:,} older lines read", 2.0)
        self.show_log_header()

    @on(LogView.FollowChanged)
    def _follows(self, event: LogView.FollowChanged) -> None:
        if not event.follow:
            self.logs.stand_still()
        elif self.logs.since != "tail":
            self.logs.follow_again()
            self.show_log_header()
