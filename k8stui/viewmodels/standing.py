"""How one object stands now, from what is watched: its record, its revisions, its pods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from k8stui.resources.evidence import NO_EVIDENCE, Evidence
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.resources.registry import TYPED
from k8stui.resources.revisions import (
    RevisionRow,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
)
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.ownership import WORKLOAD_KEYS, Ownership

REVISIONS = "controllerrevisions.apps"


class Standing(NamedTuple):
    """What is known of an object."""

    record: Record | None
    revisions: Sequence[RevisionRow] = ()
    pods: Sequence[Pod] = ()
    evidence: Evidence = NO_EVIDENCE


def revisions_of(
    cluster: LiveCluster, ownership: Ownership, key: str, record: Any, pods: Sequence[Pod]
) -> tuple[RevisionRow, ...]:
    """The revisions of a workload, the newest first; none for kinds without a history."""
    match key:
        case "deployments.apps":
            return revisions_of_deployment(record, ownership.owned(key, record), pods)
        case "statefulsets.apps":
            history = cluster.collection(REVISIONS).by_owner(record.uid)
            return revisions_of_statefulset(record, history, pods)
        case "daemonsets.apps":
            history = cluster.collection(REVISIONS).by_owner(record.uid)
            return revisions_of_daemonset(record, history, pods)
        case _:
            return ()


def standing_of(cluster: LiveCluster, key: str, uid: str) -> Standing:
    """What the cluster's watched collections know of an object, nothing for kinds that are not."""
    if key not in TYPED:
        return Standing(None)
    record = cluster.collection(key).get(uid)
    if record is None or key not in WORKLOAD_KEYS:
        return Standing(record)
    ownership = Ownership(cluster.collection)
    pods = list(ownership.pods(key, record))
    return Standing(record, revisions_of(cluster, ownership, key, record, pods), pods)
