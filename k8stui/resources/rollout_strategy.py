"""How far a rollout may go at a time, and how much of that it uses, in a few words."""

from __future__ import annotations

from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.statefulsets import StatefulSet

Rollable = Deployment | StatefulSet | DaemonSet


def budget_text(workload: Rollable) -> str:
    """`surge 1 of max 1 (25%) · unavailable 0 of max 1 (25%)`, or how the strategy goes."""
    if workload.strategy == "OnDelete":
        return "OnDelete: a pod is replaced when someone deletes it"
    if workload.strategy == "Recreate":
        return "Recreate: all old pods stop before new ones start"
    match workload:
        case StatefulSet():
            return _in_order(workload)
        case DaemonSet():
            surge = _used("surge", 0, workload.max_surge, workload.max_surge_text)
            parts = [surge] if workload.max_surge else []
        case _:
            extra = max(0, workload.replicas - workload.desired)
            parts = [_used("surge", extra, workload.max_surge, workload.max_surge_text)]
    missing = max(0, workload.desired - workload.available)
    limit, text = workload.max_unavailable, workload.max_unavailable_text
    return " · ".join((*parts, _used("unavailable", missing, limit, text)))


def _used(what: str, used: int, limit: int, written: str) -> str:
    share = f" ({written})" if written.endswith("%") else ""
    return f"{what} {used} of max {limit}{share}"


def _in_order(sts: StatefulSet) -> str:
    most = sts.max_unavailable_text
    many = f"at most {most} unavailable at a time" if most not in ("", "1") else "one pod at a time"
    stay = f" · partition {sts.partition}: pods below {sts.partition} stay" if sts.partition else ""
    return f"{many}, the highest number first{stay}"
