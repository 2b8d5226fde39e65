"""An engine's lines without those of streams that the user doesn't want to see."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.logs.feed import LogFeed, StreamName
from k8stui.logs.ring import Ring


class ChosenStreams:
    """A `LogFeed` over another; hidden streams are still read.

    Args:
        feed: The engine.
    """

    def __init__(self, feed: LogFeed) -> None:
        self._feed = feed
        self._hidden: frozenset[int] = frozenset()
        self._changes = 0

    @property
    def hidden(self) -> frozenset[int]:
        """The streams that are not shown."""
        return self._hidden

    def hide(self, streams: frozenset[int]) -> None:
        """Makes these the streams that are not shown."""
        if streams != self._hidden:
            self._hidden = streams
            self._changes += 1

    @property
    def ring(self) -> Ring:
        """Where the lines are."""
        return self._feed.ring

    @property
    def generation(self) -> int:
        """Grows when other streams are shown, or the ring was emptied."""
        return self._feed.generation + self._changes

    def is_selected(self, stream: int) -> bool:
        """Whether lines of this stream are shown."""
        return stream not in self._hidden and self._feed.is_selected(stream)

    def name_of(self, stream: int) -> StreamName:
        """Where the lines of this stream come from."""
        return self._feed.name_of(stream)

    def colour_of(self, stream: int) -> int:
        """A stable number for the stream's colour."""
        return self._feed.colour_of(stream)

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when something changed; returns what ends that."""
        return self._feed.subscribe(callback)
