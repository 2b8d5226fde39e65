"""A pod's containers as records, and what a pod asks for in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from sys import intern
from typing import Literal, NamedTuple

import msgspec

from k8stui.resources.pod_status import is_sidecar
from k8stui.resources.pod_wire import (
    ContainerSpec,
    ContainerStatus,
    PodSpec,
    PodStatus,
    Resources,
    State,
)
from k8stui.resources.quantity import millicores, quantity_bytes
from k8stui.resources.text import clean_text, clean_word
from k8stui.resources.wire import epoch

ContainerKind = Literal["container", "init", "sidecar", "ephemeral"]
ContainerState = Literal["", "waiting", "running", "terminated"]

_LONGEST_MESSAGE = 500


class Container(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One container of a pod. Text is clean, times are epoch seconds, 0 where there is none."""

    name: str
    image: str
    kind: ContainerKind = "container"
    """A sidecar is an init container that keeps running (restartPolicy: Always)."""
    state: ContainerState = ""
    """Empty while the kubelet has said nothing about it."""
    reason: str = ""
    """Why it waits or ended."""
    message: str = ""
    """The kubelet's (or the container's last) words on that, at most 500 characters."""
    ready: bool = False
    probe_delay: int = 0
    """Seconds from its start during which the kubelet does not ask yet whether it is ready."""
    restarts: int = 0
    container_id: str = ""
    started: int = 0
    """When the running or the ended container was started."""
    finished: int = 0
    exit_code: int = 0
    signal: int = 0
    last_reason: str = ""
    """Why the container before this one ended; empty when there was none."""
    last_message: str = ""
    last_exit_code: int = 0
    last_signal: int = 0
    last_started: int = 0
    last_finished: int = 0
    cpu_request: int = 0
    """Millicores; 0 when nothing is set, as with the next three."""
    memory_request: int = 0
    """Bytes."""
    cpu_limit: int = 0
    memory_limit: int = 0


class Demand(NamedTuple):
    """What a pod counts for when it is scheduled, and what it may use at most; 0 is unset."""

    cpu_request: int = 0
    memory_request: int = 0
    cpu_limit: int = 0
    memory_limit: int = 0


Amounts = tuple[int, int, int, int]
"""In the order of `Demand`."""
_NOTHING: Amounts = (0, 0, 0, 0)
_UNSET: Mapping[str, str] = {}


def containers(spec: PodSpec, status: PodStatus) -> tuple[Container, ...]:
    """All containers in the order of the spec: init containers, the pod's own, ephemeral ones."""
    groups: tuple[
        tuple[ContainerKind, list[ContainerSpec] | None, list[ContainerStatus] | None], ...
    ] = (
        ("init", spec.init_containers, status.init_container_statuses),
        ("container", spec.containers, status.container_statuses),
        ("ephemeral", spec.ephemeral_containers, status.ephemeral_container_statuses),
    )
    found: list[Container] = []
    for kind, specs, statuses in groups:
        if not specs:
            continue
        by_name = {one.name: one for one in statuses or ()}
        for one in specs:
            as_kind: ContainerKind = "sidecar" if kind == "init" and is_sidecar(one) else kind
            found.append(_container(one, by_name.get(one.name), as_kind))
    return tuple(found)


def demand(found: Iterable[Container], spec: PodSpec) -> Demand:
    """The pod's effective requests and limits, as the scheduler and `kubectl describe node` count.

    Containers and sidecars add up; init containers run one after the other, so the largest of
    them counts if it is more than that (with the sidecars that run by then). What is set for the
    pod as a whole stands before that, and the runtime's overhead comes on top.

    Args:
        found: The pod's containers, as `containers` has them from the same spec.
    """
    total = sidecars = peak = _NOTHING
    for one in found:
        amounts = (one.cpu_request, one.memory_request, one.cpu_limit, one.memory_limit)
        if one.kind == "container":
            total = _add(total, amounts) if total is not _NOTHING else amounts
        elif one.kind == "sidecar":
            sidecars = _add(sidecars, amounts)
            peak = _most(peak, sidecars)
        elif one.kind == "init":
            peak = _most(peak, _add(sidecars, amounts))
    if peak is not _NOTHING:
        total = _most(_add(total, sidecars), peak)
    if spec.resources is not None:
        total = _instead(total, _amounts(spec.resources))
    if spec.overhead:
        total = _with_overhead(total, spec.overhead)
    return Demand(*total)


