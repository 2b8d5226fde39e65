"""A kubelet's log store and the API server before it, in one process, with faults on demand.

Rules as in the kubelet's CRI log reader and the API server's log subresource: `sinceTime` is cut to
whole seconds and inclusive, `tailLines` counts records, only the current file of an instance is
read, a partial record (P) has no line feed and only a line's first record brings its timestamp.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.selection import Selection
from k8stui.logs.targets import (
    ContainerStatus,
    Farewell,
    LogPod,
    Role,
    State,
    Termination,
)

EPOCH = 1_700_000_000
SECOND = 1_000_000_000
_SHORTEST_SILENCE, _LONGEST_SILENCE = 0.05, 1.0
"""Seconds between two looks of a stream at a log that nothing is written to."""


def now_ns() -> int:
    """The node's clock; it begins with the loop."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return EPOCH * SECOND
    return EPOCH * SECOND + int(loop.time() * SECOND)


def stamp(time: int) -> bytes:
    """RFC3339NanoFixed."""
    return b"%s.%09dZ" % (_whole(time // SECOND), time % SECOND)


@lru_cache(maxsize=1000)
def _whole(seconds: int) -> bytes:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S").encode()


@dataclass
class LogRecord:
    """One record of a CRI log file."""

    time: int
    text: bytes
    full: bool = True


@dataclass
class FakeInstance:
    """One run of a container and its current log file."""

    id: str
    records: list[LogRecord] = field(default_factory=list)
    file_start: int = 0
    """Index of the first record of the current file; those before are rotated away."""
    files: list[int] = field(default_factory=list)
    """All that there were of these."""
    running: bool = True
    removed: bool = False
    """Whether its log has been deleted, as it is with a pod that is being deleted."""
    exit_code: int = 0
    reason: str = "Completed"
    started: int = 0
    """Epoch seconds."""
    finished: int = 0
    ahead: int = 0
    """Nanoseconds by which its node's clock is ahead."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something new for those who follow."""

    def write(self, text: bytes, jitter: int = 0) -> None:
        """Appends a line; long ones are split as container runtimes do."""
        time = now_ns() + self.ahead + jitter
        size = 16 << 10
        parts = [text[at : at + size] for at in range(0, len(text), size)] or [b""]
        self.records += [LogRecord(time, part, part is parts[-1]) for part in parts]
        self.woken.set()

    def termination(self) -> Termination:
        """How it ended, as its status tells."""
        return Termination(self.reason, self.exit_code, finished=self.finished)

    def rotate(self) -> None:
        """Begins a new file."""
        self.file_start = len(self.records)
        self.files.append(self.file_start)


@dataclass
class FakeContainer:
    """One container of a pod: its instances, and what the API server knows of them."""

    uid: str
    pod: str
    name: str = "app"
    node: str = "node-1"
    namespace: str = "default"
    role: Role = "regular"
    created: int = EPOCH
    labels: tuple[str, ...] = ()
    instances: list[FakeInstance] = field(default_factory=list)
    unknown: bool = False
    """Whether the kubelet, which is busy, does not know of its newest instance yet."""
    waits_for: str = ""
    """Why the kubelet does not start the next instance yet."""
    cleared: bool = False
    """Whether the kubelet cleared it away, and tells a state without an instance."""
    forgets: bool = False
    """Whether its kubelet, which was started again, tells of no instance but the newest."""
    restarts: int = -1
    deleted: int = 0
    grace: int = 0
    phase: str = ""
    restart_policy: str = "Always"
    ahead: int = 0
    """Nanoseconds by which its node's clock is ahead."""
    gone: bool = False
    open_streams: int = 0
    most_open: int = 0

    def start(self, *, known: bool = True) -> FakeInstance:
        """Starts the first or next instance; the kubelet may not know of it yet."""
        self.restarts += 1
        instance = FakeInstance(f"{self.uid}-{self.name}-{self.restarts}", ahead=self.ahead)
        instance.started = (now_ns() + self.ahead) // SECOND
        self.instances.append(instance)
        self.unknown = not known
        return self.instances[-1]

    def die(self, exit_code: int = 1, reason: str = "Error") -> None:
        """Ends the running instance."""
        last = self.instances[-1]
        last.running, last.exit_code, last.reason = False, exit_code, reason
        last.finished = (now_ns() + self.ahead) // SECOND
        last.woken.set()

    def status(self) -> ContainerStatus:
        """As the kubelet would report it now."""
        if not self.instances:
            return ContainerStatus(name=self.name, role=self.role, reason="ContainerCreating")
        if self.cleared:
            return ContainerStatus(name=self.name, role=self.role, restarts=self.restarts)
        last = self.instances[-1]
        has_before = len(self.instances) > 1 and not (self.waits_for or self.forgets)
        before = self.instances[-2] if has_before else None
        state: State = "running" if last.running else "terminated"
        state = "waiting" if self.waits_for else state
        return ContainerStatus(
            name=self.name,
            role=self.role,
            state=state,
            instance=last.id,
            restarts=self.restarts,
            reason=self.waits_for or ("" if last.running else last.reason),
            backoff=10 if self.waits_for == "CrashLoopBackOff" else 0,
            started=last.started,
            ended=None if last.running else last.termination(),
            previous=before.termination() if before else None,
        )


@dataclass
class Fault:
    """What goes wrong with one stream."""

    kind: str = ""
    """eof, reset, freeze, or empty for none."""
    after_bytes: int | None = None
    after_seconds: float | None = None


class FakeCluster:
    """Pods, their logs, and the API to both.

    Attributes:
        requests: Counts log requests by (pod, previous or follow or read).
        open_error: Called before each log request; what it returns is raised.
        pod_error: The same for each question for a pod.
        fault: Called for each log request; what it returns happens to its answer.
    """

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.containers: list[FakeContainer] = []
        self.requests: Counter[tuple[str, str]] = Counter()
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.open_error: Callable[[], Exception | None] = lambda: None
        self.pod_error: Callable[[], Exception | None] = lambda: None
        self.fault: Callable[[], Fault] = Fault
        self.chunk = 4096
        self.body_error: Callable[[bool], bytes] = lambda _follow: b""
        """Text that takes the place of lines at the end of an answer."""
        self.known: dict[str, LogPod] = {}
        self.synced = True
        self.live = True
        self.down = False
        """Whether the API server is away."""
        self.nodes_down: set[str] = set()
        """Whose kubelets are away."""
        self.news_lag: Callable[[], float] = lambda: 0.0
        """Seconds after which those who subscribed are told: what is here is always current."""
        self._callbacks: list[Callable[[Sequence[Farewell]], None]] = []
        self.open_now = 0
        self.most_open = 0

    def add(self, container: FakeContainer) -> FakeContainer:
        """Makes a container known to the node; `report` makes it known to the API."""
        self.containers.append(container)
        return container

    # -- the pod collection -------------------------------------------------------------------

    def pods(self, _selection: Selection) -> Iterable[LogPod]:
        return list(self.known.values())

    def has(self, uid: str) -> bool:
        return uid in self.known

    def subscribe(self, callback: Callable[[Sequence[Farewell]], None], /) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def report(self, uid: str = "", *, lost: bool = False, stale: bool = False) -> None:
        """Brings what the API tells up to what is (of one pod, or of all).

        Args:
            uid: Of the pod.
            lost: Whether of the end of pods that are gone nothing is told but that they are.
            stale: Whether what is told of that end is what was told before it.
        """
        gone: list[Farewell] = []
        for one in dict.fromkeys(part.uid for part in self.containers if uid in ("", part.uid)):
            parts = [container for container in self.containers if container.uid == one]
            for part in parts:
                part.unknown = False  # The API only knows what the kubelet does.
            pod = pod_of(parts)
            if not all(part.gone for part in parts):
                self.known[one] = pod
            elif (known := self.known.pop(one, None)) is not None:
                gone.append(Farewell(known if lost or stale else pod, lost))
        self._tell(gone)

    def mark_deleted(self, uid: str) -> None:
        """Tells that the pod is being deleted, and nothing new of its containers."""
        deleted = now_ns() // SECOND
        for container in self.containers:
            container.deleted = deleted if container.uid == uid else container.deleted
        self.known[uid] = msgspec.structs.replace(self.known[uid], deleted=deleted)
        self._tell(())

    def _tell(self, gone: Sequence[Farewell]) -> None:
        lag = self.news_lag()
        if lag:
            asyncio.get_running_loop().call_later(lag, self._call_back, gone)
        else:
            self._call_back(gone)

    def _call_back(self, gone: Sequence[Farewell]) -> None:
        for callback in list(self._callbacks):
            callback(gone)

    # -- the transport ------------------------------------------------------------------------

    async def get(
        self,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        accept: str = "",
        seconds: float | None = None,
    ) -> bytes:
        if path.endswith("/log"):
            try:
                async with asyncio.timeout(seconds or 30.0):
                    async with self.stream(path, params) as chunks:
                        return b"".join([chunk async for chunk in chunks])
            except TimeoutError:
                raise ConnectionFailed("no answer in time") from None
        return self._pod_json(path.rpartition("/")[2])

    def _pod_json(self, name: str) -> bytes:
        self._check_up()
        error = self.pod_error()
        if error is not None:
            raise error
        pod = next((pod for pod in self.known.values() if pod.name == name), None)
        if pod is None:
            raise ApiError(404, f'pods "{name}" not found', reason="NotFound")
        return pod_json(pod)

    @asynccontextmanager
    async def stream(
        self, path: str, params: Sequence[tuple[str, str]] = (), *, accept: str = ""
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        query = dict(params)
        name = path.split("/")[-2]
        kind = "follow" if "follow" in query else "previous" if "previous" in query else "read"
        self.requests[name, kind] += 1
        self.queries.append((name, query))
        await asyncio.sleep(self.random.uniform(0.001, 0.01))
        self._check_up()
        error = self.open_error()
        if error is not None:
            raise error
        container, instance = self._find(name, query)
        self._check_up(container.node)
        container.open_streams += kind == "follow"
        container.most_open = max(container.most_open, container.open_streams)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            yield self._answer(container, instance, query)
        finally:
            container.open_streams -= kind == "follow"
            self.open_now -= 1

    def _check_up(self, node: str = "") -> None:
        if self.down:
            raise ConnectionFailed("connection refused")
        if node in self.nodes_down:
            raise ApiError(500, "dial tcp 10.0.0.1:10250: connect: connection refused")

    def _find(self, name: str, query: dict[str, str]) -> tuple[FakeContainer, FakeInstance]:
        found = [
            one
            for one in self.containers
            if one.pod == name and one.name == query["container"] and not one.gone
        ]
        if not found:
            raise ApiError(404, f'pods "{name}" not found', reason="NotFound")
        container = found[-1]
        if not container.instances:
            raise ApiError(400, f'container "{container.name}" is waiting to start')
        served = len(container.instances) - 1
        served -= container.unknown and served > 0
        if "previous" not in query or container.waits_for:
            # Where the next one waits, the last state is that of the newest.
            return container, container.instances[served]
        if served < 1 or container.forgets:
            raise ApiError(400, f'previous terminated container "{container.name}" not found')
        return container, container.instances[served - 1]

    async def _answer(
        self, container: FakeContainer, instance: FakeInstance, query: dict[str, str]
    ) -> AsyncIterator[bytes]:
        fault = self.fault()
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        follow = "follow" in query
        async for chunk in self._bytes(container, instance, query):
            cut = None
            if self.down:
                raise ConnectionFailed("the connection was lost: connection reset")
            if container.node in self.nodes_down:
                return
            if fault.after_seconds is not None and loop.time() - began >= fault.after_seconds:
                cut = 0
            elif fault.after_bytes is not None and sent + len(chunk) > fault.after_bytes:
                cut = fault.after_bytes - sent
            if cut is not None:
                if cut:
                    yield chunk[:cut]
                match fault.kind:
                    case "reset":
                        raise ConnectionFailed("the connection was lost: connection reset")
                    case "freeze":
                        await asyncio.sleep(1e6)
                return
            sent += len(chunk)
            if chunk:
                yield chunk
        error = self.body_error(follow)
        if error:
            yield error

    async def _bytes(
        self, container: FakeContainer, instance: FakeInstance, query: dict[str, str]
    ) -> AsyncIterator[bytes]:
        """The answer's body; empty chunks are moments of silence."""
        if instance.removed:
            yield f"unable to retrieve container logs for containerd://{instance.id}".encode()
            return
        limit, silence = int(query.get("limitBytes", 1 << 60)), _SHORTEST_SILENCE
        since = _since(query)
        position = instance.file_start
        if "tailLines" in query:
            position = max(position, len(instance.records) - int(query["tailLines"]))
        new_line = True
        while True:
            instance.woken.clear()
            part = bytearray()
            while position < len(instance.records) and len(part) < self.chunk:
                record = instance.records[position]
                position += 1
                if record.time >= since:
                    if new_line:
                        part += stamp(record.time) + b" "
                    part += record.text + (b"\n" if record.full else b"")
                new_line = record.full
            if part:
                silence = _SHORTEST_SILENCE
                part = part[:limit]
                limit -= len(part)
                yield bytes(part)
                if limit <= 0:
                    return
                if position < len(instance.records):
                    await asyncio.sleep(0)
                continue
            if "follow" not in query or not instance.running:
                return
            if self.body_error(True):
                return
            yield b""
            with suppress(TimeoutError):
                async with asyncio.timeout(silence):
                    await instance.woken.wait()
            silence = min(silence * 2, _LONGEST_SILENCE)
            await asyncio.sleep(_SHORTEST_SILENCE)


def pod_of(parts: Sequence[FakeContainer]) -> LogPod:
    """The pod with these containers, as its kubelet would report it now."""
    first = parts[0]
    return LogPod(
        uid=first.uid,
        namespace=first.namespace,
        name=first.pod,
        node=first.node,
        created=first.created,
        labels=first.labels,
        containers=tuple(part.status() for part in parts),
        deleted=first.deleted,
        grace=first.grace,
        phase=first.phase,
        restart_policy=first.restart_policy,
    )


def _since(query: dict[str, str]) -> int:
    if "sinceTime" in query:
        moment = datetime.strptime(query["sinceTime"], "%Y-%m-%dT%H:%M:%SZ")
        return int(moment.replace(tzinfo=UTC).timestamp()) * SECOND
    if "sinceSeconds" in query:
        return now_ns() - int(query["sinceSeconds"]) * SECOND
    return 0


def pod_json(pod: LogPod) -> bytes:
    """The pod as the API server would write it, as far as logs go."""

    def end(one: Termination | None) -> dict[str, dict[str, object]]:
        if one is None:
            return {}
        body: dict[str, object] = {"exitCode": one.exit_code, "reason": one.reason}
        if one.finished:
            body["finishedAt"] = stamp(one.finished * SECOND).decode()
        return {"terminated": body}

    def container(one: ContainerStatus) -> dict[str, object]:
        waits = f"back-off {one.backoff}s restarting failed container" if one.backoff else ""
        state: dict[str, dict[str, object]] = {"waiting": {"reason": one.reason, "message": waits}}
        began = {"startedAt": stamp(one.started * SECOND).decode()} if one.started else {}
        before = end(one.previous)
        if one.state == "waiting" and one.ended is not None:
            before = {"terminated": {**end(one.ended)["terminated"], **began}}
        if one.state == "running":
            state = {"running": {"startedAt": stamp(one.started * SECOND).decode()}}
        elif one.state == "terminated":
            state = {"terminated": {**end(one.ended)["terminated"], **began}}
        return {
            "name": one.name,
            "containerID": one.instance,
            "restartCount": max(0, one.restarts),
            "state": state,
            "lastState": before,
        }

    metadata: dict[str, object] = {
        "name": pod.name,
        "namespace": pod.namespace,
        "uid": pod.uid,
        "creationTimestamp": stamp(pod.created * SECOND).decode(),
    }
    if pod.deleted:
        metadata["deletionTimestamp"] = stamp((pod.deleted + pod.grace) * SECOND).decode()
        metadata["deletionGracePeriodSeconds"] = pod.grace
    return msgspec.json.encode(
        {
            "metadata": metadata,
            "spec": {
                "nodeName": pod.node,
                "restartPolicy": pod.restart_policy,
                "containers": [
                    {"name": one.name} for one in pod.containers if one.role == "regular"
                ],
                "initContainers": [
                    {"name": one.name} for one in pod.containers if one.role == "init"
                ],
            },
            "status": {
                "phase": pod.phase,
                "containerStatuses": [
                    container(one) for one in pod.containers if one.role == "regular"
                ],
                "initContainerStatuses": [
                    container(one) for one in pod.containers if one.role == "init"
                ],
            },
        }
    )
