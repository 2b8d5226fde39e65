"""Whether a rollout has ended as `kubectl rollout status` has it: what scripts rely on.

The progress of a rollout (`rollouts`) takes a Deployment's own note of its end for the end,
whatever becomes of its pods since. kubectl asks the counts alone: it waits as long as a pod isn't
available.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import DEADLINE_EXCEEDED, Deployment
from k8stui.resources.rollout_strategy import Rollable
from k8stui.resources.rollouts import RolloutProgress, percent_of
from k8stui.resources.statefulsets import StatefulSet


class RolloutEnd(NamedTuple):
    """Where kubectl's status viewers see a rollout."""

    state: Literal["done", "waiting", "failed"]
    text: str
    """What it waits for, why it failed, or how it is done."""


def rollout_end(workload: Rollable) -> RolloutEnd:
    """What `kubectl rollout status` makes of the workload."""
    if not workload.observed:
        return RolloutEnd("waiting", "the controller has not seen the new template yet")
    match workload:
        case Deployment():
            return _deployment(workload)
        case StatefulSet():
            return _statefulset(workload)
        case _:
            return _daemonset(workload)


def with_end(progress: RolloutProgress, workload: Rollable, end: RolloutEnd) -> RolloutProgress:
    """The progress with the state and the share that belong to kubectl's end."""
    state, blocked, waits = progress.state, progress.blocked, progress.waits
    # Only a Deployment is held by someone's word; a partition keeps back what kubectl does not ask.
    held = state == "paused" and isinstance(workload, Deployment)
    if end.state == "done":
        state, blocked, waits = "done", (), ()
    elif end.state == "waiting" and state in ("done", "paused") and not held:
        blocked = progress.ailing
        state, waits = ("stuck", ()) if blocked else ("progressing", (end.text,))
    percent = percent_of(state, progress.available, progress.desired)
    return msgspec.structs.replace(
        progress, state=state, blocked=blocked, waits=waits, percent=percent
    )


def _deployment(one: Deployment) -> RolloutEnd:
    progressing = one.condition("Progressing")
    if progressing is not None and progressing.reason == DEADLINE_EXCEEDED:
        return RolloutEnd("failed", "failed at the deadline")
    if one.updated < one.desired:
        return RolloutEnd("waiting", _replaced(one.updated, one.desired))
    if one.replicas > one.updated:
        old = one.replicas - one.updated
        return RolloutEnd("waiting", f"{old} old {_pods(old)} still to terminate")
    if one.available < one.updated:
        return RolloutEnd("waiting", _available(one.available, one.updated))
    return RolloutEnd("done", "rolled out")


def _statefulset(one: StatefulSet) -> RolloutEnd:
    if one.strategy != "RollingUpdate":
        return _not_rolling(one.strategy)
    if one.ready < one.desired:
        return RolloutEnd("waiting", f"{one.ready} of {one.desired} pods ready")
    wanted = one.desired - one.partition
    if one.updated < wanted:
        return RolloutEnd("waiting", _replaced(one.updated, wanted))
    if not one.partition:
        return RolloutEnd("done", "rolled out")
    many = f"{one.updated} new {_pods(one.updated)}"
    return RolloutEnd("done", f"partitioned rollout complete: {many}")


def _daemonset(one: DaemonSet) -> RolloutEnd:
    if one.strategy != "RollingUpdate":
        return _not_rolling(one.strategy)
    if one.updated < one.desired:
        return RolloutEnd("waiting", _replaced(one.updated, one.desired))
    if one.available < one.desired:
        return RolloutEnd("waiting", _available(one.available, one.desired))
    return RolloutEnd("done", "rolled out")


def _not_rolling(strategy: str) -> RolloutEnd:
    text = f"rollout status is only for the strategy RollingUpdate, not {strategy}"
    return RolloutEnd("failed", text)


def _replaced(updated: int, wanted: int) -> str:
    return f"{updated} of {wanted} new pods updated"


def _available(available: int, wanted: int) -> str:
    return f"{available} of {wanted} updated pods available"


def _pods(many: int) -> str:
    return "pod" if many == 1 else "pods"
