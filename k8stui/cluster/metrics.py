"""Live use of CPU and memory from the metrics API, which can only be asked, not watched."""

from __future__ import annotations

import asyncio
import logging
import random
import re
from collections.abc import Callable, Coroutine, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import NamedTuple, Protocol

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.backoff import Recovery
from k8stui.cluster.pace import Clock
from k8stui.cluster.transport import Transport
from k8stui.errors import K8sTuiError
from k8stui.resources.quantity import millicores, quantity_bytes
from k8stui.resources.record import Usage
from k8stui.resources.text import clean_text
from k8stui.resources.wire import epoch

logger = logging.getLogger(__name__)

_ROOTS = ("/apis/metrics.k8s.io/v1beta1", "/apis/metrics.k8s.io/v1")
_FIRST_PERIOD = 15.0
_PERIODS = (10.0, 60.0)
_FORBIDDEN_RETRY = 300.0
_FAILED_RETRY = (30.0, 300.0)
_GONE = "the metrics API is not served any more"
_MANY_PODS = 20_000
_SLICE = 256
"""Samples taken before the event loop gets a turn."""
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class _Use(msgspec.Struct):
    cpu: str = "0"
    memory: str = "0"


class _Container(msgspec.Struct):
    name: str = ""
    usage: _Use = msgspec.field(default_factory=_Use)


class _Meta(msgspec.Struct):
    name: str
    namespace: str = ""


class _PodMetrics(msgspec.Struct):
    metadata: _Meta
    timestamp: str = ""
    window: str = ""
    containers: list[_Container] | None = None


class _NodeMetrics(msgspec.Struct):
    metadata: _Meta
    timestamp: str = ""
    usage: _Use = msgspec.field(default_factory=_Use)


class _PodMetricsList(msgspec.Struct):
    items: list[msgspec.Raw] | None = None
    """Of `_PodMetrics`, one looked at after the other: 10,000 in one go would hold up a key."""


class _NodeMetricsList(msgspec.Struct):
    items: list[_NodeMetrics] | None = None


_PODS = msgspec.json.Decoder(_PodMetricsList)
_POD = msgspec.json.Decoder(_PodMetrics)
_NODES = msgspec.json.Decoder(_NodeMetricsList)


class PodSample(NamedTuple):
    namespace: str
    name: str
    usage: Usage
    window: float = 0.0
    """Seconds between the two measurements that it is made of, 0 where that is not told."""


class NodeSample(NamedTuple):
    name: str
    usage: Usage


class UsageSink(Protocol):
    """Where samples go; the store's UsageBook is one."""

    def take_pods(self, samples: Iterable[tuple[str, str, Usage]]) -> None: ...

    def update_pods(self, samples: Iterable[tuple[str, str, Usage]], at: float) -> None: ...

    def update_nodes(self, samples: Iterable[NodeSample], at: float) -> None: ...

    def unavailable(self, reason: str) -> None: ...


def pod_samples(body: bytes) -> Iterator[PodSample]:
    """The samples of a PodMetricsList; a pod uses the sum of its containers, as kubectl `top`.

    Raises:
        msgspec.MsgspecError: where it is no such list any more.
    """
    for raw in _PODS.decode(body).items or ():
        item = _POD.decode(raw)
        cpu = memory = 0
        containers = []
        for each in item.containers or ():
            use = each.usage
            its_cpu, its_memory = millicores(use.cpu) or 0, quantity_bytes(use.memory) or 0
            cpu += its_cpu
            memory += its_memory
            containers.append((_clean(each.name), its_cpu, its_memory))
        usage = Usage(cpu, memory, epoch(item.timestamp), tuple(containers))
        yield PodSample(item.metadata.namespace, item.metadata.name, usage, _window(item.window))


def node_samples(body: bytes) -> list[NodeSample]:
    """The samples of a NodeMetricsList."""
    return [
        NodeSample(
            item.metadata.name,
            Usage(
                cpu=_cpu(item.usage), memory=_memory(item.usage), timestamp=epoch(item.timestamp)
            ),
        )
        for item in _NODES.decode(body).items or ()
    ]


@lru_cache(maxsize=1024)
def _clean(name: str) -> str:
    return intern(clean_text(name))


