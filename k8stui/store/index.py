"""Indexes that cost little for many small groups."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

_SMALL = 8


class Index(Generic[K, V]):
    """Which values stand under a key.

    Most groups (the pods of a ReplicaSet) are small: a tuple takes a quarter of a set's memory
    and the garbage collector forgets it. Larger groups are dicts, to be quick.
    """

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: dict[K, tuple[V, ...] | dict[V, None]] = {}

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._groups)

    def __contains__(self, key: K) -> bool:
        return key in self._groups

    def get(self, key: K) -> Iterable[V]:
        """The values under a key, in the order in which they came."""
        return self._groups.get(key, ())

    def keys(self) -> Iterable[K]:
        return self._groups.keys()

    def add(self, key: K, value: V) -> None:
        """Puts a value, that is not there yet, under a key."""
        group = self._groups.get(key)
        if group is None:
            self._groups[key] = (value,)
        elif isinstance(group, dict):
            group[value] = None
        elif len(group) < _SMALL:
            self._groups[key] = (*group, value)
        else:
            self._groups[key] = dict.fromkeys((*group, value))

    def discard(self, key: K, value: V) -> None:
        """Takes a value away if it is there; a key without values is gone."""
        group = self._groups.get(key)
        if group is None:
            return
        if isinstance(group, dict):
            group.pop(value, None)
            if len(group) <= _SMALL // 2:
                self._groups[key] = group = tuple(group)
        else:
            self._groups[key] = group = tuple(each for each in group if each != value)
        if not group:
            del self._groups[key]

    def clear(self) -> None:
        self._groups.clear()


class LabelIndex:
    """Which uids carry a label, in two steps: label to label sets, label set to uids.

    The pods of a workload share one set of labels, so that a pod costs one entry and not one for
    each of its labels.
    """

    __slots__ = ("_sets", "_uids")

    def __init__(self) -> None:
        self._sets: Index[str, tuple[str, ...]] = Index()
        self._uids: Index[tuple[str, ...], str] = Index()

    def __len__(self) -> int:
        return len(self._sets)

    def get(self, label: str) -> Iterable[str]:
        """The uids that carry `key=value`."""
        for labels in self._sets.get(label):
            yield from self._uids.get(labels)

    def add(self, labels: tuple[str, ...], uid: str) -> None:
        if labels not in self._uids:
            for label in labels:
                self._sets.add(label, labels)
        self._uids.add(labels, uid)

    def discard(self, labels: tuple[str, ...], uid: str) -> None:
        self._uids.discard(labels, uid)
        if labels not in self._uids:
            for label in labels:
                self._sets.discard(label, labels)

    def clear(self) -> None:
        self._sets.clear()
        self._uids.clear()
