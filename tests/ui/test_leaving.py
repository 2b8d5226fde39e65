"""What is left stays nowhere: no task, timer, subscription or screen."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import weakref
from functools import partial

from k8stui.resources.text import clean_text
from k8stui.ui.screens.cockpit import CockpitScreen
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, Running, running


def _alive(run: Running) -> list[FakeCluster]:
    return [each for each in run.clusters.opened[:-1] if not each.closed or each.subscriptions()]


def _lasting_tasks() -> int:
    """Tasks that do not end by themselves: Textual has one for each timer, too."""
    once = "set_timer"
    return sum(not task.get_name().startswith(once) for task in asyncio.all_tasks())


async def test_twenty_switches_leave_one_cockpit() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = lambda context, namespace: shop.fill(FakeCluster(context, namespace))
        screens: list[weakref.ref[CockpitScreen]] = []
        counts: list[tuple[int, int]] = []
        for turn in range(20):
            screens.append(weakref.ref(run.cockpit))
            run.app.open_cluster(("prod", "staging")[turn % 2], f"ns-{turn}")
            await run.until(partial(_is_at, run, f"ns-{turn}"))
            await run.settle()
            counts.append((_lasting_tasks(), run.cluster.subscriptions()))
        assert len(run.clusters.opened) == 21
        assert not _alive(run)
        assert all(tail.stopped for each in run.clusters.opened[:-1] for tail in each.tails)
        # The same for each turn: nothing is added up.
        assert counts[-1] == counts[2]
        assert len(run.app.screen_stack) == 2
        await run.settle()
        gc.collect()
        left = [screen for screen in screens if screen() is not None]
        assert len(left) <= 1, "only the one before may still be held"
        last = run.cluster
    assert last.subscriptions() == 0


def _is_at(run: Running, namespace: str) -> bool:
    screen = run.app.screen
    return isinstance(screen, CockpitScreen) and screen.cluster.namespace == clean_text(namespace)


async def test_kinds_that_were_looked_at_are_let_go() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        before = len(asyncio.all_tasks()), run.cluster.subscriptions()
        for kind in ("po", "svc", "deploy", "no", "ev"):
            await run.command(kind)
            await run.press("d", "escape", "escape")
            assert run.cockpit
        await run.settle()
        assert all(table.closed for table in run.cluster.tables)
        assert len(asyncio.all_tasks()) <= before[0]
        assert run.cluster.subscriptions() == before[1]
        # The news of those kinds still comes to the cockpit alone.
        assert sum(not tail.stopped for tail in run.cluster.tails) == 1


def test_a_terminal_that_takes_nothing_more_holds_nobody_up() -> None:
    waits_for_ever = "from k8stui.ui.app import end_within; import threading\n"
    waits_for_ever += "end_within(0.1, 129); threading.Event().wait()"
    done = subprocess.run([sys.executable, "-c", waits_for_ever], timeout=60, check=False)
    assert done.returncode == 129
