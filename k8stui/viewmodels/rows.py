"""Where the rows of a table come from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from k8stui.resources.record import Record
from k8stui.store.changes import ChangeSet, difference

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)


class RowSource(Protocol[R]):
    """Rows by uid, and news of their changes. `store.Collection` is one, `Rows` another."""

    @property
    def rows(self) -> Mapping[str, R]: ...

    def subscribe(self, callback: Callable[[ChangeSet[R]], None]) -> Callable[[], None]:
        """Returns a function that ends the subscription."""
        ...


class Rows(Generic[R]):
    """Rows that are computed from others (a workload from several kinds).

    Whoever computes them says what changed; subscribers are told at once, since the collections
    below have gathered changes already.
    """

    def __init__(self) -> None:
        self._rows: dict[str, R] = {}
        self._subscribers: dict[int, Callable[[ChangeSet[R]], None]] = {}
        self._next_subscriber = 0

    @property
    def rows(self) -> Mapping[str, R]:
        return MappingProxyType(self._rows)

    def apply(
        self,
        added: Iterable[R] = (),
        changed: Iterable[R] = (),
        removed: Iterable[str] = (),
    ) -> None:
        """Takes new rows, new states of rows and the uids of rows that are gone.

        Equal rows are no change; `added` and `changed` differ for the reader only.
        """
        before: dict[str, R | None] = {}
        for row in (*added, *changed):
            before.setdefault(row.uid, self._rows.get(row.uid))
            self._rows[row.uid] = row
        for uid in removed:
            before.setdefault(uid, self._rows.get(uid))
            self._rows.pop(uid, None)
        changes = difference(before, self._rows)
        if changes:
            self._tell(changes)

    def replace(self, rows: Iterable[R]) -> None:
        """Makes these all the rows there are; what is equal stays as it is."""
        new = {row.uid: row for row in rows}
        self.apply(added=new.values(), removed=[uid for uid in self._rows if uid not in new])

    def subscribe(self, callback: Callable[[ChangeSet[R]], None]) -> Callable[[], None]:
        """Tells of every change from now on. Returns a function that ends it."""
        number = self._next_subscriber
        self._next_subscriber += 1
        self._subscribers[number] = callback
        return partial(self._unsubscribe, number)

    def _unsubscribe(self, number: int) -> None:
        self._subscribers.pop(number, None)

    def _tell(self, changes: ChangeSet[R]) -> None:
        for number, callback in list(self._subscribers.items()):
            if number in self._subscribers:
                try:
                    callback(changes)
                except Exception:
                    logger.exception("a subscriber failed: %r", callback)
