"""Puts the lines of many streams into the order of their times, a moment after they arrive."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice, repeat

HOLD_BACK = 0.5
"""Seconds that a line waits for earlier ones of other streams, where nothing else is said."""
BACKFILL_HOLD = 0.8
"""The same, at least, while streams are opened and tell what was before."""
_OLD = 10_000_000_000
_MOST_PENDING = 50_000
"""More lines than this don't wait: memory and time go before order."""

Key = tuple[int, int, int]
"""(nanoseconds, stream, ring index)."""
Run = tuple[int, Sequence[int], Sequence[int]]
"""(stream, nanoseconds, ring indexes) of lines of one stream, in its order."""


class TimeMerge:
    """Holds lines back until those of other streams had their chance.

    The order within a stream is never changed: a line counts as not earlier than the one before it.
    """

    def __init__(self, hold_back: float = HOLD_BACK) -> None:
        self.hold_back = hold_back
        self.late = 0
        """Lines that came after later ones had been given out."""
        self._runs: dict[int, list[Key]] = {}
        """What is held back of each stream, in its order: a line is sorted once, when it is due."""
        self._pending = 0
        self._batches: deque[tuple[float, Key]] = deque()
        """When the lines that came together are due, and the last of them by time."""
        self._latest: dict[int, int] = {}
        self._given: Key = (0, 0, 0)

    def __len__(self) -> int:
        return self._pending

    def wait(self, now: float) -> float:
        """Seconds until the next lines are due; 0 where some are, or none is held back."""
        return max(0.0, self._batches[0][0] - now) if self._batches else 0.0

    def add(self, runs: Iterable[Run], now: float, wall: int) -> None:
        """Takes lines that arrived together.

        Args:
            runs: In the order of arrival; a stream may have several.
            now: The monotonic clock.
            wall: Nanoseconds since the epoch; what is much older counts as history.
        """
        latest = self._latest
        last: Key | None = None
        for stream, times, lines in runs:
            known = latest.get(stream, 0)
            moments = islice(accumulate(times, max, initial=known), 1, None)
            keys = list(zip(moments, repeat(stream), lines))
            if not keys:
                continue
            latest[stream] = keys[-1][0]
            last = keys[-1] if last is None or keys[-1] > last else last
            self._pending += len(keys)
            held = self._runs.setdefault(stream, keys)
            if held is not keys:
                held += keys
        if last is None:
            return
        hold = self.hold_back
        if wall - last[0] > _OLD:
            hold = max(hold, BACKFILL_HOLD)
        self._batches.append((now + hold, last))

    def take(self, now: float) -> tuple[list[Key], list[Key]]:
        """The lines whose time has come, in their order.

        Returns:
            Those that belong before what was given out already, and the others.
        """
        batches, pending = self._batches, self._pending
        last: Key | None = None
        while batches and (batches[0][0] <= now or pending > _MOST_PENDING):
            key = batches.popleft()[1]
            last = key if last is None or key > last else last
        if last is None:
            return [], []
        ready = self._up_to(last)
        late = bisect_left(ready, self._given)
        self.late += late
        self._given = max(self._given, last)
        return ready[:late], ready[late:]

    def _up_to(self, last: Key | None) -> list[Key]:
        """What is held back up to this line, or all of it, in its order; it is held no more."""
        ready: list[Key] = []
        for stream, run in list(self._runs.items()):
            cut = len(run) if last is None else bisect_right(run, last)
            ready += run[:cut]
            if cut == len(run):
                del self._runs[stream]
            else:
                del run[:cut]
        self._pending -= len(ready)
        # Streams are runs that are sorted already: Python's sort merges them.
        ready.sort()
        return ready

    def give_all(self) -> list[Key]:
        """All that is held back, in its order."""
        given = self._up_to(None)
        self._batches.clear()
        if given:
            self._given = max(self._given, given[-1])
        return given

    def follows(self, last: Key) -> None:
        """What was put in order elsewhere up to this line counts as given out."""
        self._given = max(self._given, last)
