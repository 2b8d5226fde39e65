"""Watches: resumed from a version, with bookmarks, initial events, tables and 410."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
from aiohttp import web

from k8stui.demo.errors import expired
from k8stui.demo.faults import STREAMING, Faults
from k8stui.demo.model import Obj
from k8stui.demo.options import integer, truth
from k8stui.demo.paging import parse_version
from k8stui.demo.rest import Rest, Target
from k8stui.demo.store import Change, Watcher
from k8stui.demo.table import table
from k8stui.demo.versions import outward

BOOKMARK_EVERY = 60.0
LONGEST = 3600.0
CHUNK = 64 * 1024
INITIAL_END = "k8s.io/initial-events-end"
_encode = msgspec.json.Encoder().encode


class _Shape:
    """How one watch wants its objects: plain, as metadata, or as table rows."""

    def __init__(self, rest: Rest, target: Target, request: web.BaseRequest) -> None:
        accept = request.headers.get("Accept", "")
        self._as_table = "as=Table" in accept
        self._as_partial = "as=PartialObjectMetadata" in accept
        self._include = request.query.get("includeObject", "")
        self._kind, self._rest, self._head = target.kind, rest, True

    def shared(self, obj: Obj) -> bool:
        """Whether the line that is encoded once for all watches will do."""
        same = obj.get("apiVersion") == self._kind.api_version
        return same and not (self._as_table or self._as_partial)

    def line(self, type_: str, obj: Obj) -> bytes:
        out = outward(self._kind, obj)
        if self._as_partial:
            head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
            out = {**head, "metadata": obj["metadata"]}
        elif self._as_table:
            meta = {"resourceVersion": obj["metadata"]["resourceVersion"]}
            rows = [] if type_ == "BOOKMARK" else [out]
            now = self._rest.world.now()
            out = table(self._kind, rows, now, self._include, meta, head=self._head)
            self._head = False
        return _encode({"type": type_, "object": out}) + b"\n"

    def bookmark(self, version: int, *, end: bool = False) -> bytes:
        meta: Obj = {"resourceVersion": str(version), "creationTimestamp": None}
        if end:
            meta["annotations"] = {INITIAL_END: "true"}
        bare = {"kind": self._kind.kind, "apiVersion": self._kind.api_version, "metadata": meta}
        return self.line("BOOKMARK", bare)


async def stream_watch(
    rest: Rest, faults: Faults, target: Target, request: web.BaseRequest
) -> web.StreamResponse:
    """Answer a watch until it times out, the client goes, or it falls too far behind."""
    query, store, kind = request.query, rest.store, target.kind.plural
    test = rest.select(target, query)
    if target.name:
        named = target.name
        test = _also(test, lambda obj: obj["metadata"]["name"] == named)
    if target.namespace:
        test = _also(test, lambda obj: obj["metadata"].get("namespace") == target.namespace)
    shape = _Shape(rest, target, request)
    text = query.get("resourceVersion", "")
    initial = truth(query, "sendInitialEvents") or text in ("", "0")
    version = parse_version(text) if text else 0
    seconds = integer(query.get("timeoutSeconds"))
    if version > store.version:  # A server waits until it is that far.
        test = _also(test, lambda obj: int(obj["metadata"]["resourceVersion"]) > version)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    woken = asyncio.Event()
    watcher = store.subscribe(kind, woken.set)
    try:
        missed = [] if initial else store.since(kind, version)
        start = store.version
        request[STREAMING] = True
        await response.prepare(request)
        if missed is None:
            gone = expired(f"too old resource version: {version} ({store.compacted() + 1})")
            await response.write(_encode({"type": "ERROR", "object": gone.status()}) + b"\n")
            return response
        lines = [line for change in missed for line in _lines(change, test, shape)]
        if initial:
            objects = store.sorted(kind, target.namespace or None)
            lines = [shape.line("ADDED", obj) for obj in objects if test(obj)]
            if truth(query, "sendInitialEvents"):
                lines.append(shape.bookmark(start, end=True))
        await _send(faults, response, lines)
        bookmarks = truth(query, "allowWatchBookmarks")
        await _follow(rest, faults, response, watcher, woken, shape, test, seconds, bookmarks)
    finally:
        store.unsubscribe(kind, watcher)
    return response


def _also(a: Callable[[Obj], bool], b: Callable[[Obj], bool]) -> Callable[[Obj], bool]:
    return lambda obj: b(obj) and a(obj)


async def _follow(
    rest: Rest,
    faults: Faults,
    response: web.StreamResponse,
    watcher: Watcher,
    woken: asyncio.Event,
    shape: _Shape,
    test: Callable[[Obj], bool],
    seconds: int,
    bookmarks: bool,
) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + min(seconds or LONGEST, LONGEST)
    while not watcher.lost:
        woken.clear()
        lines = []
        while watcher.backlog:
            lines += _lines(watcher.backlog.popleft(), test, shape)
        if lines:
            await _send(faults, response, lines)
            continue
        left = end - loop.time()
        if left <= 0:
            return
        try:
            async with asyncio.timeout(min(left, BOOKMARK_EVERY)):
                await woken.wait()
        except TimeoutError:
            if bookmarks:
                await faults.write(response, shape.bookmark(rest.store.version))


def _lines(change: Change, test: Callable[[Obj], bool], shape: _Shape) -> list[bytes]:
    """The change as this watch sees it: entering its selection is ADDED, leaving it DELETED."""
    now_in = change.type != "DELETED" and test(change.obj)
    was_in = change.old is not None and test(change.old)
    if change.type == "DELETED":
        now_in, was_in = False, test(change.obj)
    if not now_in and not was_in:
        return []
    type_ = "MODIFIED" if now_in and was_in else "ADDED" if now_in else "DELETED"
    if type_ == change.type and shape.shared(change.obj):
        return [change.line()]
    return [shape.line(type_, change.obj)]


async def _send(faults: Faults, response: web.StreamResponse, lines: list[bytes]) -> None:
    part = bytearray()
    for line in lines:
        part += line
        if len(part) >= CHUNK:
            await faults.write(response, bytes(part))
            part.clear()
    if part:
        await faults.write(response, bytes(part))