@lru_cache(maxsize=1024)
def _window(text: str) -> float:
    """Seconds of a Go duration such as `15s`, `1m0s` or `10.066s`; 0 for what is none."""
    parts = _DURATION.findall(text)
    return sum(float(amount) * _UNITS[unit] for amount, unit in parts)


def _cpu(use: _Use) -> int:
    return millicores(use.cpu) or 0


def _memory(use: _Use) -> int:
    return quantity_bytes(use.memory) or 0


class MetricsPoller:
    """Asks at the metrics server's own period, and says plainly when there is nothing to ask.

    Args:
        namespace: Only pods of this namespace, "" for all.
        recovery: Ends a wait when the cluster was found again.
        random_source: Spreads the requests.
    """

    def __init__(
        self,
        transport: Transport,
        namespace: str,
        sink: UsageSink,
        recovery: Recovery | None = None,
        random_source: random.Random | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._transport = transport
        self._pods_path = f"/namespaces/{namespace}/pods" if namespace else "/pods"
        self._sink = sink
        self._recovery = recovery or Recovery()
        self._random = random_source or random.Random()
        self._clock = clock or Clock()
        self._root = 0
        self._period = _FIRST_PERIOD
        self._failures = 0
        self._served = False
        """Whether it has answered before."""

    async def run(self) -> None:
        """Asks for ever; never raises for what the cluster answers."""
        while True:
            # The metrics API has no watch: asking again is the only way.
            wait = await self._round() * self._random.uniform(0.95, 1.05)
            await self._recovery.wait(wait)

    async def _round(self) -> float:
        """Asks once; returns the seconds to wait before the next time."""
        error = await self._ask(self._pods_path, self._take_pods)
        if isinstance(error, ApiError) and error.status == 404:
            self._root = 1 - self._root
            error = await self._ask(self._pods_path, self._take_pods) and error
        if isinstance(error, ApiError) and error.status == 404:
            # An API server that has just started does not know of the metrics API for a while.
            self._sink.unavailable(_GONE if self._served else _why(error))
            return self._next_try()
        # A tenant may read its pods' metrics but not the nodes', or the other way round.
        await self._ask("/nodes", self._take_nodes)
        if error is None:
            self._failures, self._served = 0, True
            return self._period
        self._sink.unavailable(_why(error))
        if isinstance(error, ApiError) and error.status == 403:
            return _FORBIDDEN_RETRY
        asked = error.retry_after or 0.0 if isinstance(error, ApiError) else 0.0
        return max(asked, self._next_try())

    def _next_try(self) -> float:
        """Seconds to wait after one more failure."""
        self._failures += 1
        return min(_FAILED_RETRY[0] * self._failures, _FAILED_RETRY[1])

    async def _ask(
        self, path: str, take: Callable[[bytes], Coroutine[None, None, None]]
    ) -> Exception | None:
        try:
            await take(await self._transport.get(f"{_ROOTS[self._root]}{path}", seconds=10.0))
        except (K8sTuiError, msgspec.MsgspecError) as error:
            logger.info("metrics: %s: %s", path, error)
            return error
        return None

    async def _take_pods(self, body: bytes) -> None:
        samples = pod_samples(body)
        windows: list[float] = []
        count = 0
        while part := list(islice(samples, _SLICE)):
            count += len(part)
            windows += [sample.window for sample in part if sample.window]
            self._sink.take_pods([sample[:3] for sample in part])
            # 10,000 of them at once would hold up the screen.
            await asyncio.sleep(0)
        # What lies between two polls tells nothing: it is never less than our own period.
        windows.sort()
        period = windows[len(windows) // 2] if windows else _FIRST_PERIOD
        self._period = min(max(period, _PERIODS[0]), _PERIODS[1])
        if count > _MANY_PODS:
            self._period = _PERIODS[1]
        self._sink.update_pods((), self._clock.wall())

    async def _take_nodes(self, body: bytes) -> None:
        self._sink.update_nodes(node_samples(body), self._clock.wall())


def _why(error: Exception) -> str:
    if isinstance(error, ApiError):
        if error.status == 404:
            return "no metrics API in this cluster"
        if error.status == 403:
            return "no right to read metrics"
        if error.status == 503:
            return f"the metrics API does not answer: {error.message}"
    return str(error)
