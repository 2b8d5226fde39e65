"""HorizontalPodAutoscalers of every version that clusters serve."""

from __future__ import annotations

import json

from msgspec import structs

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    UNKNOWN,
    UNSET,
    JsonObject,
    integer,
    kind_name,
    mapping,
    moment,
    objects,
    selector_text,
    string,
)
from k8stui.resources.record import Tone

_CPU = {"type": "Resource", "resource": {"name": "cpu"}}
_KEPT = "autoscaling.alpha.kubernetes.io/"


def describe_autoscaler(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe hpa`: current against target of every metric."""
    subject = _modern(subject)
    spec, status = subject.spec, subject.status
    target = mapping(spec, "scaleTargetRef")
    write_head(out, subject)
    out.field("Reference", kind_name(target))
    current, desired = integer(status, "currentReplicas") or 0, integer(status, "desiredReplicas")
    at_most = integer(spec, "maxReplicas")
    full = at_most is not None and current >= at_most
    out.field(
        f"{string(target, 'kind')} pods",
        f"{current} current / {desired or 0} desired",
        Tone.WARN if full else Tone.PLAIN,
    )
    out.field("Min Replicas", string(spec, "minReplicas") or UNSET)
    out.field("Max Replicas", string(spec, "maxReplicas"))
    out.optional("Last Scale", moment(status, subject.now, "lastScaleTime"))
    _write_metrics(out, spec, status)
    behavior = mapping(spec, "behavior")
    if behavior:
        out.heading("Behavior")
        with out.nested():
            _write_rules(out, "Scale Up", behavior, "scaleUp")
            _write_rules(out, "Scale Down", behavior, "scaleDown")
    write_conditions(out, subject)
    write_labels(out, subject)
    write_events(out, subject)


def _modern(subject: Subject) -> Subject:
    """autoscaling/v1 keeps what came later in annotations, as JSON; here it is in its place."""
    annotations = mapping(subject.metadata, "annotations")
    spec, status = dict(subject.spec), dict(subject.status)
    for key, place, field in (
        ("metrics", spec, "metrics"),
        ("behavior", spec, "behavior"),
        ("current-metrics", status, "currentMetrics"),
        ("conditions", status, "conditions"),
    ):
        value = _decoded(string(annotations, _KEPT + key))
        if value and not place.get(field):
            place[field] = value
    metadata = subject.metadata | {
        "annotations": {
            key: value for key, value in annotations.items() if not str(key).startswith(_KEPT)
        }
    }
    obj = subject.obj | {"metadata": metadata, "spec": spec, "status": status}
    return structs.replace(subject, obj=obj)


def _decoded(text: str) -> object:
    try:
        return _lowered(json.loads(text)) if text else None
    except (ValueError, RecursionError):
        return None


def _lowered(value: object) -> object:
    """With the keys as the API spells them; the annotation for behavior has them capitalized."""
    if isinstance(value, list):
        return [_lowered(item) for item in value]
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lowered(item) for key, item in value.items()}
    return value


def _write_metrics(out: DocumentBuilder, spec: JsonObject, status: JsonObject) -> None:
    rows = []
    utilization = string(spec, "targetCPUUtilizationPercentage")
    if utilization:
        seen = string(status, "currentCPUUtilizationPercentage")
        measured = _current_of(_CPU, objects(status, "currentMetrics"))
        amount = string(measured, "resource", "currentAverageValue")
        current = f"{seen}%" + (f" ({amount})" if amount else "") if seen else UNKNOWN
        name = "resource cpu on pods (as a percentage of request)"
        rows.append(_row(name, current, f"{utilization}%"))
    seen_metrics = objects(status, "currentMetrics")
    rows += [
        _metric_row(metric, _current_of(metric, seen_metrics))
        for metric in objects(spec, "metrics")
    ]
    out.heading("Metrics")
    with out.nested():
        out.table(["METRIC", "CURRENT", "TARGET"], rows)


def _identity(metric: JsonObject) -> tuple[str, ...]:
    """What a metric's target and its current value have in common."""
    kind = string(metric, "type")
    source = mapping(metric, kind[:1].lower() + kind[1:])
    name = string(source, "name") or string(source, "metric", "name")
    return kind, name or string(source, "metricName"), string(source, "container")


def _current_of(metric: JsonObject, seen: list[JsonObject]) -> JsonObject:
    """The current value of a metric; a controller that can't measure one leaves it out."""
    wanted = _identity(metric)
    return next((found for found in seen if _identity(found) == wanted), {})


def _row(name: str, current: str, target: str) -> Row:
    return Row(name, current, target, tone=Tone.WARN if UNKNOWN in current else Tone.PLAIN)


def _metric_row(metric: JsonObject, current: JsonObject) -> Row:
    kind = string(metric, "type")
    key = kind[:1].lower() + kind[1:]
    source = mapping(metric, key)
    # Before autoscaling/v2beta2 the numbers stand beside the name, and an object is the target.
    old = "metricName" in source or not mapping(source, "target")
    target = source if old else mapping(source, "target")
    now = mapping(current, key, "current") or mapping(current, key)
    match key:
        case "resource":
            name = f"resource {string(source, 'name')} on pods"
        case "containerResource":
            container = string(source, "container")
            name = f'resource {string(source, "name")} of container "{container}" on pods'
        case "object":
            reference = mapping(source, "describedObject") or mapping(source, "target")
            name = f"{_metric_name(source)} on {kind_name(reference)}"
        case "pods":
            name = f"{_metric_name(source)} on pods"
        case "external":
            name = _metric_name(source)
        case _:
            return _row(f"unknown metric type {kind!r}", UNKNOWN, UNKNOWN)
    return _row(*_compared(name, key, target, now))


def _metric_name(source: JsonObject) -> str:
    name = string(source, "metric", "name") or string(source, "metricName")
    selector = mapping(source, "metric", "selector") or mapping(source, "metricSelector")
    return f'"{name}" where {selector_text(selector)}' if selector else f'"{name}"'


def _compared(name: str, key: str, target: JsonObject, now: JsonObject) -> tuple[str, str, str]:
    utilization = string(target, "averageUtilization") or string(target, "targetAverageUtilization")
    if utilization:
        share = string(now, "averageUtilization") or string(now, "currentAverageUtilization")
        amount = string(now, "averageValue") or string(now, "currentAverageValue")
        seen = f"{share}% ({amount})" if share else UNKNOWN
        return f"{name} (as a percentage of request)", seen, f"{utilization}%"
    average = string(target, "averageValue") or string(target, "targetAverageValue")
    if average:
        seen = string(now, "averageValue") or string(now, "currentAverageValue") or UNKNOWN
        plain = key in ("resource", "containerResource", "pods")
        return name if plain else f"{name} (target average value)", seen, average
    value = string(target, "value") or string(target, "targetValue")
    seen = string(now, "value") or string(now, "currentValue") or UNKNOWN
    return f"{name} (target value)", seen, value


def _write_rules(out: DocumentBuilder, title: str, behavior: JsonObject, key: str) -> None:
    rules = mapping(behavior, key)
    if not rules:
        return
    window = string(rules, "stabilizationWindowSeconds")
    lines = [f"stabilization window {window} seconds"] if window else []
    policies = objects(rules, "policies")
    if policies:
        lines.append(f"select policy {string(rules, 'selectPolicy') or 'Max'}")
    lines += [
        f"{string(policy, 'type')} {string(policy, 'value')} "
        f"in {string(policy, 'periodSeconds')} seconds"
        for policy in policies
    ]
    out.lines(title, lines)
