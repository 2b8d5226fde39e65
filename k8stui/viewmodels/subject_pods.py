"""The pods behind any object: those it owns, runs, selects or holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.store.collection import Collection
from k8stui.viewmodels.ownership import WORKLOAD_KEYS, Ownership


class SubjectPods:
    """Finds pods over the collections of one scope: of others it knows nothing.

    Args:
        collection: Gives the collection of a kind's key.
    """

    def __init__(self, collection: Callable[[str], Collection[Any]]) -> None:
        self._collection = collection
        self._ownership: Ownership | None = None

    def pods(self, key: str, record: Record) -> Sequence[Pod]:
        """The pods of an object of this kind; none for kinds that have none."""
        pods: Collection[Pod] = self._collection("pods")
        match key:
            case "pods":
                pod = pods.get(record.uid)
                return [pod] if pod is not None else []
            case "nodes":
                return pods.by_node(record.name)
            case "namespaces":
                return pods.by_namespace(record.name)
            case "services":
                return self._selected(pods, record)
            case _ if key in WORKLOAD_KEYS:
                return list(self._owner().pods(key, record))
        return pods.by_owner(record.uid)

    def uids(self, key: str, record: Record) -> frozenset[str]:
        """Whose events concern the object: its own, and those of what it owns."""
        if key in WORKLOAD_KEYS and key != "pods":
            return frozenset(self._owner().uids(key, record))
        return frozenset((record.uid,))

    def _owner(self) -> Ownership:
        if self._ownership is None:
            self._ownership = Ownership(self._collection)
        return self._ownership

    def _selected(self, pods: Collection[Pod], record: Record) -> list[Pod]:
        """A Service's pods: those of its namespace that carry all its labels."""
        wanted: tuple[str, ...] = getattr(record, "selector", ())
        if not wanted:
            return []
        return [
            pod
            for pod in pods.by_label(wanted[0])
            if pod.namespace == record.namespace and set(wanted) <= set(pod.labels)
        ]
