"""Keeps a collection equal to what the API server has: paged list, then watch, for ever.

The rules are client-go's reflector's; where this differs, a comment says why.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Container, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from k8stui.cluster.api_error import STATUS, ApiError, error_from_status
from k8stui.cluster.backoff import Backoff, Recovery
from k8stui.cluster.codec import Codec, Page
from k8stui.cluster.envelope import WATCH_EVENT, LineSplitter
from k8stui.cluster.transport import Params, Transport
from k8stui.errors import ConnectionFailed, K8sTuiError, LoginFailed
from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Record
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record, contravariant=True)

PAGE_SIZE = 500
_LIST_SECONDS = 60.0
_SLICE = 64
"""Objects decoded before the event loop gets a turn."""
_WATCH_SECONDS = (300, 600)
_SILENCE_SECONDS = 90.0
"""Bookmarks come about once a minute: without one for this long, the stream is dead."""
_SHORT_WATCH_SECONDS = 1.0
_RIGHTS_RETRY_SECONDS = 60.0
_LOGIN_RETRY_SECONDS = 15.0
_PASSING_REFUSALS = 4


class Sink(Protocol[S]):
    """Where the records go; the store's Collection is one."""

    def upsert(self, records: Iterable[S]) -> None: ...

    def remove(self, uids: Iterable[str]) -> None: ...

    def keep_only(self, uids: Container[str]) -> None: ...

    def resource_version(self, uid: str) -> str | None: ...

    def set_phase(self, phase: Phase) -> None: ...


class Source(msgspec.Struct, frozen=True):
    """What to list and watch."""

    paths: tuple[str, ...]
    """The collection's path; several where a kind is served in one of several versions."""
    params: tuple[tuple[str, str], ...] = ()
    """labelSelector, fieldSelector."""


class _Relist(Exception):  # noqa: N818 - not an error: the next step of the loop
    """The resourceVersion is too old to go on from: list again."""


