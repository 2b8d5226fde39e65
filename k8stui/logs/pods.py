"""The pod collection as the log engine's source of what there is to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from k8stui.logs.selection import Selection
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod, Role, Termination
from k8stui.resources.containers import Container
from k8stui.resources.phase import Live
from k8stui.resources.pods import Pod, decode
from k8stui.store.changes import ChangeSet
from k8stui.store.collection import Collection

_BACK_OFF = re.compile(r"back-off (?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)? restarting")


def decode_log_pod(body: bytes) -> LogPod:
    """One pod's JSON. Raises msgspec.MsgspecError for what isn't one."""
    return log_pod(decode(body))


def log_pod(pod: Pod) -> LogPod:
    """What logs need of a pod; containers that were not started yet have no instance."""
    return LogPod(
        uid=pod.uid,
        namespace=pod.namespace,
        name=pod.name,
        node=pod.node,
        created=pod.created,
        labels=pod.labels,
        owner_uid=pod.owner_uid,
        owner_kind=pod.owner_kind,
        owner_name=pod.owner_name,
        containers=tuple(_container(one) for one in pod.containers),
        deleted=pod.deleted - pod.grace if pod.deleted else 0,
        grace=pod.grace,
        phase=pod.phase,
        restart_policy=pod.restart_policy,
    )


def _container(one: Container) -> ContainerStatus:
    """The log that the kubelet gives is that of the container whose ID the status shows.

    That is the running one, or the one that ended last, also while the next one waits.
    """
    role: Role = "regular"
    if one.kind in ("init", "sidecar"):
        role = "init"
    elif one.kind == "ephemeral":
        role = "ephemeral"
    before = _before(one)
    ended, previous = None, before
    if one.state == "terminated":
        ended = Termination(
            reason=one.reason,
            exit_code=one.exit_code,
            signal=one.signal,
            finished=one.finished,
        )
    elif one.state != "running":
        ended, previous = before, None
    return ContainerStatus(
        name=one.name,
        role=role,
        state=one.state or "waiting",
        instance=one.container_id,
        restarts=one.restarts,
        reason=one.reason if one.state != "running" else "",
        backoff=_backoff(one),
        started=one.last_started if one.state == "waiting" else one.started,
        ended=ended,
        previous=previous,
    )


def _backoff(one: Container) -> int:
    """Seconds, from a kubelet's `back-off 2m40s restarting failed container=...`."""
    said = _BACK_OFF.match(one.message) if one.reason == "CrashLoopBackOff" else None
    hours, minutes, seconds = (int(part or 0) for part in said.groups()) if said else (0, 0, 0)
    return 3600 * hours + 60 * minutes + seconds


def _before(one: Container) -> Termination | None:
    if not one.last_finished and not one.last_reason:
        return None
    return Termination(
        reason=one.last_reason,
        exit_code=one.last_exit_code,
        signal=one.last_signal,
        finished=one.last_finished,
    )


class CollectionPods:
    """Answers the engine from a collection of pods; records that did not change cost nothing.

    Args:
        collection: Fed by a reflector; nothing is asked of the cluster here.
    """

    def __init__(self, collection: Collection[Pod]) -> None:
        self._collection = collection
        self._known: dict[str, tuple[Pod, LogPod]] = {}

    def pods(self, selection: Selection) -> Iterable[LogPod]:
        """The pods that the selection may take, found by uid or owner where it names those."""
        collection = self._collection
        found: Iterable[Pod]
        if selection.uids is not None:
            found = [pod for uid in selection.uids if (pod := collection.get(uid)) is not None]
        elif selection.owners is not None:
            found = [pod for owner in selection.owners for pod in collection.by_owner(owner)]
        elif selection.node:
            found = collection.by_node(selection.node)
        else:
            found = list(collection.rows.values())
        if len(self._known) > 2 * len(collection) + 100:
            self._known.clear()
        return [self._log_pod(pod) for pod in found]

    def _log_pod(self, pod: Pod) -> LogPod:
        known = self._known.get(pod.uid)
        if known is not None and known[0] is pod:
            return known[1]
        made = log_pod(pod)
        self._known[pod.uid] = (pod, made)
        return made

    def has(self, uid: str) -> bool:
        """Whether the pod exists; yes as long as the collection has not been filled."""
        return not self._collection.synced or self._collection.get(uid) is not None

    @property
    def synced(self) -> bool:
        """Whether all pods there are have been told."""
        return self._collection.synced

    @property
    def live(self) -> bool:
        """Whether the watch is open."""
        return isinstance(self._collection.phase, Live)

    def subscribe(self, callback: Callable[[Sequence[Farewell]], None], /) -> Callable[[], None]:
        """Calls back after changes, with the pods that are gone; returns what ends that."""

        def tell(changes: ChangeSet[Pod]) -> None:
            ends = changes.last.values()
            callback([Farewell(log_pod(end.record), end.lost) for end in ends])

        return self._collection.subscribe(tell)
