"""Several namespaces' lists in one collection."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Generic, TypeVar

from k8stui.resources.phase import Phase
from k8stui.resources.record import Record
from k8stui.store.collection import Collection

R = TypeVar("R", bound=Record)


class NamespacePart(Generic[R]):
    """A reflector's sink that feeds one namespace's share of a collection.

    Args:
        collection: Shared by the parts; it counts as synced when all of them are.
        namespace: Whose objects this part brings.
        missing: The namespaces that were not listed yet, shared by the parts.
    """

    def __init__(self, collection: Collection[R], namespace: str, missing: set[str]) -> None:
        self._collection = collection
        self._namespace = namespace
        self._missing = missing
        missing.add(namespace)

    def upsert(self, records: Iterable[R]) -> None:
        self._collection.upsert(records)

    def remove(self, uids: Iterable[str], last: Mapping[str, R | None] | None = None) -> None:
        self._collection.remove(uids, last)

    def keep_only(self, uids: Container[str]) -> None:
        """Ends a list of this namespace."""
        mine = self._collection.by_namespace(self._namespace)
        self._collection.lose([record.uid for record in mine if record.uid not in uids])
        self._missing.discard(self._namespace)
        if not self._missing and not self._collection.synced:
            self._collection.keep_only(set(self._collection.rows))

    def resource_version(self, uid: str) -> str | None:
        return self._collection.resource_version(uid)

    def set_phase(self, phase: Phase) -> None:
        self._collection.set_phase(phase)
