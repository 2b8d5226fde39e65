"""Which last lines of crashes are known, and which are to be asked for when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from k8stui.resources.evidence import CrashedRun, LastRun

_MOST_LINES: Final = 200
"""Last lines that are kept; a container that goes on crashing has a new one each time."""
_MOST_TRIES: Final = 4
_TRY_AGAIN: Final = 3.0
"""Seconds until a last line that was not had is asked for again, longer each time."""


class LastLines:
    """A line that could not be had is asked for again: between two runs there is none at times.

    Attributes:
        lines: What is known.
    """

    def __init__(self) -> None:
        self.lines: dict[LastRun, str] = {}
        self._asked: dict[LastRun, tuple[int, float]] = {}
        """How often, and from when on (epoch seconds) it may be asked again."""

    def due(self, crashed: Iterable[CrashedRun], now: float) -> tuple[CrashedRun, ...]:
        """Those of these crashes to ask for; they count as asked from `now` (epoch seconds) on."""
        found = tuple(one for one in crashed if self._is_due(one.run, now))
        for one in found:
            tries = self._asked.pop(one.run, (0, 0.0))[0] + 1
            self._asked[one.run] = (tries, now + _TRY_AGAIN * tries)
        while len(self._asked) > _MOST_LINES:
            oldest = next(iter(self._asked))
            del self._asked[oldest]
            self.lines.pop(oldest, None)
        return found

    def _is_due(self, run: LastRun, now: float) -> bool:
        tries, due = self._asked.get(run, (0, 0.0))
        return run not in self.lines and tries < _MOST_TRIES and now >= due

    def learned(self, run: LastRun, line: str) -> bool:
        """Takes what asking brought, "" for nothing; returns whether there is a new line."""
        if not line or run not in self._asked:
            return False
        self.lines[run] = line
        return True
