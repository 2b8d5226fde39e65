"""A driver that keeps what is written to the terminal, so that tests can weigh it.

Textual's headless driver returns before the escape sequences are made; this one says that it is
not headless, so all that a terminal would get is made, counted and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot


class CountingDriver(HeadlessDriver):
    """Takes what the app writes. Read `data` and `bytes_written`, call `reset` before a change."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self.chunks: list[str] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.chunks.append(data)

    @property
    def data(self) -> str:
        """All that was written since the last reset."""
        return "".join(self.chunks)

    @property
    def bytes_written(self) -> int:
        """How many bytes that is in UTF-8."""
        return len(self.data.encode())

    def reset(self) -> None:
        """Forgets what was written so far."""
        self.chunks.clear()


async def settle(pilot: Pilot[Any], rounds: int = 2) -> None:
    """Waits until the app has nothing left to do or to paint."""
    for _ in range(rounds):
        await pilot.pause()
        await asyncio.sleep(0.02)
        await pilot.pause()


@asynccontextmanager
async def counted(
    app: App[Any], size: tuple[int, int] = (160, 52)
) -> AsyncIterator[tuple[Pilot[Any], CountingDriver]]:
    """Runs the app with a counting driver, settled and with the count at zero."""
    app.driver_class = CountingDriver
    app.animation_level = "none"
    async with app.run_test(headless=False, size=size) as pilot:
        await settle(pilot)
        driver = app._driver
        assert isinstance(driver, CountingDriver)
        driver.reset()
        yield pilot, driver
