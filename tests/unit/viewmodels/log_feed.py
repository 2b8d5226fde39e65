"""A log feed for tests: lines that a test puts into a ring, and a clock that it moves."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.logs.feed import StreamName
from k8stui.logs.ring import LINE, Ring
from k8stui.viewmodels.log_pane import LogPane, Shown

SECOND = 1_000_000_000
BASE = 1_700_000_000


class Feed:
    """Lines that a test puts there."""

    def __init__(self, lines: int = 100_000, quota: int = 0) -> None:
        self.ring = Ring(lines=lines, quota=quota)
        self.generation = 0
        self.hidden: set[int] = set()
        self.listeners: list[Callable[[], None]] = []

    def is_selected(self, stream: int) -> bool:
        return stream not in self.hidden

    def name_of(self, stream: int) -> StreamName:
        return StreamName("", "shop", f"pod-{stream}", "app")

    def colour_of(self, stream: int) -> int:
        return stream

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def put(self, *texts: str, stream: int = 0, at: float = 0.0, mark: int = LINE) -> None:
        for text in texts:
            self.ring.append(stream, int((BASE + at) * SECOND), text.encode(), mark)


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def pane_of(feed: Feed, shown: Shown | None = None) -> tuple[LogPane, Clock]:
    """A pane over a feed, and its clock."""
    clock = Clock()
    return LogPane(feed, shown, clock=clock, wall=lambda: BASE + clock.now), clock


def texts(pane: LogPane) -> list[str]:
    """All lines that are shown, when everything has been looked at."""
    while pane.advance():
        pass
    return [pane.line(pane.first_index + at).text for at in range(pane.line_count)]
