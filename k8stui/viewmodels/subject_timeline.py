"""Events and state changes of what the selection is about, as entries among its log lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from k8stui.logs.stamps import NANOSECONDS
from k8stui.resources.events import Event
from k8stui.resources.moments import (
    Moment,
    event_moment,
    pod_gone,
    pod_news,
    pod_past,
    workload_news,
)
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.resources.text import clean_text
from k8stui.store.changes import ChangeSet
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.log_entries import Entry

_WORKLOADS = ("deployments.apps", "statefulsets.apps", "daemonsets.apps")
_LAST = NANOSECONDS - 1


def _place(moment: Moment) -> tuple[int, bool, bool]:
    """By time; of one second the creation first, and what events tell before what follows."""
    return moment.time, moment.text != "created", moment.kind != "event"


class SubjectTimeline:
    """Watches what a selection is about while it is wanted.

    Args:
        cluster: What is watched.
        told: Takes each entry, once.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        cluster: LiveCluster,
        told: Callable[[Entry], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._cluster = cluster
        self._context = clean_text(cluster.context)
        self._told = told
        self._wall = wall
        self._uids: frozenset[str] = frozenset()
        self._leave: list[Callable[[], None]] = []
        self._known: set[Moment] = set()

    def begin(self, uids: frozenset[str]) -> None:
        """Tells what is known of these objects, and from now on what happens to them."""
        self._known.clear()
        self._uids = frozenset()
        self.follow(uids)
        if self._leave:
            return
        collection = self._cluster.collection
        self._leave = [
            collection("events").subscribe(self._events_changed),
            collection("pods").subscribe(self._pods_changed),
            *(collection(key).subscribe(self._workloads_changed) for key in _WORKLOADS),
        ]

    def follow(self, uids: frozenset[str]) -> None:
        """Other objects belong to it now (new pods of a rollout); those before stay known."""
        added, self._uids = uids - self._uids, self._uids | uids
        if not added:
            return
        events = self._cluster.collection("events").rows.values()
        pods = self._cluster.collection("pods")
        moments = [event_moment(each) for each in events if each.object_uid in added]
        for uid in added:
            pod = pods.get(uid)
            if pod is not None:
                moments += pod_past(pod)
        self._tell(sorted(moments, key=_place))

    def end(self) -> None:
        """Watches nothing any more."""
        for leave in self._leave:
            leave()
        self._leave = []

    def _tell(self, moments: Iterable[Moment]) -> None:
        for moment in moments:
            if moment not in self._known:
                self._known.add(moment)
                at = moment.time * NANOSECONDS + (_LAST if moment.ends else 0)
                self._told(
                    Entry(at, moment.text, moment.about, moment.kind, moment.tone, self._context)
                )

    def _events_changed(self, changes: ChangeSet[Event]) -> None:
        news = [*changes.added.values(), *(new for _, new in changes.changed.values())]
        self._tell(event_moment(each) for each in news if each.object_uid in self._uids)

    def _pods_changed(self, changes: ChangeSet[Pod]) -> None:
        now = int(self._wall())
        for uid, (before, after) in changes.changed.items():
            if uid in self._uids:
                self._tell(pod_news(before, after, now))
        self._tell(pod_gone(pod, now) for uid, pod in changes.removed.items() if uid in self._uids)

    def _workloads_changed(self, changes: ChangeSet[Record]) -> None:
        now = int(self._wall())
        for uid, (before, after) in changes.changed.items():
            if uid in self._uids:
                self._tell(workload_news(before, after, now))
