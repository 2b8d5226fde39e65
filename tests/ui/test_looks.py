"""How the screens look: pictures that are compared with those that someone has looked at.

After a change on purpose: `pytest tests/ui/test_looks.py --snapshot-update`, and look at them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

import pytest
from textual.pilot import Pilot

from k8stui.resources.phase import Forbidden, Stale, Syncing
from k8stui.settings import ChosenTheme
from k8stui.ui.app import CockpitApp
from k8stui.ui.screens.cockpit import CockpitScreen
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster, FakeClusters
from tests.ui.objects import NOW
from tests.ui.running import MEDIUM, SMALL, WIDE, Clock, Running

# The pictures hold every cell's style as this Textual and Rich draw it; others draw the same
# screens in other words.
_DRAWN_WITH = ("8.2.8", "15.0.0")
pytestmark = pytest.mark.skipif(
    (version("textual"), version("rich")) != _DRAWN_WITH,
    reason="the pictures are of Textual {} and Rich {}".format(*_DRAWN_WITH),
)

Act = Callable[[Running], Awaitable[None]]
Compare = Callable[..., bool]

STALE = Stale(NOW - 75, "connection refused", NOW + 9)
LOGS = (
    '{"level":"info","msg":"GET /","status":200}',
    '{"level":"error","msg":"database: connection refused"}',
    "level=warn msg=slow took=1.2s",
    "plain words",
)


async def _web(run: Running) -> None:
    await run.press("j")
    await run.sees("plain words")


def _pressing(*keys: str) -> Act:
    async def act(run: Running) -> None:
        await run.press("j", *keys)

    return act


async def _browse(run: Running) -> None:
    await run.command("po")


async def _completing(run: Running) -> None:
    await run.hit("colon")
    await run.type("de")
    await run.sees("Deployment")


def _phase(phase: Any) -> Act:
    async def act(run: Running) -> None:
        run.cluster.set_phase(phase)
        await run.settle()
        run.screen.tick()

    return act


def _shows(
    compare: Compare, act: Act, size: tuple[int, int], theme: str = "", *, empty: bool = False
) -> bool:
    cluster = FakeCluster() if empty else shop.shop()
    clusters, clock = FakeClusters(cluster), Clock()
    app = CockpitApp(lambda: clusters, theme=ChosenTheme(theme), clock=clock)

    async def before(pilot: Pilot[None]) -> None:
        run = Running(app, clusters, clock, pilot)
        await run.until(lambda: isinstance(app.screen, CockpitScreen))
        for number, line in enumerate(LOGS * 3):
            pod = shop.WEB_PODS[number % 2]
            cluster.tail.put(pod, line, container=("app", "sidecar")[number % 3 == 0], at=number)
        await run.settle()
        await act(run)
        await run.settle()
        await run.settle()

    return compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [MEDIUM, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_cockpit(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert _shows(snap_compare, _web, size)


@pytest.mark.parametrize("keys", [(), ("tab",), ("tab", "tab"), ("l",)], ids="-".join)
def test_the_cockpit_in_a_small_terminal(snap_compare: Compare, keys: tuple[str, ...]) -> None:
    assert _shows(snap_compare, _pressing(*keys), SMALL)


@pytest.mark.parametrize("theme", ["light", "contrast", "colorblind"])
def test_the_themes(snap_compare: Compare, theme: str) -> None:
    assert _shows(snap_compare, _web, MEDIUM, theme)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("browse", _browse),
        ("completions", _completing),
        ("picker", _pressing("n")),
        ("help", _pressing("question_mark")),
        ("zoomed", _pressing("tab", "z")),
        ("containers", _pressing("enter", "enter")),
        ("events", _pressing("e")),
        ("stale", _phase(STALE)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_screens(snap_compare: Compare, name: str, act: Act) -> None:
    assert _shows(snap_compare, act, MEDIUM)


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("syncing", _phase(Syncing(1500, 10_000))),
        ("forbidden", _phase(Forbidden("pods is forbidden"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_screens_without_anything(snap_compare: Compare, name: str, act: Act) -> None:
    assert _shows(snap_compare, act, MEDIUM, empty=True)
