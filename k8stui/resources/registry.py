"""The kinds that k8stui knows by heart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8stui.resources import (
    controllerrevisions,
    cronjobs,
    daemonsets,
    deployments,
    events,
    horizontalpodautoscalers,
    jobs,
    nodes,
    poddisruptionbudgets,
    pods,
    replicasets,
    services,
    statefulsets,
)
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.record import Record

_KINDS: tuple[TypedKind, ...] = (
    pods.KIND,
    deployments.KIND,
    replicasets.KIND,
    statefulsets.KIND,
    daemonsets.KIND,
    controllerrevisions.KIND,
    jobs.KIND,
    cronjobs.KIND,
    horizontalpodautoscalers.KIND,
    services.KIND,
    poddisruptionbudgets.KIND,
    events.KIND,
    nodes.KIND,
)

TYPED: dict[str, TypedKind] = {kind.key: kind for kind in _KINDS}
"""By key: `pods`, `deployments.apps`."""

_HEALTH: dict[type[Record], Callable[[Any, float], Health]] = {
    pods.Pod: pods.health,
    jobs.Job: jobs.health,
    cronjobs.CronJob: cronjobs.health,
    horizontalpodautoscalers.HorizontalPodAutoscaler: horizontalpodautoscalers.health,
    services.Service: services.health,
    events.Event: events.health,
    nodes.Node: nodes.health,
}


def health_of(record: Record, now: float) -> Health | None:
    """How the object does by its record alone, None for a kind of which that can't be told.

    Workloads are told by their rollout, with the pods beside them.
    """
    judge = _HEALTH.get(type(record))
    return judge(record, now) if judge else None
