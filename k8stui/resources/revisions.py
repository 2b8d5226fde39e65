"""The revisions of a Deployment, StatefulSet or DaemonSet, with the pods of each.

Numbered as `kubectl rollout history` numbers them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from k8stui.resources.controllerrevisions import REVISION_HASH_LABEL, ControllerRevision
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import DEADLINE_EXCEEDED, Deployment
from k8stui.resources.pod_templates import Images
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.revision_images import image_delta, short_image
from k8stui.resources.statefulsets import StatefulSet

ROLLING_TO: Final = "▶"
CURRENT: Final = "✓"
FAILED: Final = "✗"


class RevisionRow(Record, frozen=True, gc=False, kw_only=True):
    """One revision: its ReplicaSet or ControllerRevision, and what runs of it.

    The head (`uid`, `name`, `created`, `labels`, owner) is that object's own.
    """

    revision: int
    """0 for a ReplicaSet that the Deployment controller has not numbered (yet)."""
    plural: str
    """`replicasets` or `controllerrevisions`, of the group apps."""
    desired: int = 0
    """The target: pods that it should have in the end. Others: pods that they are to keep now."""
    current: int = 0
    """Pods that exist and are not terminating."""
    ready: int = 0
    available: int = 0
    terminating: int = 0
    pod_hash: str = ""
    """Value of the pods' label `pod-template-hash` or `controller-revision-hash`."""
    images: Images = ()
    init_images: Images = ()
    image_text: str = ""
    """Short image names, those that differ from the revision before first."""
    change_cause: str = ""
    is_target: bool = False
    """The revision that the workload's spec asks for."""
    rolling_to: bool = False
    """The target, while its rollout is not at its end."""
    failed: bool = False
    """The target, when the Deployment controller gave up waiting for it at the deadline."""
    is_current: bool = False
    """What runs: the target when it is rolled out, else the revision that is being left."""
    last_healthy: bool = False
    """The revision of the last rollout that came to its end with all pods available."""

    @property
    def glyph(self) -> str:
        """`✗` failed, `▶` being rolled to, `✓` current, else a blank."""
        if self.failed:
            return FAILED
        return ROLLING_TO if self.rolling_to else CURRENT if self.is_current else " "

    @property
    def word(self) -> str:
        """What the glyph says, and `last healthy` for a revision that is neither."""
        if self.failed:
            return "failed"
        if self.rolling_to:
            return "rolling to"
        if self.is_current:
            return "current"
        return "last healthy" if self.last_healthy else ""

    @property
    def image_now(self) -> str:
        """Short image names, without what they were before."""
        return ", ".join(dict.fromkeys(short_image(image) for _, image in self.images))

    @property
    def is_old(self) -> bool:
        """Another revision is wanted, and this one still has pods."""
        return not self.is_target and self.current > 0

    @property
    def pods_text(self) -> str:
        """`1/4` ready of those it should have; `0` for a revision without pods."""
        if not self.current and not (self.is_target and self.desired):
            return "0"
        return f"{self.ready}/{self.desired if self.is_target else self.current}"


def deployment_is_rolling(deployment: Deployment) -> bool:
    """Whether the newest revision is not rolled out to its end.

    Once the controller has noted the end (NewReplicaSetAvailable), scaling and failing pods
    are no rollout. Where it notes nothing (no deadline) or leaves the note of an earlier rollout
    standing (Recreate), only the counts can tell.
    """
    one = deployment
    if not one.observed:
        return True
    progressing = one.condition("Progressing")
    reason = progressing.reason if progressing else ""
    ended = reason == "NewReplicaSetAvailable" and one.strategy != "Recreate"
    if ended and one.replicas == one.updated:
        return False
    if one.updated < one.desired or one.replicas > one.updated:
        return True
    return one.available < one.desired and reason != "DeploymentPaused"


def deployment_has_failed(deployment: Deployment) -> bool:
    """Whether the controller has given up on the newest revision at its deadline."""
    progressing = deployment.condition("Progressing")
    return (
        progressing is not None
        and progressing.reason == DEADLINE_EXCEEDED
        and deployment.observed
        and deployment_is_rolling(deployment)
    )


def statefulset_is_rolling(sts: StatefulSet) -> bool:
    """Whether pods are still to be replaced that may be, as `kubectl rollout status` decides."""
    if not sts.observed:
        return True
    if sts.strategy != "RollingUpdate" or sts.update_revision == sts.current_revision:
        return False
    if sts.partition:
        return sts.updated < sts.desired - sts.partition or sts.ready < sts.desired
    return True


