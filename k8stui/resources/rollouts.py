"""How far a rollout has come, and what holds it up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from k8stui.resources.blockers import names_text, pod_sentences
from k8stui.resources.columns import natural_key
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.pods import Pod
from k8stui.resources.revisions import (
    REVISION_COLUMNS,
    RevisionRow,
    daemonset_is_rolling,
    deployment_is_rolling,
    revision_label,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
    statefulset_is_rolling,
)
from k8stui.resources.statefulsets import StatefulSet

__all__ = [
    "REVISION_COLUMNS",
    "RevisionRow",
    "Rollable",
    "RolloutProgress",
    "RolloutState",
    "revisions_of_daemonset",
    "revisions_of_deployment",
    "revisions_of_statefulset",
    "rollout_progress",
]

Rollable = Deployment | StatefulSet | DaemonSet
RolloutState = Literal["done", "progressing", "paused", "stuck", "deadline exceeded"]

DEADLINE_EXCEEDED: Final = "ProgressDeadlineExceeded"


class RolloutProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a rollout stands. Counts are of pods; those of a DaemonSet are one a node."""

    state: RolloutState
    """`stuck`: something that does not pass by itself holds it up, the deadline isn't over.
    `paused`: by spec.paused, a partition or OnDelete."""
    revision: int = 0
    """Number of the revision that is rolled to, 0 where it isn't known."""
    desired: int = 0
    updated: int = 0
    """Pods of the new revision, as with the next two."""
    ready: int = 0
    available: int = 0
    old: int = 0
    """Pods of other revisions that are still there."""
    percent: int = 100
    """Available pods of the new revision among the desired ones; 100 only when it is done."""
    deadline: int = 0
    """Epoch seconds at which the Deployment controller will give up waiting, 0 for never."""
    deadline_left: int | None = None
    """Seconds until then, None where there is no deadline or nothing runs towards it."""
    blocked: tuple[str, ...] = ()
    """Plain sentences, the worst first; empty when nothing holds it up."""


def rollout_progress(
    workload: Rollable, revisions: Sequence[RevisionRow], pods: Iterable[Pod], now: float
) -> RolloutProgress:
    """How the rollout of the workload's newest revision stands.

    Takes the workload's `revisions_of_…` and its own pods, and the time in epoch seconds.
    """
    own = tuple(pods)
    if isinstance(workload, Deployment):
        return _deployment(workload, revisions, own, now)
    return _pods_replaced_in_place(workload, revisions, own, now)


def _deployment(
    deployment: Deployment, revisions: Sequence[RevisionRow], pods: tuple[Pod, ...], now: float
) -> RolloutProgress:
    target = next((one for one in revisions if one.is_target), None)
    held = deployment.paused and target is None and bool(revisions)
    rolling = deployment_is_rolling(deployment)
    blocked: tuple[str, ...] = ()
    if held:
        blocked = ("paused: the changed template is not rolled out until it is resumed",)
    elif rolling:
        blocked = _deployment_blockers(deployment, target, pods, now)
    state = _deployment_state(deployment, rolling, held, blocked)
    deadline = _deadline(deployment) if state in ("progressing", "stuck") else 0
    available = target.available if target else 0
    if not revisions:
        available = min(deployment.updated, deployment.available)
    return RolloutProgress(
        state=state,
        revision=target.revision if target else 0 if held else deployment.revision,
        desired=deployment.desired,
        updated=deployment.updated,
        ready=target.ready if target else 0,
        available=available,
        old=sum(one.current for one in revisions if not one.is_target),
        percent=_percent(state, available, deployment.desired),
        deadline=deadline,
        deadline_left=max(0, round(deadline - now)) if deadline else None,
        blocked=blocked,
    )


def _deployment_state(
    deployment: Deployment, rolling: bool, held: bool, blocked: tuple[str, ...]
) -> RolloutState:
    if held:
        return "paused"
    if not rolling:
        return "done"
    progressing = deployment.condition("Progressing")
    if progressing is not None and progressing.reason == DEADLINE_EXCEEDED and deployment.observed:
        return "deadline exceeded"
    if deployment.paused:
        return "paused"
    return "stuck" if blocked else "progressing"


def _deadline(deployment: Deployment) -> int:
    progressing = deployment.condition("Progressing")
    if not deployment.progress_deadline or progressing is None or not deployment.observed:
        return 0
    if progressing.reason == "NewReplicaSetAvailable":
        return 0  # the note of an earlier rollout: the clock of this one does not run
    return progressing.last_update + deployment.progress_deadline


def _deployment_blockers(
    deployment: Deployment, target: RevisionRow | None, pods: tuple[Pod, ...], now: float
) -> tuple[str, ...]:
    sentences = []
    if deployment.paused:
        sentences.append("paused: pods are replaced no further until it is resumed")
    refused = deployment.condition("ReplicaFailure")
    if refused is not None and refused.status == "True":
        sentences.append(f"pods can't be created: {refused.message}")
    new = [pod for pod in pods if target is None or pod.owner_uid == target.uid]
    sentences += pod_sentences(new, now)
    if deployment.strategy == "Recreate":
        # Recreate makes no new pod before the last old one is gone.
        sentences += pod_sentences((pod for pod in pods if pod.deleted and pod not in new), now)
    return tuple(sentences)


def _pods_replaced_in_place(
    workload: StatefulSet | DaemonSet,
    revisions: Sequence[RevisionRow],
    pods: tuple[Pod, ...],
    now: float,
) -> RolloutProgress:
    target = next((one for one in revisions if one.is_target), None)
    rolling = (
        statefulset_is_rolling(workload)
        if isinstance(workload, StatefulSet)
        else daemonset_is_rolling(workload)
    )
    old = _old_pods(revisions, pods)
    held = _held(workload, old) if old else ""
    blocked: tuple[str, ...] = ()
    state: RolloutState = "done"
    # Going back before the end, a StatefulSet's status says at once that nothing is to be updated.
    if rolling or (old and not held):
        blocked = pod_sentences(pods, now)
        state = "stuck" if blocked else "progressing"
    elif held:
        blocked, state = (held,), "paused"
    available = target.available if target else min(workload.updated, workload.available)
    return RolloutProgress(
        state=state,
        revision=target.revision if target else 0,
        desired=workload.desired,
        updated=workload.updated,
        ready=target.ready if target else min(workload.updated, workload.ready),
        available=available,
        old=len(old),
        percent=_percent(state, available, workload.desired),
        blocked=blocked,
    )


def _old_pods(revisions: Sequence[RevisionRow], pods: tuple[Pod, ...]) -> list[str]:
    """Names of the pods of other revisions than the target."""
    target = next((one.pod_hash for one in revisions if one.is_target), "")
    if not target:
        return []
    names = (pod.name for pod in pods if not pod.deleted and revision_label(pod) != target)
    return sorted(names, key=natural_key)


def _held(workload: StatefulSet | DaemonSet, old: list[str]) -> str:
    names, keep = names_text(old), "keeps" if len(old) == 1 else "keep"
    if workload.strategy == "OnDelete":
        return f"OnDelete: {names} {keep} the old revision until deleted"
    if isinstance(workload, StatefulSet) and workload.partition:
        return f"partition {workload.partition}: {names} {keep} the old revision"
    return ""


def _percent(state: RolloutState, available: int, desired: int) -> int:
    if state == "done":
        return 100
    return min(99, 100 * available // desired) if desired else 0
