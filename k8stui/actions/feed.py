"""One workload with its revisions and pods, watched: to follow a rollout without a screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from k8stui.actions.intents import DEPLOYMENTS, Subject
from k8stui.actions.reading import selector_of
from k8stui.cluster.api_error import ApiError
from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.objects import JsonObject
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.transport import Transport
from k8stui.errors import ConnectionFailed, K8sTuiError, LoginFailed
from k8stui.logs.last_line import last_line
from k8stui.resources import (
    controllerrevisions,
    events,
    poddisruptionbudgets,
    pods,
    replicasets,
)
from k8stui.resources.controllerrevisions import ControllerRevision
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.events import Event
from k8stui.resources.evidence import (
    NO_EVIDENCE,
    Evidence,
    crashed_runs,
    evidence_of,
)
from k8stui.resources.kinds import TypedKind
from k8stui.resources.last_lines import LastLines
from k8stui.resources.phase import Forbidden, Missing, Stale, Unauthorized
from k8stui.resources.poddisruptionbudgets import PodDisruptionBudget
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.resources.registry import TYPED
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.rollouts import (
    RevisionRow,
    Rollable,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
)
from k8stui.resources.statefulsets import StatefulSet
from k8stui.store.collection import Collection

R = TypeVar("R", bound=Record)

_TICK: Final = 1.0
"""Seconds after which it is looked at again though nothing came: deadlines pass by themselves."""


class RolloutFeed:
    """Watches until the block is left.

    Args:
        obj: The workload as it was read, for its selector.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        transport: Transport,
        subject: Subject,
        obj: JsonObject,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._subject = subject
        self._selector = selector_of(obj)
        self._recovery = Recovery()
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._workloads: Collection[Rollable] = Collection()
        self._replicasets: Collection[ReplicaSet] = Collection()
        self._controllerrevisions: Collection[ControllerRevision] = Collection()
        self._pods: Collection[Pod] = Collection()
        self._events: Collection[Event] = Collection()
        self._budgets: Collection[PodDisruptionBudget] = Collection()
        self._last_lines = LastLines()
        self._watched: list[Collection[Any]] = []

    async def __aenter__(self) -> Self:
        subject = self._subject
        name = (("fieldSelector", f"metadata.name={subject.name}"),)
        labels = (("labelSelector", self._selector),) if self._selector else ()
        kind = TYPED[subject.kind]
        decode = cast(Callable[[bytes], Rollable], kind.decode)
        self._watch(kind, decode, self._workloads, name)
        if subject.kind == DEPLOYMENTS:
            self._watch(replicasets.KIND, replicasets.decode, self._replicasets, labels)
        else:
            self._watch(
                controllerrevisions.KIND,
                controllerrevisions.decode,
                self._controllerrevisions,
                labels,
            )
        self._watch(pods.KIND, pods.decode, self._pods, labels)
        warnings = (("fieldSelector", "type=Warning"),)
        self._watch(events.KIND, events.decode, self._events, warnings, needed=False)
        budgets = poddisruptionbudgets
        self._watch(budgets.KIND, budgets.decode, self._budgets, (), needed=False)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for collection in (*self._watched, self._events, self._budgets):
            collection.close()

    def _watch(
        self,
        kind: TypedKind,
        decode: Callable[[bytes], R],
        collection: Collection[R],
        params: tuple[tuple[str, str], ...],
        *,
        needed: bool = True,
    ) -> None:
        """`needed` is what there is no answer without; the rest only explains."""
        root = f"/apis/{kind.group}" if kind.group else "/api"
        paths = tuple(
            f"{root}/{version}/namespaces/{self._subject.namespace}/{kind.plural}"
            for version in kind.versions
        )
        source = Source(paths, params)
        reflector = Reflector(
            self._transport, source, TypedCodec(decode), collection, self._recovery
        )
        self._tasks.append(asyncio.create_task(reflector.run()))
        collection.subscribe(lambda _: self._changed.set())
        if needed:
            self._watched.append(collection)

    async def synced(self) -> None:
        """Waits until all of it has been read.

        Raises:
            ApiError: the user may not read it.
            LoginFailed: the cluster does not accept the credentials.
            K8sTuiError: it can't be read otherwise.
        """
        while not all(each.synced for each in self._watched):
            for each in self._watched:
                phase = each.phase
                if isinstance(phase, Forbidden):
                    raise ApiError(403, phase.message, reason="Forbidden")
                if isinstance(phase, Unauthorized):
                    raise LoginFailed(phase.message)
                if isinstance(phase, Missing):
                    raise K8sTuiError(phase.message)
                if isinstance(phase, Stale):
                    raise ConnectionFailed(phase.reason)
            await asyncio.sleep(0.02)

    async def next(self) -> None:
        """Waits until something changed, or a second is over."""
        try:
            async with asyncio.timeout(_TICK):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()

    @property
    def stale(self) -> str:
        """Why the connection is lost, empty while it isn't."""
        phases = [each.phase for each in self._watched]
        return next((one.reason for one in phases if isinstance(one, Stale)), "")

    @property
    def record(self) -> Rollable | None:
        return self._workloads.find(self._subject.namespace, self._subject.name)

    @property
    def pods(self) -> tuple[Pod, ...]:
        """The workload's own pods."""
        record = self.record
        if record is None:
            return ()
        owners = [record.uid, *(one.uid for one in self._replicasets.by_owner(record.uid))]
        return tuple(pod for owner in owners for pod in self._pods.by_owner(owner))

    @property
    def revisions(self) -> tuple[RevisionRow, ...]:
        match self.record:
            case Deployment() as record:
                return revisions_of_deployment(record, self._replicasets.rows.values(), self.pods)
            case StatefulSet() as record:
                found = self._controllerrevisions.rows.values()
                return revisions_of_statefulset(record, found, self.pods)
            case DaemonSet() as record:
                found = self._controllerrevisions.rows.values()
                return revisions_of_daemonset(record, found, self.pods)
            case _:
                return ()

    async def evidence(self) -> Evidence:
        """What is known around the workload; asks for the last lines of new crashes."""
        record, pods = self.record, self.pods
        if record is None:
            return NO_EVIDENCE
        now = self._clock()
        for crashed in self._last_lines.due(crashed_runs(pods, now), now):
            self._last_lines.learned(crashed.run, await last_line(self._transport, crashed))
        uids = {record.uid, *(one.uid for one in pods), *(one.uid for one in self.revisions)}
        budgets = self._budgets.rows.values()
        return evidence_of(
            self._events.rows.values(), frozenset(uids), self._last_lines.lines, budgets, pods
        )
