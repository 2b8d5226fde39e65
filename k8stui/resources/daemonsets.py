"""DaemonSets."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column, number_column, text_column
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
from k8stui.resources.selectors import (
    LabelSelector,
    format_labels,
    format_selector,
    selector_query,
)
from k8stui.resources.text import clean_text
from k8stui.resources.update_limits import RollingUpdate, UpdateLimits, resolve
from k8stui.resources.wire import ObjectMeta, head
from k8stui.resources.workload_columns import (
    containers_column,
    images_column,
    selector_column,
)


class _UpdateStrategy(msgspec.Struct, gc=False, rename="camel"):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)
    update_strategy: _UpdateStrategy = msgspec.field(default_factory=_UpdateStrategy)
    min_ready_seconds: int = 0


class _Status(msgspec.Struct, gc=False, rename="camel"):
    observed_generation: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    number_misscheduled: int = 0
    number_ready: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_unavailable: int = 0
    conditions: list[StatusCondition] | None = None


class _DaemonSet(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class DaemonSet(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a DaemonSet."""

    generation: int = 0
    observed_generation: int = 0
    desired: int = 0
    """Nodes that should run its pod."""
    current: int = 0
    """Nodes that should and do."""
    misscheduled: int = 0
    """Nodes that do and should not."""
    ready: int = 0
    updated: int = 0
    available: int = 0
    unavailable: int = 0
    strategy: str = "RollingUpdate"
    max_surge_text: str = ""
    max_unavailable_text: str = ""
    max_surge: int = 0
    """Resolved to nodes, rounded up, as the controller does."""
    max_unavailable: int = 0
    """Resolved to nodes, rounded up, at least 1 when there is no surge."""
    min_ready_seconds: int = 0
    conditions: tuple[Condition, ...] = ()
    change_cause: str = ""
    node_selector: str = "<none>"
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


def _limits(spec: _Spec, desired: int) -> UpdateLimits:
    if spec.update_strategy.type != "RollingUpdate":
        return UpdateLimits()
    return resolve(spec.update_strategy.rolling_update, desired, round_unavailable_up=True)


_decoder = LenientDecoder(_DaemonSet)


def decode(raw: bytes) -> DaemonSet:
    """One DaemonSet's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _decoder.decode(raw)
    spec, status, template = wire.spec, wire.status, wire.spec.template.spec
    limits = _limits(spec, status.desired_number_scheduled)
    cause = (wire.metadata.annotations or {}).get(CHANGE_CAUSE_ANNOTATION, "")
    return DaemonSet(
        **head(wire.metadata),
        generation=wire.metadata.generation,
        observed_generation=status.observed_generation,
        desired=status.desired_number_scheduled,
        current=status.current_number_scheduled,
        misscheduled=status.number_misscheduled,
        ready=status.number_ready,
        updated=status.updated_number_scheduled,
        available=status.number_available,
        unavailable=status.number_unavailable,
        strategy=clean_text(spec.update_strategy.type),
        max_surge_text=limits.surge_text,
        max_unavailable_text=limits.unavailable_text,
        max_surge=limits.surge,
        max_unavailable=limits.unavailable,
        min_ready_seconds=spec.min_ready_seconds,
        conditions=conditions_of(status.conditions),
        change_cause=clean_text(cause),
        node_selector=format_labels(template.node_selector),
        selector=selector_query(spec.selector),
        containers=container_images(template.containers),
        init_containers=container_images(template.init_containers),
        unprobed=without_readiness(template.containers),
    )


COLUMNS: tuple[Column[DaemonSet], ...] = (
    name_column(),
    number_column("desired", "DESIRED", lambda record: record.desired),
    number_column("current", "CURRENT", lambda record: record.current),
    number_column("ready", "READY", lambda record: record.ready),
    number_column("up_to_date", "UP-TO-DATE", lambda record: record.updated),
    number_column("available", "AVAILABLE", lambda record: record.available),
    text_column("node_selector", "NODE SELECTOR", lambda record: record.node_selector, priority=1),
    age_column(),
    containers_column(lambda record: record.containers),
    images_column(lambda record: record.containers),
    selector_column(lambda record: format_selector(record.selector)),
)

KIND: Final = TypedKind(
    group="apps",
    versions=("v1",),
    plural="daemonsets",
    kind="DaemonSet",
    decode=decode,
    columns=COLUMNS,
    short="ds",
)
