"""HorizontalPodAutoscalers of every version that clusters serve."""

from __future__ import annotations

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
    get,
    integer,
    kind_name,
    mapping,
    moment,
    objects,
    selector_text,
    string,
)
from k8stui.resources.record import Tone


def describe_autoscaler(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe hpa`: current against target of every metric."""
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


def _write_metrics(out: DocumentBuilder, spec: JsonObject, status: JsonObject) -> None:
    rows = []
    cpu = get(spec, "targetCPUUtilizationPercentage")
    if cpu is not None:
        seen = string(status, "currentCPUUtilizationPercentage")
        name = "resource cpu on pods (as a percentage of request)"
        rows.append(
            _row(name, f"{seen or UNKNOWN}%", f"{string(spec, 'targetCPUUtilizationPercentage')}%")
        )
    seen_metrics = objects(status, "currentMetrics")
    for number, metric in enumerate(objects(spec, "metrics")):
        current = seen_metrics[number] if number < len(seen_metrics) else {}
        rows.append(_metric_row(metric, current))
    out.heading("Metrics")
    with out.nested():
        out.table(["METRIC", "CURRENT", "TARGET"], rows)


def _row(name: str, current: str, target: str) -> Row:
    return Row(name, current, target, tone=Tone.WARN if UNKNOWN in current else Tone.PLAIN)


def _metric_row(metric: JsonObject, current: JsonObject) -> Row:
    kind = string(metric, "type")
    key = kind[:1].lower() + kind[1:]
    source = mapping(metric, key)
    # autoscaling/v2beta1 has the numbers beside the name, v2 below `target` and `current`.
    target = mapping(source, "target") or source
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
    selector = mapping(source, "metric", "selector")
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
        label = name if key in ("resource", "containerResource", "pods") else f"{name} (average)"
        return (
            label,
            string(now, "averageValue") or string(now, "currentAverageValue") or UNKNOWN,
            average,
        )
    value = string(target, "value") or string(target, "targetValue")
    return f"{name} (value)", string(now, "value") or string(now, "currentValue") or UNKNOWN, value


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
