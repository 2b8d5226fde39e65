"""Whose lines the log pane shows, and where it says what a key did."""

from __future__ import annotations

from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, running
from tests.ui.test_log_keys import opened


async def test_another_object_s_log_never_stands_under_this_one_s_name() -> None:
    cluster: FakeCluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, *[f"crasher says {n}" for n in range(200)])
        cluster.tail.put(shop.WEB_PODS[0], *[f"web says {n}" for n in range(200)])
        await run.press("pageup", "pageup")
        await run.sees("standing still")
        await run.press("escape", "escape", "j")
        await run.sees("web says 199")
        assert "crasher says" not in run.text
        assert "follow ▼" in run.text


async def test_what_a_key_did_is_said_over_the_log_and_covers_no_line() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, *[f"line {n} " + "x" * 70 for n in range(60)])
        await run.press("O")
        await run.sees("order: by container")
        header = run.text.splitlines()[2]
        assert "order: by container" in header
        assert "follow ▼" in header
        assert sum("x" * 70 in line for line in run.text.splitlines()) >= 30
        await run.loses("order: by container")
        assert "by container" in run.text
