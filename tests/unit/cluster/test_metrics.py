"""The metrics API is asked at its own period, and what is missing is said."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from k8stui.cluster.metrics import MetricsPoller, NodeSample, node_samples, pod_samples
from k8stui.cluster.pace import Clock
from k8stui.resources.record import Usage
from tests.fake_api.api import FakeApi, Reply, Reset, status
from tests.fake_api.things import HeldRecovery, transport_for

BETA = "/apis/metrics.k8s.io/v1beta1"
STABLE = "/apis/metrics.k8s.io/v1"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


class Book:
    """What the poller tells."""

    def __init__(self) -> None:
        self.pods: list[list[tuple[str, str, Usage]]] = []
        self.nodes: list[list[str]] = []
        self.reasons: list[str] = []
        self.at = 0.0
        self._coming: list[tuple[str, str, Usage]] = []

    def take_pods(self, samples: Iterable[tuple[str, str, Usage]]) -> None:
        self._coming += samples

    def update_pods(self, samples: Iterable[tuple[str, str, Usage]], at: float) -> None:
        self.pods.append([*self._coming, *samples])
        self._coming.clear()
        self.at = at

    def update_nodes(self, samples: Iterable[NodeSample], at: float) -> None:
        self.nodes.append([sample.name for sample in samples])

    def unavailable(self, reason: str) -> None:
        self.reasons.append(reason)


def pods(window: str = "15.5s") -> Reply:
    containers = [
        {"name": "web", "usage": {"cpu": "1764646n", "memory": "924Ki"}},
        {"name": "side", "usage": {"cpu": "2", "memory": "1Gi"}},
    ]
    item = {
        "metadata": {"name": "web-1", "namespace": "shop"},
        "timestamp": "2026-01-02T03:04:05Z",
        "window": window,
        "containers": containers,
    }
    return Reply({"kind": "PodMetricsList", "items": [item]})


NODES = Reply(
    {
        "items": [
            {
                "metadata": {"name": "n1"},
                "timestamp": "2026-01-02T03:04:05Z",
                "usage": {"cpu": "1500m", "memory": "2Gi"},
            }
        ]
    }
)


@asynccontextmanager
async def polling(api: FakeApi, namespace: str = "") -> AsyncIterator[tuple[Book, HeldRecovery]]:
    book, recovery = Book(), HeldRecovery()
    transport = transport_for(api)
    clock = Clock(lambda: 500.0, lambda: 0.0)
    poller = MetricsPoller(transport, namespace, book, recovery, random.Random(1), clock)
    task = asyncio.create_task(poller.run())
    try:
        yield book, recovery
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await transport.close()


def test_a_pod_uses_the_sum_of_its_containers() -> None:
    (sample,) = pod_samples(pods().payload())
    assert sample[:2] == ("shop", "web-1")
    assert sample.usage.cpu == 2002  # 1.76 millicores count as 2, as kubectl `top` rounds
    assert sample.usage.memory == 924 * 1024 + 2**30
    assert sample.usage.timestamp == 1767323045
    assert [name for name, _, _ in sample.usage.containers] == ["web", "side"]
    (node,) = node_samples(NODES.payload())
    assert (node.name, node.usage.cpu, node.usage.memory) == ("n1", 1500, 2**31)


@pytest.mark.parametrize(
    ("window", "period"),
    [("15.5s", 15.5), ("30s", 30), ("1m0s", 60), ("5m", 60), ("100ms", 10), ("", 15), ("?", 15)],
)
async def test_it_asks_as_often_as_there_is_something_new(
    api: FakeApi, window: str, period: float
) -> None:
    api.on(f"{BETA}/pods", pods(window))
    api.on(f"{BETA}/nodes", NODES)
    async with polling(api) as (book, recovery):
        wait = await recovery.waiting()
        assert wait == pytest.approx(period, rel=0.051)
        assert len(book.pods) == 1
        assert book.nodes == [["n1"]]
        assert book.at == 500.0
        assert book.reasons == []


async def test_a_pause_does_not_make_it_slower(api: FakeApi) -> None:
    api.on(f"{BETA}/pods", pods(), Reply(b"", 503), pods())
    api.on(f"{BETA}/nodes", *[NODES] * 3)
    async with polling(api) as (book, recovery):
        for number in (1, 2):
            await recovery.waiting(number)
            recovery.go_on()
        await recovery.waiting(3)
        assert [round(wait / 5) * 5 for wait in recovery.waits] == [15, 30, 15]
        assert len(book.pods) == 2


async def test_a_tenant_sees_its_pods_without_the_nodes(api: FakeApi) -> None:
    api.on(f"{BETA}/namespaces/shop/pods", pods())
    api.on(f"{BETA}/nodes", Reply(status(403, "Forbidden", "nodes is forbidden"), 403))
    async with polling(api, "shop") as (book, recovery):
        assert await recovery.waiting() < 20
        assert len(book.pods) == 1
        assert book.nodes == []
        assert book.reasons == []


@pytest.mark.parametrize(
    ("reply", "says", "wait"),
    [
        (Reply(status(403, "Forbidden", "pods.metrics.k8s.io is forbidden"), 403), "right", 300),
        (
            Reply(status(503, "ServiceUnavailable", "the server is unable"), 503),
            "does not answer",
            30,
        ),
        (Reply(b"<html>"), "malformed", 30),
        (Reply({"items": [{"containers": 5}]}), "", 30),
        (Reset(), "HTTP 500", 30),
    ],
)
async def test_what_is_wrong_is_said(
    api: FakeApi, reply: Reply | Reset, says: str, wait: float
) -> None:
    api.on(f"{BETA}/pods", reply)
    api.on(f"{BETA}/nodes", NODES)
    async with polling(api) as (book, recovery):
        assert await recovery.waiting() == pytest.approx(wait, rel=0.051)
        (reason,) = book.reasons
        assert says in reason


async def test_no_metrics_api_in_either_version(api: FakeApi) -> None:
    missing = Reply(b"404 page not found", 404)
    api.on(f"{BETA}/pods", *[missing] * 20)
    api.on(f"{STABLE}/pods", *[missing] * 20)
    async with polling(api) as (book, recovery):
        waits = []
        for number in range(12):
            waits.append(await recovery.waiting(number + 1))
            recovery.wake()
        assert waits[:3] == pytest.approx([30, 60, 90], rel=0.051)
        assert waits[-1] == pytest.approx(300, rel=0.051)
        assert {"no metrics API in this cluster"} == set(book.reasons)


async def test_a_metrics_api_that_goes_and_comes_back(api: FakeApi) -> None:
    """As after a restart of the API server, which finds its extensions late."""
    api.on(f"{BETA}/nodes", NODES)
    api.on(f"{BETA}/pods", pods())
    async with polling(api) as (book, recovery):
        await recovery.waiting()
        for root in (BETA, STABLE):
            api.on(f"{root}/pods", Reply(b"404 page not found", 404))
        recovery.wake()
        assert await recovery.waiting(2) == pytest.approx(30, rel=0.051)
        assert book.reasons == ["the metrics API is not served any more"]
        api.on(f"{STABLE}/pods", Reply(b"404 page not found", 404))
        api.on(f"{BETA}/pods", pods())
        recovery.wake()
        assert await recovery.waiting(3) < 20
        assert len(book.pods) == 2


async def test_the_stable_version_is_found(api: FakeApi) -> None:
    api.on(f"{BETA}/pods", Reply(b"404 page not found", 404))
    api.on(f"{STABLE}/pods", pods())
    api.on(f"{STABLE}/nodes", NODES)
    async with polling(api) as (book, recovery):
        await recovery.waiting()
        assert (len(book.pods), book.nodes, book.reasons) == (1, [["n1"]], [])
