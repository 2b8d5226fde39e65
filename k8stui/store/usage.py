"""What pods and nodes use, with a short history of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple, TypeVar

import msgspec

from k8stui.resources.record import Usage
from k8stui.store.changes import tell
from k8stui.store.ticker import LoopTicker, Pacer, Ticker

_TREND = 8
_KEEP_SECONDS = 180.0

K = TypeVar("K")


class Unasked(msgspec.Struct, frozen=True):
    """No answer yet."""


class Available(msgspec.Struct, frozen=True):
    """Samples are coming."""


class Unavailable(msgspec.Struct, frozen=True):
    """There are no (new) samples."""

    reason: str
    """A sentence without a trailing period, clean."""


UsageState = Unasked | Available | Unavailable


class UsageChange(NamedTuple):
    """Whose use changed, came or went."""

    pods: frozenset[tuple[str, str]]
    """(namespace, name)."""
    nodes: frozenset[str]
    state_changed: bool


class UsageBook:
    """The last samples of the metrics API, a `resources.record.UsageLookup`.

    Args:
        ticker: Clock and timer of the news, and of how long samples outlive the metrics API.
    """

    def __init__(self, ticker: Ticker | None = None) -> None:
        self._ticker = ticker or LoopTicker()
        self._pacer = Pacer(self._ticker, self._deliver)
        self._pods: dict[str, dict[str, Usage]] = {}
        self._coming: dict[str, dict[str, Usage]] = {}
        """What has come of an answer so far."""
        self._coming_changed: set[tuple[str, str]] = set()
        self._nodes: dict[str, Usage] = {}
        self._at: float | None = None
        self._heard = float("-inf")
        self._state: UsageState = Unasked()
        self._told: UsageState = self._state
        self._changed_pods: set[tuple[str, str]] = set()
        self._changed_nodes: set[str] = set()
        self._subscribers: dict[int, Callable[[UsageChange], None]] = {}
        self._next_subscriber = 0

    def pod(self, namespace: str, name: str) -> Usage | None:
        """The last sample of a pod with up to 8 samples of trend, None where there is none."""
        names = self._pods.get(namespace)
        return None if names is None else names.get(name)

    def node(self, name: str) -> Usage | None:
        return self._nodes.get(name)

    @property
    def state(self) -> UsageState:
        return self._state

    def age(self, now: float) -> float | None:
        """Seconds since the last answer about pods, None before the first.

        Args:
            now: Epoch seconds.
        """
        return None if self._at is None else max(0.0, now - self._at)

    def take_pods(self, samples: Iterable[tuple[str, str, Usage]]) -> None:
        """Takes a part of an answer, which shows when `update_pods` ends it.

        Args:
            samples: (namespace, name, use); trends in them are ignored.
        """
        pods, changed = self._coming, self._coming_changed
        for namespace, name, usage in samples:
            present = self.pod(namespace, name)
            taken = _with_trend(present, usage)
            if taken is not present:
                changed.add((namespace, name))
            pods.setdefault(namespace, {})[name] = taken

    def update_pods(self, samples: Iterable[tuple[str, str, Usage]], at: float) -> None:
        """Takes one whole answer, or the rest of one: pods that it doesn't have are forgotten.

        Args:
            samples: As for `take_pods`.
            at: Epoch seconds of the answer.
        """
        self.take_pods(samples)
        pods, self._coming = self._coming, {}
        self._changed_pods |= self._coming_changed
        self._coming_changed.clear()
        for namespace, names in self._pods.items():
            kept = pods.get(namespace, {})
            self._changed_pods.update((namespace, name) for name in names if name not in kept)
        self._pods = pods
        self._at = at
        self._heard = self._ticker.time()
        self._state = Available()
        self._request()

    def update_nodes(self, samples: Iterable[tuple[str, Usage]], at: float) -> None:
        """Takes one whole answer about nodes, as `update_pods`."""
        nodes: dict[str, Usage] = {}
        for name, usage in samples:
            present = self._nodes.get(name)
            nodes[name] = taken = _with_trend(present, usage)
            if taken is not present:
                self._changed_nodes.add(name)
        self._changed_nodes.update(name for name in self._nodes if name not in nodes)
        self._nodes = nodes
        self._request()

    def unavailable(self, reason: str) -> None:
        """Says why there is no answer. Samples stay for three minutes after the last one."""
        self._state = Unavailable(reason)
        self._coming = {}
        self._coming_changed.clear()
        if self._ticker.time() - self._heard > _KEEP_SECONDS:
            self._forget()
        self._request()

    def subscribe(self, callback: Callable[[UsageChange], None]) -> Callable[[], None]:
        """Tells of changes, at most 10 times a second. Returns a function that ends it."""
        number = self._next_subscriber
        self._next_subscriber += 1
        self._subscribers[number] = callback
        return partial(self._unsubscribe, number)

    def close(self) -> None:
        """Lets go of all samples and subscribers."""
        self._pacer.close()
        self._subscribers.clear()
        self._forget()
        self._changed_pods.clear()
        self._changed_nodes.clear()

    def _unsubscribe(self, number: int) -> None:
        self._subscribers.pop(number, None)
        if not self._subscribers:
            self._pacer.close()

    def _forget(self) -> None:
        self._changed_pods.update(
            (namespace, name) for namespace, names in self._pods.items() for name in names
        )
        self._changed_nodes.update(self._nodes)
        self._pods = {}
        self._coming = {}
        self._coming_changed.clear()
        self._nodes = {}

    def _request(self) -> None:
        if not self._subscribers:
            self._changed_pods.clear()
            self._changed_nodes.clear()
            self._told = self._state
        elif self._changed_pods or self._changed_nodes or self._told != self._state:
            self._pacer.request()

    def _deliver(self) -> None:
        change = UsageChange(
            frozenset(self._changed_pods), frozenset(self._changed_nodes), self._told != self._state
        )
        self._changed_pods.clear()
        self._changed_nodes.clear()
        self._told = self._state
        if change.pods or change.nodes or change.state_changed:
            for number, callback in list(self._subscribers.items()):
                if number in self._subscribers:
                    tell(self._ticker, callback, change)


def _with_trend(present: Usage | None, usage: Usage) -> Usage:
    """The sample with the trend so far; the present one itself when it is the same window's."""
    if present is None:
        cpus: tuple[int, ...] = ()
        memories: tuple[int, ...] = ()
    elif (present.timestamp, present.cpu, present.memory, present.containers) == (
        usage.timestamp,
        usage.cpu,
        usage.memory,
        usage.containers,
    ):
        return present
    elif present.timestamp == usage.timestamp:
        cpus, memories = present.cpu_trend[:-1], present.memory_trend[:-1]
    else:
        cpus, memories = present.cpu_trend, present.memory_trend
    return Usage(
        cpu=usage.cpu,
        memory=usage.memory,
        timestamp=usage.timestamp,
        containers=usage.containers,
        cpu_trend=(*cpus[1 - _TREND :], usage.cpu),
        memory_trend=(*memories[1 - _TREND :], usage.memory),
    )
