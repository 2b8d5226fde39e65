"""The rows of the Workloads pane, worked out anew only for the workloads that something touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from k8stui.resources.record import Record
from k8stui.resources.workloads import Workload, workload_for
from k8stui.store.changes import ChangeSet
from k8stui.viewmodels.ownership import WORKLOAD_KEYS, Ownership, is_unread
from k8stui.viewmodels.rows import Rows


class WorkloadRows:
    """Follows the collections of a scope; `rows` is what a table shows.

    Args:
        ownership: The collections, and who owns what in them.
        clock: Epoch seconds.
    """

    def __init__(self, ownership: Ownership, clock: Callable[[], float]) -> None:
        self.rows: Rows[Workload] = Rows()
        self._ownership = ownership
        self._clock = clock
        self._keys: dict[str, str] = {}
        """The kind's key of each row."""
        self._look_again: dict[str, int] = {}
        """When (epoch seconds) to look at a row again though nothing changed."""
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
        keys: dict[str, str] = {}
        rows: list[Workload] = []
        for key in WORKLOAD_KEYS:
            for record in self._ownership.collection(key).rows.values():
                if self._ownership.root(key, record) == (key, record):
                    keys[record.uid] = key
                    rows.append(self._row(key, record))
        self._keys = keys
        self.rows.replace(rows)

    def _row(self, key: str, record: Any) -> Workload:
        owned = self._ownership.owned(key, record)
        row = workload_for(record, self._ownership.pods(key, record), owned, now=self._clock())
        if row.look_again:
            self._look_again[row.uid] = row.look_again
        else:
            self._look_again.pop(row.uid, None)
        return row

    def _changed(self, key: str, changes: ChangeSet[Any]) -> None:
        if changes.phase_changed and self._has_been_read(key):
            # An owner that was not read yet is an unknown one from now on.
            self._all()
            return
        touched: dict[str, tuple[str, Record]] = {}
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
        for uid, (root_key, _) in touched.items():
            self._keys[uid] = root_key
        for uid in removed:
            self._keys.pop(uid, None)
            self._look_again.pop(uid, None)
        rows = []
        for uid, (root_key, _) in touched.items():
            # A changed record is in the list twice, as it was and as it is.
            present = self._ownership.collection(root_key).get(uid)
            if present is None:
                removed.add(uid)
            else:
                rows.append(self._row(root_key, present))
        self.rows.apply(added=rows, removed=removed)

    def _has_been_read(self, key: str) -> bool:
        """Whether this collection's first list has just come to its end, or to none."""
        if key in self._read or is_unread(self._ownership.collection(key)):
            return False
        self._read.add(key)
        return True

    def _has_owner_now(self, uid: str) -> bool:
        found = self.source(uid)
        return found is not None and self._ownership.root(*found) != found
