"""Each key of the log pane that no other test presses: what a person sees of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.keys import _character_to_key

from k8stui.logs.export import SaveForm, Written
from k8stui.logs.feed import Stream
from k8stui.logs.ring import RawLine
from k8stui.ui.screens.logs import LogScreen
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW
from tests.ui.running import MEDIUM, Running, running
from tests.ui.test_log_keys import opened

_SECOND = 1_000_000_000
JSON = '{"level":"info","msg":"paid","http":{"status":200}}'


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the pane said, whenever a test comes to look for it."""
    found: list[str] = []

    def tell(_screen: LogScreen, text: str, seconds: float = 2.0) -> None:
        found.append(text)

    monkeypatch.setattr(LogScreen, "tell", tell)
    return found


async def typed(run: Running, key: str, text: str) -> None:
    """Presses a key that asks for a line, and gives it."""
    await run.hit(key)
    await run.press("ctrl+u")
    await run.type(text)
    await run.press("enter")


def saved(pattern: str) -> list[str]:
    """The lines of the one file of that name in the state directory."""
    (path,) = Path.home().joinpath(".local/state/k8stui").glob(pattern)
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text().splitlines()


def older(cluster: FakeCluster, *ages: int) -> None:
    """Lines that the server still has: so many seconds old."""
    cluster.tail.older = [
        RawLine(time=int((NOW - age) * _SECOND), stream=0, mark=0, message=b"from %d s ago" % age)
        for age in ages
    ]


@pytest.mark.parametrize(
    ("key", "label", "top"),
    [
        ("1", "from its start", "from 7200 s ago"),
        ("2", "last 1m", "from 50 s ago"),
        ("3", "last 5m", "from 200 s ago"),
        ("4", "last 15m", "from 800 s ago"),
        ("5", "last 30m", "from 1700 s ago"),
        ("6", "last 1h", "from 3500 s ago"),
    ],
)
async def test_a_preset_goes_there_and_0_back(key: str, label: str, top: str) -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, *[f"line {n}" for n in range(100)])
        older(cluster, 7200, 3500, 1700, 800, 200, 50)
        await run.press(key)
        await run.sees(label)
        await run.until(lambda: top in run.text.splitlines()[3])
        await run.press("0")
        await run.sees("line 99")
        await run.sees("follow ▼")
        assert label not in run.text


async def test_jump_to_a_time_reads_what_is_missing(said: list[str]) -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, *[f"line {n}" for n in range(100)])
        older(cluster, 900, 500, 250)
        await typed(run, "at", "-10m")
        await run.sees("from -10m")
        await run.until(lambda: "from 500 s ago" in run.text.splitlines()[3])
        await typed(run, "at", "soon")
        await run.sees("no moment: soon")
        await run.press("escape")
        assert "from -10m" in run.text
        await run.press("0")
        await run.sees("follow ▼")


async def test_going_up_at_the_first_line_reads_older_ones(said: list[str]) -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, *[f"line {n}" for n in range(100)])
        older(cluster, 90, 80)
        await run.press("home")
        await run.sees("line 0")
        await run.press("up")
        await run.until(lambda: "2 older lines read" in said)
        await run.press("up")
        await run.sees("from 80 s ago")


async def test_previous_shows_the_instance_before_and_the_present_one_again(
    said: list[str],
) -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, "the present one")
        await run.press("p")
        await run.until(lambda: any("no previous log" in text for text in said))
        cluster.before[shop.CRASHER.name] = ["its last words"]
        await run.press("p")
        await run.sees("its last words")
        assert "previous instance" in run.text
        assert "the present one" not in run.text
        await run.press("p")
        await run.sees("the present one")
        await run.loses("previous instance")


