"""A cluster that a test feeds by hand: what the screens see, without a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from k8stui.actions.intents import Intent, Request, Subject
from k8stui.actions.interface import Comparison, Outcome, Possible, Preview, Step, Undo, Verdict
from k8stui.actions.write_actions import WRITE_ACTIONS
from k8stui.errors import K8sTuiError
from k8stui.logs.engine import Limits
from k8stui.logs.feed import LogFeed, Older, Stream, StreamName, StreamState, Tailing
from k8stui.logs.ring import RawLine, Ring
from k8stui.logs.selection import NOTHING, Selection
from k8stui.resources.document import Document, Line
from k8stui.resources.evidence import CrashedRun
from k8stui.resources.kinds import ResourceType
from k8stui.resources.phase import Live, Phase
from k8stui.resources.pods import Pod
from k8stui.resources.record import Column, Record, Usage
from k8stui.resources.registry import TYPED
from k8stui.store.collection import Collection
from k8stui.store.ticker import ManualTicker, Pace
from k8stui.store.usage import UsageBook
from k8stui.viewmodels.live import ContextChoice, ObjectRef, View
from k8stui.viewmodels.log_text import Shown
from k8stui.viewmodels.subject_logs import SubjectLogs
from tests.ui.objects import NOW, by_key

_SECOND = 1_000_000_000
_SHORT = {
    "pods": ("po",),
    "services": ("svc",),
    "deployments.apps": ("deploy",),
    "nodes": ("no",),
    "events": ("ev",),
}


class FakeTail:
    """A log engine whose lines a test puts there."""

    def __init__(self, pods: Collection[Pod]) -> None:
        self.ring = Ring()
        self.generation = 0
        self.selection: Selection = NOTHING
        self.limits = Limits()
        self.listeners: dict[int, Callable[[], None]] = {}
        self.stopped = False
        self.older: list[RawLine] = []
        """Lines that the server still has before the first one."""
        self.hooks: list[Callable[[int], None]] = []
        self._pods = pods
        self._streams: list[tuple[str, StreamName]] = []
        self._next = 0

    def put(self, pod: Record, *lines: str, container: str = "app", at: float = 0.0) -> None:
        """Lines that a container writes `at` seconds after the moment of the tests."""
        name = StreamName("", pod.namespace, pod.name, container)
        if (pod.uid, name) not in self._streams:
            self._streams.append((pod.uid, name))
        index = self._streams.index((pod.uid, name))
        first = self.ring.end
        for line in lines:
            self.ring.append(index, int((NOW + at) * _SECOND), line.encode())
        for hook in list(self.hooks):
            hook(first)
        for listener in list(self.listeners.values()):
            listener()

    def is_selected(self, stream: int) -> bool:
        uid, name = self._streams[stream]
        uids, container = self.selection.uids, self.selection.container
        return (uids is None or uid in uids) and (
            container is None or bool(container.search(name.container))
        )

    def name_of(self, stream: int) -> StreamName:
        return self._streams[stream][1]

    def colour_of(self, stream: int) -> int:
        return stream

    def select(self, selection: Selection, *, history: bool = True) -> None:
        self.selection = selection
        self.generation += 1
        for listener in list(self.listeners.values()):
            listener()

    def streams(self) -> Sequence[Stream]:
        return [
            Stream(
                index=index,
                namespace=name.namespace,
                pod=name.pod,
                container=name.container,
                role="regular",
                node="node-1",
                state=StreamState.LIVE,
                lines=sum(line.stream == index for _, line in self.ring.range(0, self.ring.end)),
                reconnects=0,
                restarts=0,
                rate=2.5,
                last_line=int(NOW * _SECOND),
                last_error="",
                selected=True,
            )
            for index, (_, name) in enumerate(self._streams)
            if self.is_selected(index)
        ]

    def set_limits(self, limits: Limits) -> None:
        self.limits = limits

    def on_lines(self, hook: Callable[[int], None]) -> Callable[[], None]:
        self.hooks.append(hook)
        return lambda: self.hooks.remove(hook)

    def state_counts(self) -> Counter[StreamState]:
        selected = sum(map(self.is_selected, range(len(self._streams))))
        return Counter({StreamState.LIVE: selected} if selected else {})

    async def load_older(
        self,
        lines: int = 1000,
        *,
        since: int | None = None,
        streams: Sequence[int] | None = None,
    ) -> Older:
        moment = 0 if since is None else since * _SECOND
        wanted = [line for line in self.older if line.time >= moment][-lines:]
        self.older = self.older[: len(self.older) - len(wanted)]
        self.ring.prepend(
            [line.stream for line in wanted],
            [line.time for line in wanted],
            [line.message for line in wanted],
            [line.mark for line in wanted],
        )
        for listener in list(self.listeners.values()):
            listener()
        return Older(len(wanted), complete=not self.older)

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        number = self._next = self._next + 1
        self.listeners[number] = callback
        return lambda: self.listeners.pop(number, None) and None


class FakeActions:
    """Actions that may not be taken; what they do is tested elsewhere."""

    audit_file = Path("/state/audit.jsonl")
    read_only = "this context is read-only"

    async def possible(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        return self.known(subjects)

    def known(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        return tuple(Possible(spec, self.read_only) for spec in WRITE_ACTIONS)

    async def preview(self, intent: Intent, subject: Subject) -> Preview:
        return Preview(intent=intent, subject=subject, title=subject.name, refused=self.read_only)

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        return tuple([await self.preview(*request) for request in requests])

    async def perform(self, preview: Preview) -> AsyncIterator[Step]:
        yield Step("", Outcome(result="refused", text=self.read_only))

    async def compare(self, subject: Subject, before: int | None, after: int | None) -> Comparison:
        raise K8sTuiError("there is nothing to compare")

    def judged(self, preview: Preview, outcome: Outcome, verdict: Verdict) -> None:
        """Nothing is written down."""

    def undo(self) -> Undo | None:
        return None

    def audit_lines(self, most: int = 200) -> tuple[str, ...]:
        return ()


class FakeTable:
    """All objects of one kind, from the fake cluster's own collection or by hand."""

    def __init__(
        self, kind: ResourceType, namespace: str, collection: Collection[Any], columns: Any
    ) -> None:
        self.kind = kind
        self.namespace = namespace if kind.namespaced else ""
        self.collection = collection
        self.given: tuple[Column[Any], ...] = columns
        self.closed = False

    def columns(self) -> tuple[Column[Any], ...]:
        return self.given

    def close(self) -> None:
        self.closed = True


