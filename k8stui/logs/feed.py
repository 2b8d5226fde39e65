"""What a view of logs asks of the engine; it reaches no cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from k8stui.logs.ring import Ring


class StreamName(NamedTuple):
    """Where lines come from. All text is clean."""

    context: str
    namespace: str
    pod: str
    container: str


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