class Reflector(Generic[R]):
    """Lists and watches one collection into a sink until it is cancelled.

    Args:
        transport: The door.
        source: What to list and watch.
        codec: How its objects become records.
        sink: Where they go.
        recovery: Shared by all reflectors of a cluster: the first that gets through wakes the rest.
    """

    def __init__(
        self,
        transport: Transport,
        source: Source,
        codec: Codec[R],
        sink: Sink[R],
        recovery: Recovery,
        random_source: random.Random | None = None,
    ) -> None:
        self._transport = transport
        self._source = source
        self._codec = codec
        self._sink = sink
        self._recovery = recovery
        self._random = random_source or random.Random()
        self._backoff = Backoff(self._random)
        self._path = 0
        self._version = ""
        self._current_at = time.time()
        self._stale = False
        self._bookmarked = False
        self._refusals = 0
        self.skipped = 0
        """Objects and events that could not be read, and were left out."""

    async def run(self) -> None:
        """Never returns by itself; every failure becomes a phase and a later try."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except _Relist:
                self._version = ""
            except ApiError as error:
                await self._refused(error)
            except LoginFailed as error:
                self._sink.set_phase(Unauthorized(error.message))
                await self._recovery.wait(_LOGIN_RETRY_SECONDS)
            except (K8sTuiError, msgspec.MsgspecError) as error:
                await self._lost(str(error), 0.0)

    async def _refused(self, error: ApiError) -> None:
        if error.status == 401:
            self._sink.set_phase(Unauthorized(error.message))
            await self._recovery.wait(_LOGIN_RETRY_SECONDS)
        elif error.status == 403 and self._version and self._refusals < _PASSING_REFUSALS:
            # An API server that has just started refuses everyone until it has read its roles.
            self._refusals += 1
            await self._lost(error.message, 0.0)
        elif error.status == 403:
            self._version = ""
            self._sink.set_phase(Forbidden(error.message))
            await self._recovery.wait(_RIGHTS_RETRY_SECONDS)
        elif error.status in (404, 405, 406):
            await self._not_served(error)
        elif error.gone or error.version_too_large:
            self._version = ""
            await self._lost(error.message, 0.0)
        else:
            await self._lost(error.message, error.retry_after or 0.0)

    async def _not_served(self, error: ApiError) -> None:
        self._version = ""
        self._path += 1
        if self._path < len(self._source.paths):
            return
        self._path = 0
        self._sink.keep_only(())
        self._sink.set_phase(Missing(error.message))
        await self._recovery.wait(_RIGHTS_RETRY_SECONDS)

    async def _lost(self, reason: str, at_least: float) -> None:
        delay = self._backoff.delay(at_least)
        now = time.time()
        self._stale = True
        self._sink.set_phase(Stale(self._current_at, clean_text(reason), now + delay))
        logger.info("%s: %s; next try in %.1f s", self._here, reason, delay)
        await self._recovery.wait(delay)

    @property
    def _here(self) -> str:
        return self._source.paths[min(self._path, len(self._source.paths) - 1)]

    # -- list ---------------------------------------------------------------------------------

    async def _list(self) -> None:
        seen: set[str] = set()
        received = 0
        if not self._stale:
            self._sink.set_phase(Syncing())
        async for page in self._pages():
            received += len(page.items)
            await self._take(page.items, seen)
            if page.continue_token and not self._stale:
                total = None if page.remaining is None else received + page.remaining
                self._sink.set_phase(Syncing(received, total))
            self._version = page.resource_version
        self._sink.keep_only(seen)
        self._alive()

    async def _pages(self) -> AsyncIterator[Page[R]]:
        """All pages; the next one is on its way while one is decoded."""
        limit = PAGE_SIZE
        page = await self._page(limit, "")
        while True:
            following = None
            if page.continue_token:
                following = asyncio.ensure_future(self._page(limit, page.continue_token))
            try:
                yield page
                if following is None:
                    return
                page = await following
            except ApiError as error:
                if not error.gone:
                    raise
                # The snapshot that the pages came from is compacted: go on from now, as the
                # server offers, or take all in one body.
                limit = limit if error.continue_token else 0
                page = await self._page(limit, error.continue_token)
            finally:
                if following is not None and not following.done():
                    following.cancel()

    async def _page(self, limit: int, token: str) -> Page[R]:
        params = [*self._source.params, *self._codec.params]
        if limit:
            params.append(("limit", str(limit)))
        if token:
            params.append(("continue", token))
        body = await self._transport.get(
            self._here, params, accept=self._codec.accept, seconds=_LIST_SECONDS
        )
        return self._codec.page(body)

    async def _take(self, items: Sequence[msgspec.Raw | R], seen: set[str]) -> None:
        for start in range(0, len(items), _SLICE):
            fresh: list[R] = []
            for item in items[start : start + _SLICE]:
                try:
                    uid, version = self._codec.key(item)
                    seen.add(uid)
                    if self._sink.resource_version(uid) != version:
                        fresh.append(self._codec.record(item))
                except msgspec.MsgspecError as error:
                    self._skip(error)
            self._sink.upsert(fresh)
            await asyncio.sleep(0)

    # -- watch --------------------------------------------------------------------------------

    def _watch_params(self) -> Params:
        return [
            *self._source.params,
            *self._codec.params,
            ("watch", "true"),
            ("resourceVersion", self._version),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", str(self._random.randint(*_WATCH_SECONDS))),
        ]

    async def _watch(self) -> None:
        """Follows one watch stream to its end, which is normal: the next one goes on from there."""
        began = time.monotonic()
        events = 0
        async with self._transport.stream(
            self._here, self._watch_params(), accept=self._codec.accept
        ) as chunks:
            self._alive()
            splitter = LineSplitter()
            async for chunk in self._watchful(chunks):
                events += await self._events(list(splitter.feed(chunk)))
                self._current_at = time.time()
                if events and time.monotonic() - began > 10.0:
                    self._backoff.reset()
        self._current_at = time.time()
        if not events and time.monotonic() - began < _SHORT_WATCH_SECONDS:
            await self._lost("the server closes the watch at once", 0.0)

    async def _watchful(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks, or an error when bookmarks stop coming on a stream that had them."""
        self._bookmarked = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(None) as deadline:
                    if self._bookmarked:
                        deadline.reschedule(loop.time() + _SILENCE_SECONDS)
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise ConnectionFailed(
                    f"the watch fell silent for {_SILENCE_SECONDS:.0f} s"
                ) from None
            yield chunk

    async def _events(self, lines: Sequence[bytes]) -> int:
        """Takes the events of one chunk; the last state of each object wins."""
        for start in range(0, len(lines), _SLICE):
            changed: dict[str, R] = {}
            removed: dict[str, None] = {}
            try:
                for line in lines[start : start + _SLICE]:
                    self._event(line, changed, removed)
            finally:
                self._sink.upsert(changed.values())
                self._sink.remove(removed)
            if start:
                await asyncio.sleep(0)
        return len(lines)

    def _event(self, line: bytes, changed: dict[str, R], removed: dict[str, None]) -> None:
        try:
            event = WATCH_EVENT.decode(line)
            match event.type:
                case "ADDED" | "MODIFIED":
                    for record in self._codec.event(event.object):
                        removed.pop(record.uid, None)
                        changed[record.uid] = record
                        self._version = record.resource_version
                case "DELETED":
                    for record in self._codec.event(event.object):
                        changed.pop(record.uid, None)
                        removed[record.uid] = None
                        self._version = record.resource_version
                case "BOOKMARK":
                    self._bookmark(event.object)
                case "ERROR":
                    self._stream_error(event.object)
                case _:
                    self.skipped += 1
        except msgspec.MsgspecError as error:
            self._skip(error)

    def _bookmark(self, raw: msgspec.Raw) -> None:
        version = self._codec.bookmark(raw)
        if version:
            self._version = version
            self._bookmarked = True

    def _stream_error(self, raw: msgspec.Raw) -> None:
        error = error_from_status(STATUS.decode(bytes(raw)))
        if error.gone:
            raise _Relist
        raise error

    def _alive(self) -> None:
        """Says that what is shown is current, and wakes the others if it was not."""
        self._current_at = time.time()
        self._refusals = 0
        self._sink.set_phase(Live(self._current_at))
        if self._stale:
            self._stale = False
            self._backoff.reset()
            self._recovery.wake()

    def _skip(self, error: Exception) -> None:
        self.skipped += 1
        logger.warning("%s: left out what can't be read: %s", self._here, error)
