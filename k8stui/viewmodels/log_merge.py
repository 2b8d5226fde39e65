"""Puts the lines of many streams into the order of their times, a moment after they arrive."""

from __future__ import annotations

from collections.abc import Iterable

HOLD_BACK = 0.5
"""Seconds that a line waits for earlier ones of other streams."""
BACKFILL_HOLD = 1.5
"""The same while streams are opened and tell what was before."""
_OLD = 10_000_000_000

Key = tuple[int, int, int]
"""(nanoseconds, stream, ring index)."""


class TimeMerge:
    """Holds lines back until those of other streams had their chance.

    The order within a stream is never changed: a line counts as not earlier than the one before it.
    """

    def __init__(self, hold_back: float = HOLD_BACK) -> None:
        self.hold_back = hold_back
        self.late = 0
        """Lines that came after later ones had been given out."""
        self._pending: list[tuple[Key, float]] = []
        self._latest: dict[int, int] = {}
        self._given: Key = (0, 0, 0)

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, lines: Iterable[tuple[int, int, int]], now: float, wall: int) -> None:
        """Takes (nanoseconds, stream, ring index) of lines that arrived.

        Args:
            lines: In the order of arrival.
            now: The monotonic clock.
            wall: Nanoseconds since the epoch; what is much older counts as history.
        """
        latest = self._latest
        for time, stream, index in lines:
            if time < latest.get(stream, 0):
                time = latest[stream]
            latest[stream] = time
            hold = BACKFILL_HOLD if wall - time > _OLD else self.hold_back
            self._pending.append(((time, stream, index), now + hold))

    def take(self, now: float) -> list[int]:
        """The ring indexes of the lines whose time has come, in their order."""
        due = [key for key, when in self._pending if when <= now]
        if not due:
            return []
        last = max(due)
        ready = sorted(key for key, _ in self._pending if key <= last)
        self._pending = [entry for entry in self._pending if entry[0] > last]
        self.late += sum(key < self._given for key in ready)
        self._given = max(self._given, last)
        return [index for _, _, index in ready]
