"""Nodes: their record, health and columns."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.age import UNKNOWN
from k8stui.resources.columns import NONE, age_column, name_column, text_column
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.quantity import millicores, quantity_bytes
from k8stui.resources.record import Column, Context, Record, Tone, Usage
from k8stui.resources.text import clean_text
from k8stui.resources.usage_columns import (
    cpu_column,
    cpu_trend_column,
    memory_column,
    memory_trend_column,
    percent_column,
)
from k8stui.resources.wire import ObjectMeta, epoch, head

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


class Node(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Amounts are 0 where the node tells none."""

    status: str = ""
    """STATUS of `kubectl get nodes`: `Ready`, `NotReady,SchedulingDisabled` …"""
    ready: bool = False
    ready_reason: str = ""
    ready_message: str = ""
    ready_changed: int = 0
    """Epoch seconds of the Ready condition's last change."""
    heartbeat: int = 0
    """Epoch seconds at which the kubelet last reported its conditions; a lease is newer."""
    unschedulable: bool = False
    """Cordoned."""
    roles: str = NONE
    version: str = ""
    internal_ip: str = NONE
    external_ip: str = NONE
    os_image: str = UNKNOWN
    kernel_version: str = UNKNOWN
    container_runtime: str = UNKNOWN
    architecture: str = ""
    pressures: tuple[str, ...] = ()
    """Conditions that tell of trouble: MemoryPressure, DiskPressure, NetworkUnavailable …"""
    taints: tuple[str, ...] = ()
    """`key=value:Effect`, as `kubectl taint` takes them."""
    allocatable_cpu: int = 0
    """Millicores."""
    allocatable_memory: int = 0
    """Bytes."""
    allocatable_pods: int = 0


class _Taint(msgspec.Struct, gc=False):
    key: str = ""
    value: str = ""
    effect: str = ""


class _Spec(msgspec.Struct, gc=False):
    unschedulable: bool = False
    taints: list[_Taint] | None = None


