"""The parts of a pod's JSON that are shown."""

from __future__ import annotations

import msgspec

from k8stui.resources.wire import ObjectMeta


class PodMeta(ObjectMeta, gc=False, rename="camel"):
    finalizers: list[str] | None = None


class Resources(msgspec.Struct, gc=False):
    requests: dict[str, str] | None = None
    limits: dict[str, str] | None = None


class Probe(msgspec.Struct, gc=False, rename="camel"):
    initial_delay_seconds: int = 0


class ContainerSpec(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    image: str = ""
    resources: Resources | None = None
    restart_policy: str | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None


class ReadinessGate(msgspec.Struct, gc=False, rename="camel"):
    condition_type: str = ""


class PodSpec(msgspec.Struct, gc=False, rename="camel"):
    containers: list[ContainerSpec] | None = None
    init_containers: list[ContainerSpec] | None = None
    ephemeral_containers: list[ContainerSpec] | None = None
    node_name: str = ""
    restart_policy: str = "Always"
    service_account_name: str = ""
    priority: int | None = None
    priority_class_name: str = ""
    readiness_gates: list[ReadinessGate] | None = None
    termination_grace_period_seconds: int | None = None
    overhead: dict[str, str] | None = None
    resources: Resources | None = None


class Waiting(msgspec.Struct, gc=False):
    reason: str = ""
    message: str = ""


class Running(msgspec.Struct, gc=False, rename="camel"):
    started_at: str | None = None


class Terminated(msgspec.Struct, gc=False, rename="camel"):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: str | None = None
    finished_at: str | None = None


class State(msgspec.Struct, gc=False):
    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(msgspec.Struct, gc=False, rename={"container_id": "containerID"}):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = msgspec.field(default=0, name="restartCount")
    container_id: str = ""
    state: State | None = None
    last_state: State | None = msgspec.field(default=None, name="lastState")


class PodCondition(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None


class PodIP(msgspec.Struct, gc=False):
    ip: str = ""


class PodStatus(msgspec.Struct, gc=False, rename="camel"):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: list[PodCondition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None
    ephemeral_container_statuses: list[ContainerStatus] | None = None
    nominated_node_name: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    pod_ips: list[PodIP] | None = msgspec.field(default=None, name="podIPs")
    qos_class: str = ""
    start_time: str | None = None


class WirePod(msgspec.Struct, gc=False):
    metadata: PodMeta
    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)
