"""The events of the objects that the selection is about."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from k8stui.resources.events import COLUMNS, Event
from k8stui.resources.record import Column, Tone
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.phase_note import phase_note
from k8stui.viewmodels.rows import Rows
from k8stui.viewmodels.table_view import Sort, TableView

_ORDER = ("last_seen", "count", "type", "reason", "message", "object", "source", "first_seen")
_LEAST_MESSAGE = 40
EVENT_COLUMNS: tuple[Column[Event], ...] = tuple(
    msgspec.structs.replace(column, min_width=_LEAST_MESSAGE) if name == "message" else column
    for name in _ORDER
    for column in COLUMNS
    if column.id == name
)
"""What is said comes before what it is said of: the subject is known."""


class SubjectEvents:
    """Watches events from the first time they are looked at."""

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        self._cluster = cluster
        self._uids: frozenset[str] = frozenset()
        self._rows: Rows[Event] = Rows()
        self._leave: Callable[[], None] | None = None
        self.view: TableView[Event] = TableView(
            [self._rows],
            EVENT_COLUMNS,
            default_sort=Sort("last_seen"),
            flexible={"message": "end", "object": "middle"},
            clock=clock,
        )
        self._clock = clock

    def show(self, uids: frozenset[str]) -> None:
        """Shows the events about these objects."""
        if self._leave is None:
            events = self._cluster.collection("events")
            self._leave = events.subscribe(lambda _: self._refresh())
        elif uids == self._uids:
            return
        self._uids = uids
        self._refresh()

    def _refresh(self) -> None:
        events = self._cluster.collection("events").rows.values()
        self._rows.replace([event for event in events if event.object_uid in self._uids])

    def empty_text(self) -> tuple[str, Tone]:
        """What stands there when there are none."""
        if self._leave is not None:
            text, tone = phase_note("events", self._cluster.collection("events").phase)
            if text:
                return text, tone
        return "no events (the cluster keeps them for an hour or so)", Tone.MUTED

    def tick(self) -> None:
        self.view.live_tick(self._clock())

    def close(self) -> None:
        if self._leave is not None:
            self._leave()
        self.view.close()
