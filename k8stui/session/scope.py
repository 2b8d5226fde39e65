"""What is watched in one namespace (or all) of one cluster, started when first looked at."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.metrics import MetricsPoller
from k8stui.cluster.pace import loop_turn
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.table_codec import Definitions, TableCodec
from k8stui.errors import K8sTuiError
from k8stui.logs.book import StreamBook
from k8stui.logs.export import SaveForm, Written
from k8stui.logs.feed import LogFeed, Stream, Tailing
from k8stui.logs.joined import JoinedTail
from k8stui.logs.last_line import last_line
from k8stui.logs.pods import CollectionPods
from k8stui.logs.previous import read_previous
from k8stui.logs.ring import Ring
from k8stui.logs.tail import LogTail
from k8stui.logs.whole_log import save_whole
from k8stui.resources.document import Document
from k8stui.resources.evidence import CrashedRun
from k8stui.resources.kinds import ResourceType, TypedKind
from k8stui.resources.phase import Phase, Syncing
from k8stui.resources.record import Column
from k8stui.resources.registry import TYPED
from k8stui.resources.table import TableRow, columns_for
from k8stui.session.connection import Connection, user_text
from k8stui.session.documents import read_document
from k8stui.store.collection import Collection
from k8stui.store.ticker import Pace
from k8stui.store.usage import UsageBook
from k8stui.viewmodels.live import ObjectRef, View
from k8stui.viewmodels.log_text import Shown
from k8stui.viewmodels.subject_logs import SubjectLogs

_MOST_WAIT = 10.0
"""Seconds for which metrics wait for the pods that they are of."""
_EXPLAINING = ("nodes", "events", "poddisruptionbudgets.policy")


def _source(kind: TypedKind, namespace: str, selector: str) -> Source:
    paths = tuple(
        ResourceType(
            group=kind.group,
            version=version,
            plural=kind.plural,
            kind=kind.kind,
            namespaced=kind.namespaced,
        ).path(namespace)
        for version in kind.versions
    )
    return Source(paths, (("labelSelector", selector),) if selector else ())


class Table:
    """All objects of one kind, live; see `viewmodels.live.TableFeed`.

    Args:
        collection: Filled by others already, or to be filled with `start`.
    """

    def __init__(self, kind: ResourceType, namespace: str, collection: Collection[Any]) -> None:
        self.kind = kind
        self.namespace = namespace if kind.namespaced else ""
        self.collection = collection
        self._columns: tuple[Column[Any], ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._typed = TYPED.get(kind.key)
        if self._typed is not None:
            self._columns = self._typed.columns

    @property
    def is_open(self) -> bool:
        """Whether it lists and watches by itself."""
        return self._task is not None

    def columns(self) -> tuple[Column[Any], ...]:
        return self._columns

    def learn(self, definitions: Definitions) -> None:
        """Takes the columns that the server tells."""
        self._columns = columns_for(definitions)

    def start(self, connection: Connection, selector: str) -> None:
        """Begins to list and watch."""
        transport, recovery = connection.transport, connection.recovery
        if self._typed is not None:
            typed = Reflector(
                transport,
                _source(self._typed, self.namespace, selector),
                TypedCodec(self._typed.decode),
                self.collection,
                recovery,
            )
            work = typed.run()
        else:
            rows: Collection[TableRow] = self.collection
            params = (("labelSelector", selector),) if selector else ()
            source = Source((self.kind.path(self.namespace),), params)
            work = Reflector(transport, source, TableCodec(self.learn), rows, recovery).run()
        self._task = connection.spawn(work, f"watch {self.kind.key} {self.namespace}")

    def close(self) -> None:
        """Stops watching, if it began that; the connection, which owns the task, sees it end."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self.collection.close()


