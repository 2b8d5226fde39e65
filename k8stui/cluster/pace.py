"""Clocks and limits of time, as something that a test can set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeAlias


class Clock(NamedTuple):
    """Two clocks, both in seconds."""

    wall: Callable[[], float] = time.time
    """Epoch seconds, for what is shown."""
    steady: Callable[[], float] = time.monotonic
    """Only ever grows, for how long something took."""


class Pace(NamedTuple):
    """How long things may take, in seconds."""

    list_silence: float = 60.0
    """A list sends nothing."""
    watch_head: float = 30.0
    """A watch does not begin to answer."""
    watch: tuple[int, int] = (300, 600)
    """A watch lasts, as the server is asked; by chance, so that not all end together."""
    watch_overtime: float = 30.0
    """A watch goes on after that."""
    silence: float = 90.0
    """Bookmarks come about once a minute: a stream that had them is dead after this long."""
    short_watch: float = 1.0
    """A watch that ends within this and without an event did not work."""
    steady_watch: float = 10.0
    """A watch that held this long ends the growth of delays."""
    rights_retry: float = 60.0
    login_retry: float = 15.0
    poll: float = 30.0
    """Between two lists of a kind that has no watch."""


Turn: TypeAlias = Callable[[], Awaitable[None]]
"""Lets others have their turn between two pieces of work."""


async def loop_turn() -> None:
    """The event loop's own turn: whatever is ready."""
    await asyncio.sleep(0)
