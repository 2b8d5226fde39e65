"""The one store for all kinds: objects, a resource version, a history for watches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from k8stui.demo.model import Key, Obj, digest, key_of, stamp

FIRST_VERSION: Final = 1_284_000
HISTORY: Final = 4_000
"""How many changes of one kind a watch can be resumed over."""
WATCH_BACKLOG: Final = 20_000

_FIRST: Final = Key("", "")
_encode = msgspec.json.Encoder().encode


class Change:
    """One event of a watch: ADDED, MODIFIED or DELETED."""

    __slots__ = ("_line", "obj", "old", "type", "version")

    def __init__(self, version: int, type_: str, obj: Obj, old: Obj | None) -> None:
        self.version = version
        self.type = type_
        self.obj = obj
        self.old = old
        self._line: bytes | None = None

    def line(self) -> bytes:
        """The event as a watch sends it, encoded once for all watchers."""
        if self._line is None:
            self._line = _encode({"type": self.type, "object": self.obj}) + b"\n"
        return self._line


class Watcher:
    """A subscription to the changes of one kind; `changed` is called when one came."""

    __slots__ = ("backlog", "changed", "lost")

    def __init__(self, changed: Callable[[], None]) -> None:
        self.backlog: deque[Change] = deque()
        self.changed = changed
        self.lost = False

    def push(self, change: Change) -> None:
        if len(self.backlog) >= WATCH_BACKLOG:
            self.lost = True
        else:
            self.backlog.append(change)
        self.changed()


class Store:
    """Objects by kind (its plural), namespace and name, with their order and two indexes.

    Args:
        now: The clock, epoch seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.version = FIRST_VERSION
        self._objects: dict[str, dict[str, dict[str, Obj]]] = {}
        self._order: dict[str, list[Key]] = {}
        self._history: dict[str, deque[Change]] = {}
        self._compacted = FIRST_VERSION
        self._watchers: dict[str, list[Watcher]] = {}
        self._owned: dict[str, dict[tuple[str, Key], None]] = {}
        self._on_node: dict[str, dict[Key, None]] = {}
        self.listeners: list[Callable[[str, Change], None]] = []

    def get(self, kind: str, namespace: str, name: str) -> Obj | None:
        return self._objects.get(kind, {}).get(namespace, {}).get(name)

    def all(self, kind: str, namespace: str | None = None) -> Iterator[Obj]:
        """The objects of a kind, of one namespace or (None) of all, in no order."""
        spaces = self._objects.get(kind, {})
        if namespace is not None:
            yield from list(spaces.get(namespace, {}).values())
            return
        for space in list(spaces.values()):
            yield from list(space.values())

    def sorted(self, kind: str, namespace: str | None = None) -> list[Obj]:
        """The objects of a kind in the order in which the API lists them."""
        return list(self.after(kind, _FIRST, namespace))

    def after(self, kind: str, start: Key, namespace: str | None = None) -> Iterator[Obj]:
        """As `sorted`, from behind a key on and no further than they are asked for."""
        spaces = self._objects.get(kind, {})
        for key in self._keys(kind, start, namespace):
            yield spaces[key.namespace][key.name]

    def _keys(self, kind: str, start: Key, namespace: str | None) -> Iterator[Key]:
        order = self._order.get(kind, [])
        for at in range(bisect_right(order, max(start, Key(namespace or "", ""))), len(order)):
            if namespace is not None and order[at].namespace != namespace:
                return
            yield order[at]

    def count(self, kind: str, namespace: str | None = None, start: Key = _FIRST) -> int:
        """How many objects of a kind there are, behind a key if one is given."""
        order = self._order.get(kind, [])
        if namespace is None:
            return len(order) - bisect_right(order, start)
        end = bisect_left(order, Key(namespace + "\x00", ""))
        return end - bisect_right(order, max(start, Key(namespace, "")))

    def owned(self, uid: str, kind: str | None = None) -> list[Obj]:
        """The objects that name `uid` among their owners, optionally of one kind."""
        found = self._owned.get(uid, {})
        objects = [self.get(k, *key) for k, key in found if kind is None or k == kind]
        return [obj for obj in objects if obj is not None]

    def owned_kinds(self, uid: str) -> list[tuple[str, Key]]:
        """Where the objects that name `uid` among their owners are."""
        return list(self._owned.get(uid, {}))

    def on_node(self, node: str) -> list[Obj]:
        """The pods that are bound to a node."""
        pods = [self.get("pods", *key) for key in self._on_node.get(node, {})]
        return [pod for pod in pods if pod is not None]

    def create(self, kind: str, obj: Obj) -> Obj:
        """Store a new object; gives it a uid, a creation time and a version."""
        meta = dict(obj["metadata"])
        now = self._now()
        meta.setdefault("uid", self._uid(kind, meta))
        meta.setdefault("creationTimestamp", stamp(now))
        return self._put(kind, {**obj, "metadata": meta}, "ADDED")

    def update(self, kind: str, obj: Obj) -> Obj:
        """Replace an object; does nothing when nothing but the version differs."""
        old = self.get(kind, *key_of(obj))
        if old is None:
            return obj
        obj = {**obj, "metadata": {**obj["metadata"]}}
        obj["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
        return old if obj == old else self._put(kind, obj, "MODIFIED")

    def merge(self, kind: str, obj: Obj, **fields: Obj) -> Obj:
        """Replace top-level fields of the object as it is now; unknown objects are left alone."""
        current = self.get(kind, *key_of(obj))
        return obj if current is None else self.update(kind, {**current, **fields})

    def remove(self, kind: str, key: Key) -> Obj | None:
        """Take an object out at once, whatever its finalizers say."""
        obj = self.get(kind, *key)
        return None if obj is None else self._put(kind, obj, "DELETED")

    def compact(self) -> None:
        """Forget the history: watches from before now are answered with 410."""
        self._history.clear()
        self._compacted = self.version

    def compacted(self) -> int:
        """The newest version that can no longer be resumed from (exclusive)."""
        return self._compacted

    def since(self, kind: str, version: int) -> list[Change] | None:
        """The changes of a kind after a version, None when they are no longer known."""
        history = self._history.get(kind, deque())
        full = len(history) == HISTORY
        if version < self._compacted or (full and version < history[0].version - 1):
            return None
        start = bisect_right(history, version, key=lambda change: change.version)
        return list(history)[start:]

    def subscribe(self, kind: str, changed: Callable[[], None]) -> Watcher:
        watcher = Watcher(changed)
        self._watchers.setdefault(kind, []).append(watcher)
        return watcher

    def unsubscribe(self, kind: str, watcher: Watcher) -> None:
        watchers = self._watchers.get(kind, [])
        if watcher in watchers:
            watchers.remove(watcher)

    def _uid(self, kind: str, meta: Obj) -> str:
        a = digest("uid", kind, meta.get("namespace"), meta["name"], self.version)
        text = f"{a:016x}{digest('uid2', a):016x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"

    def _put(self, kind: str, obj: Obj, type_: str) -> Obj:
        key = key_of(obj)
        self.version += 1
        obj = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.version)}}
        space = self._objects.setdefault(kind, {}).setdefault(key.namespace, {})
        old = space.pop(key.name, None) if type_ == "DELETED" else space.get(key.name)
        if old is not None:
            self._index(kind, key, old, add=False)
        order = self._order.setdefault(kind, [])
        if type_ == "DELETED":
            del order[bisect_left(order, key)]
        else:
            if old is None:
                insort(order, key)
            space[key.name] = obj
            self._index(kind, key, obj, add=True)
        change = Change(self.version, type_, obj, old)
        history = self._history.get(kind)
        if history is None:
            history = self._history[kind] = deque(maxlen=HISTORY)
        history.append(change)
        for watcher in self._watchers.get(kind, ()):
            watcher.push(change)
        for listener in self.listeners:
            listener(kind, change)
        return obj

    def _index(self, kind: str, key: Key, obj: Obj, *, add: bool) -> None:
        for owner in obj["metadata"].get("ownerReferences") or ():
            members = self._owned.setdefault(owner["uid"], {})
            if add:
                members[(kind, key)] = None
            else:
                members.pop((kind, key), None)
                if not members:
                    del self._owned[owner["uid"]]
        node = obj.get("spec", {}).get("nodeName") if kind == "pods" else None
        if node and add:
            self._on_node.setdefault(node, {})[key] = None
        elif node:
            self._on_node.get(node, {}).pop(key, None)