class FakeCluster:
    """One namespace of a cluster; see `viewmodels.live.LiveCluster`.

    Nothing happens by itself: `apply` and `remove` change objects, `tell` brings the news of it to
    whoever listens.
    """

    def __init__(self, context: str = "prod", namespace: str = "shop") -> None:
        self.context = context
        self.server = "https://cluster.example"
        self.user = "alice"
        self.namespace = namespace
        self.selector = ""
        self.read_only = False
        self.demo = False
        self.server_version = "v1.20.2"
        self.actions = FakeActions()
        self.ticker = ManualTicker()
        self.usage = UsageBook(self.ticker)
        self.news = Pace()
        self.listed: tuple[tuple[str, ...], str] = (("default", "shop", "web-team"), "")
        self.documents: dict[tuple[View, ObjectRef], list[str]] = {}
        self.asked: list[tuple[View, ObjectRef, bool]] = []
        self.opened: list[tuple[str, str, str]] = []
        self.extra_kinds: list[ResourceType] = []
        self.tables: list[FakeTable] = []
        self.tails: list[FakeTail] = []
        self.before: dict[str, list[str]] = {}
        """What the container before wrote, by the pod's name."""
        self.last_lines: dict[str, str] = {}
        """Last lines of crashed containers, by the pod's name."""
        self.woken = 0
        self.held = False
        self.joined: list[Tailing] = []
        self.closed = False
        self._collections: dict[str, Collection[Any]] = {}
        self._phase: Phase = Live(NOW)

    # -- what a test does ---------------------------------------------------------------------

    def apply(self, *records: Record) -> None:
        """Objects as they are now."""
        for key, found in by_key(records).items():
            self.collection(key).upsert(found)

    def remove(self, *records: Record) -> None:
        for key, found in by_key(records).items():
            self.collection(key).remove([one.uid for one in found])

    def tell(self) -> None:
        """Brings all news to whoever listens."""
        self.ticker.advance(max(1.0, self.news.period))

    def set_phase(self, phase: Phase, *keys: str) -> None:
        """How the connection stands: of these kinds, or of all that is and will be watched."""
        if not keys:
            self._phase = phase
        for key in keys or tuple(self._collections):
            self.collection(key).set_phase(phase)

    def use(self, usages: dict[str, tuple[int, int]], at: float = NOW - 10) -> None:
        """What pods use: (millicores, MiB) by name."""
        samples = [
            (self.namespace, name, Usage(cpu, mib << 20, int(at), (("app", cpu, mib << 20),)))
            for name, (cpu, mib) in usages.items()
        ]
        self.usage.update_pods(samples, at)

    def subscriptions(self) -> int:
        """How many listen to anything of this cluster."""
        own = sum(len(each._subscriptions) for each in self._collections.values())
        own += sum(
            len(table.collection._subscriptions)
            for table in self.tables
            if table.collection not in self._collections.values()
        )
        own += len(self.usage._subscribers)
        return own + sum(len(tail.listeners) for tail in self.tails)

    @property
    def tail(self) -> FakeTail:
        """The log engine that was opened last."""
        return self.tails[-1]

    # -- what the screens ask -----------------------------------------------------------------

    def collection(self, key: str) -> Collection[Any]:
        present = self._collections.get(key)
        if present is None:
            present = self._collections[key] = Collection(self.ticker, self.news)
            present.set_phase(self._phase)
            if isinstance(self._phase, Live):
                present.keep_only(())
        return present

    def phases(self) -> Sequence[tuple[str, Phase]]:
        return [(key, each.phase) for key, each in self._collections.items()]

    async def kinds(self) -> tuple[ResourceType, ...]:
        typed = [
            ResourceType(
                group=kind.group,
                version=kind.versions[0],
                plural=kind.plural,
                kind=kind.kind,
                namespaced=kind.namespaced,
                singular=kind.kind.lower(),
                short_names=_SHORT.get(kind.key, ()),
            )
            for kind in TYPED.values()
        ]
        return (*typed, *self.extra_kinds)

    async def namespaces(self) -> tuple[tuple[str, ...], str]:
        return self.listed

    def open_table(self, kind: ResourceType, namespace: str, selector: str) -> FakeTable:
        self.opened.append((kind.key, namespace, selector))
        typed = TYPED.get(kind.key)
        collection = self.collection(kind.key) if typed else Collection(self.ticker, self.news)
        table = FakeTable(kind, namespace, collection, typed.columns if typed else ())
        self.tables.append(table)
        return table

    async def document(self, view: View, ref: ObjectRef, reveal: bool) -> Document:
        self.asked.append((view, ref, reveal))
        lines = self.documents.get((view, ref))
        if lines is None:
            raise K8sTuiError(f'{ref.kind} "{ref.name}" not found')
        if reveal:
            lines = [line.replace("******", "hunter2") for line in lines]
        return Document(ref.name, tuple(Line(line) for line in lines))

    async def last_line(self, crashed: CrashedRun) -> str:
        return self.last_lines.get(crashed.pod, "")

    def open_logs(self) -> SubjectLogs:
        tail = FakeTail(self.collection("pods"))
        self.tails.append(tail)

        def stop() -> None:
            tail.stopped = True

        async def previous(streams: Sequence[Stream]) -> tuple[LogFeed, int]:
            pods = self.collection("pods")
            feed, found = FakeTail(pods), 0
            feed.select(Selection())
            for pod in pods.rows.values():
                if pod.name in self.before and any(each.pod == pod.name for each in streams):
                    feed.put(pod, *self.before[pod.name])
                    found += 1
            return feed, found

        # Lines show up as they come: what the order by time waits for is tested elsewhere.
        return SubjectLogs(tail, stop, previous, Shown(order="arrival"), lambda: NOW)

    def join_logs(self, logs: Tailing) -> Callable[[], object]:
        self.joined.append(logs)
        return lambda: self.joined.remove(logs)

    def hold(self) -> None:
        self.held = True

    def read_on(self) -> None:
        self.held = False

    def wake(self) -> None:
        self.woken += 1

    async def close(self) -> None:
        self.closed = True


