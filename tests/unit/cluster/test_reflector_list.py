"""How a reflector lists: pages, progress, what is decoded anew, tokens that expire."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from k8stui.resources.phase import Live, Missing, Stale, Syncing
from tests.fake_api.api import FakeApi, Gate, Reply, Reset, Stream, status
from tests.fake_api.things import PATH, page, thing

from .reflecting import reflecting


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


async def test_rows_are_there_after_the_first_page(api: FakeApi) -> None:
    second = Gate(Reply(page(thing("c", 3), version=10)))
    api.on(PATH, Reply(page(thing("a", 1), thing("b", 2), token="t1", remaining=1)), second)
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.shelf.shows("a b")
        await rig.shelf.until(lambda: rig.shelf.phase == Syncing(2, 3))
        second.opened.set()
        await rig.shelf.shows("a b c")
        await rig.shelf.is_in(Live)
        await stream.opened.wait()
    first, next_page = api.asked(PATH, watch=False)
    assert first.query == {"limit": "500"}
    assert next_page.query == {"limit": "500", "continue": "t1"}


async def test_with_a_selector_the_total_is_not_known(api: FakeApi) -> None:
    second = Gate(Reply(page()))
    api.on(PATH, Reply(page(thing("a", 1), token="t1")), second)
    async with reflecting(api, params=(("labelSelector", "app in (a, b)"),)) as rig:
        rig.stream()
        await rig.shelf.until(lambda: rig.shelf.phase == Syncing(1, None))
        second.opened.set()
        await rig.shelf.is_in(Live)
    assert {seen.query["labelSelector"] for seen in api.requests} == {"app in (a, b)"}


async def test_a_list_that_breaks_in_the_middle_is_not_taken_for_whole(api: FakeApi) -> None:
    api.on(PATH, Reply(page(thing("a", 1), token="t1")), Reset(), Reset())
    api.on(PATH, Reply(page(thing("b", 2))))
    async with reflecting(api) as rig:
        # Twice: a kept connection may be closed at any moment, and is replaced once in silence.
        await rig.recovery.waiting()
        assert rig.shelf.names == "a"
        assert isinstance(rig.shelf.phase, Stale)
        assert not api.asked(PATH, watch=True)
        rig.stream()
        rig.recovery.go_on()
        await rig.shelf.shows("b")
        await rig.shelf.is_in(Live)


async def test_a_relist_decodes_what_changed_and_takes_away_what_is_gone(api: FakeApi) -> None:
    api.on(PATH, Reply(page(thing("a", 1), thing("b", 2), thing("gone", 3), version=10)))
    api.on(PATH, Reply(page(thing("a", 1), thing("b", 5, size=7), thing("new", 6), version=20)))
    async with reflecting(api) as rig:
        stream, next_stream = rig.stream(), rig.stream()
        stream.event("MODIFIED", thing("a", 1))
        await rig.shelf.until(lambda: rig.shelf.upserts.count("a") == 2)
        rig.shelf.upserts.clear()
        stream.event("ERROR", status(410, "Expired"))
        await next_stream.opened.wait()
        await rig.shelf.shows("a b=7 new")
        assert sorted(rig.shelf.upserts) == ["b", "new"]
        assert rig.watched_from() == ["10", "20"]


async def test_an_expired_list_goes_on_where_the_server_says(api: FakeApi) -> None:
    expired = status(410, "Expired", metadata={"continue": "inconsistent"})
    api.on(PATH, Reply(page(thing("a", 1), version=10, token="t1")), Reply(expired, 410))
    api.on(PATH, Reply(page(thing("b", 12), version=15)))
    async with reflecting(api) as rig:
        stream = rig.stream()
        await stream.opened.wait()
        assert rig.shelf.names == "a b"
        # From the first page's version: what happened to its objects since is still to come.
        assert rig.watched_from() == ["10"]
        # When that is too old, the pages take too long: all in one body.
        api.on(PATH, Reply(page(thing("b", 12), version=20)))
        again = rig.stream()
        stream.event("ERROR", status(410, "Expired"))
        await rig.recovery.waiting()
        rig.recovery.go_on()
        await again.opened.wait()
        await rig.shelf.shows("b")
    asked = [seen.query.get("continue") for seen in api.asked(PATH, watch=False)]
    assert asked == [None, "t1", "inconsistent", None]
    assert "limit" not in api.asked(PATH, watch=False)[-1].query


async def test_an_expired_list_without_a_token_begins_again_in_one_body(api: FakeApi) -> None:
    api.on(PATH, Reply(page(thing("a", 1), thing("gone", 2), version=10, token="t1")))
    api.on(PATH, Reply(status(410, "Expired"), 410))
    api.on(PATH, Reply(page(thing("a", 1), thing("b", 12), version=15)))
    async with reflecting(api) as rig:
        stream = rig.stream()
        await stream.opened.wait()
        assert rig.shelf.names == "a b"
        assert rig.watched_from() == ["15"]
    assert "limit" not in api.asked(PATH, watch=False)[-1].query


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html><b>Sign in</b></html>", "<html><b>Sign in</b></html>"),
        (b'{"kind":"Thing","metadata":{}}', "kind"),
        (b"{}", "{}"),
        (b"", "no list"),
        (b'{"kind":"ThingList","items":[', "ThingList"),
    ],
)
async def test_what_is_no_list_takes_no_row_away(api: FakeApi, body: bytes, says: str) -> None:
    api.on(PATH, Reply(page(thing("a", 1))), Reply(body), Reply(page(thing("b", 2), version=30)))
    async with reflecting(api) as rig:
        stream = rig.stream()
        stream.event("MODIFIED", thing("a", 2))
        await rig.shelf.until(lambda: len(rig.shelf.upserts) == 2)
        stream.event("ERROR", status(410, "Expired"))
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert says in rig.shelf.phase.reason
        assert rig.shelf.names == "a"
        rig.stream()
        rig.recovery.go_on()
        await rig.shelf.shows("b")


async def test_odd_objects_are_left_out_and_counted(api: FakeApi) -> None:
    no_name = {"metadata": {"uid": "x", "resourceVersion": "1"}}
    api.on(
        PATH,
        Reply(page(thing("a", 1), no_name, 5, thing("fault", 1, size=-1), thing("b", 2))),
    )
    async with reflecting(api) as rig:
        rig.stream()
        await rig.shelf.is_in(Live)
        assert rig.shelf.names == "a b"
        assert rig.reflector.skipped == 3


async def test_a_list_of_nothing_is_written_as_null(api: FakeApi) -> None:
    api.on(PATH, Reply(page() | {"items": None}))
    async with reflecting(api) as rig:
        rig.stream()
        await rig.shelf.is_in(Live)
        assert rig.shelf.names == ""


async def test_the_version_that_is_served_is_found(api: FakeApi) -> None:
    """Of several versions the first that answers; when all are gone, it is missing."""
    old = "/apis/x.io/v1beta1/things"
    new = "/apis/x.io/v1/things"
    gone = Reply(status(404, "NotFound", "the server could not find the requested resource"), 404)
    api.on(new, gone, gone)
    stream = Stream()
    api.on(old, Reply(page(thing("a", 1))), Reply(b"", 405))
    api.on(old, stream, watch=True)
    async with reflecting(api, paths=(new, old)) as rig:
        await rig.shelf.is_in(Live)
        assert rig.shelf.names == "a"
        api.on(old, Reply(b"404 page not found", 404), watch=True)
        stream.event("MODIFIED", thing("a", 2))
        stream.end()
        await rig.shelf.is_in(Missing)
        assert rig.shelf.names == ""
        assert await rig.recovery.waiting() == 60.0
        api.on(new, Reply(page(thing("b", 1))))
        api.on(new, Stream(), watch=True)
        api.on(old, Reply(status(404, "NotFound"), 404))
        rig.recovery.go_on()
        await rig.shelf.shows("b")
        await rig.shelf.is_in(Live)


async def test_a_kind_without_a_watch_is_listed_again_and_again(api: FakeApi) -> None:
    api.on(PATH, Reply(page(thing("a", "", size=2))), Reply(page(thing("a", "", size=3))))
    api.on(PATH, Reply(status(405, "MethodNotAllowed"), 405), watch=True)
    async with reflecting(api) as rig:
        assert await rig.recovery.waiting() == 30.0
        assert rig.shelf.names == "a=2"
        assert isinstance(rig.shelf.phase, Live)
        rig.recovery.go_on()
        await rig.recovery.waiting(2)
        assert rig.shelf.names == "a=3"
        assert not [phase for phase in rig.shelf.phases if isinstance(phase, (Stale, Missing))]
    assert len(api.asked(PATH, watch=True)) == 1
