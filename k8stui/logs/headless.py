"""`k8stui logs`: the tailing engine without a screen, for terminals and pipes."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO, TextIO, TypeVar

import msgspec

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.reflector import Reflector, Sink, Source
from k8stui.cluster.transport import Transport
from k8stui.errors import EXIT_CONNECTION, K8sTuiError, UsageError
from k8stui.logs.arguments import LogOptions, check_arguments
from k8stui.logs.feed import StreamState
from k8stui.logs.output import LineOrigin, Style, make_format
from k8stui.logs.parts import NamespacePart
from k8stui.logs.pods import CollectionPods
from k8stui.logs.query import MIDDLE, Query, kind_of, matches_labels, parse_query, path_of
from k8stui.logs.ring import KIND_MASK, LINE, Ring
from k8stui.logs.selection import Selection
from k8stui.logs.tail import Limits, LogTail
from k8stui.logs.targets import LogPod
from k8stui.resources import pods
from k8stui.resources.phase import Forbidden, Missing, Stale, Unauthorized
from k8stui.resources.record import Record
from k8stui.resources.text import clean_text
from k8stui.store.collection import Collection

R = TypeVar("R", bound=Record)

_OPEN = {StreamState.LIVE, StreamState.POLLING}


class _Meta(msgspec.Struct):
    uid: str = ""


class _Object(msgspec.Struct):
    """What a query needs of any object."""

    metadata: _Meta


class _ServiceSpec(msgspec.Struct):
    selector: dict[str, str] | None = None


class _Service(msgspec.Struct):
    spec: _ServiceSpec


async def run(
    arguments: argparse.Namespace,
    transport: Transport,
    log_transport: Transport,
    *,
    namespace: str = "default",
    environ: Mapping[str, str] | None = None,
    output: BinaryIO | None = None,
    errors: TextIO | None = None,
) -> int:
    """Prints the logs that the arguments ask for.

    Args:
        arguments: As `arguments.add_arguments` has them; also `namespace`, `all_namespaces` and
            `selector` where they are.
        transport: The door for lists and watches.
        log_transport: One for the streams alone.
        namespace: Where to look when the arguments name none.
        environ: For NO_COLOR.
        output: Where lines go; standard output by default.
        errors: Where all else goes; standard error by default.

    Returns:
        The exit code; following ends only by an interrupt.

    Raises:
        K8sTuiError: the cluster can't be asked, or the arguments can't be.
        BrokenPipeError: whoever read the output has gone.
    """
    options = check_arguments(arguments, namespace)
    query = parse_query(options.query)
    printing = _Printing(
        options,
        output or sys.stdout.buffer,
        errors or sys.stderr,
        os.environ if environ is None else environ,
    )
    return await _Headless(options, query, transport, log_transport, printing).run()


class _Printing:
    """Writes lines and news of streams."""

    def __init__(
        self, options: LogOptions, output: BinaryIO, errors: TextIO, environ: Mapping[str, str]
    ) -> None:
        terminal = output.isatty()
        colour = options.color == "always" or (
            options.color == "auto" and terminal and not environ.get("NO_COLOR")
        )
        self._output = output
        self._errors = errors
        self._quiet = options.only_log_lines
        self._filter = options.filter
        self._format = make_format(
            Style(
                output=options.output,
                timestamps=options.timestamps,
                namespaces=len(options.namespaces) != 1,
                colour=colour,
                terminal=terminal,
                highlight=options.highlight,
            ),
            options.template,
        )
        self._origins: dict[int, LineOrigin] = {}
        self.broken = asyncio.Event()

    def lines(self, tail: LogTail, first: int) -> None:
        """Prints what is in the ring from `first` on."""
        ring = tail.ring
        parts: list[bytes] = []
        for _, line in ring.range(first, ring.end):
            if line.mark & KIND_MASK != LINE:
                name = tail.name_of(line.stream)
                text = clean_text(line.message.decode("utf-8", "replace"))
                self.say(f"! {name.pod} › {name.container}: {text}")
            elif not self._filter or self._filter.takes(line.message):
                parts.append(self._format(line, self._origin(tail, line.stream)))
        if not parts or self.broken.is_set():
            return
        try:
            self._output.write(b"".join(parts))
            self._output.flush()
        except BrokenPipeError:
            self.broken.set()

    def say(self, text: str) -> None:
        """Tells of something that is no log line."""
        if not self._quiet:
            self._errors.write(text + "\n")
            self._errors.flush()

    def _origin(self, tail: LogTail, stream: int) -> LineOrigin:
        origin = self._origins.get(stream)
        if origin is None:
            pod, name = tail.tail_of(stream).pod, tail.name_of(stream)
            origin = self._origins[stream] = LineOrigin(
                name.namespace,
                name.pod,
                name.container,
                pod.node,
                pod.labels,
                tail.colour_of(stream),
            )
        return origin


class _Headless:
    """One run of the command."""

    def __init__(
        self,
        options: LogOptions,
        query: Query,
        transport: Transport,
        log_transport: Transport,
        printing: _Printing,
    ) -> None:
        self._options = options
        self._query = query
        self._transport = transport
        self._printing = printing
        self._recovery = Recovery()
        self._collection: Collection[pods.Pod] = Collection()
        self._middle: Collection[Record] | None = None
        self._uid = ""
        """Of the object that the query names."""
        self._labels: dict[str, str] = {}
        """The selector of the Service that it names."""
        self._owners_known = False
        self._states: dict[int, StreamState] = {}
        self._told = ""
        self._reflectors: list[asyncio.Task[None]] = []
        self._namespaces = options.namespaces or ("",)
        limits = Limits(options.most_streams, max(options.most_streams, 20))
        self._tail = LogTail(
            log_transport,
            CollectionPods(self._collection),
            # Lines are printed as they come: only enough is held for that.
            ring=Ring(lines=50_000),
            follow=options.follow,
            limits=limits,
        )

    async def run(self) -> int:
        await self._resolve()
        self._tail.on_lines(lambda first: self._printing.lines(self._tail, first))
        self._tail.subscribe(self._tell_streams)
        self._select(history=True)
        self._reflect("pods", pods.decode, self._collection, self._pod_params())
        if self._middle is not None:
            kind = kind_of(MIDDLE[self._query.kind])
            assert kind is not None
            decode: Callable[[bytes], Record] = kind.decode
            self._reflect(kind.key, decode, self._middle, (), kind.versions)
            self._middle.subscribe(lambda _: self._middle_changed())
        unsubscribe = self._collection.subscribe(lambda _: self._tell_phase())
        work = asyncio.create_task(self._work())
        broken = asyncio.create_task(self._printing.broken.wait())
        try:
            done, _ = await asyncio.wait((work, broken), return_when=asyncio.FIRST_COMPLETED)
            if broken in done:
                raise BrokenPipeError
            return work.result()
        finally:
            unsubscribe()
            ending = [work, broken, *self._reflectors]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)
            self._collection.close()
            if self._middle is not None:
                self._middle.close()

    async def _work(self) -> int:
        if self._options.follow:
            await self._tail.run()
        while not (self._collection.synced and (self._middle is None or self._middle.synced)):
            phase = self._collection.phase
            if isinstance(phase, Forbidden | Missing | Unauthorized):
                raise K8sTuiError(phase.message)
            if isinstance(phase, Stale):
                self._printing.say(phase.reason)
                return EXIT_CONNECTION
            await asyncio.sleep(0.02)
        self._select(history=True)
        await self._tail.run_to_end()
        self._tell_streams()
        if not self._tail.streams():
            self._printing.say("no container matches")
        return 0

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
        typed = kind_of(kind)
        versions = typed.versions if typed else ("v1",)
        for version in versions:
            path = path_of(kind, version, self._namespaces[0], self._query.name)
            try:
                body = await self._transport.get(path)
                break
            except K8sTuiError:
                if version == versions[-1]:
                    raise
        self._uid = msgspec.json.decode(body, type=_Object).metadata.uid
        if kind == "services":
            self._labels = msgspec.json.decode(body, type=_Service).spec.selector or {}
        if kind in MIDDLE:
            self._middle = Collection()

    def _middle_changed(self) -> None:
        """Owners came or went; only those of the first list are wanted with their history."""
        self._select(history=not self._owners_known)
        self._owners_known = self._middle is not None and self._middle.synced

    def _select(self, *, history: bool) -> None:
        options, query = self._options, self._query
        owners: frozenset[str] | None = None
        matches: Callable[[LogPod], bool] | None = None
        uid = self._uid
        if query.kind == "services":
            labels = matches_labels(self._labels)
            matches = lambda pod: labels(pod.labels)  # noqa: E731
        elif self._middle is not None:
            owners = frozenset({uid, *(record.uid for record in self._middle.by_owner(uid))})
        elif uid:
            owners = frozenset({uid})
        elif query.kind == "pods":
            matches = lambda pod: pod.name == query.name  # noqa: E731
        self._tail.select(
            Selection(
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
            ),
            history=history,
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
        missing: set[str] = set()
        for namespace in self._namespaces:
            paths = tuple(path_of(key, version, namespace) for version in versions)
            sink: Sink[R] = collection
            if len(self._namespaces) > 1:
                sink = NamespacePart(collection, namespace, missing)
            codec = TypedCodec(decode)
            reflector = Reflector(
                self._transport, Source(paths, params), codec, sink, self._recovery
            )
            self._reflectors.append(asyncio.create_task(reflector.run()))

    def _tell_streams(self) -> None:
        for stream in self._tail.streams():
            known = self._states.get(stream.index)
            if known == stream.state:
                continue
            self._states[stream.index] = stream.state
            name = f"{stream.pod} › {stream.container}"
            if stream.state is StreamState.ENDED:
                self._printing.say(f"- {name}")
            elif stream.state in _OPEN and known not in _OPEN | {StreamState.RECONNECTING}:
                self._printing.say(f"+ {name}")
            if stream.state in (StreamState.FORBIDDEN, StreamState.RECONNECTING):
                self._printing.say(f"! {name}: {stream.state}: {stream.last_error}")

    def _tell_phase(self) -> None:
        phase = self._collection.phase
        text = ""
        if isinstance(phase, Stale):
            text = f"! pods as of a moment ago: {phase.reason}; trying again"
        elif isinstance(phase, Forbidden | Missing | Unauthorized):
            text = f"! {phase.message}"
        if text and text != self._told:
            self._printing.say(text)
        self._told = text
