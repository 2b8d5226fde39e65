"""Keys that come all at once, as a paste or a late packet brings them: each has its right place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from k8stui.resources.kinds import ResourceType
from k8stui.ui.screens.browse import BrowseScreen
from k8stui.ui.screens.cockpit import CockpitScreen
from k8stui.ui.screens.help import HelpScreen
from k8stui.ui.screens.picker import Picker
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, running

ENTER = "enter"


class SlowCluster(FakeCluster):
    """What it serves is told when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.was_asked, self.may_tell = asyncio.Event(), asyncio.Event()

    async def kinds(self) -> tuple[ResourceType, ...]:
        self.was_asked.set()
        await self.may_tell.wait()
        return await super().kinds()


async def _turns(done: Callable[[], bool]) -> None:
    """As `run.until`, where the screen is held and answers nobody."""
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(0.005)


async def test_keys_after_enter_belong_to_the_kind_that_it_opened() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.burst(*":pods", ENTER, *"/web", ENTER)
        await run.until(lambda: isinstance(run.app.screen, BrowseScreen))
        await run.sees('/"web"')
        assert run.focused == "browse-table"
        await run.burst("escape", "escape", *":svc", ENTER, *":deploy", ENTER)
        await run.sees("deployments.apps")
        assert len(run.app.screen_stack) == 4


async def test_a_key_after_the_enter_of_a_filter_acts_on_what_it_left() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.burst(*"/cart", ENTER, "l")
        await run.until(lambda: run.focused == "detail-logs")
        assert run.cockpit.model.workloads.filter is not None
        assert run.cockpit.model.workloads.filter.describe() == '"cart"'


@pytest.mark.parametrize("keys", [(*":ns web-team", ENTER), ("n", *"web-t", ENTER)])
async def test_keys_after_a_namespace_go_to_its_cockpit(keys: tuple[str, ...]) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.burst(*keys, *"/x1")
        await run.until(lambda: run.cluster.namespace == "web-team")
        await run.until(lambda: run.focused == "prompt-input")
        await run.sees("x1")
        assert isinstance(run.app.screen, CockpitScreen)


async def test_keys_wait_for_a_list_and_then_pick_from_it() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.burst("x", *"stag", ENTER)
        await run.until(lambda: run.cluster.context.startswith("staging"))
        await run.burst("question_mark", "escape", "x")
        await run.until(lambda: isinstance(run.app.screen, Picker))
        await run.burst("escape", "question_mark")
        await run.until(lambda: isinstance(run.app.screen, HelpScreen))


async def test_keys_wait_for_a_cluster_that_thinks() -> None:
    cluster = SlowCluster()
    async with running(cluster, MEDIUM) as run:
        run.send(*":pods", ENTER, *"/web")
        await cluster.was_asked.wait()
        assert run.app.keys_waiting
        cluster.may_tell.set()
        await run.until(lambda: isinstance(run.app.screen, BrowseScreen))
        await run.until(lambda: not run.app.keys_waiting)
        assert run.focused == "prompt-input"


async def test_quitting_waits_for_nothing() -> None:
    cluster = SlowCluster()
    async with running(cluster, MEDIUM) as run:
        run.send(*":pods", ENTER)
        await cluster.was_asked.wait()
        run.send("j", "ctrl+c")
        await _turns(lambda: run.app._exit)
        assert run.app._exit
        cluster.may_tell.set()


async def test_keys_wait_for_nothing_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8stui.ui._textual_compat.keys._LONGEST_SECONDS", 0.2)
    cluster = SlowCluster()
    async with running(cluster, MEDIUM) as run:
        run.send(*":pods", ENTER, "x", "y")
        await cluster.was_asked.wait()
        await _turns(lambda: not run.app.keys_waiting)
        assert not run.app.keys_waiting
        cluster.may_tell.set()
        await run.until(lambda: isinstance(run.app.screen, BrowseScreen))


@pytest.mark.parametrize(
    "keys",
    [
        (*"n", "escape", *"x", "escape", *":pods", ENTER, "escape", "escape"),
        ("question_mark", "escape", "ctrl+p", "escape", "o", ENTER, "escape"),
        (*":ns default", ENTER, *":ns shop", ENTER, *"/a", "escape", "l", *"/b", ENTER, *"nNzq"),
        (*"dyleltzz[]][", "tab", "d", *"/q", ENTER, "slash", "escape", *"jjkkG"),
    ],
)
async def test_no_burst_ends_the_program(keys: tuple[str, ...]) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.burst(*keys, *keys)
        await run.until(lambda: run.app._exit or not run.app.keys_waiting)
        assert run.app.crash is None
