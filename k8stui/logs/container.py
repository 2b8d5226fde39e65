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
from k8stui.logs.intake import Intake
from k8stui.logs.outcome import Moved
from k8stui.logs.overlap import Overlap
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params, waits_to_start
from k8stui.logs.restart_reading import ANSWER_SECONDS, RestartReader
from k8stui.logs.targets import ContainerStatus
from k8stui.logs.wanted import is_young
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

_AT_ONCE = 0.1
_TRIES = 5
"""How often a log that is not followed is asked for before it is given up."""


class ContainerTail(RestartReader):
    """The log of one container, from when it is wanted until there is nothing more to read."""

    gave_up = False
    """Whether a log that is not followed could not be read to its end."""

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
            self._notice(f"it waits to start: {reason}" if reason else "it has not started")

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
                self.path, params, accept=ACCEPT, seconds=ANSWER_SECONDS
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
            outcome = await self._read(follow=False)
            self._conclude(outcome.rest)
            self.finished = True
            if outcome.status:
                self._give_up(outcome.status)
            return
        if self._proven != self._instance:
            await self._prove(previous=False)
            self._proven, self._proven_at = self._instance, self._shared.wall()
            if self._in_doubt == self._instance and not self._overlap.lines:
                self._gap(f"possible gap: the end of instance {self.restarts - 1} is not available")
        self.finished = not (self._changed.is_set() or self._may_have_run_again)

    # -- failures -----------------------------------------------------------------------------

    async def _refused(self, error: ApiError | LoginFailed) -> None:
        status = error.status if isinstance(error, ApiError) else 401
        if status in (400, 401, 403, 404) and not self._shared.follow:
            self._give_up(error.message)
        elif status in (400, 404) and waits_to_start(error.message):
            self._set(StreamState.WAITING, error.message)
            await self._pause(self._backoff.delay())
        elif status in (401, 403):
            self._set(StreamState.FORBIDDEN, error.message)
            await self._pause(self._shared.timing.refused)
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
            self._give_up(message)
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

    def _give_up(self, why: str) -> None:
        """What is not followed is not waited for: its reader is told that it is not whole."""
        self.finished = self.gave_up = True
        self.last_error = clean_text(why)
        what = "the rest of the log" if self._overlap.lines else "the log"
        self._gap(f"gap: {what} can't be read: {self.last_error}")
