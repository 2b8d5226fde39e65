"""How far a rollout has come, and what holds it up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from k8stui.resources.blockers import Sentences, names_text, sentences_of
from k8stui.resources.columns import natural_key
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import DEADLINE_EXCEEDED, Deployment
from k8stui.resources.evidence import NO_EVIDENCE, Evidence
from k8stui.resources.poddisruptionbudgets import PodDisruptionBudget
from k8stui.resources.pods import Pod
from k8stui.resources.revision_columns import REVISION_COLUMNS
from k8stui.resources.revisions import (
    RevisionRow,
    daemonset_is_rolling,
    deployment_has_failed,
    deployment_is_rolling,
    revision_label,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
    statefulset_is_rolling,
)
from k8stui.resources.rollout_strategy import Rollable, budget_text
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

RolloutState = Literal["done", "progressing", "paused", "stuck", "deadline exceeded"]


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
    waits: tuple[str, ...] = ()
    """What it waits for though nothing is wrong (yet); empty unless it is under way."""
    early: tuple[str, ...] = ()
    """What may pass while containers are starting, or not: a probe's answer."""
    ailing: tuple[str, ...] = ()
    """Plain sentences, the worst first: why pods of a rollout that is done are missing."""
    notes: tuple[str, ...] = ()
    """What else one should know while it is under way: disruption budgets."""
    budget: str = ""
    """How many pods may be added and missing, and how many are: `surge 1 of max 1 (25%) · …`."""
    last_healthy: int = 0
    """Number of the revision that last ran fully healthy, 0 where that isn't known."""
    last_healthy_image: str = ""
    observed: bool = True
    """Whether the controller has seen the newest spec: until then all of this is of the one before,
    but for `state`."""
    target: str = ""
    """The label value of the target's pods: another one is another rollout."""
    began: int = 0
    """Epoch seconds at which the target was made; 0 when it is an old one that came back."""
    ended: int = 0
    """Epoch seconds at which the Deployment controller saw it done, or gave up; 0 where that isn't
    told."""
    last_progress: int = 0
    """Epoch seconds at which a pod of the target last was made or became ready, 0 for never."""
    seconds_allowed: int = 0
    """A Deployment's progressDeadlineSeconds; 0 for what is given no deadline."""


def rollout_progress(
    workload: Rollable,
    revisions: Sequence[RevisionRow],
    pods: Iterable[Pod],
    now: float,
    evidence: Evidence = NO_EVIDENCE,
) -> RolloutProgress:
    """How the rollout of the workload's newest revision stands.

    Takes the workload's `revisions_of_…` and its own pods, the time in epoch seconds, and what
    is known beyond the objects themselves.
    """
    own = tuple(pods)
    if isinstance(workload, Deployment):
        made = _deployment(workload, revisions, own, now, evidence)
    else:
        made = _pods_replaced_in_place(workload, revisions, own, now, evidence)
    under_way = made.state != "done"
    healthy = next((one for one in revisions if one.last_healthy), None)
    target = next((one for one in revisions if one.is_target), None)
    newest = max((one.created for one in revisions), default=0)
    return msgspec.structs.replace(
        made,
        budget=budget_text(workload) if under_way else "",
        ailing=() if under_way else _ailing(made, target, own, now, evidence),
        notes=tuple(map(_budget_note, evidence.budgets)) if under_way else (),
        last_healthy=healthy.revision if healthy else 0,
        last_healthy_image=healthy.image_now if healthy else "",
        observed=workload.observed,
        target=target.pod_hash if target else "",
        began=target.created if target and target.created >= newest else 0,
        last_progress=_last_progress(target, own),
    )


def _ailing(
    made: RolloutProgress,
    target: RevisionRow | None,
    pods: tuple[Pod, ...],
    now: float,
    evidence: Evidence,
) -> tuple[str, ...]:
    """A container that ran for a moment has ended the rollout, whatever became of it since."""
    if target is None or made.available >= made.desired:
        return ()
    own = [p for p in pods if p.owner_uid == target.uid or revision_label(p) == target.pod_hash]
    return sentences_of(own, now, evidence).lasting


