"""What can still be read of a pod that is being deleted or is gone, and what can not is told."""

from __future__ import annotations

import contextlib

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.end_reading import EndReader
from k8stui.logs.overlap import Overlap
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod


class Late(msgspec.Struct):
    """A restart that was told of when lines of the new instance had been read as the old one's."""

    status: ContainerStatus
    overlap: Overlap
    """Of the lines of the old instance."""


class GoneReader(EndReader):
    """What is asked for, and said, when a pod goes.

    A kubelet tells of a container's restart seconds later, of one just before the pod's deletion
    never: the last state that the API has is not proof that it was the last instance.
    """

    _late: Late | None = None
    _looks_again = False
    """Whether a log that was read to its end is asked for because its pod is being deleted."""

    def gone(self, farewell: Farewell) -> None:
        super().gone(farewell)
        if self.finished and self.status is not None and self._shared.follow:
            self._tell_missed(whole=True)

    def update(self, pod: LogPod | None, status: ContainerStatus | None) -> None:
        stayed = not self._leaves_since
        super().update(pod, status)
        if not stayed or not self._leaves_since or self.status is None:
            return
        may_start = self.pod.may_start(self.status)
        if self.finished and self._instance and self._shared.follow and may_start:
            # It may have been started once more, of which the kubelet tells seconds later or never.
            self.finished, self._looks_again = False, True

    async def _look_again(self) -> None:
        """One request: what it brings is known, or it is of an instance that nobody told of."""
        self._looks_again = False
        before = self._instance
        with contextlib.suppress(ApiError, ConnectionFailed):
            await self._read(follow=False)
        if self._instance == before:
            self.finished = not self._changed.is_set()

    async def _pod_gone(self) -> None:
        """Nothing more can be asked for; under the pod's name there may be another one by now."""
        whole = True
        if self._instance and self._proven != self._instance:
            whole = self._end_not_readable("the pod was deleted before the end of its log was read")
            self._proven = self._instance
        if self._shared.follow:
            if self._farewell is None:
                # A direct question was answered before the watch told.
                await self._pause(self._shared.timing.gone_drain)
            self._tell_missed(whole)
        self.finished = True

    def _tell_missed(self, whole: bool) -> None:
        """Says which instances came after the one that was read, or that there may be some.

        Args:
            whole: Whether all of that one was read; a gap has been told otherwise.
        """
        farewell, late = self._farewell, self._late
        last = farewell.of(self.key.container) if farewell else None
        known = late.status.instance if late else self._instance
        first = (late.status.restarts if late else self.restarts) + 1 if known else 0
        if last is not None and last.instance and last.restarts >= first:
            if last.restarts <= first:
                self._gap(f"gap: instance {last.restarts} not available, the pod was deleted")
            else:
                which = f"instances {first} to {last.restarts}"
                self._gap(f"gap: {which} not available, the pod was deleted")
        elif not self._is_last(farewell, last):
            run = "run again" if known else "run"
            if whole and (known or self.pod.node):
                self._gap(f"possible gap: the container may have {run} before the pod went")

    def _is_last(self, farewell: Farewell | None, last: ContainerStatus | None) -> bool:
        """Whether nothing was started after the instance that was read."""
        if last is not None and farewell is not None:
            if not farewell.pod.may_start(last):
                return True
            if not last.instance:
                return not farewell.lost or bool(farewell.pod.deleted)
            end = last.ended if last.instance == self._instance else None
            if end is not None and end.finished + 1 - self.skew.seconds >= self._leaves_at:
                return True
        return bool(self._instance) and self._current_at >= self._leaves_since

    def _end_not_readable(self, why: str) -> bool:
        """The log can't be asked for any more, and need not be where its stream ended by itself.

        Returns:
            Whether it was read to its end.
        """
        if self._ending is not None and self._came_to_its_end():
            self._conclude(self._ending.rest)
            return True
        self._gap(f"possible gap: {why}")
        return False