async def test_find_marks_without_hiding_and_n_goes_between() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, *[f"line {n}" for n in range(300)])
        await typed(run, "H", "line 1 | line 150 | /^line 29\\d/")
        await run.sees("find line 1 |")
        assert "line 298" in run.text
        await run.press("home")
        await run.press("n")
        await run.sees("1/")
        for _ in range(60):
            await run.press("n")
            if "line 150" in run.text:
                break
        assert not view.follow
        rank = run.cockpit.matches_text()
        await run.press("N")
        await run.until(lambda: run.cockpit.matches_text() != rank)


async def test_what_is_typed_right_behind_a_key_is_part_of_the_line() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "a cart", "a dog")
        for key in ("H", "c", "a", "r", "t"):
            run.app.post_message(events.Key(_character_to_key(key), key))
        await run.sees("find cart")
        assert not run.app.clipboard


async def test_fields_zone_and_containers_are_typed() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, JSON)
        cluster.tail.put(shop.CRASHER, "from a sidecar", container="sidecar")
        await typed(run, "F", "msg http.status")
        await run.sees("paid  200")
        await run.sees("JSON msg http.status")
        await typed(run, "F", "")
        await run.sees('"http":{"status":200}')
        await run.sees("14:13:20")
        await typed(run, "Z", "Asia/Tokyo")
        await run.sees("23:13:20")
        await typed(run, "Z", "Nowhere/Land")
        await run.sees("no time zone is called Nowhere/Land")
        await run.press("escape")
        await run.sees("23:13:20")
        await typed(run, "C", "side")
        await run.sees("containers side")
        await run.loses("paid")
        await run.sees("from a sidecar")
        await typed(run, "C", "")
        await run.sees("paid")


async def test_init_and_ephemeral_containers_are_left_out_and_taken_again() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, "x")
        await run.press("I", "E")
        await run.sees("no init or ephemeral")
        assert not {"init", "ephemeral"} & cluster.tail.selection.roles
        await run.press("I", "E")
        await run.loses("no init")


async def test_forms_times_names_and_wrap_change_what_stands_there() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, JSON, "long " + "y" * 150 + "END")
        assert "END" not in run.text
        await run.press("w")
        await run.sees("END")
        await run.press("w")
        await run.loses("END")
        await run.press("J")
        await run.sees('INFO  paid http={"status":200}')
        await run.press("J")
        await run.sees('  "status": 200')
        await run.press("J")
        await run.sees('"http":{"status":200}')
        for shown in ("2026-09-21T14:13:20.000+0000", "   0s ", "crasher-bbbb2-zzz app {"):
            await run.press("T")
            await run.sees(shown)
        await run.press("T")
        await run.sees("14:13:20")
        await run.press("M")
        await run.sees("shop/crasher-bbbb2-zzz app 14:13:20")
        await run.press("M")
        await run.loses("crasher-bbbb2-zzz app")
        await run.press("M")
        await run.sees("crasher-bbbb2-zzz app 14:13:20")
        assert view.follow


async def test_a_mark_is_drawn_where_the_log_stands() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "before")
        await run.press("m")
        await run.sees("── mark 2026-09-21T14:13:20.000+0000 ──")
        run.cluster.tail.put(shop.CRASHER, "after")
        await run.sees("after")
        lines = run.text.splitlines()
        places = [
            n for word in ("before", "mark 2026", "after") for n, t in enumerate(lines) if word in t
        ]
        assert places == sorted(places)


async def test_lines_around_what_the_filter_finds() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, *[f"line {n:03}" for n in range(100)])
        await typed(run, "slash", "050")
        await run.loses("line 049")
        await run.press("A")
        await run.sees("line 047")
        assert "line 046" not in run.text
        await run.press("A")
        await run.sees("line 040")
        assert "line 039" not in run.text
        await run.press("A")
        await run.sees("all lines")
        await run.press("A")
        await run.loses("line 049")


async def test_case_counts_when_it_is_wanted() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "an Error", "an error")
        await typed(run, "slash", "error")
        assert "an Error" in run.text
        await run.press("X", "X")
        await run.loses("an Error")
        await run.sees("case matters")
        await run.press("X")
        await run.sees("an Error")


