"""The whole program on a fake cluster, with hands (a pilot) and eyes (what is on the screen)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widget import Widget

from k8stui.settings import ChosenTheme
from k8stui.ui.app import CockpitApp
from k8stui.ui.screens.cockpit import CockpitScreen
from k8stui.ui.screens.main_screen import MainScreen
from k8stui.ui.widgets.log_view import LogView
from tests.ui.counting_driver import CountingDriver
from tests.ui.fake_cluster import FakeCluster, FakeClusters
from tests.ui.objects import NOW

WIDE = (200, 60)
MEDIUM = (120, 40)
SMALL = (80, 24)
_PATIENCE = 400
_MOST_TURNS = 100
"""For keys that wait: a test may hold back for longer what they wait for."""
_PAINT_SECONDS = 0.02
"""A frame of the screen, and a little more."""


class Clock:
    """Epoch seconds that pass when a test says so."""

    now = NOW

    def __call__(self) -> float:
        return self.now


class Running:
    """The program while it runs."""

    def __init__(
        self, app: CockpitApp, clusters: FakeClusters, clock: Clock, pilot: Pilot[None]
    ) -> None:
        self.app = app
        self.clusters = clusters
        self.clock = clock
        self.pilot = pilot

    @property
    def cluster(self) -> FakeCluster:
        """The cluster that is shown."""
        return self.clusters.opened[-1]

    @property
    def screen(self) -> MainScreen:
        screen = self.app.screen
        assert isinstance(screen, MainScreen), screen
        return screen

    @property
    def cockpit(self) -> CockpitScreen:
        screen = self.app.screen
        assert isinstance(screen, CockpitScreen), screen
        return screen

    @property
    def driver(self) -> CountingDriver:
        driver = self.app._driver
        assert isinstance(driver, CountingDriver)
        return driver

    @property
    def text(self) -> str:
        """What is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    async def handled(self) -> None:
        """All messages that are on their way have arrived."""
        await self.pilot._wait_for_screen()
        for _ in range(_MOST_TURNS):
            if not self.app.keys_waiting:
                break
            await asyncio.sleep(0)
            await self.pilot._wait_for_screen()
            if not self.app.keys_waiting:
                # The last one was handed out only now.
                await self.pilot._wait_for_screen()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for what the program does in its own time."""
        for _ in range(_PATIENCE):
            await self.handled()
            if condition():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never happened; the screen says:\n{self.text}")

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.text)

    async def loses(self, text: str) -> None:
        await self.until(lambda: text not in self.text)

    async def settle(self) -> None:
        """News is told and painted, and no reaction is on its way any more."""
        self.cluster.tell()
        await self.handled()
        await self.until(self._at_rest)
        self.cluster.tell()
        await self.painted()

    def _at_rest(self) -> bool:
        """No pane gathers changes for later, and no log line waits to be looked at."""
        screen = self.app.screen
        if getattr(screen, "_settling", None) is not None:
            return False
        shown = [view for view in screen.query(LogView) if view.region]
        return not any(view.resting or view.source.filling for view in shown)

    async def painted(self) -> None:
        """What was told is on the screen."""
        await self.handled()
        await asyncio.sleep(_PAINT_SECONDS)
        await self.handled()

    async def hit(self, *keys: str) -> None:
        """Presses keys and goes on at once."""
        for key in keys:
            if len(key) == 1:
                self.app.post_message(events.Key(_character_to_key(key), key))
            else:
                self.app.post_message(events.Key(key, None))
            await self.handled()

    async def press(self, *keys: str) -> None:
        """Presses keys, each when what the one before did is done."""
        for key in keys:
            await self.hit(key)
            await self.settle()

    def send(self, *keys: str) -> None:
        """As a terminal sends what was pressed while the program had no time."""
        for key in keys:
            name, letter = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            self.app.post_message(events.Key(name, letter))

    async def burst(self, *keys: str) -> None:
        """Presses keys faster than what each of them does can be done."""
        self.send(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Types a text as it is."""
        await self.hit(*text)

    async def click(self, widget: Widget, x: int, y: int, times: int = 1) -> None:
        await self.pilot.click(widget, offset=(x, y), times=times)
        await self.settle()

    async def command(self, text: str) -> None:
        """Goes where `:text` leads."""
        await self.hit("colon")
        await self.type(text)
        await self.press("enter")

    def cursor_in(self, pane: str) -> str | None:
        """The key of the row under a pane's cursor."""
        tables = {
            "workloads": self.cockpit.workloads.table,
            "pods": self.cockpit.pods.table,
            "rollout": self.cockpit.rollout.table,
        }
        return tables[pane].cursor_key

    @property
    def focused(self) -> str:
        """The id of the widget that has the focus."""
        focused = self.app.focused
        return (focused.id or "") if focused is not None else ""


@asynccontextmanager
async def running(
    cluster: FakeCluster, size: tuple[int, int] = WIDE, theme: str = ""
) -> AsyncIterator[Running]:
    """Runs the program over a cluster until its cockpit is filled; bytes are counted from then."""
    clusters = FakeClusters(cluster)
    clock = Clock()
    app = CockpitApp(lambda: clusters, theme=ChosenTheme(theme), clock=clock)
    app.driver_class = CountingDriver
    async with app.run_test(headless=False, size=size, notifications=True) as pilot:
        run = Running(app, clusters, clock, pilot)
        await run.until(lambda: isinstance(app.screen, CockpitScreen))
        await run.settle()
        run.driver.reset()
        yield run
