"""How far a node's clock is from ours and how far a stream is behind, told from lines' stamps."""

from __future__ import annotations

from collections import deque

NOTABLE_SECONDS = 2.0
_LOOK_SECONDS = 0.5
_LOOKS = 64
_ENOUGH = 3
_JUDGED_AFTER = 4.0
"""Seconds that must be looked at before a clock is told from a stream that is behind."""
_BELIEVED_AFTER = 30.0
"""Seconds after which steady lateness is a clock that was set, although lines were once earlier."""
_STEADY = 1.0
_RECENT = 3.0


class Skew:
    """Tells lines of a clock that is off from lines that come late.

    Lines can be late, but never early, so that the earliest arrival counts. By a clock that is off
    all are late by the same time; where they come faster than they are read, by more and more.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float]] = deque(maxlen=_LOOKS)
        """When it was looked, and by how much the earliest of its lines was late."""
        self._known: float | None = None
        """By how much our clock is ahead of the node's."""

    def note(self, stamp: int, arrived: float) -> None:
        """A line stamped so (nanoseconds) came live at this moment (epoch seconds)."""
        late, looks = arrived - stamp / 1e9, self._looks
        if looks and arrived - looks[-1][0] < _LOOK_SECONDS:
            began, least = looks.pop()
            looks.append((began, min(least, late)))
        else:
            looks.append((arrived, late))
        self._judge()

    def _judge(self) -> None:
        lates = [late for _, late in self._looks]
        least, span = min(lates), self._looks[-1][0] - self._looks[0][0]
        if self._known is not None and least < self._known:
            # Earlier than was thought possible: what it was taken for was not the clock alone.
            self._known = least if self._known - least < _STEADY else None
        steady = len(lates) >= _ENOUGH and max(lates) - least < _STEADY
        if steady and span >= (_JUDGED_AFTER if self._known is None else _BELIEVED_AFTER):
            self._known = least

    @property
    def ahead(self) -> float:
        """By how many seconds the node's clock is ahead of ours, 0 when that is not known."""
        return -(self._known or 0.0)

    @property
    def seconds(self) -> float:
        """By how much the node's clock is ahead of ours, negative for behind.

        0 when that is not known, or not more than two seconds.
        """
        return 0.0 if abs(self.ahead) <= NOTABLE_SECONDS else self.ahead

    def behind(self, now: float) -> float:
        """How many seconds late lines come at present, because there are more than are read.

        0 when that is not known, or not more than two seconds.

        Args:
            now: Epoch seconds.
        """
        recent = [late for at, late in self._looks if at >= now - _RECENT]
        if len(recent) < _ENOUGH or self._looks[-1][0] - self._looks[0][0] < _JUDGED_AFTER:
            return 0.0
        clock = self._known or 0.0
        return recent[-1] - clock if min(recent) - clock > NOTABLE_SECONDS else 0.0
