"""Low bandwidth: what it shows, what it leaves out, and what a busy screen costs with and without.

Time is simulated: news is told when a test says that a tenth of a second has passed.
"""

from __future__ import annotations

from itertools import count

import pytest
from textual import constants, events

from k8stui.resources.record import Record
from k8stui.ui.terminal_line import TerminalLine
from tests.ui import objects as make
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import WIDE, Running, running

PODS = 24
SECONDS = 4
SIZE = (160, 60)


@pytest.fixture(autouse=True)
def _true_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "truecolor")


def _busy() -> FakeCluster:
    cluster = FakeCluster()
    cluster.apply(make.deployment("busy", desired=PODS, ready=PODS), _replicaset())
    for number in range(PODS):
        cluster.apply(_pod(number, 0))
    return cluster


def _replicaset() -> Record:
    return make.replicaset("busy", "aaaa1", desired=PODS, ready=PODS)


def _pod(number: int, restarts: int) -> Record:
    return make.of_deployment(
        "busy", "aaaa1", f"{number:05d}", restarts=restarts, version=restarts + 1
    )


async def _bytes_a_second(run: Running) -> float:
    """Ten changes a second among the pods on the screen."""
    await run.press("tab", "z")
    run.driver.reset()
    restarts = [0] * PODS
    turns = count()
    for _ in range(SECONDS * 10):
        number = next(turns) * 7 % PODS
        restarts[number] += 1
        run.cluster.apply(_pod(number, restarts[number]))
        run.cluster.ticker.advance(0.1)
        await run.painted()
    run.cluster.ticker.advance(run.cluster.news.period)
    await run.painted()
    # The last news of low bandwidth comes up to two seconds later.
    return run.driver.bytes_written / (SECONDS + run.cluster.news.period)


async def test_ten_changes_a_second_are_two_kilobytes() -> None:
    async with running(_busy(), SIZE) as run:
        assert 0 < await _bytes_a_second(run) <= 2_000
        assert run.text.count("(66m ago)") == PODS


async def test_and_half_a_kilobyte_at_low_bandwidth() -> None:
    async with running(_busy(), SIZE) as run:
        await run.press("B")
        assert 0 < await _bytes_a_second(run) <= 500
        assert run.text.count("(66m ago)") == PODS


async def test_the_key_goes_over_and_back() -> None:
    async with running(shop.shop(), WIDE) as run:
        await run.press("tab", "z")
        assert "TREND" in run.text
        await run.press("B")
        await run.sees("low bandwidth")
        await run.loses("TREND")
        await run.painted()
        run.driver.reset()
        await run.hit("question_mark")
        await run.until(lambda: "Roll back" in run.driver.data)
        assert "8;2;" not in run.driver.data, "no true colours"
        await run.hit("escape")
        await run.press("B")
        await run.loses("low bandwidth")
        await run.sees("TREND")
        await run.until(lambda: "8;2;" in run.driver.data)


async def test_the_next_scope_is_read_at_the_same_pace() -> None:
    async with running(shop.shop()) as run:
        usual = run.cluster.news.period
        await run.press("B")
        slow = run.cluster.news.period
        assert slow > usual
        await run.command("ns default")
        await run.sees("ns default")
        assert run.cluster.news.period == slow
        await run.command("po")
        await run.sees("Pod (pods)")
        assert "TREND" not in run.text


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_slow_line_is_noticed_and_said() -> None:
    async with running(shop.shop(), WIDE) as run:
        clock = Clock()
        line = run.app.line = TerminalLine(clock)
        line.asked()
        line.painted(12_000)
        line.asked()
        clock.now = 0.2
        line.answered()
        answer = events.CursorPosition(0, 0)
        answer.time = 1.7
        run.app.post_message(answer)
        await run.until(lambda: run.app.low_bandwidth)
        await run.settle()
        assert "slow line: 8.0 kB/s" in run.text
        assert "low bandwidth" in run.text
        # Who wants all of it gets it, and is not asked again.
        await run.press("B")
        assert "low bandwidth" not in run.text
        run.screen.tick()
        await run.settle()
        assert "low bandwidth" not in run.text


async def test_the_meter_shows_what_goes_out() -> None:
    async with running(shop.shop(), WIDE) as run:
        clock = Clock()
        line = run.app.line = TerminalLine(clock)
        await run.press("b")
        assert "0 B/s" in run.text
        line.painted(24_000)
        clock.now += 2
        run.screen.tick()
        await run.settle()
        assert "kB/s" in run.text
        await run.press("b")
        assert "B/s" not in run.text
