"""Follows one container of one pod over all its restarts and all failures of the connection.

One task, one request at a time: an answer is never read beside another one of the same container,
so lines can't be doubled or change places.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from k8stui.cluster.api_error import ApiError
from k8stui.errors import K8sTuiError, LoginFailed
from k8stui.logs.feed import StreamState
from k8stui.logs.gone_reading import GoneReader, Late
from k8stui.logs.intake import Intake
from k8stui.logs.outcome import Moved
from k8stui.logs.overlap import Overlap
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params, waits_to_start
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.targets import ContainerStatus
from k8stui.logs.wanted import is_young

logger = logging.getLogger(__name__)

_CLOCKS_DIFFER = 5.0
"""Seconds by which a node's clock may be off where its log does not tell."""
_ANSWER_SECONDS = 10.0
_AT_ONCE = 0.1
_TRIES = 5
"""How often a log that is not followed is asked for before it is given up."""


class ContainerTail(GoneReader):
    """The log of one container, from when it is wanted until there is nothing more to read."""

    _in_doubt = ""
    """An instance that may be silent, as the one before it seemed to be: a kubelet that had begun
    to wait gave its log as the previous one."""
    _proven_at = 0.0
    """Epoch seconds at which the end of an instance was last proven."""

    @property
    def startable(self) -> bool:
        """Whether there is something that a request could read."""
        return self.status is None or bool(self.status.instance) or not self._shared.follow

    def hold(self) -> None:
        """Says that the stream has no task: it waits for its container, or for its turn."""
        if self.startable:
            self._set(StreamState.QUEUED)
        else:
            self._set(StreamState.WAITING, self.status.reason if self.status else "")

    # -- the task -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Reads until there is nothing more to read; may be run again when the status changes."""
        self._set(StreamState.CONNECTING)
        try:
            while not self.finished:
                self._changed.clear()
                try:
                    await self._step()
                except Moved:
                    continue
                except (LoginFailed, ApiError) as error:
                    await self._refused(error)
                except K8sTuiError as error:
                    self._unreachable, self._ending = not self._answered, None
                    await self._lost(error.message)
        except asyncio.CancelledError:
            self.state = StreamState.QUEUED
            raise
        self._set(StreamState.ENDED)

    async def _step(self) -> None:
        status = self.status
        if status is None:
            await self._pod_gone()
        elif not status.instance:
            await self._wait_to_start(status.reason)
        elif self._unreported and status.restarts < self.restarts:
            await self._follow()
        elif self._unreported:
            self._instance, self._unreported = status.instance, ""
        elif self._instance and status.instance != self._instance:
            await self._turn_over(status)
        elif self._may_have_run_again:
            await self._look_again()
        else:
            if not self._instance:
                await self._begin(status)
                if self._instance != status.instance:
                    return
            if status.state == "running" and self._shared.follow:
                await self._follow()
            else:
                await self._end()

    async def _wait_to_start(self, reason: str) -> None:
        self._set(StreamState.WAITING, reason)
        if self._shared.follow:
            await self._changed.wait()
        else:
            self.finished = True

    async def _begin(self, status: ContainerStatus) -> None:
        start = self._start
        if status.restarts > self._first_wanted:
            self._begin_with_previous(status)
            return
        young = is_young(status.started, self._shared.wall())
        if start.tail == 0 and self._shared.follow:
            await self._anchor()
        elif start.previous and status.previous and young:
            await self._show_previous(status)
        self._instance, self.restarts = status.instance, status.restarts
        self.history.begin(self._shared.end(), has_previous=status.restarts > 0)

    def _begin_with_previous(self, status: ContainerStatus) -> None:
        """Another instance had died before it was read: the turn over to this one comes next."""
        self._instance, self.restarts = f"before {status.instance}", status.restarts - 1
        if not status.gives_previous:
            self._instance, self.restarts = status.instance, status.restarts
        self._whole = True
        self._tell_unread(self._first_wanted, self.restarts - 1)
        self.history.begin(self._shared.end(), has_previous=False)

    async def _show_previous(self, status: ContainerStatus) -> None:
        tail = 100 if self._start.tail is None else min(self._start.tail, 100)
        params = log_params(self.key.container, follow=False, previous=True, tail=tail)
        try:
            body = await self._shared.transport.get(
                self.path, params, accept=ACCEPT, seconds=_ANSWER_SECONDS
            )
        except ApiError as error:
            logger.info("%s: no previous log: %s", self.path, error)
            return
        intake = Intake(Overlap(), None, self._emit)
        intake.feed(body if body.endswith(b"\n") else body + b"\n")
        self._divider(status, status.previous)

    # -- the ends -----------------------------------------------------------------------------

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._polls_until:
            self._set(StreamState.POLLING)
            await self._read(follow=False)
            await self._pause(self._shared.timing.poll)
            return
        if self._leaves_since and self._proven == self._instance:
            # It came to its end, but for a proxy's fault; its pod is on its way.
            await self._pause(self._shared.timing.look)
            if self._removed == self._instance or self._changed.is_set():
                return
        opened, self._proven = loop.time(), ""
        outcome = await self._read(follow=True)
        if loop.time() - opened > 30.0:
            self._backoff.reset()
        if loop.time() < self._polls_until:
            return
        if self._leaves_since:
            # Its log goes with the pod: whether that was its end is asked at once.
            if self._is_over(outcome):
                self._conclude(self._ending.rest if self._ending else b"")
                self._proven = self._instance
            else:
                removed = self._removed == self._instance
                await self._pause(self._shared.timing.look if removed else _AT_ONCE)
            return
        # A container's end closes its stream a moment before the status tells of it.
        await self._pause(self._backoff.delay())
        if self.status is not None and self.status.state == "running":
            self.reconnects += 1
            self._set(StreamState.RECONNECTING)

    async def _end(self) -> None:
        """The current instance is dead: reads on until its log has provably no more."""
        if not self._shared.follow:
            rest = (await self._read(follow=False)).rest
            if rest:
                Intake(self._overlap, None, self._emit).commit(rest)
            self.finished = True
            return
        if self._proven != self._instance:
            await self._prove(previous=False)
            self._proven, self._proven_at = self._instance, self._shared.wall()
            if self._in_doubt == self._instance and not self._overlap.lines:
                self._gap(f"possible gap: the end of instance {self.restarts - 1} is not available")
        self.finished = not (self._changed.is_set() or self._may_have_run_again)

    # -- restarts -----------------------------------------------------------------------------

    async def _turn_over(self, status: ContainerStatus) -> None:
        """Goes on from a dead instance to the one that `status` tells of, leaving nothing out."""
        self._next = status
        try:
            if self._late is not None or await self._is_read_already(status):
                await self._relabel(status)
                return
            between = status.restarts - self.restarts
            await self._finish_old(status, between)
            if self._instance == status.instance:
                return
            if between > 1:
                await self._skip_to_previous(status, between)
            self._enter(status)
        finally:
            self._next = None

    async def _finish_old(self, status: ContainerStatus, between: int) -> None:
        """Reads what is left of the instance before, where it can be; says so where it can not."""
        proven = self._proven == self._instance
        unsure = not proven or self._seems_silent(status)
        if unsure and between <= 1 and status.gives_previous:
            try:
                await self._last_of_previous()
            finally:
                if self._overlap.lines:
                    self._proven = ""  # It was not silent: the rest may come with the next try.
            unsure = not proven
        elif not proven or (unsure and between > 1):
            if not self._overlap.lines:
                # What was silent may have been the log of a later instance.
                self._ending, self._agreed = None, ("", b"")
            unsure = not self._end_not_readable(self._no_end)
        if unsure and not self._overlap.lines:
            self._in_doubt = status.instance

    def _seems_silent(self, status: ContainerStatus) -> bool:
        """Whether the empty log that was read may have been that of the next instance."""
        began = status.started - _CLOCKS_DIFFER
        return not self._overlap.lines and self._proven_at >= began

    def _take_back(self) -> None:
        if self._late is not None:
            raise ApiError(400, "its log is not the previous one any more")
        super()._take_back()

    def _begin_unreported(self, intake: Intake) -> None:
        if self._next is None:
            super()._begin_unreported(intake)
            return
        # Another one came, or comes: the previous log is that of the instance that is next.
        if self._late is not None or self.status is None:
            raise ApiError(400, "its log is not the previous one any more")
        self._end_not_readable(self._no_end)
        self._enter(self._next)
        intake.start_over(self._overlap)

    def _enter(self, status: ContainerStatus) -> None:
        self._divider(status, self._ends.get(status.restarts - 1))
        self._instance, self.restarts = status.instance, status.restarts
        self._before = (self._overlap,)
        self._overlap, self._whole, self._ending = Overlap(), True, None
        self.history.restarted(self._shared.end())

    async def _is_read_already(self, status: ContainerStatus) -> bool:
        """Whether the lines that were read were those of the new instance all along."""
        overlap, end = self._overlap, self._ended_at(previous=True)
        if overlap.first_key is None or overlap.first_time < (status.started - 1) * NANOSECONDS:
            return False
        if end and overlap.first_time > end:
            return True
        limit = overlap.first_length + 1
        params = log_params(self.key.container, follow=False, limit=limit)
        for pause in (0.1, 0.3, 0.6, 0.0):
            try:
                body = await self._shared.transport.get(
                    self.path, params, accept=ACCEPT, seconds=_ANSWER_SECONDS
                )
            except ApiError as error:
                if error.status != 400:
                    raise  # A kubelet that has just begun does not find its pods.
                return False
            line, whole, _ = body.partition(b"\n")
            if whole or len(body) >= limit:
                return hash(line) == overlap.first_key
            # Too short to tell: it was cut, or the new instance has not said anything yet.
            await asyncio.sleep(pause)
        return False

    async def _relabel(self, status: ContainerStatus) -> None:
        """The status told of the restart late: what the instance before said comes after it."""
        late = self._late
        if late is None:
            first, before = self._overlap.first_time, status.restarts - 1
            if before > self.restarts:
                self._gap(f"possible gap: {self._no_end}")
            self._notice(f"instance {before} ended before, it said:", first)
            late = self._late = Late(status, Overlap())
            self._half_proven, self._agreed, self._proven = ("", None), ("", b""), ""
        if late.status.instance == status.instance and status.gives_previous:
            read, self._overlap, self._ending = self._overlap, late.overlap, None
            self._before = (read, *self._before)
            try:
                await self._last_of_previous()
            finally:
                # What came of it before a failure must not come again.
                late.overlap, self._overlap = self._overlap, read
        else:
            self._gap(
                f"possible gap: the end of instance {late.status.restarts - 1} is not available"
            )
        self._instance, self.restarts = late.status.instance, late.status.restarts
        self._divider(late.status, self._ends.get(self.restarts - 1))
        self._late = None

    async def _last_of_previous(self) -> None:
        try:
            await self._prove(previous=True)
        except ApiError as error:
            if error.status != 400:
                raise
            if self._proven != self._instance:
                self._end_not_readable(self._no_end)

    @property
    def _no_end(self) -> str:
        return f"the end of instance {self.restarts} is not available"

    def _tell_unread(self, first: int, last: int) -> None:
        if first <= last:
            which = f"instance {first}" if first == last else f"instances {first} to {last}"
            self._gap(f"gap: {which} not available")

    async def _skip_to_previous(self, status: ContainerStatus, between: int) -> None:
        first, last = self.restarts + 1, status.restarts - (2 if status.gives_previous else 1)
        self._tell_unread(first, last)
        if not status.gives_previous:
            return
        self._before, self._overlap = (self._overlap,), Overlap()
        self._whole, self._ending = True, None
        self.history.restarted(self._shared.end())
        self._instance = f"before {status.instance}"
        self.restarts = status.restarts - 1
        self._notice(f"── instance {self.restarts} ──")
        await self._last_of_previous()
        self._proven = self._instance
        if not self._overlap.lines:
            self._in_doubt = status.instance

    # -- failures -----------------------------------------------------------------------------

    async def _refused(self, error: ApiError | LoginFailed) -> None:
        status = error.status if isinstance(error, ApiError) else 401
        if status in (400, 404) and waits_to_start(error.message):
            self._set(StreamState.WAITING, error.message)
            await self._pause(self._backoff.delay())
        elif status in (401, 403):
            self._set(StreamState.FORBIDDEN, error.message)
            await self._pause(self._shared.timing.refused)
        elif not self._shared.follow:
            self.last_error = error.message
            self.finished = True
        elif status == 404:
            with contextlib.suppress(Moved, K8sTuiError):
                await self._refreshed()
            if self.status is not None:
                await self._lost(error.message)
        else:
            self._ending = None
            retry_after = error.retry_after if isinstance(error, ApiError) else None
            await self._lost(error.message, retry_after or 0.0)

    async def _lost(self, message: str, at_least: float = 0.0) -> None:
        self.reconnects += 1
        if not self._shared.follow and self.reconnects >= _TRIES:
            self.last_error = message
            self.finished = True
            return
        self._set(StreamState.RECONNECTING, message)
        delay = self._backoff.delay(at_least)
        status = self.status
        dead = status and (status.state == "terminated" or status.instance != self._instance)
        if self._answered or dead:
            # The way to the log is open, or a dead container's log won't be there for long.
            delay = max(at_least, min(delay, 5.0))
        if self.pod.deleted:
            delay = max(at_least, min(delay, 1.0))
        if self._unreachable:
            await self._shared.recovery.wait(delay)
        elif at_least:
            await asyncio.sleep(delay)
        else:
            await self._pause(delay)
