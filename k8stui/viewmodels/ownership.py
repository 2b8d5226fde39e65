"""Which pods belong to which workload, by the owner references alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from k8stui.resources.phase import Stale, Syncing
from k8stui.resources.record import Record
from k8stui.store.collection import Collection

# What may own pods or Jobs, by the kind in their owner references.
OWNER_KINDS = {
    ("apps", "Deployment"): "deployments.apps",
    ("apps", "ReplicaSet"): "replicasets.apps",
    ("apps", "StatefulSet"): "statefulsets.apps",
    ("apps", "DaemonSet"): "daemonsets.apps",
    ("batch", "Job"): "jobs.batch",
    ("batch", "CronJob"): "cronjobs.batch",
}
WORKLOAD_KEYS = (
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
    "jobs.batch",
    "replicasets.apps",
    "pods",
)
"""The kinds that can be a row of the Workloads pane."""


class Ownership:
    """Walks owner references over the collections of one scope.

    Args:
        collection: Gives the collection of a kind's key.
    """

    def __init__(self, collection: Callable[[str], Collection[Any]]) -> None:
        self._collections = {key: collection(key) for key in WORKLOAD_KEYS}

    def collection(self, key: str) -> Collection[Any]:
        return self._collections[key]

    def root(self, key: str, record: Record) -> tuple[str, Record] | None:
        """The workload that a record is part of: (kind's key, record), itself where it is on top.

        None while the owner's collection has not been read yet, so that no pod shows up as a
        workload of its own for a moment.
        """
        while record.owner_uid:
            owner_key = OWNER_KINDS.get((record.owner_group, record.owner_kind))
            if owner_key is None:
                return key, record
            owners = self._collections[owner_key]
            owner = owners.get(record.owner_uid)
            if owner is None:
                return None if is_unread(owners) else (key, record)
            key, record = owner_key, owner
        return key, record

    def pods(self, key: str, record: Record) -> Iterator[Any]:
        """All pods of a workload."""
        if key == "pods":
            yield record
            return
        pods = self._collections["pods"]
        for uid in (record.uid, *(each.uid for each in self.owned(key, record))):
            yield from pods.by_owner(uid)

    def uids(self, key: str, record: Record) -> set[str]:
        """The uids of a workload and of everything it owns: whose events are its events."""
        found = {record.uid, *(each.uid for each in self.owned(key, record))}
        found.update(pod.uid for pod in self.pods(key, record))
        return found

    def owned(self, key: str, record: Record) -> Sequence[Any]:
        """What stands between a workload and its pods: ReplicaSets or Jobs."""
        between = {"deployments.apps": "replicasets.apps", "cronjobs.batch": "jobs.batch"}.get(key)
        return self._collections[between].by_owner(record.uid) if between else ()


def is_unread(collection: Collection[Any]) -> bool:
    """Whether what is missing in it may still come with its first list."""
    return not collection.synced and isinstance(collection.phase, (Syncing, Stale))
