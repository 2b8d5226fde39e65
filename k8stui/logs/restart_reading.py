"""Goes on from one instance of a container to the next, and leaves nothing of either out."""

from __future__ import annotations

import asyncio

from k8stui.cluster.api_error import ApiError
from k8stui.logs.gone_reading import GoneReader, Late
from k8stui.logs.intake import Intake
from k8stui.logs.overlap import Overlap
from k8stui.logs.reading import ACCEPT
from k8stui.logs.requests import log_params
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.targets import ContainerStatus

_CLOCKS_DIFFER = 5.0
"""Seconds by which a node's clock may be off where its log does not tell."""
ANSWER_SECONDS = 10.0
"""For a short question to a kubelet."""


class RestartReader(GoneReader):
    """What is asked for, and said, when a container is restarted."""

    _in_doubt = ""
    """An instance that may be silent, as the one before it seemed to be: a kubelet that had begun
    to wait gave its log as the previous one."""
    _proven_at = 0.0
    """Epoch seconds at which the end of an instance was last proven."""

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
                    self.path, params, accept=ACCEPT, seconds=ANSWER_SECONDS
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
