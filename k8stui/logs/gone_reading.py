"""What can still be read of a pod that is being deleted or is gone, and what can not is told."""

from __future__ import annotations

import asyncio
import signal

import msgspec

from k8stui.logs.end_reading import EndReader
from k8stui.logs.outcome import Outcome
from k8stui.logs.overlap import Overlap
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod, Termination

_LOOKS_FOR = 60.0
"""Seconds after a pod's deletion was asked for in which its log is asked for again and again."""
_LATE = 1.5
"""Seconds by which a busy kubelet may be late to end the stream of a container that crashed."""
_KILLED = 128 + signal.SIGKILL


class Late(msgspec.Struct):
    """A restart that was told of when lines of the new instance had been read as the old one's."""

    status: ContainerStatus
    overlap: Overlap
    """Of the lines of the old instance."""


class GoneReader(EndReader):
    """What is asked for, and said, when a pod goes.

    A kubelet tells of a container's restart seconds later, and a busy one, of one just before the
    pod's deletion, never; until then it answers with the log of the instance before. So what ran
    until its pod was deleted was the last instance, and after any other one there may have been
    one more: the log is asked for until the pod is gone, and what did not come is told of.
    """

    _late: Late | None = None
    _gone_at = 0.0
    """Epoch seconds at which it was learned that the pod is gone, else 0."""
    _left = False
    """Whether the last word on the pod's end was said."""
    _removed = ""
    """The instance whose log the kubelet has deleted with its pod: nothing more will come."""
    _ran_on = ""
    """The instance that ran when its pod's deletion was learned of."""
    _end_told: tuple[str, float] = ("", 0.0)
    """An instance, and the epoch seconds at which its end was told."""
    _backed_off: tuple[str, float] = ("", 0.0)
    """An instance, and the epoch seconds until which its kubelet waits, starting no other."""

    def gone(self, farewell: Farewell) -> None:
        self._note_gone()
        super().gone(farewell)
        self._take_leave()

    def _take_leave(self) -> None:
        """The last word on a log whose task has come to its end before its pod was gone.

        `gone` and `update` may come in either order: rows go at once, and news of it is paced.
        """
        if self.finished and self.status is None and self._farewell is not None:
            if not self._left and self._shared.follow:
                self._tell_missed(whole=True)
            self._left = True

    def update(self, pod: LogPod | None, status: ContainerStatus | None) -> None:
        if status is None:
            self._note_gone()
        elif status.instance:
            self._named = status
            if status.ended is not None and status.instance != self._end_told[0]:
                self._end_told = (status.instance, self._shared.wall())
            if status.backoff and status.ended is not None:
                # It ended before it was told of, should the node's clock be ahead of ours.
                ended = min(status.ended.finished, self._shared.wall())
                self._backed_off = (status.instance, ended + status.backoff)
        super().update(pod, status)
        if self.finished and self._may_have_run_again:
            self.finished = False
        self._take_leave()

    def _note_gone(self) -> None:
        self._gone_at = self._gone_at or self._shared.wall()

    def _note_leaving(self) -> None:
        status = self.status
        if not self._leaves_since and self._deadline is not None and status is not None:
            runs = (status.instance, status.state) == (self._instance, "running")
            self._ran_on = self._instance if runs else ""
        super()._note_leaving()

    @property
    def _may_have_run_again(self) -> bool:
        """Whether the log, which was read to its end, is to be asked for once more."""
        status, since = self.status, self._leaves_since
        if status is None or not since or not self._shared.follow or not self._instance:
            return False
        if self._proven != self._instance or self._removed == self._instance:
            return False
        if self._known_last(self.pod, status):
            return False
        return asyncio.get_running_loop().time() - since < _LOOKS_FOR

    def _known_last(self, pod: LogPod, status: ContainerStatus) -> bool:
        """Whether no instance can have come after the one that was read."""
        if not status.instance and self._named is not None:
            status = self._named
        if not pod.may_start(status):
            return True
        end = status.ended if status.instance == self._instance else None
        ran = bool(self._instance) and self._ran_on == self._instance
        ahead = self._ahead
        if end is not None and end.finished:
            if status.role == "init" and not (end.exit_code or end.signal):
                return True
            ended_after = self._ended_after_deletion(pod, end, ahead)
            if ended_after is not None:
                return ended_after
        elif ran and (ending := self._ending) is not None:
            ran = ending.at >= self._leaves_at + _LATE
        return ran or self._overlap.last_time / NANOSECONDS - ahead >= self._leaves_at

    def _ended_after_deletion(self, pod: LogPod, end: Termination, ahead: float) -> bool | None:
        """Whether what ended so did by its pod's deletion; None for the same second.

        The cluster's clocks are told apart from ours where it told when the deletion was asked for.
        """
        instance, told_at = self._end_told
        if instance == self._instance and told_at < self._leaves_at:
            return False  # Whatever the clocks say.
        finished = end.finished
        if not pod.deleted:
            since = self._leaves_at + ahead
            return None if finished <= since < finished + 1 else finished >= since
        if finished != pod.deleted:
            return finished > pod.deleted
        # A kubelet kills nothing before its grace is over: this was someone else.
        killed = end.exit_code == _KILLED or end.signal == signal.SIGKILL
        return False if killed and pod.grace else None

    async def _look_again(self) -> None:
        """One request: what it brings is known, or it is of an instance that nobody told of."""
        await self._pause(self._shared.timing.look)
        if self.status is not None:
            outcome = await self._read(follow=False)
            self._note_removed(outcome.status)
            if outcome.new:
                self._proven = ""  # Two answers had been cut at the same place.
        known = self._proven == self._instance and not self._may_have_run_again
        self.finished = known and not self._changed.is_set()

    def _note_removed(self, text: str) -> None:
        """Takes what the kubelet wrote into an answer; it names the container it looked for."""
        known = (self._unreported or self._instance).rpartition("/")[2]
        if text and self._leaves_since and (known in text) != bool(self._unreported):
            self._removed = self._instance

    def _is_over(self, outcome: Outcome) -> bool:
        """Whether that stream of a leaving pod's running container was the end of its log.

        It is where the one before it ended at the same place, or where the log is deleted now.
        """
        if outcome.status:
            self._note_removed(outcome.status)
            # Where it ended without a line feed it may have been cut.
            whole = self._ending is not None and not self._ending.rest
            return whole and self._removed == self._instance
        again = self._half_proven == (self._instance, outcome.rest)
        self._half_proven = (self._instance, outcome.rest if self._ending is not None else None)
        return self._ending is not None and outcome.fits and not outcome.new and again

    async def _pod_gone(self) -> None:
        """Nothing more can be asked for; under the pod's name there may be another one by now."""
        whole = True
        if self._late is not None:
            # Of the two instances that are read at once the later one is not known to be whole.
            self._proven, self._agreed, self._ending = "", ("", b""), None
        if self._instance and self._proven != self._instance:
            whole = self._end_not_readable("the pod was deleted before the end of its log was read")
            self._proven = self._instance
        if self._shared.follow:
            if self._farewell is None:
                # A direct question was answered before the watch told.
                await self._pause(self._shared.timing.gone_drain)
            self._tell_missed(whole)
        self.finished = self._left = True

    def _tell_missed(self, whole: bool) -> None:
        """Says which instances came after the one that was read, or that there may be some.

        Args:
            whole: Whether all of that one was read; a gap has been told otherwise.
        """
        farewell, late = self._farewell, self._late
        last = farewell.of(self.key.container) if farewell else None
        known = late.status.instance if late else self._instance
        read = late.status.restarts if late else self.restarts
        first = read + 1 if known else self._first_wanted
        # A kubelet that cleared the pod away tells states without an instance.
        told = last if last is not None and last.instance else self._named
        if told is not None and told.restarts >= first:
            if told.restarts == first:
                self._gap(f"gap: instance {first} not available, the pod was deleted")
            else:
                which = f"instances {first} to {told.restarts}"
                self._gap(f"gap: {which} not available, the pod was deleted")
        elif not self._is_last(farewell, last):
            run = "run again" if known else "run"
            if whole and (known or self.pod.node):
                self._gap(f"possible gap: the container may have {run} before the pod went")

    def _is_last(self, farewell: Farewell | None, last: ContainerStatus | None) -> bool:
        """Whether nothing was started after the instance that was read."""
        if last is not None and farewell is not None:
            if not (last.instance or self._instance):
                # By force a pod goes before its kubelet tells, which clears away what it told.
                pod = farewell.pod
                waits = last.state == "waiting" and (last.reason or pod.phase in ("", "Pending"))
                return bool(pod.deleted and waits)
            if self._known_last(farewell.pod, last):
                return True
        waiting, until = self._backed_off
        return waiting == self._instance != "" and self._gone_at + self._ahead < until

    @property
    def _ahead(self) -> float:
        """By how many seconds the node's clock is ahead; late lines only seem of a slow one."""
        return max(0.0, self.skew.ahead)

    def _end_not_readable(self, why: str) -> bool:
        """The log can't be asked for any more, and need not be where its stream ended by itself.

        Returns:
            Whether it was read to its end.
        """
        if self._agreed[0] == self._instance:
            self._conclude(self._agreed[1])
            return True
        whole = self._ending is not None and not self._ending.rest
        if whole and self._came_to_its_end():
            self._conclude(b"")
            return True
        self._gap(f"possible gap: {why}")
        return False