class Scope:
    """One namespace of one cluster; see `viewmodels.live.LiveCluster`."""

    def __init__(
        self,
        connection: Connection,
        namespace: str,
        selector: str,
        *,
        demo: bool,
        released: Callable[[Connection], Awaitable[None]],
        log_hold_back: float,
    ) -> None:
        target = connection.target
        self.context = target.context
        self.server = target.server
        self.user = user_text(target)
        self.namespace = namespace
        self.selector = selector
        self.actions = connection.actions
        self.read_only = bool(self.actions.read_only)
        self.demo = demo
        self.usage = UsageBook()
        self.news = Pace()
        self.connection = connection
        self._collections: dict[str, Collection[Any]] = {}
        self._tables: list[Table] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._released = released
        self._log_hold_back = log_hold_back
        self._closed = False
        poller = MetricsPoller(connection.transport, namespace, self.usage, connection.recovery)
        self._pods_read = asyncio.Event()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._tasks.append(connection.spawn(self._poll(poller), "metrics"))

    @property
    def server_version(self) -> str:
        return self.connection.server_version

    def collection(self, key: str) -> Collection[Any]:
        present = self._collections.get(key)
        if present is None and self._closed:
            return Collection()
        if present is None:
            kind = TYPED[key]
            present = self._collections[key] = Collection(pace=self.news)
            reflector = Reflector(
                self.connection.transport,
                _source(kind, self.namespace if kind.namespaced else "", self._selector_of(key)),
                TypedCodec(kind.decode),
                present,
                self.connection.recovery,
                turn=self._turn,
            )
            self._tasks.append(self.connection.spawn(reflector.run(), f"watch {key}"))
            if key == "pods":
                self._await_list(present)
        return present

    def hold(self) -> None:
        self._may_read.clear()

    def read_on(self) -> None:
        self._may_read.set()

    async def _turn(self) -> None:
        await loop_turn()
        await self._may_read.wait()

    def _await_list(self, pods: Collection[Any]) -> None:
        """Lets metrics be asked for when the first list of pods is there, or is known not to be."""

        def told(_: object) -> None:
            if not isinstance(pods.phase, Syncing):
                self._pods_read.set()
                leave()

        leave = pods.subscribe(told)

    async def _poll(self, poller: MetricsPoller) -> None:
        # As many samples as pods: beside them they would keep the first list waiting.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MOST_WAIT):
                await self._pods_read.wait()
        await poller.run()

    def _selector_of(self, key: str) -> str:
        """The selector chooses what is looked at, not what explains it."""
        return "" if key in _EXPLAINING else self.selector

    def phases(self) -> Sequence[tuple[str, Phase]]:
        return [(key, each.phase) for key, each in self._collections.items()]

    async def kinds(self) -> tuple[ResourceType, ...]:
        return await self.connection.kinds()

    async def namespaces(self) -> tuple[tuple[str, ...], str]:
        try:
            body = await self.connection.transport.get(
                "/api/v1/namespaces",
                accept="application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            )
            found = msgspec.json.decode(body, type=_Names).items
        except K8sTuiError as error:
            return (), error.message
        except msgspec.MsgspecError as error:
            return (), f"the list of namespaces can't be read: {error}"
        return tuple(sorted(each.metadata.name for each in found)), ""

    def open_table(self, kind: ResourceType, namespace: str, selector: str) -> Table:
        # What is watched here already is not asked for again.
        present = self._collections.get(kind.key)
        elsewhere = kind.namespaced and namespace != self.namespace
        if present is not None and not elsewhere and selector == self._selector_of(kind.key):
            return Table(kind, namespace, present)
        table = Table(kind, namespace, Collection(pace=self.news))
        table.start(self.connection, selector)
        self._tables = [each for each in self._tables if each.is_open] + [table]
        return table

    async def document(self, view: View, ref: ObjectRef, reveal: bool) -> Document:
        return await read_document(self.connection, view, ref, reveal)

    async def last_line(self, crashed: CrashedRun) -> str:
        return await last_line(self.connection.log_transport, crashed)

    def open_logs(self) -> SubjectLogs:
        tail = self._log_tail()
        task = self._run_logs(tail)

        async def previous(streams: Sequence[Stream]) -> tuple[LogFeed, int]:
            # Also of other clusters that have joined: each is read through its own door.
            book = tail.book
            logs = await read_previous(book.transport_of, streams, book.colour_of)
            return logs, logs.found

        async def whole(
            path: Path,
            streams: Sequence[Stream],
            form: SaveForm,
            previous: bool,
            told: Callable[[Written], None],
        ) -> Written:
            book = tail.book
            sources = [(each, book.transport_of(each.index)) for each in streams]
            return await save_whole(path, sources, form, told, previous=previous)

        joined = JoinedTail([tail], tail.ring, tail.book)
        shown = Shown(order="time", hold_back=self._log_hold_back)
        logs = SubjectLogs(joined, task.cancel, previous, shown)
        logs.files.save_whole = whole
        return logs

    def _run_logs(self, tail: LogTail) -> asyncio.Task[None]:
        task = self.connection.spawn(tail.run(), "logs")
        self._tasks.append(task)
        # Each log pane has one: what has ended is not kept as long as the namespace is looked at.
        task.add_done_callback(self._tasks.remove)
        return task

    def _log_tail(self, ring: Ring | None = None, book: StreamBook | None = None) -> LogTail:
        return LogTail(
            self.connection.log_transport,
            CollectionPods(self.collection("pods")),
            ring=ring,
            book=book,
            context=self.context,
            recovery=self.connection.recovery,
        )

    def join_logs(self, logs: Tailing) -> Callable[[], object]:
        assert isinstance(logs, JoinedTail), "as `open_logs` makes them"
        tail = self._log_tail(logs.ring, logs.book)
        logs.join(tail)
        task = self._run_logs(tail)

        def leave() -> None:
            task.cancel()
            logs.leave(tail)

        return leave

    def wake(self) -> None:
        self.connection.recovery.wake()

    async def close(self) -> None:
        """Ends every watch of this namespace; the connection goes when nothing else uses it."""
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for table in self._tables:
            table.close()
        for collection in self._collections.values():
            collection.close()
        self.usage.close()
        await self._released(self.connection)


class _Meta(msgspec.Struct):
    name: str


class _Name(msgspec.Struct):
    metadata: _Meta


class _Names(msgspec.Struct):
    items: list[_Name] = []
