"""How a reflector watches: what moves its place forward, how a stream ends, what is too old."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from k8stui.cluster.pace import Pace
from k8stui.resources.phase import Live, Stale
from tests.fake_api.api import FakeApi, Frozen, Reply, Stream, status
from tests.fake_api.things import PATH, bookmark, page, thing

from .reflecting import Rig, reflecting


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        api.on(PATH, Reply(page(thing("a", 1), version=10)))
        yield api


async def test_what_a_watch_asks_for(api: FakeApi) -> None:
    async with reflecting(api, params=(("fieldSelector", "spec.nodeName=n"),)) as rig:
        await rig.stream().opened.wait()
        await rig.shelf.is_in(Live)
    (seen,) = api.asked(PATH, watch=True)
    seconds = int(seen.query.pop("timeoutSeconds"))
    assert 300 <= seconds <= 600
    assert seen.query == {
        "fieldSelector": "spec.nodeName=n",
        "watch": "true",
        "resourceVersion": "10",
        "allowWatchBookmarks": "true",
    }
    assert seen.header("Accept-Encoding") == ["identity"]


async def test_events_change_the_rows(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.event("ADDED", thing("b", 11))
        stream.event("MODIFIED", thing("a", 12, size=3))
        await rig.shelf.shows("a=3 b")
        stream.event("DELETED", thing("a", 13))
        await rig.shelf.shows("b")


async def test_of_many_events_in_one_chunk_the_last_state_counts(api: FakeApi) -> None:
    lines = [
        ("ADDED", thing("b", 11)),
        ("MODIFIED", thing("b", 12, size=5)),
        ("ADDED", thing("c", 13)),
        ("DELETED", thing("c", 14)),
        ("DELETED", thing("a", 15)),
        ("ADDED", thing("a", 16, size=9)),
        *(("MODIFIED", thing("d", 20 + number, size=number)) for number in range(300)),
    ]
    async with reflecting(api) as rig:
        body = b"".join(
            msgspec.json.encode({"type": kind, "object": obj}) + b"\n" for kind, obj in lines
        )
        stream = rig.stream()
        stream.raw(body)
        await rig.shelf.shows("a=9 b=5 d=299")


async def test_a_stream_that_ends_is_resumed_at_once_from_where_it_was(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        first, second, third, fourth = (rig.stream() for _ in range(4))
        first.event("MODIFIED", thing("a", 11))
        first.end()
        await second.opened.wait()
        second.event("BOOKMARK", bookmark(20))
        second.end()
        await third.opened.wait()
        third.event("DELETED", thing("a", 30))
        third.end()
        await fourth.opened.wait()
        await rig.shelf.shows("")
        assert rig.watched_from() == ["10", "11", "20", "30"]
        assert rig.lists() == 1
        assert rig.recovery.waits == []


async def test_a_long_quiet_watch_that_ends_is_normal(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        first, second = rig.stream(), rig.stream()
        await rig.shelf.is_in(Live)
        rig.hands.pass_by(400)
        first.end()
        await second.opened.wait()
        assert rig.recovery.waits == []


async def test_a_watch_that_closes_at_once_is_asked_for_less_and_less(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        for number in range(1, 9):
            rig.stream().end()
            await rig.recovery.waiting(number)
            rig.recovery.go_on()
        assert isinstance(rig.shelf.phase, Stale)
        assert rig.shelf.phase.since == 1000.0
        assert rig.shelf.names == "a"
        bounds = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
        for wait, bound in zip(rig.recovery.waits, bounds, strict=True):
            assert bound / 2 <= wait <= bound
        # It never woke the others: they would wake it in turn, for ever.
        assert rig.recovery.woken == 0
        last = rig.stream()
        last.event("MODIFIED", thing("a", 11))
        await rig.shelf.until(lambda: len(rig.shelf.upserts) == 2)
        rig.hands.pass_by(11)
        last.reset()
        assert await rig.recovery.waiting(9) <= 0.8
    assert rig.lists() == 1


async def test_a_page_of_a_load_balancer_is_no_stream_of_events(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.raw(b"<html>\n<h1>Please sign in</h1>\n</html>\n")
        stream.end()
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert "</html>" in rig.shelf.phase.reason


@pytest.mark.parametrize("in_stream", [True, False])
async def test_what_is_too_old_is_listed_again_with_the_rows_in_place(
    api: FakeApi, in_stream: bool
) -> None:
    message = "too old resource version: 11 (99)"
    gone = status(410, "Expired", message)
    api.on(PATH, Reply(page(thing("b", 30), version=40)))
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.event("MODIFIED", thing("a", 11))
        await rig.shelf.until(lambda: len(rig.shelf.upserts) == 2)
        rig.hands.pass_by(50)
        if in_stream:
            stream.event("ERROR", gone)
        else:
            api.on(PATH, Reply(gone, 410), watch=True)
            stream.end()
        await rig.stream().opened.wait()
        await rig.shelf.shows("b")
        await rig.shelf.is_in(Live)
        (stale,) = [phase for phase in rig.shelf.phases if isinstance(phase, Stale)]
        assert stale.reason == message
        assert rig.recovery.waits == []


async def test_a_server_that_calls_every_version_too_old_is_not_flooded(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        for number in range(1, 6):
            api.on(PATH, Reply(page(thing("a", 1), version=10)))
            rig.stream().event("ERROR", status(410, "Expired"))
            await rig.recovery.waiting(number)
            rig.recovery.go_on()
        assert rig.recovery.waits[-1] > 5.0


@pytest.mark.parametrize(
    "details",
    [
        {"message": "Too large resource version: 99, current: 5"},
        {"details": {"causes": [{"reason": "ResourceVersionTooLarge"}]}},
    ],
)
async def test_after_a_restore_the_version_is_too_large(
    api: FakeApi, details: dict[str, object]
) -> None:
    api.on(PATH, Reply(page(thing("b", 2), version=3)))
    api.on(PATH, Reply(status(504, "Timeout") | details, 504), watch=True)
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.recovery.waiting()
        rig.recovery.go_on()
        await stream.opened.wait()
        await rig.shelf.shows("b")
        assert rig.watched_from() == ["10", "3"]


async def test_silence_is_an_end_only_where_bookmarks_were_promised(api: FakeApi) -> None:
    pace = Pace(silence=0.05, watch=(0, 0), watch_overtime=5.0)
    async with reflecting(api, pace=pace) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        assert rig.recovery.waits == []
        rig.hands.pass_by(20)
        stream.event("BOOKMARK", bookmark(20))
        assert await rig.recovery.waiting() <= 0.8
        assert isinstance(rig.shelf.phase, Stale)
        assert "nothing was heard" in rig.shelf.phase.reason
        assert rig.shelf.phase.since == 1020.0


async def test_a_watch_that_is_silent_from_its_beginning_is_asked_for_anew(api: FakeApi) -> None:
    """At rest a server may send no bookmark: that is no fault, but a dead one is found out."""
    pace = Pace(silence=0.05, watch=(0, 0), watch_overtime=5.0)
    async with reflecting(api, pace=pace) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        stream.event("BOOKMARK", bookmark(20))
        quiet = rig.stream()
        stream.end()
        await quiet.opened.wait()
        again = rig.stream()
        await again.opened.wait()
        assert not any(isinstance(phase, Stale) for phase in rig.shelf.phases)
        rig.hands.pass_by(90)
        api.on(PATH, Reply(status(503, "Unavailable"), 503), watch=True)
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert rig.watched_from() == ["10", "20", "20", "20"]


async def test_a_watch_without_bookmarks_ends_when_its_time_is_over(api: FakeApi) -> None:
    async with reflecting(api, pace=Pace(watch=(0, 0), watch_overtime=0.05)) as rig:
        rig.stream()
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)


async def test_a_watch_that_never_begins_is_given_up(api: FakeApi) -> None:
    api.on(PATH, Frozen(), watch=True)
    async with reflecting(api, pace=Pace(watch_head=0.05)) as rig:
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert "did not answer within" in rig.shelf.phase.reason


async def test_what_can_not_be_read_is_left_out(api: FakeApi) -> None:
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.event("SURPRISE", thing("x", 11))
        stream.event("ADDED", {"kind": "Thing"})
        stream.event("MODIFIED", thing("a", 12, size=-1))
        stream.event("BOOKMARK", {})
        stream.raw(b"\n\n{broken\n")
        stream.event("ADDED", thing("b", 13))
        await rig.shelf.shows("a b")
        assert rig.reflector.skipped == 5
        # Who is gone is gone, readable or not.
        stream.event("DELETED", thing("a", 14, size=-1))
        await rig.shelf.shows("b")
        assert isinstance(rig.shelf.phase, Live)


async def test_lines_of_any_length_in_any_pieces(api: FakeApi) -> None:
    huge = thing("b", 11, size=5, note="x" * 5_000_000)
    line = msgspec.json.encode({"type": "ADDED", "object": huge}) + b"\n"
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.raw(line[:1])
        for start in range(1, len(line), 700_001):
            stream.raw(line[start : start + 700_001])
        await rig.shelf.shows("a b=5")
        stream.event("DELETED", thing("b", 12))
        await rig.shelf.shows("a")


async def test_a_fault_of_the_store_is_no_silent_death(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        with monkeypatch.context() as patch:
            patch.setattr(rig.shelf, "remove", _raise)
            stream.event("ADDED", thing("b", 11))
            await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert "fault" in rig.shelf.phase.reason
        api.on(PATH, Reply(page(thing("c", 12), version=12)))
        rig.stream()
        rig.recovery.go_on()
        await rig.shelf.shows("c")


def _raise(*_: object) -> None:
    raise KeyError("x")


@pytest.mark.parametrize("moment", ["first page", "second page", "watch head", "watch", "pause"])
async def test_ending_it_leaves_nothing_behind(api: FakeApi, moment: str) -> None:
    """Whatever it waits for: `reflecting` counts tasks and connections."""
    path = "/api/v1/others"
    steps: dict[str, list[Reply | Frozen]] = {
        "first page": [Frozen()],
        "second page": [Reply(page(thing("a", 1), token="t")), Frozen()],
    }
    api.on(path, *steps.get(moment, [Reply(page(thing("a", 1)))]))
    stream = Stream()
    if moment == "watch":
        api.on(path, stream, watch=True)
    elif moment == "watch head":
        api.on(path, Frozen(), watch=True)
    async with reflecting(api, paths=(path,)) as rig:
        await _reached(rig, moment, path, stream)


async def _reached(rig: Rig, moment: str, path: str, stream: Stream) -> None:
    if moment == "watch":
        await stream.opened.wait()
    elif moment == "pause":
        await rig.recovery.waiting()
    else:
        number = {"first page": 1, "second page": 2, "watch head": 2}[moment]
        await rig.api.until(lambda: len(rig.api.asked(path)) == number)
