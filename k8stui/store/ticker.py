"""When things happen: a clock and `call_later`, and how bursts become a few calls."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Protocol

_FIRST = 0.01


class Pace:
    """How often news is told, for all that share it."""

    def __init__(self, period: float = 0.1) -> None:
        self.period = period
        """Seconds between two calls."""


class Timer(Protocol):
    """A call that is still to come."""

    def cancel(self) -> None: ...


class Ticker(Protocol):
    """A clock in seconds from any start, and calls at a later moment of it."""

    def time(self) -> float: ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer: ...


class LoopTicker:
    """The running event loop's own clock. Calls must come from inside the loop."""

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(delay, callback)


class _Call:
    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualTicker:
    """A clock that moves only when told, for deterministic tests and replays."""

    def __init__(self) -> None:
        self._now = 0.0
        self._calls: list[tuple[float, int, _Call]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        call = _Call(callback)
        heapq.heappush(self._calls, (self._now + delay, next(self._order), call))
        return call

    @property
    def waiting(self) -> int:
        """How many calls are still to come."""
        return sum(call.callback is not None for _, _, call in self._calls)

    def advance(self, seconds: float) -> None:
        """Moves on, making the calls that fall due in their order."""
        end = self._now + seconds
        while self._calls and self._calls[0][0] <= end + 1e-9:
            due, _, call = heapq.heappop(self._calls)
            self._now = max(self._now, due)
            if call.callback is not None:
                call.callback()
        self._now = end


class Pacer:
    """Turns any number of requests into few calls.

    The first request after a quiet time is answered after 10 ms, so that what comes in one burst
    goes out as one; while requests go on, calls are a period apart. The pause counts from the end
    of a call: slow work slows down its own calls, not the event loop.
    """

    def __init__(
        self, ticker: Ticker, deliver: Callable[[], None], pace: Pace | None = None
    ) -> None:
        self._ticker = ticker
        self._pace = pace or Pace()
        self._deliver = deliver
        self._timer: Timer | None = None
        self._last = float("-inf")

    def request(self, *, least: float = 0.0) -> None:
        """Asks for a call soon; cheap when one is on its way already.

        Args:
            least: Seconds that are to lie between two calls, where that is more than a period.
        """
        if self._timer is None:
            pause = max(self._pace.period, least)
            delay = max(_FIRST, self._last + pause - self._ticker.time())
            self._timer = self._ticker.call_later(delay, self._fire)

    def hurry(self) -> None:
        """Asks for a call as soon as a period has passed, whatever was asked for before."""
        self.close()
        self.request()

    def close(self) -> None:
        """Takes back the call that is on its way, if any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        try:
            self._deliver()
        finally:
            self._last = self._ticker.time()
