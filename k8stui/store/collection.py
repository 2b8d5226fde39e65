"""The records of one kind, with indexes, a phase and paced news of what changed."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Generic, TypeVar

from k8stui.resources.phase import Phase, Syncing
from k8stui.resources.record import Record
from k8stui.store.changes import ChangeSet, Last, difference, tell
from k8stui.store.index import Index, LabelIndex
from k8stui.store.ticker import LoopTicker, Pace, Pacer, Ticker

R = TypeVar("R", bound=Record)

_WHILE_READING = 0.4
"""Seconds between two news of a first list: the screen must not keep the reader from its work."""


class _Subscription(Generic[R]):
    """A subscriber, and what it saw when it came in the middle of a window."""

    __slots__ = ("before", "callback", "state")

    def __init__(
        self,
        callback: Callable[[ChangeSet[R]], None],
        before: dict[str, R | None],
        state: tuple[Phase, bool],
    ) -> None:
        self.callback = callback
        self.before = before
        self.state = state


class Collection(Generic[R]):
    """Records by uid. Reads are always current; subscribers are told at most 10 times a second.

    Not for threads: all calls come from the event loop's.

    Args:
        ticker: Clock and timer of the news.
        pace: How often there is news; ten times a second when not given.
    """

    def __init__(self, ticker: Ticker | None = None, pace: Pace | None = None) -> None:
        self._ticker = ticker or LoopTicker()
        self._pacer = Pacer(self._ticker, self._deliver, pace)
        self._rows: dict[str, R] = {}
        self._names: dict[str, dict[str, str]] = {}
        self._owners: Index[str, str] = Index()
        self._nodes: Index[str, str] = Index()
        self._labels = LabelIndex()
        self._phase: Phase = Syncing()
        self._synced = False
        self._closed = False
        self._before: dict[str, R | None] = {}
        self._last: dict[str, Last[R]] = {}
        """Of the rows that went in this window."""
        self._subscriptions: dict[int, _Subscription[R]] = {}
        self._next_subscription = 0

    # -- reading ------------------------------------------------------------------------------

    @property
    def rows(self) -> Mapping[str, R]:
        """All records by uid: a live view, to be copied before anything awaits."""
        return MappingProxyType(self._rows)

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def synced(self) -> bool:
        """True once a full list has been seen: what isn't here isn't in the cluster."""
        return self._synced

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, uid: str) -> R | None:
        return self._rows.get(uid)

    def find(self, namespace: str, name: str) -> R | None:
        """The record of this name; namespace is "" for cluster-scoped kinds."""
        uid = self._names.get(namespace, {}).get(name)
        return None if uid is None else self._rows[uid]

    def namespaces(self) -> list[str]:
        """The namespaces that have records, sorted."""
        return sorted(self._names)

    def by_namespace(self, namespace: str) -> list[R]:
        return self._records(self._names.get(namespace, {}).values())

    def by_owner(self, uid: str) -> list[R]:
        """The records whose controlling owner has this uid."""
        return self._records(self._owners.get(uid))

    def by_node(self, name: str) -> list[R]:
        """The records (pods) whose `node` is this one."""
        return self._records(self._nodes.get(name))

    def by_label(self, label: str) -> list[R]:
        """The records that carry a label, written `key=value`."""
        return self._records(self._labels.get(label))

    def _records(self, uids: Iterable[str]) -> list[R]:
        rows = self._rows
        return [rows[uid] for uid in uids]

    # -- feeding ------------------------------------------------------------------------------

    def upsert(self, records: Iterable[R]) -> None:
        """Takes new states, the last one of an object wins; an equal one is no change.

        A name belongs to one object at a time: a record with a known name and a new uid takes
        the place of the old one.
        """
        if self._closed:
            return
        rows = self._rows
        for record in records:
            uid = record.uid
            present = rows.get(uid)
            if present is None:
                stranger = self._names.get(record.namespace, {}).get(record.name)
                if stranger is not None:
                    self._drop(stranger, lost=True)
                self._note(uid, None)
                rows[uid] = record
                self._index(record)
            elif present != record:
                self._note(uid, present)
                rows[uid] = record
                self._reindex(present, record)

    def remove(self, uids: Iterable[str], last: Mapping[str, R | None] | None = None) -> None:
        """Takes records away; unknown uids are no error.

        Args:
            uids: Of the objects that are gone.
            last: Their last states, where these were told with their end.
        """
        for uid in list(uids):
            if uid in self._rows:
                self._drop(uid, None if last is None else last.get(uid))

    def lose(self, uids: Iterable[str]) -> None:
        """Takes records away of whose end nothing was told: a list does not have them."""
        for uid in list(uids):
            if uid in self._rows:
                self._drop(uid, lost=True)

    def keep_only(self, uids: Container[str]) -> None:
        """Ends a full list: rows that it did not have go."""
        self.lose([uid for uid in self._rows if uid not in uids])
        if not self._synced and not self._closed:
            self._synced = True
            self._request(hurry=True)

    def resource_version(self, uid: str) -> str | None:
        """The resourceVersion that is known of an object, None for an unknown one."""
        record = self._rows.get(uid)
        return None if record is None else record.resource_version

    def set_phase(self, phase: Phase) -> None:
        """Says how the connection stands; rows stay as they are."""
        if phase != self._phase and not self._closed:
            self._phase = phase
            self._request(hurry=not isinstance(phase, Syncing))

    def _drop(self, uid: str, last: R | None = None, *, lost: bool = False) -> None:
        record = self._rows[uid]
        self._note(uid, record)
        if self._subscriptions:
            self._last[uid] = Last(last or record, lost)
        del self._rows[uid]
        self._unindex(record)

    # -- indexes ------------------------------------------------------------------------------

    def _index(self, record: R) -> None:
        uid = record.uid
        self._names.setdefault(record.namespace, {})[record.name] = uid
        if record.owner_uid:
            self._owners.add(record.owner_uid, uid)
        if record.labels:
            self._labels.add(record.labels, uid)
        node = _node_of(record)
        if node:
            self._nodes.add(node, uid)

    def _unindex(self, record: R) -> None:
        uid = record.uid
        names = self._names.get(record.namespace, {})
        if names.get(record.name) == uid:
            del names[record.name]
            if not names:
                del self._names[record.namespace]
        if record.owner_uid:
            self._owners.discard(record.owner_uid, uid)
        if record.labels:
            self._labels.discard(record.labels, uid)
        node = _node_of(record)
        if node:
            self._nodes.discard(node, uid)

    def _reindex(self, old: R, new: R) -> None:
        if (
            old.owner_uid != new.owner_uid
            or old.labels != new.labels
            or _node_of(old) != _node_of(new)
            or old.name != new.name
            or old.namespace != new.namespace
        ):
            self._unindex(old)
            self._index(new)

    # -- news ---------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[ChangeSet[R]], None]) -> Callable[[], None]:
        """Tells of every change from now on, never of none. What is here now is in `rows`.

        Returns:
            A function that ends the subscription; calling it again does nothing.
        """
        number = self._next_subscription
        self._next_subscription += 1
        rows = self._rows
        self._subscriptions[number] = _Subscription(
            callback, {uid: rows.get(uid) for uid in self._before}, (self._phase, self._synced)
        )
        return partial(self._unsubscribe, number)

    def close(self) -> None:
        """Lets go of everything; what is fed later is ignored and nobody is told any more."""
        self._closed = True
        self._pacer.close()
        self._subscriptions.clear()
        self._before.clear()
        self._last.clear()
        self._rows.clear()
        self._names.clear()
        for index in (self._owners, self._nodes, self._labels):
            index.clear()

    @property
    def _is_reading(self) -> bool:
        """Whether a first list comes in, page after page."""
        phase = self._phase
        return not self._synced and isinstance(phase, Syncing) and bool(phase.received)

    def _unsubscribe(self, number: int) -> None:
        self._subscriptions.pop(number, None)
        if not self._subscriptions:
            self._before.clear()
            self._last.clear()
            self._pacer.close()

    def _note(self, uid: str, before: R | None) -> None:
        """Remembers how a row stood at the beginning of the window."""
        if self._subscriptions:
            self._before.setdefault(uid, before)
            self._pacer.request(least=_WHILE_READING if self._is_reading else 0.0)

    def _request(self, *, hurry: bool = False) -> None:
        if not self._subscriptions:
            return
        if hurry:
            self._pacer.hurry()
        else:
            self._pacer.request(least=_WHILE_READING if self._is_reading else 0.0)

    def _deliver(self) -> None:
        before, self._before = self._before, {}
        last, self._last = self._last, {}
        state = (self._phase, self._synced)
        common: dict[tuple[Phase, bool], ChangeSet[R]] = {}
        news: list[tuple[int, ChangeSet[R]]] = []
        for number, subscription in self._subscriptions.items():
            seen = subscription.state
            if subscription.before:
                changes = difference(
                    before | subscription.before,
                    self._rows,
                    phase_changed=seen != state,
                    last=last,
                )
                subscription.before = {}
            else:
                known = common.get(seen)
                changes = known or difference(
                    before, self._rows, phase_changed=seen != state, last=last
                )
                common[seen] = changes
            subscription.state = state
            if changes:
                news.append((number, changes))
        for number, changes in news:
            present = self._subscriptions.get(number)
            if present is not None:
                tell(self._ticker, present.callback, changes)


def _node_of(record: Record) -> str:
    """The node of a pod, "" for what has none."""
    node = getattr(record, "node", "")
    return node if isinstance(node, str) else ""