def daemonset_is_rolling(ds: DaemonSet) -> bool:
    """Whether pods are still to be replaced.

    A DaemonSet does not note the end of a rollout: one whose pods are all new and of which none
    at all is available counts as not yet there.
    """
    if not ds.observed:
        return True
    if ds.strategy != "RollingUpdate":
        return False
    return ds.updated < ds.desired or (ds.desired > 0 and ds.available == 0)


def target_replicaset(
    deployment: Deployment, replicasets: Sequence[ReplicaSet]
) -> ReplicaSet | None:
    """The ReplicaSet of the Deployment's present template.

    None where there isn't one yet: a template changed while paused is not rolled out at all.
    """
    if deployment.paused and not deployment.updated and deployment.replicas:
        return None
    return max(
        (one for one in replicasets if one.revision == deployment.revision > 0),
        key=lambda one: one.created,
        default=None,
    )


def revisions_of_deployment(
    deployment: Deployment, replicasets: Iterable[ReplicaSet], pods: Iterable[Pod] = ()
) -> tuple[RevisionRow, ...]:
    """The Deployment's ReplicaSets as revisions, the newest first.

    ReplicaSets of other owners are left out. `pods` are asked for the terminating ones only;
    the other counts are the ReplicaSets' own.
    """
    mine = sorted(
        (one for one in replicasets if one.owner_uid == deployment.uid),
        key=lambda one: (one.revision, one.created, one.name),
    )
    target = target_replicaset(deployment, mine)
    rolling = target is not None and deployment_is_rolling(deployment)
    terminating = Counter(pod.owner_uid for pod in pods if pod.deleted)
    counts = {
        one.uid: _Counts(
            deployment.desired if one is target else one.desired,
            one.replicas,
            one.ready,
            one.available,
            terminating[one.uid],
        )
        for one in mine
    }
    rows = _rows(mine, counts, target.uid if target else "", rolling)
    if deployment_has_failed(deployment):
        rows = tuple(msgspec.structs.replace(row, failed=row.is_target) for row in rows)
    done = _done_replicaset(deployment, mine)
    came_back = target is not None and bool(target.revision_history)
    return _healthy(rows, done or _last_complete(rows, came_back))


def revisions_of_statefulset(
    sts: StatefulSet, revisions: Iterable[ControllerRevision], pods: Iterable[Pod]
) -> tuple[RevisionRow, ...]:
    """The StatefulSet's ControllerRevisions, the newest first; pods by their revision label."""
    mine = _owned_revisions(sts.uid, revisions)
    target = next((one.uid for one in mine if one.name == sts.update_revision), "")
    kept = min(sts.partition, sts.desired) if sts.strategy == "RollingUpdate" else 0
    counts = _pod_counts(sts.uid, mine, pods, target, sts.desired - kept)
    rows = _rows(mine, counts, target, statefulset_is_rolling(sts))
    # Its status names the revision that was last rolled out to the end, but at first the first one,
    # of which nobody knows whether it came to its end.
    first = min(mine, key=lambda one: one.created, default=None)
    current = next((row for row in rows if row.name == sts.current_revision), None)
    if current is None or (first and current.uid == first.uid and not _is_well(current)):
        return rows
    return _healthy(rows, current.uid)


def revisions_of_daemonset(
    ds: DaemonSet, revisions: Iterable[ControllerRevision], pods: Iterable[Pod]
) -> tuple[RevisionRow, ...]:
    """The DaemonSet's ControllerRevisions, the newest first; pods by their revision label."""
    mine = _owned_revisions(ds.uid, revisions)
    # Going back to an old template gives its ControllerRevision the highest number.
    target = mine[-1].uid if mine else ""
    counts = _pod_counts(ds.uid, mine, pods, target, ds.desired)
    rows = _rows(mine, counts, target, daemonset_is_rolling(ds))
    newest = max((one.created for one in mine), default=0)
    came_back = bool(mine) and mine[-1].created < newest
    whole = ds.observed and ds.updated >= ds.desired > 0 and ds.available >= ds.desired
    return _healthy(rows, target if whole else _last_complete(rows, came_back))


def _healthy(rows: tuple[RevisionRow, ...], uid: str) -> tuple[RevisionRow, ...]:
    """The rows with the one that last ran fully healthy marked."""
    return tuple(
        msgspec.structs.replace(row, last_healthy=True) if row.uid == uid else row for row in rows
    )


def _is_well(row: RevisionRow) -> bool:
    """Whether there are pods of it, and all of them are ready."""
    return 0 < row.current <= row.ready


