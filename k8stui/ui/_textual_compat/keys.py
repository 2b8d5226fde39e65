"""Keys one after the other: each goes to what the keys before it opened."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from textual.app import App, ScreenStackError
from textual.dom import DOMNode
from textual.events import Event, Key, Paste
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import Worker

_QUIET_ROUNDS = 3
"""How often all is asked that a key can reach: what it did may be told by a message of a message.

Enter in a prompt is one: the Input submits, the prompt says so, and the screen acts.
"""
_LONGEST_SECONDS = 3.0
"""A key waits no longer, whatever the cluster does."""
_LOOK_SECONDS = 0.01
"""Between two looks at whether a worker has opened what it is to open."""

_MOVES = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})

if TYPE_CHECKING:
    _App = App[Any]
else:
    _App = object


class KeysInOrder(_App):
    """For an App that hands out a key only when what the one before it did is done.

    Textual gives a key to what has the focus when the key is read: in a paste, or in a packet that
    was late, that is before the keys read just now have moved the focus or opened a screen.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._waiting_keys: deque[Key | Paste] = deque()
        self._key_turn = 0
        self._key_at_work = False
        self._openers: list[Worker[Any]] = []
        self._limit: Timer | None = None
        super().__init__(*args, **kwargs)

    @property
    def keys_waiting(self) -> int:
        """How many keys wait for what one before them did."""
        return len(self._waiting_keys)

    def hold_keys_for(self, worker: Worker[Any]) -> None:
        """Keys wait for what this worker opens, and then belong to it."""
        self._openers.append(worker)

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif not self._key_at_work:
            await self._hand_out(event)
        elif isinstance(event, Key) and event.key == "ctrl+c":
            # What ends the program waits for nothing.
            await super().on_event(event)
        else:
            self._waiting_keys.append(event)
            if len(self._waiting_keys) == 1:
                self._limit_wait()

    async def _hand_out(self, event: Key | Paste) -> None:
        self._key_at_work = not self._stays(event)
        self._key_turn += 1
        await super().on_event(event)
        if self._key_at_work:
            self._ask(self._key_turn, self._reach(), 0, 0)
        elif self._waiting_keys:
            await self._hand_out(self._waiting_keys.popleft())

    def _stays(self, event: Key | Paste) -> bool:
        """Whether the next key is for the same widget, whose queue keeps their order."""
        if isinstance(event, Paste):
            return False
        typed = event.is_printable and isinstance(self.focused, Input)
        return typed or event.key in _MOVES

    def _limit_wait(self) -> None:
        turn = self._key_turn
        if self._limit is not None:
            self._limit.stop()
        self._limit = None
        if self._waiting_keys:
            self._limit = self.set_timer(_LONGEST_SECONDS, lambda: self._hand_out_overdue(turn))

    async def _hand_out_overdue(self, turn: int) -> None:
        """Something never ends: the keys go where they would have gone without an order."""
        if turn == self._key_turn:
            self._openers.clear()
            while self._waiting_keys:
                await self._hand_out(self._waiting_keys.popleft())

    def _reach(self) -> list[DOMNode]:
        """All that the next key may be handled by, from the focus up."""
        try:
            return (self.focused or self.screen).ancestors_with_self
        except ScreenStackError:
            return [self]

    def _ask(self, turn: int, reach: list[DOMNode], at: int, quiet: int) -> None:
        """Queues a callback in each after the other, behind all that came before."""
        for index in range(at, len(reach)):
            last = index == len(reach) - 1
            then = self._asked if last else self._ask
            if reach[index].call_later(then, turn, reach, index + 1, quiet):
                return

    async def _asked(self, turn: int, reach: list[DOMNode], _: int, quiet: int) -> None:
        if turn != self._key_turn:
            return
        now = self._reach()
        quiet = quiet + 1 if now == reach else 0
        self._openers = [worker for worker in self._openers if not worker.is_finished]
        if quiet < _QUIET_ROUNDS:
            self._ask(turn, now, 0, quiet)
        elif self._openers:
            self.set_timer(_LOOK_SECONDS, lambda: self._ask(turn, self._reach(), 0, 0))
        elif self._waiting_keys:
            await self._hand_out(self._waiting_keys.popleft())
            self._limit_wait()
        else:
            self._key_at_work = False
