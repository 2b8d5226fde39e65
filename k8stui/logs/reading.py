"""Reads the log of one container instance, request by request, without a loss or a repetition."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.backoff import Backoff
from k8stui.errors import ConnectionFailed
from k8stui.logs.ending import Ending
from k8stui.logs.engine import LogTransport, Shared
from k8stui.logs.feed import StreamState
from k8stui.logs.history import History
from k8stui.logs.intake import Intake
from k8stui.logs.outcome import Moved, Outcome
from k8stui.logs.overlap import Overlap
from k8stui.logs.pod_state import AnotherPod, NotTold, container_state
from k8stui.logs.report import StreamReport
from k8stui.logs.requests import CONTAINER_GONE, RESUME, log_params, log_path
from k8stui.logs.selection import Start
from k8stui.logs.skew import Skew
from k8stui.logs.stamps import NANOSECONDS, parse_stamp
from k8stui.logs.targets import ContainerKey, ContainerStatus, Farewell, LogPod
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

ACCEPT = "application/json, */*"
_ANCHORS = (10, 100)
_STATUS_LAG = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""Between questions for a pod's state: busy nodes tell of a restart ten seconds late."""
_WRITES_FOR = 2
"""Seconds after a container's end, as told in whole ones, in which its last lines are stamped."""
_LIVE_AFTER = 3.0
"""Seconds after which what a stream brings is new, not its history."""


