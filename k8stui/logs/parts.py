"""Several namespaces' lists in one collection."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Record
from k8stui.store.collection import Collection

R = TypeVar("R", bound=Record)

REFUSED = (Forbidden, Missing)
"""Nothing of a namespace can be had, which keeps nothing of the others back."""


class Parts(Generic[R]):
    """One collection that the lists of several namespaces feed, each its own share.

    Args:
        collection: It counts as synced when all of them are, or are refused.
        namespaces: Their names; "" alone for all there are.
        changed: Called when the phase of one of them is another one.
    """

    def __init__(
        self,
        collection: Collection[R],
        namespaces: Sequence[str],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.collection = collection
        self.phases: dict[str, Phase] = {namespace: Syncing() for namespace in namespaces}
        self._missing = set(namespaces)
        self._changed = changed

    def keep_only(self, namespace: str, uids: Container[str]) -> None:
        """Ends a list of that namespace."""
        if len(self.phases) == 1:
            self.collection.keep_only(uids)
            return
        mine = self.collection.by_namespace(namespace)
        self.collection.lose([record.uid for record in mine if record.uid not in uids])
        self._have(namespace)

    def set_phase(self, namespace: str, phase: Phase) -> None:
        """Takes how one of them does; the collection has the phase of those that may be read."""
        known, self.phases[namespace] = self.phases[namespace], phase
        if isinstance(phase, REFUSED):
            self._have(namespace)
        self.collection.set_phase(self._together(phase))
        if known != phase:
            self._changed()

    def _have(self, namespace: str) -> None:
        self._missing.discard(namespace)
        refused = all(isinstance(phase, REFUSED) for phase in self.phases.values())
        if not self._missing and not self.collection.synced and not refused:
            self.collection.keep_only(set(self.collection.rows))

    def _together(self, newest: Phase) -> Phase:
        readable = [one for one in self.phases.values() if not isinstance(one, REFUSED)]
        for kind in (Unauthorized, Stale, Syncing, Live):
            for one in readable:
                if isinstance(one, kind):
                    return one
        return newest


class NamespacePart(Generic[R]):
    """A reflector's sink: one namespace's share of a collection.

    Args:
        parts: All of them.
        namespace: Whose objects this part brings.
    """

    def __init__(self, parts: Parts[R], namespace: str) -> None:
        self._parts = parts
        self._collection = parts.collection
        self._namespace = namespace

    def upsert(self, records: Iterable[R]) -> None:
        self._collection.upsert(records)

    def remove(self, uids: Iterable[str], last: Mapping[str, R | None] | None = None) -> None:
        self._collection.remove(uids, last)

    def keep_only(self, uids: Container[str]) -> None:
        """Ends a list of this namespace."""
        self._parts.keep_only(self._namespace, uids)

    def resource_version(self, uid: str) -> str | None:
        return self._collection.resource_version(uid)

    def set_phase(self, phase: Phase) -> None:
        self._parts.set_phase(self._namespace, phase)
