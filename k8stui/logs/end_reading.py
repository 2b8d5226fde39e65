"""Reads the log of a dead container instance to its proven end, in as few requests as can be."""

from __future__ import annotations

import asyncio

from k8stui.logs.engine import Shared
from k8stui.logs.intake import Intake, is_kubelet_text
from k8stui.logs.reading import InstanceReader
from k8stui.logs.selection import Start
from k8stui.logs.targets import ContainerKey, ContainerStatus, LogPod, Termination
from k8stui.logs.wanted import first_wanted

_FRUITLESS = 20
"""Answers in a row without anything new after which a dead instance's end is given up."""
_DELETED = 5
"""The same where the kubelet says that it can't read the log."""


class EndReader(InstanceReader):
    """What is asked for when an instance writes no more."""

    _half_proven: tuple[str, bytes | None] = ("", None)
    """An instance, and the rest in the last answer that brought all that was seen of it."""
    _agreed: tuple[str, bytes] = ("", b"")
    """An instance that had ended, and the rest in two answers that agreed on its end."""

    def __init__(
        self,
        shared: Shared,
        key: ContainerKey,
        index: int,
        pod: LogPod,
        status: ContainerStatus,
        start: Start,
    ) -> None:
        super().__init__(shared, key, index, pod, status, start)
        self._ends: dict[int, Termination] = {}
        """How instances ended, by number: what waits for its next one does not tell of two."""
        self._named = status if status.instance else None
        """The last state with an instance: kubelets that clear a pod away tell states without."""
        self._note_ends(status)
        self._first_wanted = first_wanted(pod, status, start, shared.wall())

    def update(self, pod: LogPod | None, status: ContainerStatus | None) -> None:
        if status is not None:
            self._note_ends(status)
        super().update(pod, status)

    def _note_ends(self, status: ContainerStatus) -> None:
        ends = {status.restarts - 1: status.previous, status.restarts: status.ended}
        self._ends |= {number: end for number, end in ends.items() if end is not None}
        for number in [number for number in self._ends if number < status.restarts - 1]:
            del self._ends[number]

    async def _prove(self, *, previous: bool) -> None:
        """Reads what is left of an instance that writes no more.

        It is complete when two answers agree, as one alone may have been cut: the last one, asked
        for after the last lines had their time to reach the file, brings again what was seen and
        nothing else. The one before it may be the stream, where it ended by itself: then one
        request is enough, and none where the log has been deleted meanwhile.

        Raises:
            Moved: what is read is not the log of that instance any more.
        """
        ending = self._ending if self._came_to_its_end() else None
        rest = None if ending is None else ending.rest
        if rest is None and self._half_proven[0] == self._instance:
            rest = self._half_proven[1]
        fruitless, pause = 0, 0.0
        while True:
            if rest is None or (ending is None and self._agreed[0] != self._instance):
                await asyncio.sleep(pause)
            else:
                await self._until_settled(pause)
            settled = asyncio.get_running_loop().time() >= self._settles_at
            outcome = await self._read(follow=False, previous=previous)
            if outcome.new:
                fruitless, pause, self._agreed = 0, 0.0, ("", b"")
            elif outcome.fits and not outcome.status:
                if outcome.rest == rest:
                    self._agreed = (self._instance, outcome.rest)
                    if settled:
                        break
                pause = 0.2
            else:
                deleted = is_kubelet_text(outcome.status.encode())
                if ending is not None and not ending.rest and deleted:
                    break
                fruitless, pause = fruitless + 1, min(2.0, 0.3 * (1 + fruitless))
                await self._make_sure(fruitless)
                if fruitless == (_DELETED if deleted else _FRUITLESS):
                    what = "deleted" if deleted else "rotated"
                    self._gap(f"possible gap: the log was {what} before its end was read")
                    rest = b""  # It may be half a line.
                    break
                continue
            rest = outcome.rest
            self._half_proven = (self._instance, rest)
        self._conclude(rest)

    def _came_to_its_end(self) -> bool:
        """Whether the last stream ended by itself when the container had ended."""
        status, end = self.status, None
        if status is not None and status.instance == self._instance:
            end = status.ended
        elif status is not None:
            # Its own end, or that of a later one: it had ended by then at the latest.
            end = self._ends.get(self.restarts) or status.previous or status.ended
            if end is None or not end.finished:
                return False  # It may have gone on after a stream that a proxy ended.
        elif self._ending is not None and self._ending.at < self._leaves_at:
            return False  # It was cut off: what was written until the pod went is not known.
        return self._ending is not None and self._ending.is_after(end, self.skew.seconds)

    def _conclude(self, rest: bytes | None) -> None:
        """Takes a last line that will never have a line feed."""
        self.last_error = ""
        if rest:
            Intake(self._overlap, None, self._emit).commit(rest)

    async def _make_sure(self, fruitless: int) -> None:
        """Raises Moved when an answer without known lines is that of the next instance.

        Which may not have said anything yet: then nothing in the answer tells.
        """
        if fruitless in (2, _DELETED, _FRUITLESS):
            await self._refreshed()
        self._check_meant()

    @property
    def _settles_at(self) -> float:
        """When what a dead instance has said is in its file, by the loop's clock."""
        return self._status_since + self._shared.timing.settle

    async def _until_settled(self, at_least: float) -> None:
        """Waits until that time. Raises Moved when another instance takes the place of this one."""
        await asyncio.sleep(at_least)
        while (left := self._settles_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 0.3))
            self._check_meant()