class InstanceReader(StreamReport):
    """What is known of one container's log, and the requests that bring more of it.

    Args:
        shared: Door, settings and the way out for lines.
        key: Which container.
        index: The stream's number, under which its lines are given out.
        pod: The pod when it was first seen.
        status: The container's state, by which it is decided what is read.
        start: How much is wanted of what is there already.
    """

    _farewell: Farewell | None = None
    _leaves_since = 0.0
    """Of the loop's clock; when its pod's deletion was learned of, else 0."""
    _leaves_at = 0.0
    """The same in epoch seconds."""
    _unreported = ""
    """The instance of which the API told last, while a later one is read that it never named."""
    _before: tuple[Overlap, ...] = ()
    """What came as the logs of other instances, the one before first: it must not come again."""

    def __init__(
        self,
        shared: Shared,
        key: ContainerKey,
        index: int,
        pod: LogPod,
        status: ContainerStatus,
        start: Start,
    ) -> None:
        super().__init__(shared, index)
        self.key = key
        self.pod = pod
        self.role = status.role
        self.status: ContainerStatus | None = status
        """None when the pod is gone."""
        self.skew = Skew()
        self.history = History()
        self.lines = 0
        self.rate = 0.0
        """Lines a second."""
        self.reconnects = 0
        self.restarts = 0
        """restartCount of the instance that is being read."""
        self.last_data = 0.0
        """Of the loop's clock; when the last bytes came."""
        self._measured = (0, 0.0)
        self._start = start
        self._instance = ""
        self._whole = False
        """Whether the instance is read from its first line, whatever `start` says."""
        self._proven = ""
        """The instance that was read to its proven end."""
        self._ending: Ending | None = None
        """How the last stream of this instance ended by itself; None when it was cut off."""
        self._next: ContainerStatus | None = None
        """The state that told of the next instance, while the one before it is read to its end."""
        self._changed = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None
        self._plain = False
        """Whether what is asked for is what there is, and not what will come."""
        self._status_since = 0.0
        self._polls_until = 0.0
        self._next_probe = 0.0
        self._unreachable = False
        """Whether the last request did not even get an answer."""
        self._answered = False
        self._backoff = Backoff(shared.random)

    # -- told from outside --------------------------------------------------------------------

    def update(self, pod: LogPod | None, status: ContainerStatus | None) -> None:
        """Takes the container's newest state; None when the pod is gone."""
        if pod is not None:
            self.pod = pod
            if pod.deleted:
                self._note_leaving()
        if status == self.status:
            return
        known = self.status
        if status and known and status.restarts < known.restarts:
            return  # An older state than a direct question has brought.
        self.status = status
        self._status_since = asyncio.get_running_loop().time()
        self._changed.set()
        if self.finished and status and status.instance:
            self.finished = status.instance == self._proven and status.state != "running"

    def gone(self, farewell: Farewell) -> None:
        """Takes what was last told of the pod; `update` comes for itself, after it or before."""
        self._farewell = farewell
        self._note_leaving()
        self._changed.set()

    def _note_leaving(self) -> None:
        """The pod is being deleted: its logs go soon after its containers."""
        if not self._leaves_since:
            self._leaves_since = asyncio.get_running_loop().time()
            self._leaves_at = self._shared.wall()
            self._changed.set()

    def check(self, now: float) -> None:
        """Ends a read that can bring nothing more; called every second or so."""
        if self._deadline is None:
            return
        timing = self._shared.timing
        silent = now - max(self.last_data, self._status_since)
        status = self.status
        if status is None:
            over = silent > timing.gone_drain
        elif self._plain:
            over = silent > timing.answer
        elif status.instance != self._instance:
            # What began no earlier than the new instance is its log, and the old one's is left.
            first, began = self._overlap.first_time, status.started * NANOSECONDS
            over = silent > timing.drain or first >= began > 0
        elif status.state == "terminated":
            over = silent > timing.drain
        else:
            over = False
        if over:
            self._cut_off(now)

    def _cut_off(self, now: float) -> None:
        """Ends the present read. Asked for often, as it takes a moment until its task has ended."""
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(now)

    def measure(self, now: float) -> None:
        """Takes the rate of the last seconds; called every second or so."""
        lines, since = self._measured
        if now - since >= 2.0:
            self.rate = (self.lines - lines) / (now - since)
            self._measured = (self.lines, now)

    def probe_due(self, now: float) -> bool:
        """Whether the stream has been silent for so long that it may be dead."""
        if self.state != StreamState.LIVE or self._deadline is None:
            return False
        timing = self._shared.timing
        if now - self.last_data < timing.probe_idle or now < self._next_probe:
            return False
        self._next_probe = now + min(
            max(timing.probe_idle, now - self.last_data), timing.probe_most
        )
        return True

    async def probe(self) -> None:
        """Asks for the last line there is, and starts the stream again if it never came."""
        transport = self._shared.transport
        params = log_params(self.key.container, follow=False, tail=1)
        try:
            body = await transport.get(self.path, params, accept=ACCEPT, seconds=10.0)
            line = body.rstrip(b"\n").rpartition(b"\n")[2]
            whole = body.endswith(b"\n") and parse_stamp(line.partition(b" ")[0]) is not None
            missed = whole and not self._overlap.holds(hash(line))
        except ApiError:
            missed = False
        except ConnectionFailed:
            missed = True
        if missed and self._deadline is not None:
            logger.info("%s: the stream is silent but there are new lines", self.path)
            self._cut_off(asyncio.get_running_loop().time())

    # -- reading ------------------------------------------------------------------------------

    @property
    def transport(self) -> LogTransport:
        """The door through which the log is read."""
        return self._shared.transport

    @property
    def path(self) -> str:
        """The API path of the log."""
        return log_path(self.key.namespace, self.pod.name)

    async def _anchor(self) -> None:
        """Remembers the last lines there are without showing them: new is what comes after."""
        for tail in _ANCHORS:
            params = log_params(self.key.container, follow=False, tail=tail)
            body = await self._shared.transport.get(self.path, params, accept=ACCEPT, seconds=10.0)
            if body.count(b"\n") > 1:
                # The first one may be the rest of a line, which would not be known again.
                body = body[body.index(b"\n") + 1 :]
                break
        overlap = Overlap(partial=True)
        intake = Intake(overlap, None, lambda _times, _messages, _marks: None)
        intake.feed(body)
        self._overlap, self._whole = overlap, True

    async def _read(self, *, follow: bool, previous: bool = False) -> Outcome:
        """One request, to its end.

        Raises:
            Moved: what came is not the log of the instance that was meant, or the pod is gone.
            ApiError, ConnectionFailed: as the transport; what came before is kept.
        """
        if self.status is None or (previous and not self.status.gives_previous):
            raise Moved  # Under the name there may be another pod, or another log, by now.
        replay = self._overlap.replay()
        began_empty = replay is None
        if began_empty and not self._shared.current():
            await self._make_sure_of_pod()
        start = Start() if self._whole or previous else self._start
        params = log_params(
            self.key.container,
            follow=follow,
            previous=previous,
            since=replay.since if replay else start.since_time,
            since_seconds=None if replay else start.since,
            tail=None if replay else start.tail,
        )
        if began_empty:
            partial = (start.tail, start.since, start.since_time) != (None, None, None)
            self._overlap = Overlap(partial=partial)
        until = self._ended_at(previous) if began_empty else 0
        keys = (each.first_key for each in self._before if began_empty)
        self._plain = not follow
        intake = Intake(self._overlap, replay, self._emit, until=until, unlike=frozenset(keys))
        loop = asyncio.get_running_loop()
        self._answered = ended = False
        async with self.transport.stream(self.path, params, accept=ACCEPT) as chunks:
            opened = self._note_answer(follow)
            try:
                async with asyncio.timeout(None) as self._deadline:
                    async for chunk in chunks:
                        self.last_data = loop.time()
                        if not intake.feed(chunk):
                            await self._misfit(intake)
                        if follow and loop.time() - opened > _LIVE_AFTER:
                            self.skew.note(self._overlap.last_time, self._shared.wall())
                        await asyncio.sleep(0)
                    ended = True
            except TimeoutError:
                if not follow:
                    raise ConnectionFailed("the log did not come in time") from None
            finally:
                self._deadline = None
                if began_empty and loop.time() - opened > 1.0:
                    # It was open and empty: all that the log holds next time is new.
                    self._whole = self._whole or not self._overlap.lines
                if intake.new:
                    self._backoff.reset()
        rest = intake.finish()
        fits = began_empty or intake.fits
        if intake.status:
            self._in_body(intake.status)
        if follow and (not intake.status or CONTAINER_GONE.search(intake.status)):
            self._ending = Ending(self._shared.wall(), rest) if ended and fits else None
        return Outcome(intake.new, rest, fits, intake.status)

    async def _make_sure_of_pod(self) -> None:
        """Under its name there may be another one, of which the watch does not tell for now."""
        await self._refreshed()
        self._check_meant()

    def _check_meant(self) -> None:
        if self.status is None or self.status.instance != self._meant:
            raise Moved

    def _note_answer(self, follow: bool) -> float:
        """The server answers; returns when, by the loop's clock."""
        self._answered = True
        self.last_data = asyncio.get_running_loop().time()
        if follow:
            self._set(StreamState.LIVE)
        if self._unreachable:
            self._unreachable = False
            self._shared.recovery.wake()
        return self.last_data

    def _ended_at(self, previous: bool) -> int:
        """Nanoseconds by the node's clock after which no log of this instance begins; 0 if unknown.

        Ends and starts are told in whole seconds, and last lines are stamped when they are taken.
        """
        status, end = self.status, None
        if status is not None and status.instance == self._meant:
            end = status.previous if previous else status.ended
        finished = end.finished if end is not None else 0
        if previous and status is not None and status.started > finished:
            # Where its end is not told both may be in the second of the next one's start.
            return (status.started + (not finished)) * NANOSECONDS - 1
        return (finished + _WRITES_FOR) * NANOSECONDS if finished else 0

    async def _misfit(self, intake: Intake) -> None:
        """The answer does not begin with what was seen: another instance, or a rotated file.

        Nothing more is read until the pod's state says which, or has had its time to do so.
        """
        if intake.again:
            self._take_back()
            raise Moved
        for pause in _STATUS_LAG:
            await asyncio.sleep(pause)
            status = await self._refreshed()
            same = status is not None and status.instance == self._meant
            # Before it starts the next one a kubelet gives the last log as the previous one.
            waits = self._next and status is not None and status.state == "waiting"
            if status is None or (same and (self._leaves_since or waits)):
                self._begin_unreported(intake)
                return
            self._check_meant()
        self._gap("possible gap: the log was rotated while the connection was down")
        self._overlap = Overlap()
        intake.start_over(self._overlap)

    def _take_back(self) -> None:
        """What came as the log of the instance before was that of this one."""
        self._gap(f"possible gap: the end of instance {self.restarts - 1} is not available")
        self._overlap, self._before = self._before[0], ()

    def _begin_unreported(self, intake: Intake) -> None:
        """The kubelet gives the log of an instance that the API will not be told of any more."""
        status = self.status
        told = status is None or status.instance != self._instance or status.ended is not None
        if self._proven != self._instance and (self._ending is None or not told):
            self._gap(f"possible gap: the end of instance {self.restarts} is not available")
        self._notice(f"── instance {self.restarts + 1} ──")
        self._unreported = self._unreported or self._instance
        self._instance, self.restarts = f"after {self._instance}", self.restarts + 1
        self._overlap, self._whole, self._ending = Overlap(), True, None
        intake.start_over(self._overlap)

    async def _refreshed(self) -> ContainerStatus | None:
        try:
            self.update(None, await container_state(self.transport, self.key, self.pod.name))
        except NotTold:
            pass
        except AnotherPod:
            self.update(None, None)
            raise Moved from None
        return self.status

    @property
    def _meant(self) -> str:
        """The container ID that the status shows while the present read is the right one."""
        return self._next.instance if self._next else self._instance

    def _emit(
        self, times: Sequence[int], messages: Sequence[bytes], marks: Sequence[int] | None
    ) -> None:
        self.lines += len(messages)
        self._shared.emit(self.index, times, messages, marks)

    def _in_body(self, text: str) -> None:
        self.last_error = clean_text(text)
        if RESUME.search(text):
            loop = asyncio.get_running_loop()
            self._polls_until = loop.time() + self._shared.timing.poll_for

    async def _pause(self, seconds: float) -> None:
        """Waits, but not longer than until the container's state changes."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
