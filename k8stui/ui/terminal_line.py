"""How fast the line to the terminal is, told from what goes out and when the terminal answers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import IO, Any, cast

SLOW_BYTES_PER_SECOND = 16_000.0
"""A screen of 160x50 takes a second at this rate."""
SLOW_ANSWER = 0.3
"""Seconds to a question and back, without anything to carry."""
SLOW_WRITE = 0.5
"""Seconds for which the terminal takes nothing."""
_METERED = 0.5
_ENOUGH = 2_000
"""Bytes from which a rate tells something."""


class TerminalLine:
    """Counts bytes, times answers, and says whether the line is slow.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.sent = 0
        """Bytes of frames so far."""
        self._asked: deque[tuple[float, int]] = deque()
        """(when, bytes to carry before the answer) of each question that is under way."""
        self._quickest = float("inf")
        self._from = 0
        self._blocked_since: float | None = None
        self._longest_block = 0.0
        self._metered: tuple[float, int] = (clock(), 0)
        self._rate = 0.0
        self.bytes_per_second: float | None = None
        """As measured by the answers so far, None before there was enough to measure."""

    # -- what happens -------------------------------------------------------------------------

    def painted(self, count: int) -> None:
        """So many bytes of a frame go out."""
        self.sent += count

    def would_tell(self, count: int) -> bool:
        """Whether a question after a frame of so many bytes would tell a rate not known yet.

        What was sent before it counts as carried: only the frame is to be timed.
        """
        if self.bytes_per_second is not None or self._asked or count < _ENOUGH:
            return False
        self._from = self.sent - count
        return True

    def asked(self) -> None:
        """The terminal is asked something; its answer comes after all that was sent before."""
        self._asked.append((self._clock(), self.sent - self._from))
        self._from = self.sent

    def answered(self, at: float | None = None) -> None:
        """The answer came, at this time of the clock (or now)."""
        if not self._asked:
            return
        asked, carried = self._asked.popleft()
        took = max(1e-6, (self._clock() if at is None else at) - asked)
        if carried < _ENOUGH:
            self._quickest = min(self._quickest, took)
            return
        waited = self._quickest if self._quickest < took else 0.0
        self.bytes_per_second = carried / max(1e-6, took - waited)

    def through(self, file: IO[str]) -> IO[str]:
        """The file, whose writes are watched: those that the terminal doesn't take for long."""
        return cast("IO[str]", _Watched(file, self))

    def write_began(self) -> None:
        self._blocked_since = self._clock()

    def write_ended(self) -> None:
        began, self._blocked_since = self._blocked_since, None
        if began is not None:
            self._longest_block = max(self._longest_block, self._clock() - began)

    # -- what it means ------------------------------------------------------------------------

    @property
    def blocked(self) -> float:
        """Seconds for which the write that is under way has been waiting, 0 without one."""
        since = self._blocked_since
        return 0.0 if since is None else self._clock() - since

    @property
    def why_slow(self) -> str:
        """Why the line counts as slow, empty when it does not."""
        rate = self.bytes_per_second
        if rate is not None and rate < SLOW_BYTES_PER_SECOND:
            return f"{rate / 1000:.1f} kB/s"
        if SLOW_ANSWER <= self._quickest < float("inf"):
            return f"{self._quickest * 1000:.0f} ms"
        if max(self.blocked, self._longest_block) >= SLOW_WRITE:
            return "the terminal keeps up with nothing"
        return ""

    def meter(self) -> float:
        """Bytes a second since the meter was last read, half a second ago or more."""
        now = self._clock()
        then, count = self._metered
        if now - then >= _METERED:
            self._metered = (now, self.sent)
            self._rate = (self.sent - count) / (now - then)
        return self._rate


class _Watched:
    """A text file that tells when it is written to."""

    def __init__(self, file: IO[str], line: TerminalLine) -> None:
        self._file = file
        self._line = line

    def write(self, text: str) -> int:
        self._line.write_began()
        try:
            return self._file.write(text)
        finally:
            self._line.write_ended()

    def flush(self) -> None:
        self._line.write_began()
        try:
            self._file.flush()
        finally:
            self._line.write_ended()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)
