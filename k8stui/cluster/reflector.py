"""Keeps a collection equal to what the API server has: paged list, then watch, for ever.

The rules are client-go's reflector's; where this differs, a comment says why.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Container, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Generic, Protocol, TypeVar

import msgspec

from k8stui.cluster.api_error import ApiError, start_of
from k8stui.cluster.backoff import Backoff, Recovery
from k8stui.cluster.codec import Codec, Page
from k8stui.cluster.envelope import LineSplitter
from k8stui.cluster.events import EventReader
from k8stui.cluster.pace import Clock, Pace, Turn, loop_turn
from k8stui.cluster.pages import ListedPage, pages_of
from k8stui.cluster.transport import Params, Transport
from k8stui.errors import ConnectionFailed, K8sTuiError, LoginFailed
from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Record
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)
S = TypeVar("S", bound=Record, contravariant=True)

_SLICE = 64
"""Objects decoded before the event loop gets a turn."""
_PASSING_REFUSALS = 4


class Sink(Protocol[S]):
    """Where the records go; the store's Collection is one."""

    def upsert(self, records: Iterable[S]) -> None: ...

    def remove(
        self, uids: Iterable[str], last: Mapping[str, S | None] | None = None, /
    ) -> None: ...

    def keep_only(self, uids: Container[str]) -> None: ...

    def resource_version(self, uid: str) -> str | None: ...

    def set_phase(self, phase: Phase) -> None: ...


class Source(msgspec.Struct, frozen=True):
    """What to list and watch."""

    paths: tuple[str, ...]
    """The collection's path; several where a kind is served in one of several versions."""
    params: tuple[tuple[str, str], ...] = ()
    """labelSelector, fieldSelector."""


