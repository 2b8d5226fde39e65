"""Objects in another version than the stored one: old clients' versions, and events.k8s.io."""

from __future__ import annotations

from k8stui.demo.kinds import Kind, of_plural
from k8stui.demo.model import Obj


def outward(kind: Kind, obj: Obj) -> Obj:
    """A stored object as the version of the request has it."""
    if obj.get("apiVersion") == kind.api_version:
        return obj
    out = {**obj, "apiVersion": kind.api_version}
    if kind.kind == "Event":
        return _event(out)
    if kind.kind == "HorizontalPodAutoscaler":
        return _hpa_v1(out)
    return out


def inward(kind: Kind, obj: Obj) -> Obj:
    """An object from a request as the store has it."""
    stored = of_plural(kind.plural)
    if stored.api_version == kind.api_version:
        return obj
    out = {**obj, "apiVersion": stored.api_version}
    if kind.kind == "HorizontalPodAutoscaler":
        spec = dict(out.get("spec") or {})
        target = spec.pop("targetCPUUtilizationPercentage", None)
        if target is not None:
            spec["metrics"] = [_cpu_metric(target)]
        out["spec"] = spec
    if kind.kind == "Event":
        for outer, inner in _EVENT_NAMES.items():
            if outer in out:
                out[inner] = out.pop(outer)
    return out


def _cpu_metric(target: int) -> Obj:
    utilization = {"type": "Utilization", "averageUtilization": target}
    return {"type": "Resource", "resource": {"name": "cpu", "target": utilization}}


def _hpa_v1(obj: Obj) -> Obj:
    spec, status = dict(obj["spec"]), dict(obj.get("status") or {})
    for metric in spec.pop("metrics", None) or ():
        if metric["resource"]["name"] == "cpu":
            target = metric["resource"]["target"].get("averageUtilization")
            spec["targetCPUUtilizationPercentage"] = target
    for metric in status.pop("currentMetrics", None) or ():
        if metric["resource"]["name"] == "cpu":
            used = metric["resource"]["current"].get("averageUtilization")
            status["currentCPUUtilizationPercentage"] = used
    status.pop("conditions", None)
    return {**obj, "spec": spec, "status": status}


def _event(obj: Obj) -> Obj:
    return {_EVENT_FIELDS.get(name, name): value for name, value in obj.items()}


_EVENT_NAMES = {
    "note": "message",
    "regarding": "involvedObject",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedCount": "count",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
}
"""What events.k8s.io calls the fields of core Events."""
_EVENT_FIELDS = {inner: outer for outer, inner in _EVENT_NAMES.items()}
