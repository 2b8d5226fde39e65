"""How far a node's clock is from ours, told from the stamps of lines that come live."""

from __future__ import annotations

from collections import deque

NOTABLE_SECONDS = 2.0
_LOOKS = 8
_ENOUGH = 3


class Skew:
    """Lines can be late, but never early: of several looks the earliest arrival counts."""

    def __init__(self) -> None:
        self._delays: deque[float] = deque(maxlen=_LOOKS)

    def note(self, stamp: int, arrived: float) -> None:
        """A line stamped so (nanoseconds) came live at this moment (epoch seconds)."""
        self._delays.append(arrived - stamp / 1e9)

    @property
    def seconds(self) -> float:
        """By how much the node's clock is ahead of ours, negative for behind.

        0 when that is not known, or not more than two seconds.
        """
        if len(self._delays) < _ENOUGH:
            return 0.0
        least = min(self._delays)
        return -least if abs(least) > NOTABLE_SECONDS else 0.0
