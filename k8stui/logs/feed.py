"""What a view of logs asks of the engine; nothing here reaches the cluster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from k8stui.logs.ring import Ring
from k8stui.logs.selection import Selection
from k8stui.logs.targets import Role

if TYPE_CHECKING:
    from k8stui.logs.engine import Limits


class StreamState(StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"
    CONNECTING = "connecting"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    POLLING = "polling"
    FORBIDDEN = "forbidden"
    ENDED = "ended"


class StreamName(NamedTuple):
    """Where lines come from. All text is clean."""

    context: str
    namespace: str
    pod: str
    container: str


class Stream(msgspec.Struct, frozen=True):
    """One row of the table of streams."""

    index: int
    namespace: str
    pod: str
    container: str
    role: Role
    node: str
    state: StreamState
    lines: int
    reconnects: int
    restarts: int
    """restartCount of the instance that is read."""
    rate: float
    """Lines a second, over the last seconds."""
    last_line: int
    """Nanoseconds since the epoch, by the node's clock; 0 before the first line."""
    last_error: str
    selected: bool
    context: str = ""
    skew: float = 0.0
    """Seconds by which the node's clock is ahead of ours (negative: behind); 0 within two seconds,
    or as long as it is not known."""
    behind: float = 0.0
    """Seconds by which lines come late at present, because there are more than are read."""
    older: bool = True
    """Whether the server may have lines before the first one that is held."""
    state_since: float = 0.0
    """Epoch seconds since when it is in this state."""


class Older(msgspec.Struct, frozen=True):
    """What came of a wish for older lines."""

    lines: int
    """How many were put before the first line of the ring."""
    complete: bool
    """Whether there is nothing older of any of the streams that could be read."""
    message: str = ""
    """Why not more came; clean."""


class LogFeed(Protocol):
    """Lines in a ring, and whose they are."""

    @property
    def ring(self) -> Ring: ...

    @property
    def generation(self) -> int:
        """Grows when streams were opened or closed, or the ring was emptied."""
        ...

    def is_selected(self, stream: int) -> bool:
        """Whether lines of this stream are of the present selection."""
        ...

    def name_of(self, stream: int) -> StreamName: ...

    def colour_of(self, stream: int) -> int:
        """A stable number for the stream's colour."""
        ...

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when something changed, at most 12 times a second; returns what ends that."""
        ...


class Tailing(LogFeed, Protocol):
    """A feed whose selection can be changed."""

    def select(self, selection: Selection, *, history: bool = True) -> None:
        """Changes what is tailed."""
        ...

    @property
    def limits(self) -> Limits:
        """How many streams may be open at once."""
        ...

    def set_limits(self, limits: Limits, /) -> None:
        """Changes that."""
        ...

    def on_lines(self, hook: Callable[[int], None], /) -> Callable[[], None]:
        """Calls `hook` with the index of the first new line; returns what ends that."""
        ...

    def streams(self) -> Sequence[Stream]:
        """All selected streams, in the order in which they were first seen."""
        ...

    def state_counts(self) -> Counter[StreamState]:
        """How many of the selected streams are in each state."""
        ...

    async def load_older(
        self,
        lines: int = 1000,
        *,
        since: int | None = None,
        streams: Sequence[int] | None = None,
    ) -> Older:
        """Puts lines that are older than those that are held before the ring's first one.

        `Ring.prepended` grows by their number; the indexes of lines in the ring stay. One call
        at a time: a second one waits for the first.

        Args:
            lines: How many of each stream.
            since: Epoch seconds: all from this moment on instead, at most 50,000 of a stream.
            streams: Of these alone; None for all that are selected.
        """
        ...
