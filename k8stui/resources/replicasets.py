"""ReplicaSets: for a Deployment, one a revision."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.resources.columns import age_column, name_column, number_column
from k8stui.resources.conditions import Condition, StatusCondition, condition, conditions_of
from k8stui.resources.deployments import (
    CHANGE_CAUSE_ANNOTATION,
    REVISION_ANNOTATION,
    annotation_number,
)
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_templates import Images, PodTemplate, container_images
from k8stui.resources.record import Column, Record
from k8stui.resources.selectors import LabelSelector, format_selector, selector_query
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head
from k8stui.resources.workload_columns import (
    containers_column,
    images_column,
    selector_column,
)

POD_TEMPLATE_HASH: Final = "pod-template-hash"
REVISION_HISTORY_ANNOTATION: Final = "deployment.kubernetes.io/revision-history"


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    replicas: int = 1
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)
    min_ready_seconds: int = 0


class _Status(msgspec.Struct, gc=False, rename="camel"):
    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: list[StatusCondition] | None = None


class _ReplicaSet(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


class ReplicaSet(Record, frozen=True, gc=False, kw_only=True):
    """What is kept of a ReplicaSet."""

    generation: int = 0
    observed_generation: int = 0
    desired: int = 1
    """spec.replicas."""
    replicas: int = 0
    """status.replicas: pods that are not terminating."""
    ready: int = 0
    available: int = 0
    min_ready_seconds: int = 0
    conditions: tuple[Condition, ...] = ()
    revision: int = 0
    """The Deployment's revision, 0 for a ReplicaSet of no Deployment."""
    revision_history: str = ""
    """Earlier revision numbers of the same template: `1,3`."""
    change_cause: str = ""
    template_hash: str = ""
    """The label `pod-template-hash`."""
    selector: str = ""
    """As `kubectl -l` takes it."""
    containers: Images = ()
    init_containers: Images = ()

    @property
    def observed(self) -> bool:
        """The controller has seen the newest spec."""
        return self.observed_generation >= self.generation

    def condition(self, kind: str) -> Condition | None:
        return condition(self.conditions, kind)


_decoder = LenientDecoder(_ReplicaSet)


def decode(raw: bytes) -> ReplicaSet:
    """One ReplicaSet's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _decoder.decode(raw)
    spec, status, template = wire.spec, wire.status, wire.spec.template.spec
    annotations = wire.metadata.annotations or {}
    return ReplicaSet(
        **head(wire.metadata),
        generation=wire.metadata.generation,
        observed_generation=status.observed_generation,
        desired=spec.replicas,
        replicas=status.replicas,
        ready=status.ready_replicas,
        available=status.available_replicas,
        min_ready_seconds=spec.min_ready_seconds,
        conditions=conditions_of(status.conditions),
        revision=annotation_number(annotations, REVISION_ANNOTATION),
        revision_history=clean_text(annotations.get(REVISION_HISTORY_ANNOTATION, "")),
        change_cause=clean_text(annotations.get(CHANGE_CAUSE_ANNOTATION, "")),
        template_hash=clean_text((wire.metadata.labels or {}).get(POD_TEMPLATE_HASH, "")),
        selector=selector_query(spec.selector),
        containers=container_images(template.containers),
        init_containers=container_images(template.init_containers),
    )


COLUMNS: tuple[Column[ReplicaSet], ...] = (
    name_column(),
    number_column("desired", "DESIRED", lambda record: record.desired),
    number_column("current", "CURRENT", lambda record: record.replicas),
    number_column("ready", "READY", lambda record: record.ready),
    age_column(),
    containers_column(lambda record: record.containers),
    images_column(lambda record: record.containers),
    selector_column(lambda record: format_selector(record.selector)),
)

KIND: Final = TypedKind(
    group="apps",
    versions=("v1",),
    plural="replicasets",
    kind="ReplicaSet",
    decode=decode,
    columns=COLUMNS,
    short="rs",
)
