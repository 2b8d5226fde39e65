"""The log tailing engine: keeps the streams that are open equal to those there should be."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence

from k8stui.cluster.backoff import Recovery
from k8stui.logs.book import Booked, StreamBook, stream_rows
from k8stui.logs.container import ContainerTail
from k8stui.logs.engine import Limits, LogTransport, PodSource, Shared, Sink, Timing
from k8stui.logs.feed import Older, Stream, StreamState
from k8stui.logs.older import load_older
from k8stui.logs.ring import Ring
from k8stui.logs.selection import NOTHING, Selection, Start
from k8stui.logs.targets import ContainerKey, ContainerStatus, Farewell, LogPod

logger = logging.getLogger(__name__)

_UPDATES_A_SECOND = 12
_CHECK_SECONDS = 1.0
_QUOTA = 200
"""Lines of each stream that no other stream pushes out."""


class LogTail(Booked):
    """Tails the containers that a selection names, over restarts, rollouts and lost connections.

    Args:
        transport: The door; one of its own, so that streams never hold up other requests.
        pods: Which pods there are.
        ring: Where lines go.
        book: Gives streams their numbers; shared with the ring by engines of several clusters.
        sink: Takes the lines in place of the ring.
        context: Names the cluster in the streams' keys.
        follow: False reads what is there and comes to an end.
        limits: How many streams may be open.
        timing: When things are tried again.
        recovery: Shared by all that wait for the API server: the first that gets through wakes
            the rest.
        random_source: For the jitter of retries.
        wall: Seconds since the epoch, by this machine.
    """

    def __init__(
        self,
        transport: LogTransport,
        pods: PodSource,
        *,
        ring: Ring | None = None,
        book: StreamBook | None = None,
        sink: Sink | None = None,
        context: str = "",
        follow: bool = True,
        limits: Limits | None = None,
        timing: Timing | None = None,
        recovery: Recovery | None = None,
        random_source: random.Random | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(book or StreamBook())
        self.ring = Ring(quota=_QUOTA) if ring is None else ring
        self.limits = limits or Limits()
        self.version = 0
        """Grows whenever lines came or a stream's state changed."""
        self.generation = 0
        """Grows when the ring was emptied or a stream is not selected any more."""
        self._pods = pods
        self._context = context
        self._selection = NOTHING
        self._history = True
        self._live = self._lost = False
        self._behind: dict[int, float] = {}
        """By how many seconds the lines of a stream come late, where they do."""
        self._transport = transport
        self._tails: dict[ContainerKey, ContainerTail] = {}
        self._sink = sink
        self._loading = asyncio.Lock()
        self._tasks: dict[ContainerKey, asyncio.Task[None]] = {}
        self._probes: set[asyncio.Task[None]] = set()
        self._subscribers: list[Callable[[], None]] = []
        self._line_hooks: list[Callable[[int], None]] = []
        self._told_at = 0.0
        self._telling: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._shared = Shared(
            transport=transport,
            emit=self._take,
            end=lambda: self.ring.end,
            changed=self._touch,
            current=self._is_current,
            follow=follow,
            timing=timing or Timing(),
            recovery=recovery or Recovery(),
            random=random_source or random.Random(),
            wall=wall,
        )

    # -- what others ask ----------------------------------------------------------------------

    def select(self, selection: Selection, *, history: bool = True) -> None:
        """Changes what is tailed; only the streams that differ are opened or closed.

        Args:
            selection: What is wanted from now on.
            history: Whether containers that are new by this begin as `selection.start` says;
                those that come up later are always read from their first line.
        """
        self._selection = selection
        self._history = self._history or history
        self._wake.set()

    def set_limits(self, limits: Limits) -> None:
        """Changes how many streams may be open."""
        self.limits = limits
        self._wake.set()

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when something changed, at most 12 times a second; returns what ends that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def on_lines(self, hook: Callable[[int], None], /) -> Callable[[], None]:
        """Calls `hook` with the index of the first new line as soon as lines are in the ring.

        Returns:
            What ends that.
        """
        self._line_hooks.append(hook)
        return lambda: self._line_hooks.remove(hook)

    def tail_of(self, stream: int) -> ContainerTail:
        """The stream with this index, which is still selected."""
        return self._book.tail_of(stream)

    def streams(self) -> list[Stream]:
        """All selected streams, in the order in which they were first seen."""
        return stream_rows(self._tails.values(), self._book.selected, self._behind)

    def state_counts(self) -> Counter[StreamState]:
        """How many of the selected streams are in each state."""
        return Counter(tail.state for tail in self._tails.values())

    async def load_older(
        self,
        lines: int = 1000,
        *,
        since: int | None = None,
        streams: Sequence[int] | None = None,
    ) -> Older:
        """Puts older lines before those in the ring; see `feed.Tailing`."""
        async with self._loading:
            tails = [
                tail for tail in self._tails.values() if streams is None or tail.index in streams
            ]
            older = await load_older(tails, self.ring, self._book.history_of, lines, since)
        self._touch()
        return older

    @property
    def idle(self) -> bool:
        """Whether no stream is open or waits for its turn."""
        return not self._tasks and all(tail.finished for tail in self._tails.values())

    # -- the reconciler -----------------------------------------------------------------------

    async def run(self) -> None:
        """Works until it is cancelled, and leaves no task or connection behind."""
        unsubscribe = self._pods.subscribe(self._pods_changed)
        self._wake.set()
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    checks = self._tasks or self._behind
                    async with asyncio.timeout(_CHECK_SECONDS if checks else None):
                        await self._wake.wait()
                if self._wake.is_set():
                    self._wake.clear()
                    self.reconcile()
                self._check()
        except Exception as error:
            await self._end_tasks()
            for tail in self._tails.values():
                if not tail.finished:
                    tail.fail(error)
            self._tell()
            raise
        finally:
            unsubscribe()
            if self._telling is not None:
                self._telling.cancel()
                self._telling = None
            await self._end_tasks()

    async def _end_tasks(self) -> None:
        ending = [*self._tasks.values(), *self._probes]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def run_to_end(self) -> None:
        """Works until all that was selected is read; for tails that don't follow."""
        task = asyncio.create_task(self.run())
        self._wake.set()
        try:
            while self._wake.is_set() or not self.idle:  # noqa: ASYNC110 - two conditions
                await asyncio.sleep(0.01)
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def gave_up(self) -> bool:
        """Whether a log that is not followed could not be read to its end."""
        return any(tail.gave_up for tail in self._tails.values())

    def _is_current(self) -> bool:
        # A list that is read for the first time is new, though nothing is watched yet.
        return self._pods.live or not (self._live or self._lost)

    def _pods_changed(self, gone: Sequence[Farewell]) -> None:
        if gone:
            farewells = {each.pod.uid: each for each in gone}
            for key, tail in self._tails.items():
                farewell = farewells.get(key.uid)
                if farewell is not None:
                    self._say_farewell(tail, farewell)
        self._wake.set()

    def _say_farewell(self, tail: ContainerTail, farewell: Farewell) -> None:
        try:
            tail.gone(farewell)
        except Exception as error:
            # A fault of ours: the others have to hear of their pods' ends.
            logger.exception("%s %s", farewell.pod.name, tail.key.container)
            tail.fail(error)

    def reconcile(self) -> None:
        """Makes the streams equal to those that there should be, now."""
        live = self._pods.live
        if live and self._lost:
            self._shared.recovery.wake()
        # What is read for the first time was not lost: nobody waits for it.
        self._lost = not live and (self._lost or self._live)
        self._live = live
        wanted: dict[ContainerKey, tuple[LogPod, ContainerStatus]] = {}
        selection = self._selection
        for pod in self._pods.pods(selection):
            takes = selection.takes_pod(pod)
            for status in pod.containers if takes else ():
                key = ContainerKey(self._context, pod.namespace, pod.uid, status.name)
                if selection.takes_container(status) and (
                    key in self._tails or status.state in selection.states
                ):
                    wanted[key] = (pod, status)
        self._close_unwanted(wanted)
        for key, (pod, status) in wanted.items():
            tail = self._tails.get(key)
            if tail is None:
                tail = self._open(key, pod, status)
            else:
                tail.update(pod, status)
        self._history = self._history and not self._pods.synced
        self._admit()

    def _open(self, key: ContainerKey, pod: LogPod, status: ContainerStatus) -> ContainerTail:
        # What begins before our eyes is read whole, however little history is wanted.
        wanted = self._history and status.instance
        start = self._selection.start if wanted else Start(born=True)
        tail = ContainerTail(self._shared, key, self._book.next_index, pod, status, start)
        self._book.enter(tail)
        self._tails[key] = tail
        self._touch()
        return tail

    def _close_unwanted(self, wanted: dict[ContainerKey, tuple[LogPod, ContainerStatus]]) -> None:
        """Streams of deleted pods drain to their end; those not selected any more end now."""
        for key, tail in list(self._tails.items()):
            if key in wanted:
                continue
            if not self._pods.has(key.uid) and self._still_selected(tail):
                tail.update(None, None)
                continue
            task = self._tasks.pop(key, None)
            if task is not None:
                task.cancel()
            del self._tails[key]
            self._book.leave(tail)
            self.generation += 1
            self._touch()
        if not self._book.selected and len(self.ring):
            self.ring.clear()
            self.generation += 1

    def _still_selected(self, tail: ContainerTail) -> bool:
        status = tail.status or ContainerStatus(name=tail.key.container, role=tail.role)
        return self._selection.takes_pod(tail.pod) and self._selection.takes_container(status)

    def _admit(self) -> None:
        """Starts tasks for streams that have something to read while there are free slots."""
        per_node = Counter(self._tails[key].pod.node for key in self._tasks)
        free = self.limits.streams - len(self._tasks)
        waiting = [
            tail
            for key, tail in self._tails.items()
            if key not in self._tasks and not tail.finished
        ]
        waiting.sort(key=lambda tail: -tail.pod.created)
        for tail in waiting:
            node = tail.pod.node
            if tail.status is None:
                self._start(tail)  # Nothing is asked for any more: it only says so.
            elif free > 0 and per_node[node] < self.limits.per_node and tail.startable:
                free -= 1
                per_node[node] += 1
                self._start(tail)
            else:
                tail.hold()

    def _start(self, tail: ContainerTail) -> None:
        name = f"log {tail.pod.name}/{tail.key.container}"
        task = asyncio.get_running_loop().create_task(tail.run(), name=name)
        self._tasks[tail.key] = task
        task.add_done_callback(lambda done: self._ended(tail.key, done))

    def _ended(self, key: ContainerKey, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s ended", task.get_name(), exc_info=error)
            self._tails[key].fail(error)
        self._wake.set()

    def _check(self) -> None:
        now = asyncio.get_running_loop().time()
        for key in self._tasks:
            tail = self._tails[key]
            tail.check(now)
            tail.measure(now)
            if tail.probe_due(now):
                probe = asyncio.get_running_loop().create_task(tail.probe())
                self._probes.add(probe)
                probe.add_done_callback(self._probes.discard)
        wall, was = self._shared.wall(), self._behind
        looked = ((tail.index, tail.skew.behind(wall)) for tail in self._tails.values())
        self._behind = {index: seconds for index, seconds in looked if seconds}
        if was or self._behind:
            self._touch()  # Told also when nothing comes any more.

    # -- what the tails call ------------------------------------------------------------------

    def _take(
        self,
        stream: int,
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int] | None,
    ) -> None:
        if self._sink is not None:
            self._sink(stream, times, messages, marks)
            self._touch()
            return
        first = self.ring.end
        self.ring.extend(stream, times, messages, marks)
        for hook in self._line_hooks:
            hook(first)
        self._touch()

    def _touch(self) -> None:
        self.version += 1
        if self._telling is None and self._subscribers:
            loop = asyncio.get_running_loop()
            when = max(loop.time(), self._told_at + 1 / _UPDATES_A_SECOND)
            self._telling = loop.call_at(when, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._told_at = asyncio.get_running_loop().time()
        for callback in list(self._subscribers):
            callback()
