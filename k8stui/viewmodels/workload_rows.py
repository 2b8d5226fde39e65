"""The rows of the Workloads pane, worked out anew only for the workloads that something touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from k8stui.resources.record import Record
from k8stui.resources.workloads import Workload, workload_for
from k8stui.store.changes import ChangeSet
from k8stui.viewmodels.ownership import OWNER_KINDS, WORKLOAD_KEYS, Ownership, is_unread
from k8stui.viewmodels.rows import Rows

_ROWS_PER_TURN = 25
"""About 8 ms of work with 25 pods each."""
_NEWS_OF_NEW = 100
"""New rows are told of so many at a time, after the first turn's: each news is a frame."""
_PAUSE = 0.1
"""Seconds between two turns of rows that are there already, so that a storm of changes among
hundreds of workloads takes a tenth of a core and not all of it; each has its turn."""
_PAUSE_WHILE_READING = 0.4
"""Likewise while the first list of pods comes in: each page touches workloads that the next one
touches again, and what is worked out in between keeps the reader from its work."""


class Turn(Protocol):
    """Work that is to be done in another turn."""

    def cancel(self) -> None: ...


def _later(work: Callable[[], None], seconds: float) -> Turn:
    return asyncio.get_running_loop().call_later(seconds, work)


class WorkloadRows:
    """Follows the collections of a scope; `rows` is what a table shows.

    Args:
        ownership: The collections, and who owns what in them.
        clock: Epoch seconds.
        later: Runs what is left so many seconds later; the running event loop does.
    """

    def __init__(
        self,
        ownership: Ownership,
        clock: Callable[[], float],
        later: Callable[[Callable[[], None], float], Turn] | None = None,
    ) -> None:
        self.rows: Rows[Workload] = Rows()
        self._ownership = ownership
        self._clock = clock
        self._keys: dict[str, str] = {}
        """The kind's key of each row."""
        self._look_again: dict[str, int] = {}
        """When (epoch seconds) to look at a row again though nothing changed."""
        self._waiting: dict[str, None] = {}
        self._made: dict[str, Workload] = {}
        """New rows that nobody was told of yet."""
        self._overdue = 0
        """How many of those waiting, from the first on, have waited for the list of pods to end."""
        self._later = later or _later
        self._turn: Turn | None = None
        self._read = {key for key in WORKLOAD_KEYS if not is_unread(ownership.collection(key))}
        self._leave = [
            ownership.collection(key).subscribe(partial(self._changed, key))
            for key in WORKLOAD_KEYS
        ]
        self._all()

    def close(self) -> None:
        for leave in self._leave:
            leave()
        self._leave.clear()
        self._waiting.clear()
        if self._turn is not None:
            self._turn.cancel()

    @property
    def is_read(self) -> bool:
        """Whether the rows show the first lists of all kinds."""
        known = self.rows.rows
        told = not self._made and all(uid in known for uid in self._waiting)
        return told and len(self._read) == len(WORKLOAD_KEYS)

    def source(self, uid: str) -> tuple[str, Record] | None:
        """The kind's key and record that a row is made of."""
        key = self._keys.get(uid)
        record = self._ownership.collection(key).get(uid) if key else None
        return (key, record) if key and record is not None else None

    def tick(self) -> None:
        """Time has passed: verdicts that time alone may change are made again."""
        now = self._clock()
        rows = []
        for uid in [uid for uid, due in self._look_again.items() if due <= now]:
            found = self.source(uid)
            if found is None:
                self._look_again.pop(uid)
            else:
                rows.append(self._row(*found))
        self.rows.apply(changed=rows)

    def _all(self) -> None:
        """Looks at everything there is."""
        roots = {
            record.uid: (key, record)
            for key in WORKLOAD_KEYS
            for record in self._ownership.collection(key).rows.values()
            if self._ownership.root(key, record) == (key, record)
        }
        gone = [uid for uid in self._keys if uid not in roots]
        self._take(roots, gone)

    def _row(self, key: str, record: Any) -> Workload:
        owned = self._ownership.owned(key, record)
        row = workload_for(record, self._ownership.pods(key, record), owned, now=self._clock())
        if row.look_again:
            self._look_again[row.uid] = row.look_again
        else:
            self._look_again.pop(row.uid, None)
        return row

    def _changed(self, key: str, changes: ChangeSet[Any]) -> None:
        touched: dict[str, tuple[str, Record]] = {}
        if changes.phase_changed and self._has_been_read(key):
            # An owner that was not read yet is an unknown one from now on.
            touched.update(self._ownerless(key))
            if key == "pods":
                self._overdue = len(self._waiting)
        removed: set[str] = set()
        records = [*changes.added.values(), *changes.removed.values()]
        records += [record for pair in changes.changed.values() for record in pair]
        for record in records:
            root = self._ownership.root(key, record)
            if root is not None:
                touched[root[1].uid] = root
        for uid in changes.removed:
            touched.pop(uid, None)
            removed.add(uid)
        if key in ("replicasets.apps", "jobs.batch"):
            # Their pods may have waited for them to find their workload.
            removed.update(uid for uid in self._keys if self._has_owner_now(uid))
        self._take(touched, removed)

    def _ownerless(self, key: str) -> dict[str, tuple[str, Record]]:
        """What should have an owner of this kind, and there is none: it stands for itself."""
        owners = self._ownership.collection(key)
        return {
            record.uid: (owned, record)
            for owned in WORKLOAD_KEYS
            for record in self._ownership.collection(owned).rows.values()
            if record.owner_uid
            and OWNER_KINDS.get((record.owner_group, record.owner_kind)) == key
            and owners.get(record.owner_uid) is None
        }

    def _take(self, roots: Mapping[str, tuple[str, Record]], removed: Iterable[str]) -> None:
        """Takes note of workloads to look at, and lets go of those that are gone."""
        for uid, (key, _) in roots.items():
            self._keys[uid] = key
            self._waiting[uid] = None
        for uid in removed:
            self._keys.pop(uid, None)
            self._waiting.pop(uid, None)
            self._look_again.pop(uid, None)
            self._made.pop(uid, None)
        self.rows.apply(removed=removed)
        if self._turn is None:
            self._work()

    def _work(self) -> None:
        """Makes the rows that wait; many of them over several turns of the event loop."""
        self._turn = None
        rows = self._made
        gone: list[str] = []
        known = self.rows.rows
        new = [uid for uid in self._waiting if uid not in known]
        taken = (new or list(self._waiting))[:_ROWS_PER_TURN]
        for uid in taken:
            del self._waiting[uid]
            # A changed record is noted twice, as it was and as it is: only what is counts.
            found = self.source(uid)
            if found is None:
                gone.append(uid)
                self._keys.pop(uid, None)
            else:
                rows[uid] = self._row(*found)
        if len(new) <= len(taken) or not known or len(rows) >= _NEWS_OF_NEW:
            self._made = {}
            self.rows.apply(added=rows.values(), removed=gone)
        elif gone:
            self.rows.apply(removed=gone)
        self._overdue = max(0, self._overdue - len(taken))
        if self._waiting:
            pause = 0.0 if new or self._overdue else self._pause
            self._turn = self._later(self._work, pause)

    @property
    def _pause(self) -> float:
        return _PAUSE if "pods" in self._read else _PAUSE_WHILE_READING

    def _has_been_read(self, key: str) -> bool:
        """Whether this collection's first list has just come to its end, or to none."""
        if key in self._read or is_unread(self._ownership.collection(key)):
            return False
        self._read.add(key)
        return True

    def _has_owner_now(self, uid: str) -> bool:
        found = self.source(uid)
        return found is not None and self._ownership.root(*found) != found
