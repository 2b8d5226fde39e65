"""StatefulSets."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column
from k8stui.resources.conditions import Condition, StatusCondition, conditions_of
from k8stui.resources.deployments import CHANGE_CAUSE_ANNOTATION
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_templates import (
    Images,
    PodTemplate,
    container_images,
    without_readiness,
)
from k8stui.resources.record import Column, Record
from k8stui.resources.selectors import LabelSelector, selector_query
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head
from k8stui.resources.workload_columns import containers_column, images_column, ready_column


class _RollingUpdate(msgspec.Struct, gc=False, rename="camel"):
    partition: int = 0
    max_unavailable: int | str | None = None


class _UpdateStrategy(msgspec.Struct, gc=False, rename="camel"):
    type: str = "RollingUpdate"
    rolling_update: _RollingUpdate | None = None


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    replicas: int = 1
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    update_strategy: _UpdateStrategy = msgspec.field(default_factory=_UpdateStrategy)
    min_ready_seconds: int = 0


class _Status(msgspec.Struct, gc=False, rename="camel"):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int | None = None
    current_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    conditions: list[StatusCondition] | None = None


class _StatefulSet(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class StatefulSet(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a StatefulSet."""

    generation: int = 0
    observed_generation: int = 0
    desired: int = 1
    """spec.replicas."""
    replicas: int = 0
    ready: int = 0
    available: int = 0
    """The ready pods, where the API server is too old (before 1.22) to tell the available ones."""
    current: int = 0
    """Pods of `current_revision`."""
    updated: int = 0
    """Pods of `update_revision`."""
    current_revision: str = ""
    """Name of the ControllerRevision that was last rolled out to the end."""
    update_revision: str = ""
    """Name of the ControllerRevision that is being rolled to; equal when the rollout is done."""
    strategy: str = "RollingUpdate"
    partition: int = 0
    """Pods with a lower ordinal stay at the old revision."""
    max_unavailable_text: str = ""
    ordered: bool = True
    """podManagementPolicy is OrderedReady: one pod that isn't ready holds up the next ones."""
    service_name: str = ""
    min_ready_seconds: int = 0
    conditions: tuple[Condition, ...] = ()
    change_cause: str = ""
    selector: str = ""
    """As `kubectl -l` takes it."""
    containers: Images = ()
    init_containers: Images = ()
    unprobed: tuple[str, ...] = ()
    """Containers without a readiness probe."""

    @property
    def observed(self) -> bool:
        """The controller has seen the newest spec."""
        return self.observed_generation >= self.generation


_decoder = LenientDecoder(_StatefulSet)


def decode(raw: bytes) -> StatefulSet:
    """One StatefulSet's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _decoder.decode(raw)
    spec, status, template = wire.spec, wire.status, wire.spec.template.spec
    rolling = spec.update_strategy.rolling_update or _RollingUpdate()
    available = status.available_replicas
    cause = (wire.metadata.annotations or {}).get(CHANGE_CAUSE_ANNOTATION, "")
    return StatefulSet(
        **head(wire.metadata),
        generation=wire.metadata.generation,
        observed_generation=status.observed_generation,
        desired=spec.replicas,
        replicas=status.replicas,
        ready=status.ready_replicas,
        available=status.ready_replicas if available is None else available,
        current=status.current_replicas,
        updated=status.updated_replicas,
        current_revision=clean_text(status.current_revision),
        update_revision=clean_text(status.update_revision),
        strategy=clean_text(spec.update_strategy.type),
        partition=rolling.partition,
        max_unavailable_text=clean_text(str(rolling.max_unavailable or "")),
        ordered=spec.pod_management_policy != "Parallel",
        service_name=clean_text(spec.service_name),
        min_ready_seconds=spec.min_ready_seconds,
        conditions=conditions_of(status.conditions),
        change_cause=clean_text(cause),
        selector=selector_query(spec.selector),
        containers=container_images(template.containers),
        init_containers=container_images(template.init_containers),
        unprobed=without_readiness(template.containers),
    )


COLUMNS: tuple[Column[StatefulSet], ...] = (
    name_column(),
    ready_column(lambda record: record.ready, lambda record: record.desired),
    age_column(),
    containers_column(lambda record: record.containers),
    images_column(lambda record: record.containers),
)

KIND: Final = TypedKind(
    group="apps",
    versions=("v1",),
    plural="statefulsets",
    kind="StatefulSet",
    decode=decode,
    columns=COLUMNS,
    short="sts",
)
