"""How many lines are looked at in one go."""

from __future__ import annotations

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
        self.step = min(_FIRST, most)
        """How many lines to look at next."""

    def took(self, lines: int, seconds: float) -> None:
        """So many lines were looked at, and it took so long."""
        if lines:
            fitting = int(lines * _WANTED_SECONDS / max(seconds, 1e-6))
            self.step = max(_FEWEST, min(fitting, 2 * self.step, self._most))
