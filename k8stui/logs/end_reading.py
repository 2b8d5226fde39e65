"""Reads the log of a dead container instance to its proven end, in as few requests as can be."""

from __future__ import annotations

import asyncio

from k8stui.logs.intake import Intake, is_kubelet_text
from k8stui.logs.reading import InstanceReader, Moved

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
                if ending is not None and deleted:
                    break
                fruitless, pause = fruitless + 1, min(2.0, 0.3 * (1 + fruitless))
                await self._make_sure(fruitless)
                if fruitless == (_DELETED if deleted else _FRUITLESS):
                    what = "deleted" if deleted else "rotated"
                    self._gap(f"possible gap: the log was {what} before its end was read")
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
        elif status is not None and status.restarts == self.restarts + 1:
            end = status.previous
        elif status is None and self._ending is not None and self._ending.at < self._leaves_at:
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

    def _check_meant(self) -> None:
        if self.status is None or self.status.instance != self._meant:
            raise Moved

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