class FakeClusters:
    """The clusters of a kubeconfig; see `viewmodels.live.Clusters`."""

    def __init__(self, first: FakeCluster) -> None:
        self.first = first
        self.opened: list[FakeCluster] = []
        self.beside: list[FakeCluster] = []
        self.choices = [
            ContextChoice("prod", "prod-eu", "shop", "alice"),
            ContextChoice("staging", "staging-eu", "default", "alice"),
        ]
        self.recent = ["web-team", "gone"]
        self.refused: K8sTuiError | None = None
        self.make: Callable[[str, str], FakeCluster] = FakeCluster

    def contexts(self) -> Sequence[ContextChoice]:
        return self.choices

    def recent_namespaces(self, context: str) -> Sequence[str]:
        return self.recent

    async def open_beside(self, context: str, namespace: str) -> FakeCluster:
        if self.refused is not None:
            raise self.refused
        self.beside.append(self.make(context, namespace))
        return self.beside[-1]

    async def open(self, context: str | None, namespace: str | None) -> FakeCluster:
        if self.refused is not None and self.opened:
            raise self.refused
        if not self.opened:
            opened = self.first
        else:
            present = self.opened[-1]
            spec = {choice.name: choice for choice in self.choices}
            name = context or present.context
            own = spec[name].namespace if name in spec else "default"
            opened = self.make(name, own if namespace is None else namespace)
        self.opened.append(opened)
        return opened
