"""Reads the lines before the first ones that are held, by asking for more from the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.errors import K8sTuiError
from k8stui.logs.container import ContainerTail
from k8stui.logs.feed import Older
from k8stui.logs.history import Edge, History
from k8stui.logs.intake import is_kubelet_text
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params
from k8stui.logs.ring import DIVIDER, LINE, UNSTAMPED, RawLine, Ring
from k8stui.logs.splitter import LogSplitter
from k8stui.logs.stamps import parse_stamp
from k8stui.logs.targets import describe_end
from k8stui.resources.text import clean_text

MOST_OLDER = 50_000
"""Lines of one stream that are put in front at once."""
START_OF_FILE = (
    "start of the current log file: rotated files are not readable through the Kubernetes API"
)
_DOUBLINGS = 8
_SECONDS = 30.0
_NEW = -(1 << 62)
"""In place of the index of a line that was not held before."""


class OlderPart(NamedTuple):
    """What came of one stream."""

    tail: ContainerTail
    lines: list[RawLine]
    edge: Edge | None = None
    error: str = ""
    whole: RawLine | None = None
    """The whole of the first held line, where that is only the end of one."""


async def read_older(tail: ContainerTail, ring: Ring, lines: int, since: int | None) -> OlderPart:
    """The lines of one stream before those that are held; its `history` learns how far that goes.

    Args:
        tail: The stream.
        ring: Where its lines are.
        lines: How many are wanted.
        since: Epoch seconds; all from then on, instead of a number.
    """
    history = tail.history
    edge = history.edge(ring, tail.index, tail.last_line)
    if edge is None:
        history.ended = True
        return OlderPart(tail, [])
    instance = tail.restarts
    reader = _OlderReader(tail, edge, lines, since)
    try:
        async with asyncio.timeout(_SECONDS):
            found = await reader.read()
    except ApiError as error:
        if edge.previous and error.status in (400, 404):
            history.ended = True
            return OlderPart(tail, [])
        return OlderPart(tail, [], edge, error.message)
    except K8sTuiError as error:
        return OlderPart(tail, [], edge, error.message)
    except TimeoutError:
        return OlderPart(tail, [], edge, "no answer in time")
    if tail.restarts != instance:
        return OlderPart(tail, [])  # Restarted meanwhile: who knows whose lines these are.
    if edge.previous and not edge.held and not found.beyond:
        found.lines.append(_divider(tail, found.lines))
    if found.start:
        if edge.previous:
            history.ended = True
        else:
            history.current_whole = True
            history.ended = not history.has_previous
    return OlderPart(tail, found.lines, edge, whole=found.whole)


def _divider(tail: ContainerTail, before: Sequence[RawLine]) -> RawLine:
    how = describe_end(tail.status.previous if tail.status else None)
    text = f"restarted, {how}, instance {tail.restarts}" if how else "restarted"
    time = before[-1].time if before else 0
    return RawLine(time, tail.index, DIVIDER, clean_text(text).encode())


class _Found(msgspec.Struct):
    lines: list[RawLine]
    start: bool
    """Whether the first line is the first of the file."""
    beyond: bool = False
    """Whether the held lines are in no file any more: it was rotated."""
    whole: RawLine | None = None
    """The whole of the first held line, where that is only the end of one."""


class _OlderReader:
    """The requests of one stream."""

    def __init__(self, tail: ContainerTail, edge: Edge, lines: int, since: int | None) -> None:
        self._tail = tail
        self._edge = edge
        self._lines = lines
        self._since = since
        self._first = b""
        """The answer's first line, timestamp included."""
        self._whole: RawLine | None = None

    async def read(self) -> _Found:
        """Raises K8sTuiError as the transport does."""
        found = await (self._read_tail() if self._since is None else self._read_since())
        found.whole = self._whole
        return found

    async def _read_tail(self) -> _Found:
        want = self._edge.held + self._lines + 1
        for _ in range(_DOUBLINGS):
            lines, met = await self._before_edge(want)
            if met and len(lines) > self._lines:
                return _Found(lines[-self._lines :], start=False)
            if not self._first:
                return _Found([], start=True)
            if await self._starts_file():
                return _Found(lines if met else [], start=True, beyond=not met)
            if met and len(lines) > 1:
                # The first may be the rest of a line: a tail counts the runtime's records.
                return _Found(lines[1:], start=False)
            want *= 2
        return _Found([], start=True, beyond=True)

    async def _read_since(self) -> _Found:
        lines, met = await self._before_edge(0)
        if not met or not lines:
            return _Found([], start=False)
        if len(lines) > self._lines:
            return _Found(lines[-self._lines :], start=False)
        return _Found(lines, start=await self._starts_file())

    async def _before_edge(self, want: int) -> tuple[list[RawLine], bool]:
        """The lines before the held ones, and whether these were met."""
        edge, tail = self._edge, self._tail
        self._first = b""
        params = log_params(
            tail.key.container,
            follow=False,
            previous=edge.previous,
            since=self._since,
            tail=want if self._since is None else None,
        )
        splitter, search = LogSplitter(), _EdgeSearch(edge, tail.index)
        async with tail.transport.stream(tail.path, params, accept=ACCEPT) as chunks:
            async for chunk in chunks:
                lines = splitter.feed(chunk)
                if lines and not self._first:
                    self._first = lines[0]
                search.take(lines)
                if search.over:
                    break
                await asyncio.sleep(0)
        self._whole = search.whole
        return search.result()

    async def _starts_file(self) -> bool:
        params = log_params(
            self._tail.key.container,
            follow=False,
            previous=self._edge.previous,
            limit=len(self._first) + 1,
        )
        body = await self._tail.transport.get(self._tail.path, params, accept=ACCEPT, seconds=10.0)
        return body.partition(b"\n")[0] == self._first


