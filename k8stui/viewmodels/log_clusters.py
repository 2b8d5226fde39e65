"""Other clusters, whose logs of the same kind, namespace and name stand among the present ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from k8stui.logs.query import MIDDLE
from k8stui.resources.phase import Live
from k8stui.viewmodels.live import Clusters, LiveCluster, ObjectRef
from k8stui.viewmodels.phase_note import phase_note
from k8stui.viewmodels.subject_logs import SubjectLogs
from k8stui.viewmodels.subject_pods import SubjectPods
from k8stui.viewmodels.subject_timeline import SubjectTimeline


class _Joined(msgspec.Struct):
    """One of the other clusters."""

    cluster: LiveCluster
    pods: SubjectPods
    timeline: SubjectTimeline
    leave: Callable[[], object]
    watched: dict[str, Callable[[], None]]
    """What ends the news of each kind that the pods are found by."""
    found: bool = False
    """Whether it had pods of the present objects."""
    uids: frozenset[str] = frozenset()
    """Whose events concern the present objects: their own, their pods', what is between them."""


class LogClusters:
    """Adds clusters to the logs of a screen and takes them away.

    Args:
        logs: The screen's logs.
        changed: Called when another cluster's pods changed: `pods` may say something else.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        logs: SubjectLogs,
        changed: Callable[[], None],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._logs = logs
        self._changed = changed
        self._wall = wall
        self._joined: dict[str, _Joined] = {}
        self._kinds: Sequence[str] = ()
        """What the pods of the present objects are found by."""

    @property
    def contexts(self) -> Sequence[str]:
        """Those that were added, in that order."""
        return tuple(self._joined)

    async def add(self, clusters: Clusters, context: str, namespace: str) -> None:
        """Puts a cluster's logs among the others.

        Args:
            clusters: Opens it.
            context: Its name in the kubeconfig.
            namespace: Where to look, "" for everywhere.

        Raises:
            K8sTuiError: the kubeconfig does not allow it.
        """
        cluster = await clusters.open_beside(context, namespace)
        if context in self._joined:
            await cluster.close()
            return
        leave = cluster.join_logs(self._logs.tail)
        timeline = SubjectTimeline(cluster, self._logs.live.add_entry, self._wall)
        pods = SubjectPods(cluster.collection)
        self._joined[context] = _Joined(cluster, pods, timeline, leave, {})
        self._logs.name_clusters(True)
        self._changed()

    async def remove(self, context: str) -> None:
        """Takes a cluster's logs away."""
        joined = self._joined.pop(context, None)
        if joined is None:
            return
        joined.leave()
        self._end(joined)
        self._logs.name_clusters(bool(self._joined))
        self._changed()
        await joined.cluster.close()

    async def close(self) -> None:
        """Leaves all of them."""
        left, self._joined = list(self._joined.values()), {}
        for joined in left:
            self._end(joined)
            await joined.cluster.close()

    def _end(self, joined: _Joined) -> None:
        joined.timeline.end()
        for end in joined.watched.values():
            end()

    def _watch(self, joined: _Joined, kinds: Iterable[str]) -> None:
        for kind in kinds:
            if kind not in joined.watched:
                collection = joined.cluster.collection(kind)
                joined.watched[kind] = collection.subscribe(lambda _: self._changed())

    def pods(self, refs: Sequence[ObjectRef]) -> frozenset[str]:
        """The uids of the pods of the objects of these names in the other clusters."""
        pods: set[str] = set()
        wanted = [kind for ref in refs for kind in (ref.kind, MIDDLE.get(ref.kind)) if kind]
        self._kinds = tuple(dict.fromkeys(("pods", *wanted)))
        for joined in self._joined.values():
            self._watch(joined, self._kinds)
            found: set[str] = set()
            objects: set[str] = set()
            for ref in refs:
                record = joined.cluster.collection(ref.kind).find(ref.namespace, ref.name)
                if record is not None:
                    found.update(pod.uid for pod in joined.pods.pods(ref.kind, record))
                    objects |= joined.pods.uids(ref.kind, record)
            joined.found = bool(found)
            joined.uids = frozenset(found | objects)
            pods |= found
        return frozenset(pods)

    @property
    def found(self) -> frozenset[str]:
        """The contexts in which `pods` last found some."""
        return frozenset(context for context, one in self._joined.items() if one.found)

    def begin_timelines(self) -> None:
        """Tells what happened to the object that `pods` last looked for, and what happens to it."""
        for joined in self._joined.values():
            joined.timeline.begin(joined.uids)

    def follow_timelines(self) -> None:
        """The object has other pods now; what was told stays."""
        for joined in self._joined.values():
            joined.timeline.follow(joined.uids)

    def end_timelines(self) -> None:
        """Tells nothing any more."""
        for joined in self._joined.values():
            joined.timeline.end()

    def notes(self) -> list[tuple[str, bool]]:
        """Each of them in words, and whether all is well with it."""
        notes: list[tuple[str, bool]] = []
        for context, joined in self._joined.items():
            phases = ((kind, joined.cluster.collection(kind).phase) for kind in self._kinds)
            trouble = [phase_note(*each)[0] for each in phases if not isinstance(each[1], Live)]
            if trouble:
                notes.append((f"{context}: {trouble[0]}", False))
            elif joined.found:
                notes.append((context, True))
            else:
                notes.append((f"{context}: no such pods", False))
        return notes
