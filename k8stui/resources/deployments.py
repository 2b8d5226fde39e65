"""Deployments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column, number_column
from k8stui.resources.conditions import Condition, StatusCondition, condition, conditions_of
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
from k8stui.resources.update_limits import RollingUpdate, UpdateLimits, resolve
from k8stui.resources.wire import ObjectMeta, head
from k8stui.resources.workload_columns import (
    containers_column,
    images_column,
    ready_column,
    selector_column,
)

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"
CHANGE_CAUSE_ANNOTATION: Final = "kubernetes.io/change-cause"
DEADLINE_EXCEEDED: Final = "ProgressDeadlineExceeded"
"""The reason of the condition Progressing once the deadline is over."""
NO_DEADLINE: Final = 2**31 - 1
"""This progressDeadlineSeconds means that there is none, as the Deployment controller has it."""


class _Strategy(msgspec.Struct, gc=False, rename="camel"):
    type: str = "RollingUpdate"
    rolling_update: RollingUpdate | None = None


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    replicas: int = 1
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)
    strategy: _Strategy = msgspec.field(default_factory=_Strategy)
    min_ready_seconds: int = 0
    progress_deadline_seconds: int | None = None
    paused: bool = False


class _Status(msgspec.Struct, gc=False, rename="camel"):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: list[StatusCondition] | None = None


class _Deployment(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class Deployment(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a Deployment."""

    generation: int = 0
    observed_generation: int = 0
    desired: int = 1
    """spec.replicas."""
    replicas: int = 0
    """status.replicas: pods of all revisions that are not terminating."""
    updated: int = 0
    ready: int = 0
    available: int = 0
    unavailable: int = 0
    paused: bool = False
    strategy: str = "RollingUpdate"
    max_surge_text: str = ""
    """As written: `25%` or `1`; empty for Recreate."""
    max_unavailable_text: str = ""
    max_surge: int = 0
    """Resolved to pods, rounded up, as the controller does."""
    max_unavailable: int = 0
    """Resolved to pods, rounded down, at least 1 when there is no surge."""
    min_ready_seconds: int = 0
    progress_deadline: int = 0
    """Seconds, 0 for none."""
    conditions: tuple[Condition, ...] = ()
    revision: int = 0
    """The newest revision that the controller has made, 0 before the first."""
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

    def condition(self, kind: str) -> Condition | None:
        return condition(self.conditions, kind)


def annotation_number(annotations: Mapping[str, str] | None, key: str) -> int:
    """The annotation's number, 0 where it is missing or none."""
    text = (annotations or {}).get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _limits(spec: _Spec) -> UpdateLimits:
    if spec.strategy.type != "RollingUpdate":
        return UpdateLimits(unavailable=spec.replicas)
    return resolve(spec.strategy.rolling_update, spec.replicas, round_unavailable_up=False)


_decoder = LenientDecoder(_Deployment)


def decode(raw: bytes) -> Deployment:
    """One Deployment's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _decoder.decode(raw)
    spec, status, template = wire.spec, wire.status, wire.spec.template.spec
    limits = _limits(spec)
    deadline = spec.progress_deadline_seconds or 0
    annotations = wire.metadata.annotations
    return Deployment(
        **head(wire.metadata),
        generation=wire.metadata.generation,
        observed_generation=status.observed_generation,
        desired=spec.replicas,
        replicas=status.replicas,
        updated=status.updated_replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        unavailable=status.unavailable_replicas,
        paused=spec.paused,
        strategy=clean_text(spec.strategy.type),
        max_surge_text=limits.surge_text,
        max_unavailable_text=limits.unavailable_text,
        max_surge=limits.surge,
        max_unavailable=limits.unavailable,
        min_ready_seconds=spec.min_ready_seconds,
        progress_deadline=0 if deadline == NO_DEADLINE else deadline,
        conditions=conditions_of(status.conditions),
        revision=annotation_number(annotations, REVISION_ANNOTATION),
        change_cause=clean_text((annotations or {}).get(CHANGE_CAUSE_ANNOTATION, "")),
        selector=selector_query(spec.selector),
        containers=container_images(template.containers),
        init_containers=container_images(template.init_containers),
        unprobed=without_readiness(template.containers),
    )


COLUMNS: tuple[Column[Deployment], ...] = (
    name_column(),
    ready_column(lambda record: record.ready, lambda record: record.desired),
    number_column("up_to_date", "UP-TO-DATE", lambda record: record.updated),
    number_column("available", "AVAILABLE", lambda record: record.available),
    age_column(),
    containers_column(lambda record: record.containers),
    images_column(lambda record: record.containers),
    selector_column(lambda record: record.selector),
)

KIND: Final = TypedKind(
    group="apps",
    versions=("v1",),
    plural="deployments",
    kind="Deployment",
    decode=decode,
    columns=COLUMNS,
    short="deploy",
)
