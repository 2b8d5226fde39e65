"""What a reflector does when the cluster is away, refuses, or comes back changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.credential import Credential
from k8stui.cluster.pace import Pace
from k8stui.cluster.transport import Transport
from k8stui.errors import LoginFailed
from k8stui.resources.phase import Forbidden, Live, Stale, Unauthorized
from tests.fake_api.api import FakeApi, Frozen, Reply, Reset, Step, Stream, status
from tests.fake_api.things import PATH, StaticCredentials, page, target_for, thing

from .reflecting import reflecting


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


LIST = Reply(page(thing("a", 1), version=10))


async def test_an_outage_shows_since_when_and_until_when(api: FakeApi) -> None:
    api.on(PATH, LIST)
    async with reflecting(api) as rig:
        stream = rig.stream()
        rig.hands.pass_by(100)
        stream.event("MODIFIED", thing("a", 11))
        await rig.shelf.until(lambda: len(rig.shelf.upserts) == 2)
        rig.hands.pass_by(7)
        await api.refuse()
        first = await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        # The event was the last proof: what came after it may be missing.
        assert rig.shelf.phase.since == 1100.0
        assert rig.shelf.phase.next_try == 1107.0 + first
        assert rig.shelf.phase.read
        rig.hands.pass_by(first)
        rig.recovery.go_on()
        await rig.recovery.waiting(2)
        assert isinstance(rig.shelf.phase, Stale)
        assert rig.shelf.phase.since == 1100.0
        assert "Connection refused" in rig.shelf.phase.reason
        assert rig.shelf.names == "a"
        await api.listen()
        again = rig.stream()
        rig.recovery.go_on()
        await again.opened.wait()
        await rig.shelf.is_in(Live)
        assert rig.watched_from()[-1] == "11"
        assert rig.lists() == 1
        assert rig.recovery.woken == 1


async def test_history_compacted_in_an_outage_is_made_up_for(api: FakeApi) -> None:
    api.on(PATH, Reply(page(thing("a", 1), thing("gone", 2), version=10)))
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        await api.refuse()
        await rig.recovery.waiting()
        await api.listen()
        assert stream.closed.is_set()
        api.on(PATH, Reply(status(410, "Expired"), 410), watch=True)
        api.on(PATH, Reply(page(thing("a", 1), thing("new", 90), version=99)))
        again = rig.stream()
        rig.recovery.go_on()
        await rig.recovery.waiting(2)
        assert rig.shelf.names == "a gone"
        assert isinstance(rig.shelf.phase, Stale)
        rig.recovery.go_on()
        await again.opened.wait()
        await rig.shelf.shows("a new")
        await rig.shelf.is_in(Live)
        assert rig.watched_from() == ["10", "10", "99"]


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (Reset(), "was lost"),
        (Reply(b"", 503, {"Retry-After": "12"}), "HTTP 503"),
        (Reply(b"<html>bad gateway</html>", 502), "bad gateway"),
        (Reply(status(500, "InternalError", "etcdserver: leader changed"), 500), "leader changed"),
        (Reply(status(429, "TooManyRequests"), 429, {"Retry-After": "40"}), "TooManyRequests"),
        (Stream(), "was lost"),
        (Frozen(), "did not answer"),
    ],
    ids=["reset", "503", "502", "500", "429", "cut short", "frozen"],
)
async def test_a_failure_passes(api: FakeApi, step: Step, says: str) -> None:
    # A request that is safe to repeat is repeated once when its connection breaks.
    api.on(PATH, *([step, step] if isinstance(step, Reset) else [step]))
    if isinstance(step, Stream):
        step.raw(b'{"kind":"ThingList","items":[')
        step.reset()
    async with reflecting(api, pace=Pace(list_silence=0.1)) as rig:
        wait = await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert not rig.shelf.phase.read
        assert says in rig.shelf.phase.reason
        asked = step.headers.get("Retry-After") if isinstance(step, Reply) else None
        assert wait == float(asked) if asked else wait <= 0.8
        api.on(PATH, LIST)
        rig.stream()
        rig.recovery.go_on()
        await rig.shelf.is_in(Live)
        assert rig.shelf.names == "a"


async def test_a_name_that_is_not_known(api: FakeApi) -> None:
    away = Transport(target_for("https://cluster.invalid:6443"), StaticCredentials(), {})
    async with reflecting(api, transport=away) as rig:
        await rig.recovery.waiting()
        assert isinstance(rig.shelf.phase, Stale)
        assert "can't reach https://cluster.invalid:6443" in rig.shelf.phase.reason


async def test_who_gets_through_wakes_the_others(api: FakeApi) -> None:
    recovery = Recovery()
    waits = [asyncio.create_task(recovery.wait(1000.0)) for _ in range(3)]
    await asyncio.sleep(0)
    recovery.wake()
    assert await asyncio.gather(*waits) == [True, True, True]
    assert not await recovery.wait(0.0)


async def test_an_expired_token_is_renewed_once_for_all(api: FakeApi) -> None:
    refused = Reply(status(401, "Unauthorized", "Unauthorized"), 401)
    credentials = StaticCredentials("old", "new")
    transport = Transport(target_for(api.url), credentials, {})
    paths = [f"/api/v1/things{number}" for number in range(5)]
    for path in paths:
        api.on(path, refused, Reply(b"{}"))
    await asyncio.gather(*(transport.get(path) for path in paths))
    await transport.close()
    assert credentials.renewals == 1
    used = [seen.header("Authorization") for seen in api.requests]
    assert used.count(["Bearer old"]) == used.count(["Bearer new"]) == 5


async def test_login_lost_and_found(api: FakeApi) -> None:
    refused = Reply(status(401, "Unauthorized", "Unauthorized"), 401)
    api.on(PATH, LIST)
    async with reflecting(api) as rig:
        stream = rig.stream()
        await stream.opened.wait()
        api.on(PATH, refused, refused, watch=True)
        stream.event("MODIFIED", thing("a", 11))
        stream.end()
        assert await rig.recovery.waiting() == 15.0
        assert rig.shelf.phase == Unauthorized("Unauthorized")
        assert rig.shelf.names == "a"
        again = rig.stream()
        rig.recovery.go_on()
        await again.opened.wait()
        await rig.shelf.is_in(Live)
        assert rig.watched_from()[-1] == "11"
        assert rig.recovery.woken == 1


async def test_credentials_that_can_not_be_had(api: FakeApi) -> None:
    class Locked(StaticCredentials):
        async def get(self) -> Credential:
            raise LoginFailed("exec plugin x failed")

    transport = Transport(target_for(api.url), Locked(), {})
    async with reflecting(api, transport=transport) as rig:
        assert await rig.recovery.waiting() == 15.0
        assert rig.shelf.phase == Unauthorized("exec plugin x failed")
    assert api.requests == []


FORBIDDEN = Reply(
    status(403, "Forbidden", 'things is forbidden: User "dev" cannot list resource "things"'), 403
)


async def test_forbidden_and_then_allowed(api: FakeApi) -> None:
    api.on(PATH, FORBIDDEN, FORBIDDEN, LIST)
    async with reflecting(api) as rig:
        for number in (1, 2):
            assert await rig.recovery.waiting(number) == 60.0
            rig.recovery.go_on()
        rig.stream()
        await rig.shelf.is_in(Live)
        forbidden = [phase for phase in rig.shelf.phases if isinstance(phase, Forbidden)]
        assert len(forbidden) == 1
        assert forbidden[0].verb == "list"
        assert "cannot list" in forbidden[0].message


async def test_a_refusal_after_a_restart_passes(api: FakeApi) -> None:
    """An API server that has just started knows no roles yet."""
    api.on(PATH, LIST)
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        api.on(PATH, FORBIDDEN, FORBIDDEN, watch=True)
        stream.reset()
        for number in (1, 2, 3):
            assert await rig.recovery.waiting(number) < 5.0
            assert isinstance(rig.shelf.phase, Stale)
            if number == 3:
                again = rig.stream()
            rig.recovery.go_on()
        await again.opened.wait()
        await rig.shelf.is_in(Live)
        assert rig.lists() == 1


async def test_a_right_that_is_taken_away_is_gone_after_some_tries(api: FakeApi) -> None:
    api.on(PATH, LIST)
    async with reflecting(api) as rig:
        stream = rig.stream()
        await rig.shelf.is_in(Live)
        api.on(PATH, *[FORBIDDEN] * 5, watch=True)
        stream.reset()
        for number in range(1, 6):
            await rig.recovery.waiting(number)
            rig.recovery.go_on()
        assert await rig.recovery.waiting(6) == 60.0
        assert isinstance(rig.shelf.phase, Forbidden)
        assert rig.shelf.phase.verb == "watch"


async def test_who_may_list_but_not_watch_sees_a_list(api: FakeApi) -> None:
    api.on(PATH, LIST, Reply(page(thing("b", 2), version=20)))
    api.on(PATH, FORBIDDEN, FORBIDDEN, watch=True)
    async with reflecting(api) as rig:
        assert await rig.recovery.waiting() == 60.0
        assert rig.shelf.names == "a"
        assert isinstance(rig.shelf.phase, Forbidden)
        assert rig.shelf.phase.verb == "watch"
        rig.recovery.go_on()
        await rig.recovery.waiting(2)
        assert rig.shelf.names == "b"
        assert not any(isinstance(phase, Live) for phase in rig.shelf.phases)


async def test_streams_that_break_wake_nobody(api: FakeApi) -> None:
    """Two reflectors whose streams open and break would wake each other for ever."""
    api.on(PATH, LIST)
    async with reflecting(api) as rig:
        for number in range(1, 5):
            stream = rig.stream()
            await stream.opened.wait()
            stream.reset()
            await rig.recovery.waiting(number)
            rig.recovery.go_on()
        assert rig.recovery.woken == 0
        assert rig.recovery.waits[3] > 3.0