def _done_replicaset(deployment: Deployment, replicasets: Sequence[ReplicaSet]) -> str:
    """The uid of the ReplicaSet that the Deployment's status says has come to its end.

    Scaled to 0 a rollout is at its end without a pod, and scaling up leaves the note: without any
    pod that is available it proves nothing.
    """
    progressing = deployment.condition("Progressing")
    if progressing is None or progressing.reason != "NewReplicaSetAvailable":
        return ""
    named = progressing.message.partition('"')[2].partition('"')[0]
    return next((one.uid for one in replicasets if one.name == named and one.available), "")


def _last_complete(rows: Sequence[RevisionRow], came_back: bool) -> str:
    """The uid of the revision whose rollout last came to its end, "" where that can't be told.

    A rollout at its end leaves no pod of an earlier revision: so it is the oldest that still has
    pods, if what is left of it is well; otherwise it may never have come so far. When an old
    template came back, whatever is left of a later one that isn't well is what it came back from.
    """
    old = [row for row in rows if row.is_old]
    if not old:
        return ""
    oldest = min(old, key=lambda row: row.revision)
    if _is_well(oldest):
        return oldest.uid
    return next((row.uid for row in rows if came_back and row.is_target and _is_well(row)), "")


class _Counts(NamedTuple):
    desired: int = 0
    current: int = 0
    ready: int = 0
    available: int = 0
    terminating: int = 0


def _owned_revisions(uid: str, revisions: Iterable[ControllerRevision]) -> list[ControllerRevision]:
    return sorted(
        (one for one in revisions if one.owner_uid == uid), key=lambda one: (one.revision, one.name)
    )


def revision_label(pod: Pod) -> str:
    """The pod's `controller-revision-hash`, empty without one."""
    start = f"{REVISION_HASH_LABEL}="
    return next((pair[len(start) :] for pair in pod.labels if pair.startswith(start)), "")


def _pod_counts(
    owner_uid: str,
    revisions: Sequence[ControllerRevision],
    pods: Iterable[Pod],
    target: str,
    target_desired: int,
) -> dict[str, _Counts]:
    """A DaemonSet's pods carry the revision's hash label, a StatefulSet's the revision's name."""
    by_label: dict[str, list[Pod]] = {}
    for pod in pods:
        if pod.owner_uid == owner_uid:
            by_label.setdefault(revision_label(pod), []).append(pod)
    counts = {}
    for one in revisions:
        found = by_label.get(one.hash or one.name, [])
        staying = [pod for pod in found if not pod.deleted and pod.phase not in _ENDED]
        ready = sum(pod.is_ready for pod in staying)
        counts[one.uid] = _Counts(
            target_desired if one.uid == target else len(staying),
            len(staying),
            ready,
            ready,
            sum(pod.deleted > 0 for pod in found),
        )
    return counts


_ENDED: Final = ("Succeeded", "Failed")


def _rows(
    ordered: Sequence[ReplicaSet] | Sequence[ControllerRevision],
    counts: dict[str, _Counts],
    target: str,
    rolling: bool,
) -> tuple[RevisionRow, ...]:
    """Rows of revisions in ascending order, returned descending."""
    others = [one for one in ordered if one.uid != target and counts[one.uid].current]
    # A partition or OnDelete holds old pods where they are: that is not the end of the rollout.
    rolling = rolling or bool(target and others)
    left = max(others, key=lambda one: (counts[one.uid].ready, one.revision), default=None)
    is_left = left.uid if left is not None and (rolling or not target) else ""
    rows: list[RevisionRow] = []
    before: Images = ()
    for one in ordered:
        rows.append(
            RevisionRow(
                uid=one.uid,
                namespace=one.namespace,
                name=one.name,
                resource_version=one.resource_version,
                created=one.created,
                deleted=one.deleted,
                labels=one.labels,
                owner_uid=one.owner_uid,
                owner_group=one.owner_group,
                owner_kind=one.owner_kind,
                owner_name=one.owner_name,
                revision=one.revision,
                plural="replicasets" if isinstance(one, ReplicaSet) else "controllerrevisions",
                **counts[one.uid]._asdict(),
                pod_hash=one.template_hash if isinstance(one, ReplicaSet) else one.hash or one.name,
                images=one.containers,
                init_images=one.init_containers,
                image_text=image_delta(one.containers, one.init_containers, before),
                change_cause=one.change_cause,
                is_target=one.uid == target,
                rolling_to=one.uid == target and rolling,
                is_current=one.uid == is_left or (one.uid == target and not rolling),
            )
        )
        before = (*one.containers, *one.init_containers)
    return tuple(reversed(rows))
