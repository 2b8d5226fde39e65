"""Every log stream of the selection, as a table over the screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from k8stui.resources.record import Tone
from k8stui.ui._textual_compat.screens import Dialog
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.viewmodels.log_streams import STREAM_COLUMNS, StreamRow, stream_rows
from k8stui.viewmodels.rows import Rows
from k8stui.viewmodels.subject_logs import SubjectLogs
from k8stui.viewmodels.table_view import Sort, TableView

_LOOK_SECONDS = 1.0


class StreamsScreen(Dialog[None]):
    """The streams; which of them are shown is chosen here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,S", "leave", "Leave", show=False),
        Binding("space", "hide_show", "Hide or show", show=False),
        Binding("a", "show_all", "Show all", show=False),
        Binding("plus", "raise_limit", "More streams", show=False),
    ]

    def __init__(self, logs: SubjectLogs, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._logs = logs
        self._clock = clock
        self._rows: Rows[StreamRow] = Rows()
        self.view: TableView[StreamRow] = TableView(
            [self._rows],
            STREAM_COLUMNS,
            default_sort=Sort("pod"),
            flexible={"pod": "middle", "error": "end"},
            clock=clock,
        )
        self._table = ResourceTable(self.view, id="streams-table")
        self._leave = self.view.subscribe(self._table.refresh_rows)

    def compose(self) -> ComposeResult:
        with Vertical(id="streams") as box:
            box.border_title = "Log streams"
            box.border_subtitle = "⏎ only this · Space hide/show · a all · + open more · Esc closes"
            yield self._table

    def on_mount(self) -> None:
        self._look()
        self._table.set_empty("no streams: nothing with logs is selected", Tone.MUTED)
        self._table.focus()
        self.set_interval(_LOOK_SECONDS, self._look)

    def on_unmount(self) -> None:
        self._leave()
        self.view.close()

    def _look(self) -> None:
        self._rows.replace(stream_rows(list(self._logs.tail.streams()), self._logs.feed.hidden))
        self.view.live_tick(self._clock())
        self._table.tick()

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_show_all(self) -> None:
        self._hide(frozenset())

    def action_raise_limit(self) -> None:
        streams, per_node = self._logs.raise_limits()
        text = f"up to {streams} streams, {per_node} on each node"
        self.app.notify(text, markup=False, timeout=4)

    def action_hide_show(self) -> None:
        if (key := self._table.cursor_key) is not None:
            self._hide(self._logs.feed.hidden ^ {int(key)})

    @on(ResourceTable.RowActivated)
    def _only(self, event: ResourceTable.RowActivated) -> None:
        event.stop()
        every = {each.index for each in self._logs.tail.streams()}
        self._hide(frozenset(every - {int(event.key)}))
        self.dismiss(None)

    def _hide(self, streams: frozenset[int]) -> None:
        self._logs.hide(streams)
        self._look()