def _budget_note(one: PodDisruptionBudget) -> str:
    """Controllers delete pods without asking: only evictions are held up by a budget."""
    healthy = f"{one.healthy} healthy, {one.needed} needed"
    if one.allowed > 0:
        more = "eviction" if one.allowed == 1 else "evictions"
        return f"pdb/{one.name} allows {one.allowed} {more} now ({healthy})"
    return (
        f"pdb/{one.name} allows no eviction now ({healthy}): "
        "drains wait, the rollout itself does not"
    )


def _last_progress(target: RevisionRow | None, pods: tuple[Pod, ...]) -> int:
    if target is None:
        return 0
    moments = (
        max(pod.created, pod.ready_changed if pod.is_ready else 0)
        for pod in pods
        if pod.owner_uid == target.uid or revision_label(pod) == target.pod_hash
    )
    return max(target.created, *moments, 0)


def _waits(found: Sentences, workload: Rollable, target: RevisionRow | None) -> tuple[str, ...]:
    """What a rollout under way waits for, in the order in which things happen."""
    if found.passing:
        return found.passing
    if target is not None and target.ready > target.available and workload.min_ready_seconds:
        return (
            f"{target.ready - target.available} ready, available after "
            f"{workload.min_ready_seconds} s (minReadySeconds)",
        )
    if not workload.observed:
        return ("the controller has not seen the new template yet",)
    missing = workload.desired - workload.updated
    return (f"{missing} of {workload.desired} still to be replaced",) if missing > 0 else ()


def _deployment(
    deployment: Deployment,
    revisions: Sequence[RevisionRow],
    pods: tuple[Pod, ...],
    now: float,
    evidence: Evidence,
) -> RolloutProgress:
    target = next((one for one in revisions if one.is_target), None)
    held = deployment.paused and target is None and bool(revisions)
    rolling = deployment_is_rolling(deployment)
    found = Sentences(())
    if held:
        found = Sentences(("paused: the changed template is not rolled out until it is resumed",))
    elif rolling:
        found = _deployment_sentences(deployment, target, pods, now, evidence)
    blocked = found.lasting
    state = _deployment_state(deployment, rolling, held, blocked)
    deadline = _deadline(deployment) if state in ("progressing", "stuck") else 0
    available = target.available if target else 0
    if not revisions:
        # The revisions are not read yet: the old pods are taken to be available.
        old = deployment.replicas - deployment.updated
        available = max(0, deployment.available - old)
    return RolloutProgress(
        state=state,
        revision=target.revision if target else 0 if held else deployment.revision,
        desired=deployment.desired,
        updated=deployment.updated,
        ready=target.ready if target else 0,
        available=available,
        old=sum(one.current for one in revisions if not one.is_target),
        percent=percent_of(state, available, deployment.desired),
        deadline=deadline,
        deadline_left=max(0, round(deadline - now)) if deadline else None,
        blocked=blocked,
        waits=_waits(found, deployment, target) if state == "progressing" else (),
        early=found.early if state == "progressing" else (),
        ended=_noted_end(deployment, state),
        seconds_allowed=deployment.progress_deadline,
    )


def _noted_end(deployment: Deployment, state: RolloutState) -> int:
    reason = {"done": "NewReplicaSetAvailable", "deadline exceeded": DEADLINE_EXCEEDED}.get(state)
    progressing = deployment.condition("Progressing")
    if progressing is None or progressing.reason != reason:
        return 0
    if state == "done" and progressing.last_update <= progressing.last_transition:
        # Not noted as the last step of something that went on: pausing and resuming what was done
        # long ago notes its end anew.
        return 0
    return progressing.last_update


def _deployment_state(
    deployment: Deployment, rolling: bool, held: bool, blocked: tuple[str, ...]
) -> RolloutState:
    if held:
        return "paused"
    if not rolling:
        return "done"
    if deployment_has_failed(deployment):
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


def _deployment_sentences(
    deployment: Deployment,
    target: RevisionRow | None,
    pods: tuple[Pod, ...],
    now: float,
    evidence: Evidence,
) -> Sentences:
    lasting = []
    if deployment.paused:
        lasting.append("paused: pods are replaced no further until it is resumed")
    lasting += _refusal(deployment, target, pods, evidence)
    new = [pod for pod in pods if target is None or pod.owner_uid == target.uid]
    found = sentences_of(new, now, evidence)
    lasting += found.lasting
    passing = found.passing
    if deployment.strategy == "Recreate":
        # Recreate makes no new pod before the last old one is gone.
        leaving = sentences_of((pod for pod in pods if pod.deleted and pod not in new), now)
        lasting += leaving.lasting
        passing = (*leaving.passing, *passing)
    return Sentences(tuple(lasting), passing, found.early)


