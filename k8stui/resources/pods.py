"""Pods: their record, health and columns."""

from __future__ import annotations

from sys import intern

from k8stui.resources.age import human_duration
from k8stui.resources.columns import NONE, age_column, name_column, number_column, text_column
from k8stui.resources.containers import Container, containers, demand, short
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_status import readiness_gates, summary
from k8stui.resources.pod_wire import PodCondition, PodMeta, PodSpec, PodStatus, WirePod
from k8stui.resources.record import Column, Context, Record, Tone, Usage
from k8stui.resources.scheduler_message import scheduler_message
from k8stui.resources.text import clean_text, clean_word
from k8stui.resources.usage_columns import (
    cpu_column,
    cpu_trend_column,
    memory_column,
    memory_trend_column,
    percent_column,
)
from k8stui.resources.wire import epoch, label_tuple, owner_of

SLOW_START = 300
"""Seconds after which a pod that still isn't started counts as a warning."""
STUCK_DELETION = 30
"""Seconds past the end of its grace period after which a pod's deletion counts as stuck."""
RECENT_RESTART = 600
"""Seconds for which a restart is worth a look."""

_SETTLED = 5
"""Seconds within which the kubelet writes a new pod's first conditions."""

_STARTING = ("Pending", "ContainerCreating", "PodInitializing", "Running")
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class Pod(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Times are epoch seconds and amounts 0 where there are none."""

    phase: str = ""
    status: str = ""
    """STATUS of `kubectl get pods`."""
    reason: str = ""
    """Of the pod itself: Evicted, NodeLost, DeadlineExceeded …"""
    message: str = ""
    ready: int = 0
    """Ready containers, sidecars included."""
    total: int = 0
    restarts: int = 0
    last_restart: int = 0
    """When the last container that was restarted had ended."""
    containers: tuple[Container, ...] = ()
    """In the order of the spec: init containers, the pod's own, ephemeral ones."""
    default_container: str = ""
    """The one that `kubectl logs` takes when none is named, by annotation."""
    ip: str = ""
    node: str = ""
    nominated_node: str = ""
    readiness_gates: str = NONE
    qos: str = ""
    priority: int = 0
    priority_class: str = ""
    service_account: str = ""
    restart_policy: str = "Always"
    started: int = 0
    """When the kubelet took it on."""
    grace: int = 0
    """Seconds of grace: those of its deletion under way, otherwise those it asks for."""
    finalizers: tuple[str, ...] = ()
    scheduled: bool = False
    scheduled_reason: str = ""
    """Why it isn't scheduled: Unschedulable, SchedulingGated …"""
    scheduled_message: str = ""
    is_ready: bool = False
    """The Ready condition: whether Services send it traffic."""
    ready_changed: int = 0
    """When the Ready condition last changed."""
    ready_reason: str = ""
    """Why it isn't ready: ContainersNotReady, ReadinessGatesNotReady …"""
    ready_message: str = ""
    disruption: str = ""
    """Why something is removing it: EvictionByEvictionAPI, PreemptionByScheduler …"""
    cpu_request: int = 0
    """Millicores of the whole pod, as the scheduler counts them."""
    memory_request: int = 0
    """Bytes, likewise."""
    cpu_limit: int = 0
    memory_limit: int = 0


_POD = LenientDecoder(WirePod)
_NO_CONDITION = PodCondition()


def decode(raw: bytes) -> Pod:
    """A pod's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _POD.decode(raw)
    meta, spec, status = wire.metadata, wire.spec, wire.status
    line = summary(wire)
    found = containers(spec, status)
    wanted = demand(found, spec)
    conditions = {one.type: one for one in status.conditions or ()}
    scheduled = conditions.get("PodScheduled", _NO_CONDITION)
    ready = conditions.get("Ready", _NO_CONDITION)
    disruption = conditions.get("DisruptionTarget", _NO_CONDITION)
    owner = owner_of(meta)
    return Pod(
        phase=clean_word(status.phase),
        status=clean_word(line.status),
        reason=clean_word(status.reason),
        message=short(status.message),
        ready=line.ready,
        total=line.total,
        restarts=line.restarts,
        last_restart=line.last_restart,
        containers=found,
        default_container=clean_text((meta.annotations or {}).get(_DEFAULT_CONTAINER, "")),
        ip=clean_text(_ip(status)),
        node=clean_word(spec.node_name),
        nominated_node=clean_word(status.nominated_node_name),
        readiness_gates=intern(readiness_gates(spec, status)),
        qos=clean_word(status.qos_class),
        priority=spec.priority or 0,
        priority_class=clean_word(spec.priority_class_name),
        service_account=clean_word(spec.service_account_name),
        restart_policy=clean_word(spec.restart_policy),
        started=epoch(status.start_time),
        grace=_grace(meta, spec),
        finalizers=tuple(map(clean_word, meta.finalizers)) if meta.finalizers else (),
        scheduled=scheduled.status == "True",
        scheduled_reason=clean_word(scheduled.reason),
        scheduled_message=short(scheduler_message(scheduled.message)),
        is_ready=ready.status == "True",
        ready_changed=epoch(ready.last_transition_time),
        ready_reason=clean_word(ready.reason),
        ready_message=short(ready.message),
        disruption=clean_word(disruption.reason) if disruption.status == "True" else "",
        cpu_request=wanted.cpu_request,
        memory_request=wanted.memory_request,
        cpu_limit=wanted.cpu_limit,
        memory_limit=wanted.memory_limit,
        uid=meta.uid,
        namespace=intern(meta.namespace),
        name=clean_text(meta.name),
        resource_version=meta.resource_version,
        created=epoch(meta.creation_timestamp),
        deleted=epoch(meta.deletion_timestamp),
        labels=label_tuple(meta.labels),
        owner_uid=owner.uid,
        owner_group=owner.group,
        owner_kind=owner.kind,
        owner_name=owner.name,
    )


def health(pod: Pod, now: float) -> Health:
    """How the pod does: the word is its STATUS, the tone what to make of it.

    Starting is no fault until it has lasted five minutes, being deleted none until half a minute
    after the grace period.
    """
    return Health(_tone(pod, now), pod.status or "Unknown")


def _tone(pod: Pod, now: float) -> Tone:
    status = pod.status
    if status == "Terminating":
        return Tone.WARN if now > pod.deleted + STUCK_DELETION else Tone.MUTED
    if status == "Unknown" or pod.phase == "Failed":
        return Tone.ERROR
    if pod.phase == "Succeeded":
        return Tone.MUTED
    if status == "Completed":
        # A main container that ended well and isn't run again, beside others that didn't end yet.
        return Tone.MUTED if pod.restart_policy != "Always" else Tone.WARN
    if status in ("NotReady", "SchedulingGated") or pod.scheduled_reason == "Unschedulable":
        return Tone.WARN
    if status == "Running" and pod.phase == "Running":
        return Tone.OK if pod.ready >= pod.total and pod.is_ready else _starting(pod, now)
    if status in _STARTING or _is_init_progress(status):
        return _starting(pod, now)
    return Tone.ERROR


def _starting(pod: Pod, now: float) -> Tone:
    # The Ready condition is False from the start on: a later change means that it was true once.
    lost = pod.started and pod.ready_changed > pod.started + _SETTLED
    slow = now - max(pod.created, pod.started) > SLOW_START
    return Tone.WARN if pod.restarts or lost or slow else Tone.ACCENT


def _is_init_progress(status: str) -> bool:
    """`Init:0/2`, unlike `Init:Error`."""
    return status.startswith("Init:") and status[5:6].isdigit()


def _grace(meta: PodMeta, spec: PodSpec) -> int:
    under_way = meta.deletion_grace_period_seconds
    return under_way if under_way is not None else spec.termination_grace_period_seconds or 0


def _ip(status: PodStatus) -> str:
    return status.pod_ips[0].ip if status.pod_ips else status.pod_ip


def restarts_text(pod: Pod, now: float) -> str:
    """RESTARTS as kubectl prints it since 1.23: `3 (5m ago)`."""
    if pod.restarts and pod.last_restart:
        return f"{pod.restarts} ({human_duration(now - pod.last_restart)} ago)"
    return str(pod.restarts)


def usage_of(pod: Pod, context: Context) -> Usage | None:
    """The pod's last sample."""
    return context.usage.pod(pod.namespace, pod.name)


def _status_tone(pod: Pod, context: Context) -> Tone:
    return _tone(pod, context.now)


def _ready_tone(pod: Pod, context: Context) -> Tone:
    if pod.ready >= pod.total or pod.phase == "Succeeded":
        return Tone.PLAIN
    return _tone(pod, context.now)


def _restarts_tone(pod: Pod, context: Context) -> Tone:
    recent = pod.restarts and context.now - pod.last_restart < RECENT_RESTART
    return Tone.WARN if recent else Tone.PLAIN


COLUMNS: tuple[Column[Pod], ...] = (
    name_column(),
    Column(
        id="ready",
        title="READY",
        text=lambda pod, _: f"{pod.ready}/{pod.total}",
        sort=lambda pod, _: (pod.ready - pod.total, pod.total),
        value=lambda pod, _: pod.ready,
        measure="number",
        tone=_ready_tone,
    ),
    text_column("status", "STATUS", lambda pod: pod.status, tone=_status_tone),
    Column(
        id="restarts",
        title="RESTARTS",
        text=lambda pod, context: restarts_text(pod, context.now),
        sort=lambda pod, _: (pod.restarts, pod.last_restart),
        value=lambda pod, _: pod.restarts,
        measure="number",
        tone=_restarts_tone,
        live=True,
    ),
    cpu_column(usage_of, priority=1),
    memory_column(usage_of, priority=1),
    percent_column(
        "cpu_r", "%CPU/R", usage_of, lambda used: used.cpu, lambda pod: pod.cpu_request, priority=4
    ),
    percent_column(
        "cpu_l",
        "%CPU/L",
        usage_of,
        lambda used: used.cpu,
        lambda pod: pod.cpu_limit,
        priority=3,
        tones=True,
    ),
    percent_column(
        "mem_r",
        "%MEM/R",
        usage_of,
        lambda used: used.memory,
        lambda pod: pod.memory_request,
        priority=4,
    ),
    percent_column(
        "mem_l",
        "%MEM/L",
        usage_of,
        lambda used: used.memory,
        lambda pod: pod.memory_limit,
        priority=3,
        tones=True,
    ),
    cpu_trend_column(usage_of, priority=5),
    memory_trend_column(usage_of, priority=8),
    text_column("ip", "IP", lambda pod: pod.ip or NONE, priority=6),
    text_column("node", "NODE", lambda pod: pod.node or NONE, priority=5),
    text_column(
        "nominated_node", "NOMINATED NODE", lambda pod: pod.nominated_node or NONE, priority=9
    ),
    text_column("readiness_gates", "READINESS GATES", lambda pod: pod.readiness_gates, priority=9),
    text_column("qos", "QOS", lambda pod: pod.qos, priority=9),
    number_column("priority", "PRIORITY", lambda pod: pod.priority, priority=10),
    age_column(),
)

KIND = TypedKind(
    group="",
    versions=("v1",),
    plural="pods",
    kind="Pod",
    decode=decode,
    columns=COLUMNS,
    short="po",
)