class _EdgeSearch:
    """Collects lines until those that are held come."""

    def __init__(self, edge: Edge, stream: int) -> None:
        self._edge = edge
        self._stream = stream
        self._taken: list[RawLine] = []
        self._cut: int | None = None
        self._time = 0
        self.whole: RawLine | None = None
        """The whole of the first held line, where that is only the end of one."""
        self.over = False
        """Whether all lines before the held ones are known."""
        anchors = edge.anchors
        self._places = {one: at for at, one in reversed(list(enumerate(anchors)))}
        self._alike = next(
            (at for at, one in enumerate(anchors) if one != anchors[0]), len(anchors)
        )
        """How many equal lines the held ones begin with."""

    def take(self, lines: Iterable[bytes]) -> None:
        """Takes lines of the answer, up to where the held ones begin."""
        for line in lines:
            stamp, _, message = line.partition(b" ")
            time, mark = parse_stamp(stamp), LINE
            if time is None:
                if not self._time or is_kubelet_text(line):
                    continue
                time, mark, message = self._time, UNSTAMPED, line
            self._time = time
            if self._cut is None and mark == LINE:
                at = self._places.get((time, message))
                # The first held line may have been the rest of one: then the next one is met.
                self._cut = None if at is None else max(0, len(self._taken) - at)
                self.over = bool(at)
                if at == 1 and self._taken:
                    whole = self._taken[-1]
                    self.whole = whole if self._is_rest(whole.message) else None
            if self._cut is not None and (time, message) != self._edge.anchors[0]:
                self.over = True
            if self.over:
                return
            self._taken.append(RawLine(time, self._stream, mark, message))

    def _is_rest(self, message: bytes) -> bool:
        return message.endswith(self._edge.anchors[0][1])

    def result(self) -> tuple[list[RawLine], bool]:
        """The lines before the held ones, and whether these were met."""
        edge, taken, cut = self._edge, self._taken, self._cut
        if not edge.anchors:
            if not edge.before:
                return taken, True
            return [line for line in taken if line.time <= edge.before], True
        if cut is None:
            return taken, False
        # Of equal lines of one moment the first ones are the older ones.
        return taken[: max(cut, len(taken) - self._alike if len(taken) > cut else 0)], True


def in_order(lines: Iterable[tuple[int, RawLine]]) -> list[tuple[int, RawLine]]:
    """Lines of several streams by time; a stream's own order stays as it is."""
    latest: dict[int, int] = {}
    keyed: list[tuple[int, int, int, RawLine]] = []
    for index, line in lines:
        time = latest[line.stream] = max(line.time, latest.get(line.stream, 0))
        keyed.append((time, line.stream, index, line))
    keyed.sort(key=itemgetter(0, 1))
    return [(index, line) for _, _, index, line in keyed]


async def load_older(
    tails: Sequence[ContainerTail],
    ring: Ring,
    history_of: Callable[[int], History | None],
    lines: int,
    since: int | None,
) -> Older:
    """Puts older lines of these streams before those in the ring; see `Tailing.load_older`."""
    share = min(MOST_OLDER, ring.room // max(1, len(tails)))
    if not share:
        return Older(0, complete=False, message="there is no room for more older lines")
    wanted = share if since is not None else max(1, min(lines, share))
    parts = await asyncio.gather(*(read_older(tail, ring, wanted, since) for tail in tails))
    found = sum(len(part.lines) for part in parts)
    for part in parts:
        if part.whole is not None and part.edge is not None:
            ring.replace(part.edge.first, part.whole.time, part.whole.message)
    if found:
        _put_in_front(parts, ring, history_of)
    for part in parts:
        part.tail.history.noted(ring.first)
    errors = list(dict.fromkeys(part.error for part in parts if part.error))
    complete = not any(part.tail.history.may_go_on for part in parts)
    message = clean_text(errors[0]) if errors else START_OF_FILE if complete else ""
    return Older(found, complete=complete, message=message)


def _put_in_front(
    parts: Sequence[OlderPart], ring: Ring, history_of: Callable[[int], History | None]
) -> None:
    # What the quota kept lies between the older lines and those in the ring.
    kept = ring.kept()
    ring.release_kept()
    news = in_order([*((_NEW, line) for part in parts for line in part.lines), *kept])
    lines = [line for _, line in news]
    begin = ring.first - len(lines)
    ring.prepend(
        [line.stream for line in lines],
        [line.time for line in lines],
        [line.message for line in lines],
        [line.mark for line in lines],
    )
    moved: dict[int, list[tuple[int, int]]] = {}
    after: dict[int, int] = {}
    for now, (index, line) in enumerate(news, begin):
        if index != _NEW:
            moved.setdefault(line.stream, []).append((index, now))
        elif line.mark == DIVIDER:
            after[line.stream] = now + 1
    for stream, indexes in moved.items():
        history = history_of(stream)
        if history is not None:
            history.moved(indexes)
    for part in parts:
        if part.edge is not None and part.lines:
            part.tail.history.grew(part.edge, after.get(part.tail.index))
