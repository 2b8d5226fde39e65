"""The logs of one cluster for `k8stui logs`: finds the pods of a query and tails them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.transport import Transport
from k8stui.errors import (
    EXIT_ERROR,
    EXIT_REFUSED,
    ConnectionFailed,
    K8sTuiError,
    LoginFailed,
    UsageError,
)
from k8stui.logs.arguments import LogOptions
from k8stui.logs.book import StreamBook
from k8stui.logs.engine import Limits
from k8stui.logs.named_object import NamedObject, find_named
from k8stui.logs.no_match import NoMatch, in_namespaces, no_match
from k8stui.logs.parts import REFUSED, NamespacePart, Parts
from k8stui.logs.pods import CollectionPods, log_pod
from k8stui.logs.printing import Printing
from k8stui.logs.query import MIDDLE, Query, kind_of, matches_labels, path_of
from k8stui.logs.selection import Selection
from k8stui.logs.tail import LogTail
from k8stui.logs.targets import LogPod
from k8stui.resources import pods
from k8stui.resources.phase import Forbidden, Missing, Phase, Stale, Unauthorized
from k8stui.resources.record import Record
from k8stui.store.collection import Collection

R = TypeVar("R", bound=Record)


class Cluster(msgspec.Struct, frozen=True):
    """One of the clusters whose logs are asked for."""

    context: str
    """Clean."""
    transport: Transport
    """The door for lists and watches."""
    log_transport: Transport
    """One for the streams alone."""
    namespace: str = "default"
    """Where to look when the arguments name none."""


class ClusterLogs:
    """Prints the logs of one cluster."""

    def __init__(
        self,
        options: LogOptions,
        query: Query,
        cluster: Cluster,
        printing: Printing,
        book: StreamBook,
    ) -> None:
        self._options = options
        self._query = query
        self.context = cluster.context
        """Names the cluster; clean."""
        self._transport = cluster.transport
        self._printing = printing
        self._recovery = Recovery()
        self._collection: Collection[pods.Pod] = Collection()
        self._middle: Collection[Record] | None = None
        self._named: dict[str, NamedObject] = {}
        """What the query names, by namespace."""
        self._owners_known = False
        self._begun = False
        """Whether all that there was at first has been seen."""
        self._reflectors: list[asyncio.Task[None]] = []
        self._parts: list[Parts[Any]] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets what ends it all, where it follows."""
        self._namespaces = _namespaces(options, cluster)
        limits = Limits(options.most_streams, max(options.most_streams, 20))
        self._tail = LogTail(
            cluster.log_transport,
            CollectionPods(self._collection),
            book=book,
            sink=printing.lines,
            context=cluster.context,
            follow=options.follow,
            limits=limits,
        )

    async def run(self) -> int:
        """Works until all is printed, or for ever where it follows.

        Returns:
            The exit code.

        Raises:
            NoMatch: all was to be printed, and there is no container to read.
            K8sTuiError: the cluster can't be asked, or the query can't be.
        """
        await self._resolve()
        self._tail.subscribe(lambda: self._printing.streams(self._tail.streams()))
        self._select(history=True)
        self._reflect("pods", pods.decode, self._collection, self._pod_params())
        if self._middle is not None:
            kind = kind_of(MIDDLE[self._query.kind])
            assert kind is not None
            decode: Callable[[bytes], Record] = kind.decode
            self._reflect(kind.key, decode, self._middle, (), kind.versions)
            self._middle.subscribe(lambda _: self._middle_changed())
        unsubscribe = self._collection.subscribe(lambda _: self._tell())
        try:
            return await self._work()
        finally:
            unsubscribe()
            for task in self._reflectors:
                task.cancel()
            await asyncio.gather(*self._reflectors, return_exceptions=True)
            self._collection.close()
            if self._middle is not None:
                self._middle.close()

    async def _work(self) -> int:
        if self._options.follow:
            running = asyncio.create_task(self._tail.run())
            try:
                await asyncio.wait({running, self._failed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
            await (self._failed if self._failed.done() else running)
        while not self._synced:
            if failure := self._failure():
                raise failure
            await asyncio.sleep(0.02)
        self._select(history=True)
        await self._tail.run_to_end()
        self._printing.streams(self._tail.streams())
        refused = self._refusals()
        for message in refused:
            self._printing.say(f"! {self._where}{message}")
        if not self._tail.streams() and not refused:
            raise self._no_match()
        if refused:
            return EXIT_REFUSED
        return EXIT_ERROR if self._tail.gave_up else 0

    def _refusals(self) -> list[str]:
        phases = [phase for parts in self._parts for phase in parts.phases.values()]
        return list(dict.fromkeys(one.message for one in phases if isinstance(one, REFUSED)))

    def _failure(self) -> K8sTuiError | None:
        """Why nothing will ever be read, where that is so."""
        for parts in self._parts:
            phases = list(parts.phases.values())
            if wrong := _wrong_request(phases):
                return wrong
            if all(isinstance(phase, REFUSED) for phase in phases):
                error = K8sTuiError("\n".join(self._refusals()))
                error.exit_code = EXIT_REFUSED if isinstance(phases[0], Forbidden) else EXIT_ERROR
                return error
            phase = parts.collection.phase
            if isinstance(phase, Unauthorized):
                return LoginFailed(phase.message)
            if isinstance(phase, Stale) and not parts.collection.synced:
                return ConnectionFailed(phase.reason)
        return None

    def _no_match(self) -> NoMatch:
        return no_match(
            self._options,
            self._query,
            self.context,
            self._namespaces,
            self._log_pods(),
            self._selection(),
        )

    def _log_pods(self) -> list[LogPod]:
        return [log_pod(pod) for pod in self._collection.rows.values()]

    async def _resolve(self) -> None:
        """Looks the named object up. Raises K8sTuiError when it isn't there."""
        kind = self._query.kind
        if kind in ("", "pods", "nodes"):
            return
        if kind == "namespaces":
            self._namespaces = (self._query.name,)
            return
        if self._namespaces == ("",):
            raise UsageError(f"{self._options.query} needs a namespace: give -n instead of -A")
        self._named = await find_named(self._transport, self._query, self.context, self._namespaces)
        without = [each for each in self._namespaces if each not in self._named]
        if without:
            self._printing.say(f"! {self._options.query} is not in {in_namespaces(without)}")
        self._namespaces = tuple(self._named)
        if kind in MIDDLE:
            self._middle = Collection()

    def _middle_changed(self) -> None:
        """Owners came or went; only those of the first list are wanted with their history."""
        self._select(history=not self._owners_known)
        self._owners_known = self._middle is not None and self._middle.synced
        self._tell_nothing_yet()

    def _select(self, *, history: bool) -> None:
        self._tail.select(self._selection(), history=history)

    def _selection(self) -> Selection:
        options, query = self._options, self._query
        owners: frozenset[str] | None = None
        matches: Callable[[LogPod], bool] | None = None
        uids = [named.uid for named in self._named.values()]
        if query.kind == "services":
            labels = {key: matches_labels(one.selector) for key, one in self._named.items()}
            matches = lambda pod: labels[pod.namespace](pod.labels)  # noqa: E731
        elif (middle := self._middle) is not None:
            between = (record.uid for uid in uids for record in middle.by_owner(uid))
            owners = frozenset({*uids, *between})
        elif uids:
            owners = frozenset(uids)
        elif query.kind == "pods":
            matches = lambda pod: pod.name == query.name  # noqa: E731
        return Selection(
            owners=owners,
            matches=matches,
            name=query.pattern,
            exclude_pods=options.exclude_pods,
            node=query.name if query.kind == "nodes" else options.node,
            container=options.container,
            exclude_containers=options.exclude_containers,
            roles=options.roles,
            states=options.states,
            start=options.start,
        )

    def _pod_params(self) -> tuple[tuple[str, str], ...]:
        node = self._query.name if self._query.kind == "nodes" else self._options.node
        fields = [self._options.field_selector, f"spec.nodeName={node}" if node else ""]
        field_selector = ",".join(part for part in fields if part)
        given = (("labelSelector", self._options.label_selector), ("fieldSelector", field_selector))
        return tuple(pair for pair in given if pair[1])

    def _reflect(
        self,
        key: str,
        decode: Callable[[bytes], R],
        collection: Collection[R],
        params: tuple[tuple[str, str], ...],
        versions: tuple[str, ...] = ("v1",),
    ) -> None:
        parts = Parts(collection, self._namespaces, self._tell)
        self._parts.append(parts)
        for namespace in self._namespaces:
            paths = tuple(path_of(key, version, namespace) for version in versions)
            codec, sink = TypedCodec(decode), NamespacePart(parts, namespace)
            reflector = Reflector(
                self._transport, Source(paths, params), codec, sink, self._recovery
            )
            self._reflectors.append(asyncio.create_task(reflector.run()))

    def _tell(self) -> None:
        self._tell_phase()
        self._tell_nothing_yet()

    def _tell_nothing_yet(self) -> None:
        """Who follows what does not exist, perhaps by a slip of the pen, would wait in silence."""
        if self._begun or not self._options.follow or not self._synced:
            return
        self._begun = True
        if not any(self._selection().containers(self._log_pods())):
            self._printing.say(f"! {self._no_match().message}; waiting for one")

    def _tell_phase(self) -> None:
        """What ends it is told in the end, by whoever started it."""
        if not self._options.follow:
            return
        phases = [(parts, *one) for parts in self._parts for one in parts.phases.items()]
        wrong = _wrong_request([phase for _, _, phase in phases])
        if wrong and not self._failed.done():
            self._failed.set_exception(wrong)
        for parts, namespace, phase in () if wrong else phases:
            text = ""
            if isinstance(phase, Stale) and parts is self._parts[0]:
                text = f"! {self._where}pods as of a moment ago: {phase.reason}; trying again"
            elif isinstance(phase, Forbidden | Missing | Unauthorized):
                text = f"! {self._where}{phase.message}"
            subject = f"{self.context} {self._parts.index(parts)} {namespace}"
            self._printing.say_once(subject, text)

    @property
    def _synced(self) -> bool:
        return self._collection.synced and (self._middle is None or self._middle.synced)

    @property
    def _where(self) -> str:
        return f"{self.context}: " if self._printing.contexts else ""


def _namespaces(options: LogOptions, cluster: Cluster) -> Sequence[str]:
    if options.all_namespaces:
        return ("",)
    return options.namespaces or (cluster.namespace,)


def _wrong_request(phases: Iterable[Phase]) -> UsageError | None:
    """A selector that the server can't read, which it tells with each try."""
    for phase in phases:
        if isinstance(phase, Stale) and phase.status == HTTPStatus.BAD_REQUEST and not phase.read:
            return UsageError(phase.reason, "look at -l and --field-selector")
    return None
