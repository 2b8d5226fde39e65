"""A cluster of which one learns as the program does: by a paced collection that a watch feeds.

What a kubelet knows, what the API server has and what the watch has told are three things here,
each some time behind the one before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from k8stui.logs.pods import CollectionPods
from k8stui.logs.targets import LogPod
from k8stui.resources.phase import Live, Stale
from k8stui.resources.pods import Pod, decode
from k8stui.store.collection import Collection
from tests.unit.logs.fake_node import SECOND, FakeCluster, FakeContainer, now_ns, pod_json, pod_of


class WatchedCluster(FakeCluster):
    """`known` is what the API server has; `source` is what the watch has told."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.collection: Collection[Pod] = Collection()
        self.source = CollectionPods(self.collection)
        self.watching = True
        self.muted: set[str] = set()
        """Pods of which their kubelet, which is busy, neither learns nor tells anything more."""
        self.unasked: dict[str, int] = {}
        """How many lines instances had said when their pod was deleted by force."""
        self._missed: list[tuple[str, Pod]] = []
        self._due = 0.0
        self._lists = 0
        self._pending: dict[str, LogPod] = {}

    def begin(self) -> None:
        """The first list has come, and the watch is open."""
        self.collection.keep_only(())
        self.collection.set_phase(Live(now_ns() / SECOND))

    # -- what the API server has --------------------------------------------------------------

    def parts(self, uid: str) -> list[FakeContainer]:
        """The containers of a pod."""
        return [one for one in self.containers if one.uid == uid]

    def create(self, parts: Sequence[FakeContainer]) -> None:
        """Makes a pod that no kubelet has begun yet."""
        self.containers += parts
        pod = pod_of(parts)
        self.known[pod.uid] = pod
        self._event(pod.uid, pod)

    def sync(self, uid: str) -> None:
        """The kubelet looks at what runs, and will tell the API server of it."""
        parts = self.parts(uid)
        if uid in self.muted or all(part.gone for part in parts):
            return
        for part in parts:
            part.unknown = False
        waits = uid in self._pending
        self._pending[uid] = pod_of(parts)
        if not waits:
            self._patch_later(uid, self.random.choice((0.02, 0.3, 2.0)))

    def _patch_later(self, uid: str, seconds: float) -> None:
        lag = self.random.uniform(0.0, seconds)
        asyncio.get_running_loop().call_later(lag, self._patch, uid)

    def _patch(self, uid: str) -> None:
        """Of states that follow one another quickly only the last one is ever told."""
        known, told = self.known.get(uid), self._pending[uid]
        if self.down or told.node in self.nodes_down:
            self._patch_later(uid, 2.0)
            return
        del self._pending[uid]
        if known is not None and uid not in self.muted:
            pod = msgspec.structs.replace(known, containers=told.containers, phase=told.phase)
            self.known[uid] = pod
            self._event(uid, pod)

    def request_deletion(self, uid: str, grace: int) -> None:
        """As `kubectl delete` does."""
        deleted = now_ns() // SECOND
        for part in self.parts(uid):
            part.deleted, part.grace = deleted, grace
        pod = msgspec.structs.replace(self.known[uid], deleted=deleted, grace=grace)
        self.known[uid] = pod
        self._event(uid, pod)

    def finalize(self, uid: str, *, flush: bool = False) -> None:
        """The pod is gone from the API server, with the last state that it was told.

        Args:
            uid: Of the pod.
            flush: Whether its kubelet tells what it knows before, as it does but for force.
        """
        told = self._pending.get(uid) if flush and uid not in self.muted else None
        if told is not None and (known := self.known.get(uid)) is not None:
            self.known[uid] = msgspec.structs.replace(
                known, containers=told.containers, phase=told.phase
            )
        for part in self.parts(uid):
            part.gone = True
        if uid in self.known:
            self._event(uid, None, self.known.pop(uid))

    # -- what the watch tells -----------------------------------------------------------------

    def _event(self, uid: str, pod: LogPod | None, last: LogPod | None = None) -> None:
        body = pod or last
        assert body is not None
        record = decode(pod_json(body))
        loop = asyncio.get_running_loop()
        # One after the other: of equal times a loop keeps no order.
        soon = loop.time() + self.random.choice((0.0, 0.005, 0.05))
        self._due = max(self._due + 1e-6, soon)
        loop.call_at(self._due, self._arrive, self._lists, uid if pod is None else "", record)

    def _arrive(self, lists: int, uid: str, record: Pod) -> None:
        if lists != self._lists:
            return  # The last list had it already.
        self._missed.append((uid, record))
        if self.watching:
            self._take_in()

    def _take_in(self) -> None:
        """All that has come, as the reflector does it."""
        changed: dict[str, Pod] = {}
        removed: dict[str, Pod | None] = {}
        for uid, record in self._missed:
            if uid:
                changed.pop(uid, None)
                removed[uid] = record
            else:
                removed.pop(record.uid, None)
                changed[record.uid] = record
        self._missed.clear()
        self.collection.upsert(changed.values())
        self.collection.remove(removed, removed)

    def lose_watch(self) -> None:
        """The watch ends, and can't be opened again for now."""
        self.watching = False
        now = now_ns() / SECOND
        self.collection.set_phase(Stale(now, "the connection was lost", now + 1.0))

    def find_watch(self, *, listed: bool) -> None:
        """It goes on where it was, or with a new list."""
        if listed:
            self._missed.clear()
            self._lists += 1
            records = [decode(pod_json(pod)) for pod in self.known.values()]
            self.collection.upsert(records)
            self.collection.keep_only({record.uid for record in records})
        self.watching = True
        self.collection.set_phase(Live(now_ns() / SECOND))
        if not listed:
            self._take_in()
