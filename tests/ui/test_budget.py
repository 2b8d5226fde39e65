"""What the cockpit writes to the terminal for each change: over SSH every byte is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from textual import constants

from tests.ui import objects as make
from tests.ui import shop
from tests.ui.objects import NOW
from tests.ui.running import Running, running

SIZE = (160, 50)
LINE = 900
"""Bytes of one changed line of the screen, at most."""

WHOLE = 6_000
"""Bytes of a whole screen of 8,000 cells: what is blank is erased."""


@pytest.fixture(autouse=True)
def _true_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "truecolor")


@pytest_asyncio.fixture
async def watched() -> AsyncIterator[Running]:
    """The cockpit with `web` selected, some logs, and nothing more to paint."""
    async with running(shop.shop(), SIZE) as run:
        run.cluster.tail.put(shop.WEB_PODS[0], *[f"line {number}" for number in range(40)])
        await run.press("j")
        await run.sees("line 39")
        # Columns are as wide as they will be.
        run.clock.now += 3
        run.screen.tick_tables()
        await run.settle()
        await run.settle()
        run.driver.reset()
        yield run


async def test_nothing_happens_nothing_is_written(watched: Running) -> None:
    for _ in range(3):
        watched.screen.tick()
        watched.screen.tick_tables()
        watched.screen.show_status()
        await watched.settle()
    assert watched.driver.bytes_written == 0


async def test_a_changed_age_costs_its_cells(watched: Running) -> None:
    watched.clock.now += 1
    watched.screen.tick_tables()
    await watched.settle()
    # The rollout's deadline, the age of its newest pod and revision, a moment in words.
    assert 0 < watched.driver.bytes_written <= 4 * LINE


async def test_a_pods_status_costs_its_line(watched: Running) -> None:
    watched.cluster.apply(
        make.of_deployment(
            "web",
            shop.WEB_OLD,
            "abcde",
            containers=("app", "sidecar"),
            age=4 * 86400,
            version=2,
            restarts=1,
        )
    )
    await watched.settle()
    assert 0 < watched.driver.bytes_written <= LINE


async def test_a_pod_of_another_workload_costs_nothing(watched: Running) -> None:
    watched.cluster.apply(make.of_deployment("cart", "aaaa1", "one", version=2))
    await watched.settle()
    assert watched.driver.bytes_written == 0


async def test_another_workloads_word_costs_its_line(watched: Running) -> None:
    watched.cluster.apply(
        make.of_deployment("cart", "aaaa1", "one", version=2, waiting="ErrImagePull"),
        make.deployment("cart", desired=2, ready=1, revision=3, version=2),
    )
    await watched.settle()
    assert "ErrImagePull" in watched.text
    # It goes up among what is wrong: the lines that it passes change too.
    assert 0 < watched.driver.bytes_written <= 4 * LINE


async def test_an_event_elsewhere_costs_nothing(watched: Running) -> None:
    await watched.press("e")
    await watched.sees("manifest unknown")
    await watched.settle()
    watched.driver.reset()
    watched.cluster.apply(make.event("x", shop.CRASHER, "BackOff", "more", count=45))
    await watched.settle()
    assert watched.driver.bytes_written == 0


async def test_new_samples_cost_their_cells(watched: Running) -> None:
    pods = (*shop.WEB_PODS[:2], *shop.CART_PODS, shop.DB)
    watched.cluster.use({pod.name: (13, 89) for pod in pods}, at=NOW)
    await watched.settle()
    assert 0 < watched.driver.bytes_written <= 3 * LINE


async def test_a_log_line_costs_no_more_than_its_pane(watched: Running) -> None:
    pane = watched.cockpit.detail.logs.size
    watched.cluster.tail.put(shop.WEB_PODS[0], "the newest line")
    await watched.sees("the newest line")
    await watched.settle()
    assert watched.driver.bytes_written <= pane.height * (pane.width + 200)


async def test_lines_of_streams_that_are_not_shown_cost_nothing(watched: Running) -> None:
    watched.cluster.tail.put(shop.CRASHER, "somewhere else")
    await watched.settle()
    assert watched.driver.bytes_written <= LINE


async def test_moving_on_repaints_what_differs(watched: Running) -> None:
    await watched.press("j", "j")
    await watched.settle()
    watched.driver.reset()
    await watched.press("k")
    # Two lines of workloads, and what stands in three panes of the one and the other.
    assert 0 < watched.driver.bytes_written <= 8 * LINE
    assert "cronjob/report" not in watched.driver.data


async def test_a_state_of_the_header_costs_the_header(watched: Running) -> None:
    watched.cluster.apply(make.node("node-3"))
    await watched.settle()
    watched.screen.tick()
    await watched.settle()
    assert "3 nodes" in watched.text
    assert 0 < watched.driver.bytes_written <= LINE


async def test_a_whole_screen_costs_less_than_its_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    async with running(shop.shop(), SIZE) as run:
        await run.sees("web")
        await run.settle()
        run.driver.reset()
        run.app.forget_terminal()
        await run.settle()
        assert 0 < run.driver.bytes_written <= WHOLE
