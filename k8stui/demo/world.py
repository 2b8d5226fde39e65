"""Time and work: timers and a queue that run the controllers, in real or in simulated time."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from k8stui.demo.events import Recorder
from k8stui.demo.model import Key, Obj
from k8stui.demo.store import Change, Store

log = logging.getLogger(__name__)

LONGEST_NAP = 3600.0


class Controller(NamedTuple):
    """A short function over the store, and which changes call it.

    `sync` brings one object closer to what it should be and gives the seconds after which it
    wants to be called again, or None. `watches` maps a kind to the keys that a change of it
    concerns.
    """

    name: str
    sync: Callable[[World, Key], float | None]
    watches: dict[str, Callable[[World, Obj], Iterable[Key]]]


class World:
    """The store, its clock, and the controllers that run over it.

    Args:
        start: Epoch seconds at which time begins.
        speed: How many seconds pass for one real second once `run` is running.
    """

    def __init__(self, start: float, speed: float = 1.0) -> None:
        self._now = start
        self.speed = speed
        self._anchor: tuple[float, float] | None = None
        self.store = Store(self.now)
        self.store.listeners.append(self._on_change)
        self.events = Recorder(self.store, self.now)
        self._controllers: dict[str, Controller] = {}
        self._watching: dict[str, list[Controller]] = {}
        self._queue: dict[tuple[str, Key], None] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._due: dict[tuple[str, Key], float] = {}
        self._woken = asyncio.Event()
        self.waits: dict[str, float] = {}
        """Seconds that an owner, by its uid, waits since the server refused its last pod."""
        self.quiet = False
        """While true, changes reach watches but no controller (for bulk filling)."""

    def now(self) -> float:
        """Epoch seconds of this world."""
        if self._anchor is None:
            return self._now
        real, own = self._anchor
        return own + (time.monotonic() - real) * self.speed

    def add(self, *controllers: Controller) -> None:
        for controller in controllers:
            self._controllers[controller.name] = controller
            for kind in controller.watches:
                self._watching.setdefault(kind, []).append(controller)

    def after(self, delay: float, call: Callable[[], None]) -> None:
        """Call something after so many seconds of this world."""
        heapq.heappush(self._timers, (self.now() + delay, next(self._order), call))
        self._woken.set()

    def enqueue(self, controller: str, key: Key, delay: float = 0.0) -> None:
        """Have a controller look at an object, now or later; the earliest request counts."""
        item = (controller, key)
        if delay <= 0:
            self._queue[item] = None
            self._woken.set()
            return
        due = self.now() + delay
        if due >= self._due.get(item, float("inf")):
            return
        self._due[item] = due
        self.after(delay, lambda: self._ring(item, due))

    def advance(self, seconds: float) -> None:
        """Let simulated time pass: every timer rings at its own time, in order."""
        self.run_until(self._now + seconds)

    def run_until(self, when: float) -> None:
        """Do all the work that is due up to a time."""
        self._drain()
        while self._timers and self._timers[0][0] <= when:
            due, _, call = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            call()
            self._drain()
        self._now = max(self._now, when)

    async def run(self) -> None:
        """Run in real time, `speed` times as fast, until cancelled."""
        self._anchor = (time.monotonic(), self._now)
        while True:
            self._woken.clear()
            self.run_until(self.now())
            if self._queue:
                continue
            nap = self._timers[0][0] - self.now() if self._timers else LONGEST_NAP
            try:
                async with asyncio.timeout(max(0.0, min(nap, LONGEST_NAP)) / self.speed):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _ring(self, item: tuple[str, Key], due: float) -> None:
        if self._due.get(item) == due:
            del self._due[item]
            self._queue[item] = None

    def _drain(self) -> None:
        while self._queue:
            item = next(iter(self._queue))
            del self._queue[item]
            controller, key = item
            try:
                again = self._controllers[controller].sync(self, key)
            except Exception:
                log.exception("%s %s", controller, key)
                again = 5.0
            if again is not None:
                self.enqueue(controller, key, max(again, 0.05))

    def _on_change(self, kind: str, change: Change) -> None:
        if self.quiet:
            return
        for controller in self._watching.get(kind, ()):
            mapper = controller.watches[kind]
            for key in mapper(self, change.obj):
                self._queue[(controller.name, key)] = None
            if change.old is not None and change.old["metadata"] != change.obj["metadata"]:
                for key in mapper(self, change.old):
                    self._queue[(controller.name, key)] = None
        if self._queue:
            self._woken.set()


def own(_world: World, obj: Obj) -> Iterable[Key]:
    """The change concerns the object itself."""
    yield Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def owner(kind: str) -> Callable[[World, Obj], Iterable[Key]]:
    """The change concerns the controlling owner, when it is of that kind."""

    def keys(_world: World, obj: Obj) -> Iterable[Key]:
        for ref in obj["metadata"].get("ownerReferences") or ():
            if ref["kind"] == kind and ref.get("controller"):
                yield Key(obj["metadata"].get("namespace", ""), ref["name"])

    return keys
