"""A pod's JSON to what its logs need of it."""

from __future__ import annotations

import msgspec

from k8stui.logs.targets import ContainerStatus, LogPod, Role, State, Termination
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, epoch, head


class _Terminated(msgspec.Struct, gc=False, rename="camel"):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    finished_at: str | None = None
    container_id: str = msgspec.field(default="", name="containerID")


class _Running(msgspec.Struct, gc=False, rename="camel"):
    started_at: str | None = None


class _Waiting(msgspec.Struct, gc=False):
    reason: str = ""


class _State(msgspec.Struct, gc=False):
    waiting: _Waiting | None = None
    running: _Running | None = None
    terminated: _Terminated | None = None


class _Status(msgspec.Struct, gc=False, rename="camel"):
    name: str
    restart_count: int = 0
    container_id: str = msgspec.field(default="", name="containerID")
    state: _State = msgspec.field(default_factory=_State)
    last_state: _State = msgspec.field(default_factory=_State)


class _PodStatus(msgspec.Struct, gc=False, rename="camel"):
    container_statuses: list[_Status] | None = None
    init_container_statuses: list[_Status] | None = None
    ephemeral_container_statuses: list[_Status] | None = None


class _PodSpec(msgspec.Struct, gc=False, rename="camel"):
    node_name: str = ""


class _Pod(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _PodSpec = msgspec.field(default_factory=_PodSpec)
    status: _PodStatus = msgspec.field(default_factory=_PodStatus)


_POD = msgspec.json.Decoder(_Pod)


def decode_log_pod(body: bytes) -> LogPod:
    """One pod's JSON. Raises msgspec.MsgspecError for what isn't one."""
    pod = _POD.decode(body)
    fields = head(pod.metadata)
    groups: tuple[tuple[Role, list[_Status] | None], ...] = (
        ("init", pod.status.init_container_statuses),
        ("regular", pod.status.container_statuses),
        ("ephemeral", pod.status.ephemeral_container_statuses),
    )
    return LogPod(
        uid=fields["uid"],
        namespace=fields["namespace"],
        name=fields["name"],
        node=clean_text(pod.spec.node_name),
        created=fields["created"],
        labels=fields["labels"],
        owner_uid=fields["owner_uid"],
        owner_kind=fields["owner_kind"],
        owner_name=fields["owner_name"],
        containers=tuple(_container(role, one) for role, group in groups for one in group or ()),
    )


def _termination(wire: _Terminated | None, fallback: str = "") -> Termination | None:
    if wire is None:
        return None
    return Termination(
        instance=wire.container_id or fallback,
        reason=clean_text(wire.reason),
        exit_code=wire.exit_code,
        signal=wire.signal,
        finished=epoch(wire.finished_at),
    )


def _container(role: Role, wire: _Status) -> ContainerStatus:
    """Which instance the kubelet reads the log of follows its own rules.

    The running one; else the terminated one; else, while it waits, the one that died last.
    """
    last = _termination(wire.last_state.terminated)
    instance, reason, started = "", "", 0
    state: State = "waiting"
    ended, previous = None, last
    if wire.state.running is not None:
        state, instance = "running", wire.container_id
        started = epoch(wire.state.running.started_at)
    elif wire.state.terminated is not None:
        state = "terminated"
        ended = _termination(wire.state.terminated, wire.container_id)
        instance = ended.instance if ended else ""
    else:
        reason = clean_text(wire.state.waiting.reason) if wire.state.waiting else ""
        ended, previous = last, None
        instance = last.instance if last else ""
    return ContainerStatus(
        name=clean_text(wire.name),
        role=role,
        state=state,
        instance=instance,
        restarts=wire.restart_count,
        reason=reason,
        started=started,
        ended=ended,
        previous=previous,
    )