def _refusal(
    deployment: Deployment,
    target: RevisionRow | None,
    pods: tuple[Pod, ...],
    evidence: Evidence,
) -> list[str]:
    """Why pods can't be created; the event comes before the condition does."""
    refused = deployment.condition("ReplicaFailure")
    if refused is not None and refused.status == "True":
        return [f"pods can't be created: {refused.message}"]
    if target is None or target.current >= target.desired:
        return []
    said = evidence.create_failure((target.uid,), pods)
    return [f"pods can't be created: {said}"] if said else []


def _pods_replaced_in_place(
    workload: StatefulSet | DaemonSet,
    revisions: Sequence[RevisionRow],
    pods: tuple[Pod, ...],
    now: float,
    evidence: Evidence,
) -> RolloutProgress:
    target = next((one for one in revisions if one.is_target), None)
    rolling = (
        statefulset_is_rolling(workload)
        if isinstance(workload, StatefulSet)
        else daemonset_is_rolling(workload)
    )
    old = _old_pods(revisions, pods)
    held = _held(workload, old) if old else ""
    found = Sentences(())
    blocked: tuple[str, ...] = ()
    state: RolloutState = "done"
    refused = _pods_refused(workload, pods, evidence)
    # Going back before the end, a StatefulSet's status says at once that nothing is to be updated.
    if rolling or (old and not held) or refused:
        found = sentences_of(pods, now, evidence)
        blocked = (*refused, *found.lasting)
        if found.lasting and isinstance(workload, StatefulSet):
            blocked += _left_behind(workload, old, pods)
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
        percent=percent_of(state, available, workload.desired),
        blocked=blocked,
        waits=_waits(found, workload, target) if state == "progressing" else (),
        early=found.early if state == "progressing" else (),
    )


def _pods_refused(
    workload: StatefulSet | DaemonSet, pods: tuple[Pod, ...], evidence: Evidence
) -> tuple[str, ...]:
    """Why pods can't be created: only an event tells that of these kinds."""
    there = sum(not pod.deleted for pod in pods)
    # A DaemonSet's controller that can make no pod does not come to writing the status.
    if there >= workload.desired and workload.observed:
        return ()
    said = evidence.create_failure((workload.uid,), pods)
    return (f"pods can't be created: {said}",) if said else ()


def _old_pods(revisions: Sequence[RevisionRow], pods: tuple[Pod, ...]) -> list[str]:
    """Names of the pods of other revisions than the target."""
    target = next((one.pod_hash for one in revisions if one.is_target), "")
    if not target:
        return []
    names = (pod.name for pod in pods if not pod.deleted and revision_label(pod) != target)
    return sorted(names, key=natural_key)


def _left_behind(sts: StatefulSet, old: list[str], pods: tuple[Pod, ...]) -> tuple[str, ...]:
    """Pods of another revision that an ordered StatefulSet does not replace before they are ready:
    going back does not help them ("Forced rollback" in Kubernetes' docs on StatefulSets).
    """
    if not sts.ordered or sts.strategy != "RollingUpdate":
        return ()
    names = [pod.name for pod in pods if pod.name in old and not pod.is_ready and not pod.deleted]
    if not names:
        return ()
    verb, them = ("is", "it") if len(names) == 1 else ("are", "them")
    text = f"{names_text(sorted(names, key=natural_key))} {verb} of another revision and not ready"
    return (f"{text}: a StatefulSet waits for {them} and does not replace {them}: delete {them}",)


def _held(workload: StatefulSet | DaemonSet, old: list[str]) -> str:
    names, keep = names_text(old), "keeps" if len(old) == 1 else "keep"
    if workload.strategy == "OnDelete":
        return f"OnDelete: {names} {keep} the old revision until deleted"
    if isinstance(workload, StatefulSet) and workload.partition:
        return f"partition {workload.partition}: {names} {keep} the old revision"
    return ""


def percent_of(state: RolloutState, available: int, desired: int) -> int:
    """As `RolloutProgress.percent`."""
    if state == "done":
        return 100
    return min(99, 100 * available // desired) if desired else 0
