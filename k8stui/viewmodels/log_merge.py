"""Puts the lines of many streams into the order of their times, a moment after they arrive."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable

HOLD_BACK = 0.5
"""Seconds that a line waits for earlier ones of other streams."""
BACKFILL_HOLD = 0.8
"""The same while streams are opened and tell what was before."""
_OLD = 10_000_000_000
_MOST_PENDING = 50_000
"""More lines than this don't wait: memory and time go before order."""

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
        self._pending: list[Key] = []
        self._batches: deque[tuple[float, Key]] = deque()
        """When the lines that came together are due, and the last of them by time."""
        self._latest: dict[int, int] = {}
        self._given: Key = (0, 0, 0)

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, lines: Iterable[Key], now: float, wall: int) -> None:
        """Takes (nanoseconds, stream, ring index) of lines that arrived together.

        Args:
            lines: In the order of arrival.
            now: The monotonic clock.
            wall: Nanoseconds since the epoch; what is much older counts as history.
        """
        latest, keys = self._latest, []
        for key in lines:
            time, stream, index = key
            known = latest.get(stream, 0)
            if time < known:
                key = (known, stream, index)
            else:
                latest[stream] = time
            keys.append(key)
        if not keys:
            return
        last = max(keys)
        hold = BACKFILL_HOLD if wall - last[0] > _OLD else self.hold_back
        self._pending += keys
        self._batches.append((now + hold, last))

    def take(self, now: float) -> tuple[list[Key], list[Key]]:
        """The lines whose time has come, in their order.

        Returns:
            Those that belong before what was given out already, and the others.
        """
        batches = self._batches
        last: Key | None = None
        while batches and (batches[0][0] <= now or len(self._pending) > _MOST_PENDING):
            key = batches.popleft()[1]
            last = key if last is None or key > last else last
        if last is None:
            return [], []
        pending = self._pending
        # Streams are runs that are sorted already: Python's sort merges them.
        pending.sort()
        cut = bisect_right(pending, last)
        ready, self._pending = pending[:cut], pending[cut:]
        late = bisect_left(ready, self._given)
        self.late += late
        self._given = max(self._given, last)
        return ready[:late], ready[late:]

    def give_all(self) -> list[Key]:
        """All that is held back, in its order."""
        given, self._pending = sorted(self._pending), []
        self._batches.clear()
        if given:
            self._given = max(self._given, given[-1])
        return given

    def follows(self, last: Key) -> None:
        """What was put in order elsewhere up to this line counts as given out."""
        self._given = max(self._given, last)
