"""Contexts and namespaces: in what order, what is asked for, and what ends with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from k8stui.cluster.target import Overrides
from k8stui.errors import K8sTuiError, UsageError
from k8stui.resources.phase import Live, Phase
from k8stui.session.recent import Recent
from k8stui.session.scope import Scope
from k8stui.store.collection import Collection
from k8stui.viewmodels.live import ObjectRef
from tests.fake_api.api import LIMIT, FakeApi, Frozen, Reply, Stream, status
from tests.fake_api.things import page

from .conftest import Opener


def pod(name: str, version: str = "1") -> dict[str, object]:
    meta = {"name": name, "namespace": "shop", "uid": name, "resourceVersion": version}
    return {"metadata": meta, "spec": {"containers": []}, "status": {"phase": "Running"}}


def serve(api: FakeApi, path: str, *pods: str) -> Stream:
    stream = Stream()
    api.on(path, Reply(page(*(pod(name) for name in pods)) | {"kind": "PodList"}))
    api.on(path, stream, watch=True)
    return stream


async def reached(collection: Collection[Any], phase: type[Phase]) -> None:
    done = asyncio.Event()
    end = collection.subscribe(lambda _: done.set())
    async with asyncio.timeout(LIMIT):
        while not isinstance(collection.phase, phase):
            done.clear()
            await done.wait()
    end()


async def live_pods(scope: Scope) -> list[str]:
    pods = scope.collection("pods")
    await reached(pods, Live)
    return sorted(row.name for row in pods.rows.values())


async def test_contexts_lately_used_come_first(open_session: Opener) -> None:
    session = open_session()
    assert [each.name for each in session.contexts()] == ["eu", "prod-eu", "us"]
    await (await session.open("us", None)).close()
    await (await session.open("eu", "kube-system")).close()
    await (await session.open("eu", "")).close()
    await (await session.open("us", "default")).close()
    again = open_session()
    assert [each.name for each in again.contexts()] == ["us", "eu", "prod-eu"]
    assert again.recent_namespaces("eu") == ("kube-system",)
    assert again.contexts()[1].namespace == "shop"


async def test_the_context_s_namespace_is_the_first(api: FakeApi, open_session: Opener) -> None:
    serve(api, "/api/v1/namespaces/shop/pods", "web-1")
    scope = await open_session().open(None, None)
    assert (scope.context, scope.namespace, scope.server) == ("eu", "shop", api.url)
    assert await live_pods(scope) == ["web-1"]
    assert scope.phases()[0][0] == "pods"
    await scope.close()


@pytest.mark.parametrize(
    ("overrides", "all_namespaces", "context", "expected"),
    [
        (Overrides(), True, None, ""),
        (Overrides(namespace="x"), False, None, "x"),
        (Overrides(namespace="x"), False, "us", "default"),
        (Overrides(context="us", namespace="x"), False, "us", "x"),
    ],
)
async def test_flags_choose_the_namespace(
    open_session: Opener,
    overrides: Overrides,
    all_namespaces: bool,
    context: str | None,
    expected: str,
) -> None:
    session = open_session(overrides, all_namespaces=all_namespaces)
    scope = await session.open(context, None)
    assert scope.namespace == expected
    await scope.close()


async def test_a_new_namespace_ends_the_watches_of_the_old(
    api: FakeApi, open_session: Opener
) -> None:
    old = serve(api, "/api/v1/namespaces/shop/pods", "web-1")
    serve(api, "/api/v1/pods", "web-1", "api-1")
    session = open_session()
    first = await session.open(None, None)
    await live_pods(first)
    second = await session.open(None, "")
    await first.close()
    await asyncio.wait_for(old.closed.wait(), LIMIT)
    assert await live_pods(second) == ["api-1", "web-1"]
    assert second.connection is first.connection
    # A closed scope watches nothing any more.
    assert len(first.collection("nodes")) == 0
    assert not api.asked("/api/v1/nodes")
    await second.close()


@pytest.mark.parametrize("close_first", [True, False])
async def test_a_new_context_ends_all_of_the_old(
    api: FakeApi, other_api: FakeApi, open_session: Opener, close_first: bool
) -> None:
    serve(api, "/api/v1/namespaces/shop/pods", "web-1")
    serve(other_api, "/api/v1/namespaces/default/pods", "us-1")
    session = open_session()
    first = await session.open(None, None)
    await live_pods(first)
    if close_first:
        await first.close()
    second = await session.open("us", None)
    assert await live_pods(second) == ["us-1"]
    await first.close()
    await first.close()
    await api.disconnected()
    assert other_api.connections > 0
    await second.close()


async def test_closing_ends_what_never_answered(api: FakeApi, open_session: Opener) -> None:
    """`open_session` counts the tasks and connections that are left."""
    api.on("/api", Frozen())
    api.on("/apis", Frozen())
    api.on("/api/v1/namespaces/shop/pods", Frozen())
    session = open_session()
    scope = await session.open(None, None)
    scope.collection("pods")
    asking = asyncio.create_task(scope.kinds())
    await api.until(lambda: len(api.requests) >= 4)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await session.close()


async def test_kinds_without_discovery_are_those_known_by_heart(
    api: FakeApi, open_session: Opener
) -> None:
    forbidden = Reply(status(403, "Forbidden"), 403, forever=True)
    api.on("/api", forbidden)
    api.on("/apis", forbidden)
    scope = await open_session().open(None, None)
    kinds = {kind.key for kind in await scope.kinds()}
    assert {"pods", "deployments.apps"} <= kinds
    await scope.close()


async def test_discovery_is_asked_once(api: FakeApi, open_session: Opener) -> None:
    groups = {"kind": "APIGroupDiscoveryList", "items": []}
    api.on("/api", Reply(groups))
    api.on("/apis", Reply(groups))
    scope = await open_session().open(None, None)
    answers = await asyncio.gather(scope.kinds(), scope.kinds())
    assert answers[0] == answers[1] == await scope.kinds()
    # Even a server that lists no core group has one.
    assert "pods" in {kind.key for kind in answers[0]}
    assert len(api.asked("/apis")) == 1
    await scope.close()


async def test_the_version_shows_that_the_cluster_answers(
    api: FakeApi, open_session: Opener
) -> None:
    session = open_session()
    scope = await session.open(None, None)
    async with asyncio.timeout(LIMIT):
        while not scope.server_version:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
    assert scope.server_version == "v1.30.1"
    assert session.failure is None
    await scope.close()


@pytest.mark.parametrize(
    ("context", "options", "read_only"),
    [
        ("eu", {}, False),
        ("eu", {"read_only": True}, True),
        ("prod-eu", {"read_only_contexts": ["prod-*"]}, True),
        ("eu", {"read_only_contexts": ["prod-*"]}, False),
        ("eu", {"read_only_contexts": ["us", "e?"]}, True),
        ("eu", {"read_only_contexts": ["E*"]}, False),
    ],
)
async def test_contexts_in_which_nothing_is_written(
    open_session: Opener, context: str, options: dict[str, object], read_only: bool
) -> None:
    scope = await open_session(**options).open(context, None)
    assert scope.read_only is read_only
    await scope.close()


async def test_a_context_that_is_not_there(open_session: Opener) -> None:
    session = open_session()
    with pytest.raises(UsageError, match="no context"):
        await session.open("moon", None)
    assert session.failure is None


async def test_namespaces_or_why_not(api: FakeApi, open_session: Opener) -> None:
    names = [{"metadata": {"name": name}} for name in ("shop", "default")]
    api.on(
        "/api/v1/namespaces",
        Reply({"kind": "PartialObjectMetadataList", "items": names}),
        Reply(status(403, "Forbidden", "namespaces is forbidden"), 403),
        Reply(b"<html>"),
    )
    scope = await open_session().open(None, None)
    assert await scope.namespaces() == (("default", "shop"), "")
    assert await scope.namespaces() == ((), "namespaces is forbidden")
    assert (await scope.namespaces())[1].startswith("the list of namespaces can't be read")
    await scope.close()


async def test_an_object_that_is_not_there(api: FakeApi, open_session: Opener) -> None:
    path = "/api/v1/namespaces/shop/pods/web-1"
    api.on(path, Reply(status(404, "NotFound", 'pods "web-1" not found'), 404), Reply(b"[]"))
    scope = await open_session().open(None, None)
    for says in ('pods "web-1" not found', "can't be read"):
        with pytest.raises(K8sTuiError, match=says):
            await scope.document("yaml", ObjectRef("pods", "shop", "web-1"), False)
    await scope.close()


async def test_what_is_around_an_object_may_be_refused(api: FakeApi, open_session: Opener) -> None:
    api.on("/api/v1/namespaces/shop/pods/web-1", Reply({"kind": "Pod"} | pod("web-1")))
    api.on(
        "/api/v1/namespaces/shop/events",
        Reply(status(403, "Forbidden", "events is forbidden"), 403),
    )
    scope = await open_session().open(None, None)
    document = await scope.document("describe", ObjectRef("pods", "shop", "web-1"), False)
    texts = [f"{line.label} {line.text}" for line in document.lines]
    assert any("web-1" in text for text in texts)
    assert any("events is forbidden" in text for text in texts)
    await scope.close()


async def test_log_lines_wait_as_long_as_it_is_configured(
    api: FakeApi, open_session: Opener
) -> None:
    serve(api, "/api/v1/namespaces/shop/pods", "web-1")
    scope = await open_session(log_hold_back=0.2).open(None, None)
    logs = scope.open_logs()

    assert logs.pane.shown.hold_back == 0.2
    assert logs.pane.shown.order == "time"
    logs.close()
    await scope.close()


async def test_of_logs_that_were_closed_no_task_is_kept(api: FakeApi, open_session: Opener) -> None:
    serve(api, "/api/v1/namespaces/shop/pods", "web-1")
    scope = await open_session().open(None, None)
    scope.collection("pods")
    before = len(scope._tasks)
    for _ in range(3):
        logs = scope.open_logs()
        running = scope._tasks[-1]
        logs.close()
        await asyncio.gather(running, return_exceptions=True)

    assert len(scope._tasks) == before
    await scope.close()


async def test_recent_names_are_private_and_survive_garbage(tmp_path: Path) -> None:
    path = tmp_path / "state" / "recent.json"
    recent = Recent(path)
    for number in range(30):
        recent.used("eu", f"ns-{number}")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert Recent(path).namespaces("eu")[:2] == ("ns-29", "ns-28")
    assert len(Recent(path).namespaces("eu")) == 20
    for garbage in (b"", b"\xff\x00", b"[1]", b'{"contexts": 5}', b'{"contexts": ["a"], "x": 1}'):
        path.write_bytes(garbage)
        broken = Recent(path)
        broken.used("us", "")
        assert broken.contexts()[0] == "us"
        assert Recent(path).contexts()[0] == "us"


async def test_recent_names_need_no_place_to_write(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    recent = Recent(place / "recent.json")
    recent.used("eu", "shop")
    assert recent.namespaces("eu") == ("shop",)
