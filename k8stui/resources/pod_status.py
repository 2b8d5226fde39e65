"""READY, STATUS and RESTARTS of a pod by the rules of kubectl's and the API server's printer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from k8stui.resources.pod_wire import (
    ContainerSpec,
    ContainerStatus,
    PodCondition,
    PodSpec,
    PodStatus,
    State,
    Terminated,
    WirePod,
)
from k8stui.resources.wire import epoch

_TERMINAL = ("Succeeded", "Failed")


class Summary(NamedTuple):
    """What a pod's line in `kubectl get pods` says. `status` is not clean yet."""

    status: str
    ready: int
    total: int
    restarts: int
    last_restart: int
    """Epoch seconds, 0 when no container ended before."""


class _Progress(NamedTuple):
    """What the init containers come to."""

    status: str
    """Empty when they are done."""
    ready: int
    restarts: int
    last_restart: int
    sidecar_restarts: int
    sidecar_last_restart: int


_NO_INIT = _Progress("", 0, 0, 0, 0, 0)


def summary(pod: WirePod) -> Summary:
    """A pod's line as Kubernetes' own `printPod` makes it."""
    spec, status = pod.spec, pod.status
    total = len(spec.containers or ())
    init = _NO_INIT
    if spec.init_containers or status.init_container_statuses:
        sidecars = {one.name for one in spec.init_containers or () if is_sidecar(one)}
        total += len(sidecars)
        init = _init_progress(spec, status, sidecars)
    word = init.status or _phase_word(status)
    ready, restarts, last_restart = init.ready, init.restarts, init.last_restart
    if not init.status or condition_true(status.conditions, "Initialized"):
        restarts, last_restart = init.sidecar_restarts, init.sidecar_last_restart
        running = 0
        for container in reversed(status.container_statuses or ()):
            restarts += container.restart_count
            if container.last_state is not None:
                last_restart = max(last_restart, _ended(container))
            state = container.state
            if state is None:
                continue
            if reason := _main_reason(state):
                word = reason
            elif container.ready and state.running:
                running += 1
        ready += running
        if word == "Completed" and running:
            word = "Running" if condition_true(status.conditions, "Ready") else "NotReady"
    return Summary(_being_deleted(pod) or word, ready, total, restarts, last_restart)


def is_sidecar(container: ContainerSpec) -> bool:
    """An init container that keeps running beside the others."""
    return container.restart_policy == "Always"


def condition_true(conditions: Iterable[PodCondition] | None, kind: str) -> bool:
    # A loop: this is asked for each pod of a list, and a generator costs as much again.
    for one in conditions or ():  # noqa: SIM110
        if one.type == kind and one.status == "True":
            return True
    return False


def readiness_gates(spec: PodSpec, status: PodStatus) -> str:
    """`met/all`, `<none>` for a pod without readiness gates."""
    if not spec.readiness_gates:
        return "<none>"
    first: dict[str, str] = {}
    for condition in status.conditions or ():
        first.setdefault(condition.type, condition.status)
    met = sum(first.get(gate.condition_type) == "True" for gate in spec.readiness_gates)
    return f"{met}/{len(spec.readiness_gates)}"


def _phase_word(status: PodStatus) -> str:
    for condition in status.conditions or ():
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            return condition.reason
    return status.reason or status.phase


def _init_progress(spec: PodSpec, status: PodStatus, sidecars: set[str]) -> _Progress:
    """Looks at init containers up to the first one that isn't done, as they run in order."""
    ready = restarts = last = sidecar_restarts = sidecar_last = 0
    word = ""
    for index, container in enumerate(status.init_container_statuses or ()):
        ended = _ended(container)
        restarts += container.restart_count
        last = max(last, ended)
        sidecar = container.name in sidecars
        if sidecar:
            sidecar_restarts += container.restart_count
            sidecar_last = max(sidecar_last, ended)
        terminated = container.state.terminated if container.state is not None else None
        if terminated is not None and terminated.exit_code == 0:
            continue
        if sidecar and container.started:
            ready += container.ready
            continue
        word = _init_word(container.state, index, len(spec.init_containers or ()))
        break
    return _Progress(word, ready, restarts, last, sidecar_restarts, sidecar_last)


def _init_word(state: State | None, index: int, total: int) -> str:
    if state is None:
        return f"Init:{index}/{total}"
    if state.terminated is not None:
        return f"Init:{_end_reason(state.terminated)}"
    if state.waiting is not None and state.waiting.reason not in ("", "PodInitializing"):
        return f"Init:{state.waiting.reason}"
    return f"Init:{index}/{total}"


def _main_reason(state: State) -> str:
    if state.waiting is not None and state.waiting.reason:
        return state.waiting.reason
    return _end_reason(state.terminated) if state.terminated is not None else ""


def _end_reason(terminated: Terminated) -> str:
    if terminated.reason:
        return terminated.reason
    if terminated.signal:
        return f"Signal:{terminated.signal}"
    return f"ExitCode:{terminated.exit_code}"


def _ended(container: ContainerStatus) -> int:
    if container.last_state is None or container.last_state.terminated is None:
        return 0
    return epoch(container.last_state.terminated.finished_at)


def _being_deleted(pod: WirePod) -> str:
    if pod.metadata.deletion_timestamp is None:
        return ""
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return "" if pod.status.phase in _TERMINAL else "Terminating"
