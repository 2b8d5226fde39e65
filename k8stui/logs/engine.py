"""What every container's tail shares: the door, the settings, the way out for lines."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from k8stui.cluster.backoff import Recovery
from k8stui.logs.selection import Selection
from k8stui.logs.targets import Farewell, LogPod

Params = Sequence[tuple[str, str]]


Sink = Callable[[int, Sequence[int], Sequence[bytes], Sequence[int] | None], None]
"""Takes a stream's number, times, messages and marks (None: all plain lines)."""


class PodSource(Protocol):
    """Where the engine learns which pods there are."""

    def pods(self, selection: Selection) -> Iterable[LogPod]:
        """All pods that the selection may take; others may be among them."""

    def has(self, uid: str) -> bool:
        """Whether the pod exists."""

    @property
    def synced(self) -> bool:
        """Whether all pods there are have been told."""

    @property
    def live(self) -> bool:
        """Whether what is told is current: the API server answers."""

    def subscribe(self, callback: Callable[[Sequence[Farewell]], None], /) -> Callable[[], None]:
        """Calls back after changes, with the pods that are gone; returns what ends that."""


class LogTransport(Protocol):
    """The part of the transport that logs use."""

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        accept: str = ...,
        seconds: float | None = None,
    ) -> bytes: ...

    def stream(
        self, path: str, params: Params = (), *, accept: str = ...
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]: ...


class Limits(msgspec.Struct, frozen=True):
    """How many streams may be open at once; more wait, the newest pods first."""

    streams: int = 50
    per_node: int = 20


class Timing(msgspec.Struct, frozen=True):
    """When things are tried again, in seconds."""

    probe_idle: float = 45.0
    """How long a stream may be silent before the server is asked whether it missed something."""
    probe_most: float = 300.0
    """The longest time between two such questions; it grows with the silence."""
    drain: float = 3.0
    """How long a dead container's stream may be silent before it is given up."""
    gone_drain: float = 10.0
    """The same for a pod that was deleted; also how long word of its end is waited for."""
    answer: float = 15.0
    """How long the answer to a question for what there is may be silent."""
    settle: float = 1.0
    """How long after a container's end its last lines may still be on their way to the file."""
    look: float = 1.0
    """Between two questions for an instance that came after the last one of a leaving pod."""
    poll: float = 2.0
    """Between two requests where the node can't follow."""
    poll_for: float = 300.0
    """How long a stream polls before it tries to follow again."""
    refused: float = 30.0
    """Before a stream that may not be read is asked for again."""


class Shared(msgspec.Struct):
    """One for all tails of a LogTail."""

    transport: LogTransport
    emit: Sink
    end: Callable[[], int]
    """The index that the next line gets in the ring."""
    changed: Callable[[], None]
    """Says that a stream's state changed."""
    current: Callable[[], bool]
    """Whether what is told of pods is current: not when their watch was lost."""
    follow: bool = True
    timing: Timing = Timing()
    recovery: Recovery = msgspec.field(default_factory=Recovery)
    random: random.Random = msgspec.field(default_factory=random.Random)
    wall: Callable[[], float] = time.time
    """Seconds since the epoch, by this machine's clock."""