async def test_copy_takes_the_selection_or_the_one_line(said: list[str]) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, "one", "two", "three")
        await run.press("c")
        assert run.app.clipboard == "three"
        await run.press("space", "up")
        await run.until(lambda: len(view.selection) == 2)
        await run.press("c")
        assert run.app.clipboard == "two\nthree"
        assert said == ["copied 1 line", "copied 2 lines"]
        assert not view.selecting


async def test_a_line_over_all_and_those_beside_it() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "one", JSON)
        await run.press("enter")
        await run.sees("Bytes as they came")
        await run.sees('  "msg": "paid"')
        await run.press("left")
        await run.sees("6f 6e 65")
        await run.press("c")
        assert run.app.clipboard == "one"
        await run.press("right")
        await run.sees('  "msg": "paid"')
        await run.press("escape")
        await run.loses("Bytes as they came")


async def test_save_and_save_as_write_private_files(said: list[str]) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "one", "two")
        await typed(run, "slash", "two")
        await run.press("ctrl+s")
        await run.until(lambda: len(said) == 1)
        assert said[0].startswith("1 lines saved to ")
        (line,) = saved("*.log")
        assert line.endswith("two")
        await run.press("W")
        await run.sees("all lines as JSON")
        await run.press(*["down"] * 5, "enter")
        await run.until(lambda: len(said) == 2)
        texts = [json.loads(line)["message"] for line in saved("*.jsonl")]
        assert texts == ["one", "two"]


async def test_all_that_the_server_has_is_saved_and_can_be_stopped(said: list[str]) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def whole(
        path: Path,
        streams: Sequence[Stream],
        form: SaveForm,
        previous: bool,
        told: Callable[[Written], None],
    ) -> Written:
        state = Written(of=len(streams), lines=12_345)
        told(state)
        reached.set()
        await go_on.wait()
        return msgspec.structs.replace(state, logs=1)

    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "one")
        run.cockpit.logs.files.save_whole = whole
        await run.press("W")
        await run.sees("all that the server has, as JSON")
        await run.press(*["down"] * 6, "enter")
        await reached.wait()
        await run.sees("log 1 of 1, 12,345 lines")
        await run.press("W")
        await run.sees("stop saving what the server has")
        await run.press(*["down"] * 6, "enter")
        await run.until(lambda: said == ["stopped: nothing was saved"])
        await run.loses("12,345 lines")
        go_on.set()
        await run.press("W")
        await run.press(*["down"] * 7, "enter")
        await run.until(lambda: len(said) == 2)
        assert said[-1].startswith("12,345 lines saved to ")


async def test_tee_writes_what_comes_until_it_is_pressed_again(said: list[str]) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "before")
        await run.press("greater_than_sign")
        await run.sees("tee · ")
        run.cluster.tail.put(shop.CRASHER, "while", "it runs")
        await run.press("greater_than_sign")
        await run.loses("tee · ")
        run.cluster.tail.put(shop.CRASHER, "behind")
        await run.until(lambda: said[-1].startswith("2 lines written to "))
        assert [line.rsplit(" ", 1)[-1] for line in saved("*.tee.log")] == ["while", "runs"]


async def test_streams_are_hidden_shown_and_chosen() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, "of the app")
        cluster.tail.put(shop.CRASHER, "of the sidecar", container="sidecar")
        await run.sees("of the sidecar")
        logs = run.cockpit.logs
        await run.press("S")
        await run.sees("RECONN")
        await run.press("space")
        await run.sees("hidden")
        await run.sees("1 stream hidden")
        await run.press("a")
        await run.until(lambda: not logs.feed.hidden)
        before = cluster.tail.limits.streams
        await run.press("plus")
        assert cluster.tail.limits.streams == 2 * before
        await run.press("down", "enter")
        await run.sees("1 stream hidden")
        await run.loses("of the app")
        await run.sees("of the sidecar")
