"""How many lines are looked at in one go."""

from __future__ import annotations

import time
from collections.abc import Callable

_WANTED_SECONDS = 0.004
"""How long one go should take: what a turn takes too long is at most about that."""
_FEWEST = 1
_FIRST = 64


class Pace:
    """Fewer lines at once where a filter is slow, so that keys never wait for it.

    RE2 needs linear time, but there are expressions for which that is milliseconds a line.

    Args:
        most: Lines at once where it is fast.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = min(_FIRST, most)

    def work(self, left: Callable[[], object], look: Callable[[int], int], until: float) -> None:
        """Looks at lines, some at a time.

        Args:
            left: Tells whether there are more.
            look: Looks at as many as it is given; returns how many these were.
            until: A moment of `time.perf_counter`.
        """
        now = time.perf_counter()
        while left() and now < until:
            before, looked = now, look(self._step)
            now = time.perf_counter()
            self._took(looked, now - before)

    def _took(self, lines: int, seconds: float) -> None:
        if lines:
            fitting = int(lines * _WANTED_SECONDS / max(seconds, 1e-6))
            self._step = max(_FEWEST, min(fitting, 2 * self._step, self._most))