class _Condition(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_heartbeat_time: str | None = None
    last_transition_time: str | None = None


class _Address(msgspec.Struct, gc=False):
    type: str = ""
    address: str = ""


class _Info(msgspec.Struct, gc=False, rename="camel"):
    kubelet_version: str = ""
    os_image: str = msgspec.field(default="", name="osImage")
    kernel_version: str = ""
    container_runtime_version: str = ""
    architecture: str = ""


class _Status(msgspec.Struct, gc=False, rename="camel"):
    conditions: list[_Condition] | None = None
    addresses: list[_Address] | None = None
    node_info: _Info = msgspec.field(default_factory=_Info)
    allocatable: dict[str, str] | None = None


class _Node(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_NODE = LenientDecoder(_Node)
_NO_CONDITION = _Condition()


def decode(raw: bytes) -> Node:
    """A node's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _NODE.decode(raw)
    spec, status, info = wire.spec, wire.status, wire.status.node_info
    conditions = {one.type: one for one in status.conditions or ()}
    ready = conditions.get("Ready", _NO_CONDITION)
    allocatable = status.allocatable or {}
    return Node(
        status=_status(conditions.get("Ready"), spec.unschedulable),
        ready=ready.status == "True",
        ready_reason=clean_text(ready.reason),
        ready_message=clean_text(ready.message),
        ready_changed=epoch(ready.last_transition_time),
        heartbeat=epoch(ready.last_heartbeat_time),
        unschedulable=spec.unschedulable,
        roles=_roles(wire.metadata.labels or {}),
        version=intern(clean_text(info.kubelet_version)),
        internal_ip=_address(status, "InternalIP"),
        external_ip=_address(status, "ExternalIP"),
        os_image=intern(clean_text(info.os_image or UNKNOWN)),
        kernel_version=intern(clean_text(info.kernel_version or UNKNOWN)),
        container_runtime=intern(clean_text(info.container_runtime_version or UNKNOWN)),
        architecture=intern(clean_text(info.architecture)),
        pressures=tuple(
            intern(clean_text(one.type))
            for one in status.conditions or ()
            if one.type != "Ready" and one.status == "True"
        ),
        taints=tuple(_taint(one) for one in spec.taints or ()),
        allocatable_cpu=millicores(allocatable.get("cpu", "0")) or 0,
        allocatable_memory=quantity_bytes(allocatable.get("memory", "0")) or 0,
        allocatable_pods=quantity_bytes(allocatable.get("pods", "0")) or 0,
        **head(wire.metadata),
    )


def health(node: Node, _now: float) -> Health:
    """NotReady is an error, pressure or a cordon a warning."""
    if not node.ready:
        return Health(Tone.ERROR, node.status)
    if node.pressures:
        return Health(Tone.WARN, ",".join(node.pressures))
    return Health(Tone.WARN if node.unschedulable else Tone.OK, node.status)


def usage_of(node: Node, context: Context) -> Usage | None:
    """The node's last sample."""
    return context.usage.node(node.name)


def _status(ready: _Condition | None, unschedulable: bool) -> str:
    word = "Unknown" if ready is None else "Ready" if ready.status == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if unschedulable else word


def _roles(labels: dict[str, str]) -> str:
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    roles.add(labels.get(_ROLE_LABEL, ""))
    roles.discard("")
    return intern(clean_text(",".join(sorted(roles)))) or NONE


def _address(status: _Status, kind: str) -> str:
    for one in status.addresses or ():
        if one.type == kind:
            return clean_text(one.address)
    return NONE


def _taint(taint: _Taint) -> str:
    value = f"={taint.value}" if taint.value else ""
    return intern(clean_text(f"{taint.key}{value}:{taint.effect}"))


def _status_tone(node: Node, context: Context) -> Tone:
    if not node.ready:
        return Tone.ERROR
    return Tone.WARN if node.unschedulable else Tone.OK


def _pressure_tone(node: Node, _context: Context) -> Tone:
    return Tone.WARN if node.pressures else Tone.PLAIN


COLUMNS: tuple[Column[Node], ...] = (
    name_column(),
    text_column("status", "STATUS", lambda node: node.status, tone=_status_tone),
    text_column("roles", "ROLES", lambda node: node.roles, priority=1),
    cpu_column(usage_of, priority=1),
    percent_column(
        "cpu_pct",
        "%CPU",
        usage_of,
        lambda used: used.cpu,
        lambda node: node.allocatable_cpu,
        priority=1,
        tones=True,
    ),
    memory_column(usage_of, priority=1),
    percent_column(
        "mem_pct",
        "%MEM",
        usage_of,
        lambda used: used.memory,
        lambda node: node.allocatable_memory,
        priority=1,
        tones=True,
    ),
    cpu_trend_column(usage_of, priority=4),
    memory_trend_column(usage_of, priority=8),
    text_column(
        "pressure",
        "PRESSURE",
        lambda node: ",".join(node.pressures),
        priority=2,
        tone=_pressure_tone,
    ),
    text_column("taints", "TAINTS", lambda node: ",".join(node.taints) or NONE, priority=6),
    age_column(),
    text_column("version", "VERSION", lambda node: node.version, priority=2),
    text_column("internal_ip", "INTERNAL-IP", lambda node: node.internal_ip, priority=5),
    text_column("external_ip", "EXTERNAL-IP", lambda node: node.external_ip, priority=7),
    text_column("os_image", "OS-IMAGE", lambda node: node.os_image, priority=8),
    text_column("kernel_version", "KERNEL-VERSION", lambda node: node.kernel_version, priority=9),
    text_column(
        "container_runtime", "CONTAINER-RUNTIME", lambda node: node.container_runtime, priority=9
    ),
)

KIND = TypedKind(
    group="",
    versions=("v1",),
    plural="nodes",
    kind="Node",
    decode=decode,
    columns=COLUMNS,
    short="node",
    namespaced=False,
)
