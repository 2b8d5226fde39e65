"""HorizontalPodAutoscalers (autoscaling/v2, v2beta2, v1): their record, health and columns."""

from __future__ import annotations

from sys import intern
from typing import TypeVar

import msgspec

from k8stui.resources.autoscaling_metrics import (
    MetricSpec,
    MetricStatus,
    cpu_spec,
    cpu_status,
    metric_target,
)
from k8stui.resources.columns import age_column, name_column, number_column, text_column
from k8stui.resources.containers import short
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, epoch, head

_T = TypeVar("_T")

_MOST_TARGETS = 2
_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"
_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"


class HorizontalPodAutoscaler(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Metrics are texts, as the API's quantities are kept as they were given."""

    target_kind: str = ""
    target_name: str = ""
    target_api_version: str = ""
    metrics: tuple[str, ...] = ()
    """`cpu: 12%/80%` of each metric: what is measured before what is wanted."""
    min_replicas: int | None = None
    """None where nothing is set, which counts as 1."""
    max_replicas: int = 0
    current: int = 0
    desired: int = 0
    last_scaled: int = 0
    """Epoch seconds, 0 for never."""
    inactive_reason: str = ""
    """Why it can't scale now (ScalingActive or AbleToScale is False), empty when it can."""
    inactive_message: str = ""
    limited_reason: str = ""
    """TooManyReplicas when it would go beyond its maximum, TooFewReplicas below its minimum."""


class _Target(msgspec.Struct, gc=False, rename="camel"):
    kind: str = ""
    name: str = ""
    api_version: str = ""


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    scale_target_ref: _Target = msgspec.field(default_factory=_Target)
    min_replicas: int | None = None
    max_replicas: int = 0
    metrics: list[MetricSpec] | None = None
    target_cpu: int | None = msgspec.field(default=None, name="targetCPUUtilizationPercentage")


class _Condition(msgspec.Struct, gc=False):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class _Status(msgspec.Struct, gc=False, rename="camel"):
    current_replicas: int = 0
    desired_replicas: int = 0
    last_scale_time: str | None = None
    current_metrics: list[MetricStatus] | None = None
    conditions: list[_Condition] | None = None
    current_cpu: int | None = msgspec.field(default=None, name="currentCPUUtilizationPercentage")


class _Autoscaler(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_AUTOSCALER = LenientDecoder(_Autoscaler)
_SPECS = msgspec.json.Decoder(list[MetricSpec])
_STATUSES = msgspec.json.Decoder(list[MetricStatus])
_CONDITION_LIST = msgspec.json.Decoder(list[_Condition])


def decode(raw: bytes) -> HorizontalPodAutoscaler:
    """An autoscaler's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _AUTOSCALER.decode(raw)
    spec, status = wire.spec, wire.status
    specs, statuses = spec.metrics or [], status.current_metrics or []
    conditions = status.conditions or []
    annotations = wire.metadata.annotations or {}
    if not specs:
        specs, statuses = _v1_metrics(spec, status, annotations)
    if not conditions:
        conditions = _annotated(_CONDITION_LIST, annotations.get(_CONDITIONS))
    inactive = _first(conditions, ("AbleToScale", "ScalingActive"), "False")
    limited = _first(conditions, ("ScalingLimited",), "True")
    return HorizontalPodAutoscaler(
        target_kind=intern(clean_text(spec.scale_target_ref.kind)),
        target_name=intern(clean_text(spec.scale_target_ref.name)),
        target_api_version=intern(clean_text(spec.scale_target_ref.api_version)),
        metrics=tuple(
            clean_text(metric_target(one, statuses[index] if index < len(statuses) else None))
            for index, one in enumerate(specs)
        ),
        min_replicas=spec.min_replicas,
        max_replicas=spec.max_replicas,
        current=status.current_replicas,
        desired=status.desired_replicas,
        last_scaled=epoch(status.last_scale_time),
        inactive_reason=intern(clean_text(inactive.reason)),
        inactive_message=short(inactive.message),
        limited_reason=intern(clean_text(limited.reason)),
        **head(wire.metadata),
    )


def health(autoscaler: HorizontalPodAutoscaler, _now: float) -> Health:
    """Not being able to measure or scale is an error, wanting more than the maximum a warning."""
    if autoscaler.inactive_reason == "ScalingDisabled":
        return Health(Tone.MUTED, autoscaler.inactive_reason)
    if autoscaler.inactive_reason:
        return Health(Tone.ERROR, autoscaler.inactive_reason)
    if autoscaler.limited_reason == "TooManyReplicas":
        return Health(Tone.WARN, autoscaler.limited_reason)
    if autoscaler.current != autoscaler.desired:
        return Health(Tone.ACCENT, "Scaling")
    return Health(Tone.OK, "Active")


def targets_text(autoscaler: HorizontalPodAutoscaler) -> str:
    """TARGETS as kubectl prints it since 1.30: the first two metrics and how many more."""
    shown = ", ".join(autoscaler.metrics[:_MOST_TARGETS])
    more = len(autoscaler.metrics) - _MOST_TARGETS
    return f"{shown} + {more} more..." if more > 0 else shown or "<none>"


def _v1_metrics(
    spec: _Spec, status: _Status, annotations: dict[str, str]
) -> tuple[list[MetricSpec], list[MetricStatus]]:
    """v1 knows only CPU; the API server puts the other metrics into annotations, CPU last."""
    specs = _annotated(_SPECS, annotations.get(_METRICS))
    statuses = _annotated(_STATUSES, annotations.get(_CURRENT_METRICS))
    if spec.target_cpu is not None:
        specs.append(cpu_spec(spec.target_cpu))
        if status.current_cpu is not None:
            statuses.append(cpu_status(status.current_cpu))
    return specs, statuses


def _annotated(decoder: msgspec.json.Decoder[list[_T]], text: str | None) -> list[_T]:
    if not text:
        return []
    try:
        return decoder.decode(text)
    except msgspec.MsgspecError:
        return []


def _first(conditions: list[_Condition], types: tuple[str, ...], status: str) -> _Condition:
    for kind in types:
        for one in conditions:
            if one.type == kind and one.status == status:
                return one
    return _Condition()


def _tone(autoscaler: HorizontalPodAutoscaler, context: Context) -> Tone:
    tone = health(autoscaler, context.now).tone
    return Tone.PLAIN if tone is Tone.OK else tone


COLUMNS: tuple[Column[HorizontalPodAutoscaler], ...] = (
    name_column(),
    text_column("reference", "REFERENCE", lambda hpa: f"{hpa.target_kind}/{hpa.target_name}"),
    text_column("targets", "TARGETS", targets_text, tone=_tone),
    text_column(
        "minpods",
        "MINPODS",
        lambda hpa: "<unset>" if hpa.min_replicas is None else str(hpa.min_replicas),
        priority=1,
    ),
    number_column("maxpods", "MAXPODS", lambda hpa: hpa.max_replicas),
    number_column("replicas", "REPLICAS", lambda hpa: hpa.current),
    age_column(),
)

KIND = TypedKind(
    group="autoscaling",
    versions=("v2", "v2beta2", "v2beta1", "v1"),
    plural="horizontalpodautoscalers",
    kind="HorizontalPodAutoscaler",
    decode=decode,
    columns=COLUMNS,
    short="hpa",
)
