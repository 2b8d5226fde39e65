"""When to try again after a failure, and how a return of the server wakes everyone who waits."""

from __future__ import annotations

import asyncio
import random

FIRST_SECONDS = 0.8
MOST_SECONDS = 30.0


class Backoff:
    """Growing delays with jitter, as client-go's reflector has them: 0.8 s doubling to 30 s."""

    def __init__(self, random_source: random.Random | None = None) -> None:
        self._random = random_source or random.Random()
        self._next = FIRST_SECONDS

    def delay(self, at_least: float = 0.0) -> float:
        """Seconds to wait before the next try; each call without a `reset` between grows them."""
        span, self._next = self._next, min(self._next * 2, MOST_SECONDS)
        return max(at_least, span * (0.5 + self._random.random() / 2))

    def reset(self) -> None:
        """Begins again with the shortest delay."""
        self._next = FIRST_SECONDS


class Recovery:
    """Lets all who wait for a lost server try at once when one of them has found it again."""

    def __init__(self) -> None:
        # A dict, so that waiters wake in the order in which they came.
        self._waiters: dict[asyncio.Future[None], None] = {}

    async def wait(self, seconds: float) -> bool:
        """Waits for `seconds`, or less when `wake` is called.

        Returns:
            Whether it was woken.
        """
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = None
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            return False
        finally:
            self._waiters.pop(waiter, None)
        return True

    def wake(self) -> None:
        """Ends every wait now."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