class Reflector(Generic[R]):
    """Lists and watches one collection into a sink until it is cancelled.

    Args:
        transport: The door.
        source: What to list and watch.
        codec: How its objects become records.
        sink: Where they go.
        recovery: Shared by all reflectors of a cluster: the first that gets through wakes the rest.
        random_source: For the delays and the length of watches.
        turn: Lets others have theirs between two slices of a list.
    """

    def __init__(
        self,
        transport: Transport,
        source: Source,
        codec: Codec[R],
        sink: Sink[R],
        recovery: Recovery,
        random_source: random.Random | None = None,
        clock: Clock | None = None,
        pace: Pace | None = None,
        turn: Turn = loop_turn,
    ) -> None:
        self._transport = transport
        self._source = source
        self._codec = codec
        self._sink = sink
        self._recovery = recovery
        self._random = random_source or random.Random()
        self._clock = clock or Clock()
        self._pace = pace or Pace()
        self._turn = turn
        self._backoff = Backoff(self._random)
        self._reader = EventReader(codec, self._skip)
        self._path = 0
        self._absent = 0
        """How many of the paths, one after the other, were not served."""
        self._version = ""
        self._listed = False
        """Whether a watch may go on from `_version`."""
        self._synced = False
        self._watched = False
        """Whether a watch was ever open: the user may do it."""
        self._whole = False
        """List in one body: the snapshot does not live as long as the pages take."""
        self._bookmarks = False
        """Whether an earlier watch of this kind had bookmarks: not every API sends them."""
        self._polled = False
        self._advanced = False
        """Whether a watch brought anything since the last list."""
        self._answered = False
        self._unreachable = False
        self._refusals = 0
        self._current_at = self._clock.wall()
        self.skipped = 0
        """Objects and events that could not be read, and were left out."""

    async def run(self) -> None:
        """Never returns by itself; every failure becomes a phase and a later try."""
        self._sink.set_phase(Syncing())
        while True:
            self._answered = False
            try:
                if not self._listed:
                    await self._list()
                if self._polled:
                    await self._pause()
                else:
                    await self._watch()
            except ApiError as error:
                await self._refused(error)
            except LoginFailed as error:
                await self._locked_out(error.message)
            except K8sTuiError as error:
                await self._lost(error.message)
            except Exception as error:
                # A fault of this program must not leave rows that look live and are not.
                logger.exception("%s: list and watch crashed", self._here)
                self._listed = False
                await self._lost(f"k8stui has a fault here ({type(error).__name__}): see its log")

    @property
    def _here(self) -> str:
        return self._source.paths[self._path]

    # -- failures -----------------------------------------------------------------------------

    async def _refused(self, error: ApiError) -> None:
        if error.status == 401:
            await self._locked_out(error.message)
        elif error.status == 403:
            await self._forbidden(error)
        elif error.status == 405 and self._listed:
            self._polled = True
        elif error.status in (404, 405, 406) and not self._listed:
            await self._not_served(error)
        elif error.gone or error.version_too_large or error.status in (404, 406):
            await self._relist(error.message)
        else:
            self._unreachable = self._unreachable or error.status >= 500
            await self._lost(error.message, error.retry_after or 0.0, error.status)

    async def _locked_out(self, message: str) -> None:
        self._unreachable = True
        self._sink.set_phase(Unauthorized(message))
        await self._recovery.wait(self._pace.login_retry)

    async def _forbidden(self, error: ApiError) -> None:
        if self._watched and self._refusals < _PASSING_REFUSALS:
            # An API server that has just started refuses everyone until it has read its roles.
            self._refusals += 1
            await self._lost(error.message)
            return
        verb = "watch" if self._listed else "list"
        self._listed = False
        self._sink.set_phase(Forbidden(error.message, verb))
        await self._recovery.wait(self._pace.rights_retry)

    async def _not_served(self, error: ApiError) -> None:
        self._path = (self._path + 1) % len(self._source.paths)
        self._absent += 1
        if self._absent < len(self._source.paths):
            return
        self._absent = 0
        self._sink.keep_only(())
        self._sink.set_phase(Missing(error.message))
        await self._recovery.wait(self._pace.rights_retry)

    async def _relist(self, reason: str) -> None:
        """Lists again: at once, or after a pause where that has just been done in vain."""
        self._listed = False
        if not self._advanced:
            await self._lost(reason)
            return
        self._advanced = False
        self._stale(reason, 0.0)

    async def _lost(self, reason: str, at_least: float = 0.0, status: int = 0) -> None:
        if not self._answered:
            self._unreachable = True
        delay = self._backoff.delay(at_least)
        logger.info("%s: %s; next try in %.1f s", self._here, reason, delay)
        self._stale(reason, delay, status)
        await self._recovery.wait(delay)

    def _stale(self, reason: str, delay: float, status: int = 0) -> None:
        since, next_try = self._current_at, self._clock.wall() + delay
        self._sink.set_phase(Stale(since, clean_text(reason), next_try, self._synced, status))

    def _heard(self) -> None:
        """The server answers: whoever waits for it may try at once."""
        self._answered = True
        if self._unreachable:
            # Not after a stream that broke: two that break in turn would wake each other for ever.
            self._unreachable = False
            self._recovery.wake()

    # -- list ---------------------------------------------------------------------------------

    async def _list(self) -> None:
        asked_at = self._clock.wall()
        seen: set[str] = set()
        received = 0
        version = ""
        async with aclosing(pages_of(self._page, whole=self._whole)) as pages:
            async for listed in pages:
                self._heard()
                if listed.begins:
                    seen.clear()
                    received = 0
                    # Of all pages the first is the oldest: a watch from there misses nothing.
                    version = listed.page.resource_version
                received += len(listed.page.items)
                await self._take(listed.page.items, seen)
                self._progress(listed, received)
                self._whole = listed.expired
        self._sink.keep_only(seen)
        self._version = version
        self._listed = self._synced = True
        self._absent = 0
        self._advanced = False
        self._current_at = asked_at

    def _progress(self, listed: ListedPage[R], received: int) -> None:
        if not self._synced and listed.page.continue_token:
            remaining = listed.page.remaining
            total = None if remaining is None else received + remaining
            self._sink.set_phase(Syncing(received, total))

    async def _page(self, limit: int, token: str) -> Page[R]:
        params = [*self._source.params, *self._codec.params]
        if limit:
            params.append(("limit", str(limit)))
        if token:
            params.append(("continue", token))
        body = await self._transport.get(
            self._here, params, accept=self._codec.accept, silence=self._pace.list_silence
        )
        try:
            return self._codec.page(body)
        except msgspec.MsgspecError:
            raise K8sTuiError(
                f"the server answered with what is no list: {start_of(body)}"
            ) from None

    async def _take(self, items: Sequence[msgspec.Raw | R], seen: set[str]) -> None:
        for start in range(0, len(items), _SLICE):
            fresh: list[R] = []
            for item in items[start : start + _SLICE]:
                try:
                    if not self._synced:
                        # Nothing is known yet: a look at the version would save nothing.
                        fresh.append(record := self._codec.record(item))
                        seen.add(record.uid)
                        continue
                    uid, version = self._codec.key(item)
                    seen.add(uid)
                    # What is computed for each request has no version, and is always new.
                    if not version or self._sink.resource_version(uid) != version:
                        fresh.append(self._codec.record(item))
                except Exception as error:
                    self._skip(error)
            self._sink.upsert(fresh)
            await self._turn()

    async def _pause(self) -> None:
        """Lives without a watch: what was listed counts as current until the next list."""
        self._heard()
        self._sink.set_phase(Live(self._current_at))
        self._listed = False
        self._backoff.reset()
        await self._recovery.wait(self._pace.poll)

    # -- watch --------------------------------------------------------------------------------

    def _watch_params(self, seconds: int) -> Params:
        params = [
            *self._source.params,
            *self._codec.params,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", str(seconds)),
        ]
        if self._version:
            params.append(("resourceVersion", self._version))
        return params

    async def _watch(self) -> None:
        """Follows one watch stream to its end, which is normal: the next one goes on from there."""
        began = self._clock.steady()
        taken = 0
        seconds = self._random.randint(*self._pace.watch)
        splitter = LineSplitter()
        self._reader.foreign = b""
        self._bookmarks = self._bookmarks or self._reader.bookmarked
        self._reader.bookmarked = False
        try:
            async with self._transport.stream(
                self._here,
                self._watch_params(seconds),
                accept=self._codec.accept,
                head_seconds=self._pace.watch_head,
            ) as chunks:
                self._opened()
                deadline = asyncio.get_running_loop().time() + seconds + self._pace.watch_overtime
                while chunk := await self._chunk(chunks, deadline):
                    if count := await self._events(list(splitter.feed(chunk))):
                        taken += count
                        self._advanced = True
                        self._current_at = self._clock.wall()
        finally:
            lasted = self._clock.steady() - began
            if lasted >= self._pace.steady_watch:
                self._backoff.reset()
        if not taken and self._reader.foreign:
            await self._lost(f"the watch brings no events but {start_of(self._reader.foreign)}")
        elif chunk is None:
            logger.info("%s: silent, watched anew", self._here)
        elif not taken and lasted < self._pace.short_watch:
            await self._lost("the server closes the watch at once")
        else:
            self._current_at = self._clock.wall()
        self._listed = self._listed and bool(self._version)

    def _opened(self) -> None:
        self._heard()
        self._watched = True
        self._refusals = 0
        self._sink.set_phase(Live(self._clock.wall()))

    async def _chunk(self, chunks: AsyncIterator[bytes], deadline: float) -> bytes | None:
        """The next chunk, empty at the end; None when it is time to ask anew.

        Raises:
            ConnectionFailed: the server promised to say something by now.
        """
        limit = overtime = max(0.0, deadline - asyncio.get_running_loop().time())
        if self._bookmarks or self._reader.bookmarked:
            limit = min(limit, self._pace.silence)
        try:
            async with asyncio.timeout(limit):
                return await anext(chunks, b"")
        except TimeoutError:
            if limit < overtime and not self._reader.bookmarked:
                # A bookmark that is no newer than where the watch began is never sent (Kubernetes
                # up to 1.20 at least): a kind at rest is as silent as a server that is dead.
                return None
            raise ConnectionFailed(f"nothing was heard on the watch for {limit:.0f} s") from None

    async def _events(self, lines: Sequence[bytes]) -> int:
        """Takes the events of one chunk, and returns how many could be read."""
        read = 0
        for start in range(0, len(lines), _SLICE):
            changed: dict[str, R] = {}
            removed: dict[str, R | None] = {}
            try:
                for line in lines[start : start + _SLICE]:
                    read += self._reader.read(line, changed, removed)
            finally:
                self._sink.upsert(changed.values())
                self._sink.remove(removed, removed)
                self._version = self._reader.version or self._version
                self._reader.version = ""
            if start:
                await asyncio.sleep(0)
        return read

    def _skip(self, error: Exception) -> None:
        self.skipped += 1
        # A kind whose every object is odd would fill the log.
        if self.skipped & (self.skipped - 1) == 0:
            logger.warning(
                "%s: left out what can't be read (%d so far): %r", self._here, self.skipped, error
            )
