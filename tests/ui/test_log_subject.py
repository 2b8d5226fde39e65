"""Whose lines the log pane shows, and where it says what a key did."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from k8stui.ui.widgets.log_header import LogHeader
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


async def test_what_a_key_did_is_said_over_the_log_and_covers_no_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends: list[Callable[[], None]] = []
    # It is said until the test has seen it, however long that takes.
    monkeypatch.setattr(LogHeader, "set_timer", lambda _header, _time, end: ends.append(end))
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, *[f"line {n} " + "x" * 70 for n in range(60)])
        await run.press("O")
        await run.sees("order: by container")
        header = run.text.splitlines()[2]
        assert "order: by container" in header
        assert "follow ▼" in header
        assert sum("x" * 70 in line for line in run.text.splitlines()) >= 30
        ends[-1]()
        await run.loses("order: by container")
        assert "by container" in run.text


async def test_a_pane_without_a_line_says_why() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        # What is wrong stands first: a pod whose container waits.
        await run.press("l", "z")
        await run.sees("crasher-bbbb2-zzz app: CrashLoopBackOff")
        cluster.tail.put(shop.CRASHER, "one line")
        await run.sees("one line")
        await run.loses("app: CrashLoopBackOff")
        await run.press("slash")
        await run.type("nowhere")
        await run.press("enter")
        await run.sees("no line matches /nowhere")
        cluster.tail.put(shop.CRASHER, "a line from nowhere")
        await run.sees("a line from nowhere")
        await run.loses("no line matches")


async def test_s_follows_as_in_k9s_and_says_what_it_does_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LogHeader, "set_timer", lambda *_: None)
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, *[f"line {n}" for n in range(60)])
        await run.press("s")
        await run.sees("stands still; s scales outside of the log: Esc, then s")
        assert not view.follow
        assert run.app.screen is run.cockpit, "no dialog"
        await run.press("s")
        await run.sees("follows; s scales outside")
        assert view.follow


async def test_the_match_that_n_went_to_stays_in_sight_when_the_filter_goes() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        lines = [f"line {n} " + ("found" if n % 25 == 0 else "noise") for n in range(2000)]
        await opened(run, *lines)
        await run.press("slash")
        await run.type("found")
        await run.press("enter", "A", "home", "n", "n", "n", "n", "n", "n")
        current = run.cockpit.matches_text().split("/")[0]
        row = next(
            n
            for n, line in enumerate(run.text.splitlines())
            if f"line {25 * (int(current) - 1)} " in line
        )
        await run.press("slash")
        await run.press("ctrl+u", "enter")
        await run.sees("noise")
        await run.until(
            lambda: f"line {25 * (int(current) - 1)} found" in run.text.splitlines()[row]
        )


async def test_lines_that_were_dropped_before_they_were_seen_are_counted() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        cluster.tail.ring.limit_lines = 1_000
        await opened(run, *[f"line {n}" for n in range(500)])
        await run.press("f")
        cluster.tail.put(shop.CRASHER, *[f"later {n}" for n in range(3_000)])
        await run.sees("of them dropped")
        dropped = cluster.tail.ring.first - 500
        assert f"{dropped:,} of them dropped" in run.text
