"""What a view costs the API server, and that nothing of it stays in memory when it is left."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections import Counter

import pytest

from k8stui.resources.kinds import ResourceType
from k8stui.resources.phase import Live
from tests.fake_api.api import LIMIT, FakeApi, Seen

from .conftest import Opener
from .test_session import reached, serve

_METRICS = "/apis/metrics.k8s.io"
_PATHS = {
    "pods": "/api/v1/namespaces/shop/pods",
    "deployments.apps": "/apis/apps/v1/namespaces/shop/deployments",
    "replicasets.apps": "/apis/apps/v1/namespaces/shop/replicasets",
}


def _counted(requests: list[Seen]) -> Counter[tuple[str, str]]:
    return Counter(
        ("watch" if "watch" in each.query else "list", each.path)
        for each in requests
        if not each.path.startswith(_METRICS) and each.path != "/version"
    )


async def test_a_kind_is_listed_once_and_watched_once_whoever_asks(
    open_session: Opener, api: FakeApi
) -> None:
    streams = {path: serve(api, path, "one") for path in _PATHS.values()}
    scope = await open_session().open(None, None)
    for _ in range(3):
        for key in _PATHS:
            collection = scope.collection(key)
            collection.subscribe(lambda _: None)
            await reached(collection, Live)
    once = Counter({(verb, path): 1 for path in streams for verb in ("list", "watch")})
    assert _counted(api.requests) == once
    # Whatever the header asks of the phases, nothing is sent.
    for _ in range(50):
        scope.phases()
    assert _counted(api.requests) == once
    await scope.close()


_PODS = ResourceType("", "v1", "pods", "Pod")


async def test_a_table_of_what_is_watched_already_asks_for_nothing(
    open_session: Opener, api: FakeApi
) -> None:
    serve(api, _PATHS["pods"], "one", "two")
    scope = await open_session().open(None, None)
    await reached(scope.collection("pods"), Live)
    table = scope.open_table(_PODS, "shop", "")
    assert sorted(each.name for each in table.collection.rows.values()) == ["one", "two"]
    assert table.columns()
    table.close()
    # What the cockpit shows outlives the table.
    assert len(scope.collection("pods")) == 2
    once = Counter({(verb, _PATHS["pods"]): 1 for verb in ("list", "watch")})
    assert _counted(api.requests) == once
    await scope.close()


@pytest.mark.parametrize(("namespace", "selector"), [("other", ""), ("shop", "app=web")])
async def test_a_table_of_something_else_is_listed_for_itself(
    open_session: Opener, api: FakeApi, namespace: str, selector: str
) -> None:
    serve(api, _PATHS["pods"], "one", "two")
    scope = await open_session().open(None, None)
    await reached(scope.collection("pods"), Live)
    path = f"/api/v1/namespaces/{namespace}/pods"
    serve(api, path, "three")
    table = scope.open_table(_PODS, namespace, selector)
    await reached(table.collection, Live)
    assert [each.name for each in table.collection.rows.values()] == ["three"]
    table.close()
    assert sorted(each.name for each in scope.collection("pods").rows.values()) == ["one", "two"]
    await scope.close()


async def test_metrics_are_not_asked_for_again_when_the_first_pods_have_been_read(
    open_session: Opener, api: FakeApi
) -> None:
    def asked() -> int:
        return len([each for each in api.requests if each.path.startswith(_METRICS)])

    serve(api, _PATHS["pods"], "one")
    scope = await open_session().open(None, None)
    logs = scope.open_logs()
    async with asyncio.timeout(LIMIT):
        # Nothing is known of them under either name.
        while asked() < 2:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
    await reached(scope.collection("pods"), Live)
    for _ in range(30):
        await asyncio.sleep(0.01)
    assert asked() == 2
    logs.close()
    await scope.close()


async def test_metrics_wait_for_the_first_list_of_pods(open_session: Opener, api: FakeApi) -> None:
    serve(api, _PATHS["pods"], "one")
    scope = await open_session().open(None, None)
    await reached(scope.collection("pods"), Live)
    async with asyncio.timeout(LIMIT):
        while not any(each.path.startswith(_METRICS) for each in api.requests):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    paths = [each.path for each in api.requests if each.path != "/version"]
    assert paths[0] == _PATHS["pods"]
    assert paths[-1].startswith(_METRICS)
    await scope.close()


async def test_a_list_that_is_held_goes_on_when_it_may(open_session: Opener, api: FakeApi) -> None:
    serve(api, _PATHS["pods"], *(f"pod-{number}" for number in range(500)))
    scope = await open_session().open(None, None)
    scope.hold()
    pods = scope.collection("pods")
    async with asyncio.timeout(LIMIT):
        while not len(pods):  # noqa: ASYNC110 - nobody is told of a single slice
            await asyncio.sleep(0.01)
    for _ in range(30):
        await asyncio.sleep(0.01)
    assert len(pods) < 100
    scope.read_on()
    await reached(pods, Live)
    assert len(pods) == 500
    await scope.close()


async def test_of_a_scope_that_was_left_nothing_is_alive(
    open_session: Opener, api: FakeApi
) -> None:
    for namespace in ("shop", "other"):
        serve(api, f"/api/v1/namespaces/{namespace}/pods", "one", "two")
    session = open_session()
    scope = await session.open(None, None)
    await reached(scope.collection("pods"), Live)
    left = [weakref.ref(each) for each in (scope, scope.collection("pods"), scope.usage)]
    following = await session.open(None, "other")
    await reached(following.collection("pods"), Live)
    await scope.close()
    del scope
    for _ in range(3):
        await asyncio.sleep(0)  # tasks that have ended tell so in the next turn
    gc.collect()
    assert [each() for each in left] == [None, None, None]
    await following.close()