def _container(
    spec: ContainerSpec, status: ContainerStatus | None, kind: ContainerKind
) -> Container:
    cpu_request, memory_request, cpu_limit, memory_limit = _amounts(spec.resources)
    if status is None:
        return Container(
            name=clean_word(spec.name),
            image=clean_word(spec.image),
            kind=kind,
            cpu_request=cpu_request,
            memory_request=memory_request,
            cpu_limit=cpu_limit,
            memory_limit=memory_limit,
        )
    now = _moment(status.state)
    last = status.last_state
    before = _moment(last) if last is not None and last.terminated is not None else _NO_MOMENT
    return Container(
        name=clean_word(spec.name),
        image=clean_word(spec.image),
        kind=kind,
        state=now.state,
        reason=now.reason,
        message=now.message,
        ready=status.ready,
        probe_delay=_probe_delay(spec),
        restarts=status.restart_count,
        container_id=clean_text(status.container_id),
        started=now.started,
        finished=now.finished,
        exit_code=now.exit_code,
        signal=now.signal,
        last_reason=before.reason,
        last_message=before.message,
        last_exit_code=before.exit_code,
        last_signal=before.signal,
        last_started=before.started,
        last_finished=before.finished,
        cpu_request=cpu_request,
        memory_request=memory_request,
        cpu_limit=cpu_limit,
        memory_limit=memory_limit,
    )


def _probe_delay(spec: ContainerSpec) -> int:
    """Both delays are counted from the container's start; readiness waits for startup."""
    probes = (spec.readiness_probe, spec.startup_probe)
    return max((one.initial_delay_seconds for one in probes if one is not None), default=0)


class _Moment(NamedTuple):
    """One state of a container, flattened."""

    state: ContainerState = ""
    reason: str = ""
    message: str = ""
    started: int = 0
    finished: int = 0
    exit_code: int = 0
    signal: int = 0


_NO_MOMENT = _Moment()


def _moment(state: State | None) -> _Moment:
    if state is None:
        return _NO_MOMENT
    if (ended := state.terminated) is not None:
        return _Moment(
            "terminated",
            clean_word(ended.reason),
            short(ended.message),
            epoch(ended.started_at),
            epoch(ended.finished_at),
            ended.exit_code,
            ended.signal,
        )
    if state.running is not None:
        return _running_since(epoch(state.running.started_at))
    if state.waiting is not None:
        return _Moment("waiting", clean_word(state.waiting.reason), short(state.waiting.message))
    return _NO_MOMENT


@lru_cache(maxsize=1024)
def _running_since(started: int) -> _Moment:
    return _Moment("running", started=started)


def short(message: str) -> str:
    """A message as one clean line of at most 500 characters, shared between equal ones."""
    if not message:
        return ""
    line = " ".join(message.split()) if not message.isprintable() else message
    if len(line) > _LONGEST_MESSAGE:
        line = line[: _LONGEST_MESSAGE - 1] + "…"
    return intern(clean_text(line))


def _amounts(resources: Resources | None) -> Amounts:
    if resources is None:
        return _NOTHING
    limits = resources.limits or _UNSET
    # The API server copies limits to missing requests, so nothing has to be guessed here.
    requests = resources.requests or _UNSET
    return _amounts_of(
        requests.get("cpu", "0"),
        requests.get("memory", "0"),
        limits.get("cpu", "0"),
        limits.get("memory", "0"),
    )


@lru_cache(maxsize=4096)
def _amounts_of(cpu: str, memory: str, cpu_limit: str, memory_limit: str) -> Amounts:
    return (
        millicores(cpu) or 0,
        quantity_bytes(memory) or 0,
        millicores(cpu_limit) or 0,
        quantity_bytes(memory_limit) or 0,
    )


def _instead(total: Amounts, whole: Amounts) -> Amounts:
    return (
        whole[0] or total[0],
        whole[1] or total[1],
        whole[2] or total[2],
        whole[3] or total[3],
    )


def _with_overhead(total: Amounts, overhead: dict[str, str]) -> Amounts:
    cpu = millicores(overhead.get("cpu", "0")) or 0
    memory = quantity_bytes(overhead.get("memory", "0")) or 0
    return (
        total[0] + cpu,
        total[1] + memory,
        total[2] + cpu if total[2] else 0,
        total[3] + memory if total[3] else 0,
    )


def _add(one: Amounts, other: Amounts) -> Amounts:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def _most(one: Amounts, other: Amounts) -> Amounts:
    return (
        max(one[0], other[0]),
        max(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )
