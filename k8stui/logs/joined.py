"""The engines of several clusters as one: one ring, one table of streams."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from k8stui.logs.book import Booked, StreamBook
from k8stui.logs.feed import Older, Stream, StreamState
from k8stui.logs.ring import Ring
from k8stui.logs.selection import Selection
from k8stui.logs.tail import Limits, LogTail


class JoinedTail(Booked):
    """A `Tailing` over several engines.

    Args:
        tails: The engines, which were made with this ring and this book.
        ring: Where the lines of all of them go.
        book: Which gives all their streams their numbers.
    """

    def __init__(self, tails: Sequence[LogTail], ring: Ring, book: StreamBook) -> None:
        super().__init__(book)
        self.tails = tuple(tails)
        self.ring = ring

    @property
    def generation(self) -> int:
        """Grows when streams were closed, or the ring was emptied."""
        return sum(tail.generation for tail in self.tails)

    @property
    def version(self) -> int:
        """Grows whenever lines came or a stream's state changed."""
        return sum(tail.version for tail in self.tails)

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when something changed in any of them; returns what ends that."""
        ends = [tail.subscribe(callback) for tail in self.tails]
        return lambda: _call_all(ends)

    def on_lines(self, hook: Callable[[int], None], /) -> Callable[[], None]:
        """Calls `hook` with the index of the first new line; returns what ends that."""
        ends = [tail.on_lines(hook) for tail in self.tails]
        return lambda: _call_all(ends)

    def select(self, selection: Selection, *, history: bool = True) -> None:
        """Changes what is tailed, in each of them."""
        for tail in self.tails:
            tail.select(selection, history=history)

    def set_limits(self, limits: Limits) -> None:
        """Changes how many streams may be open at once, in each of them."""
        for tail in self.tails:
            tail.set_limits(limits)

    def streams(self) -> Sequence[Stream]:
        """All selected streams, cluster by cluster."""
        return [stream for tail in self.tails for stream in tail.streams()]

    def state_counts(self) -> Counter[StreamState]:
        """How many of the selected streams are in each state."""
        return sum((tail.state_counts() for tail in self.tails), Counter[StreamState]())

    async def load_older(
        self,
        lines: int = 1000,
        *,
        since: int | None = None,
        streams: Sequence[int] | None = None,
    ) -> Older:
        """Puts older lines before those in the ring; see `feed.Tailing`."""
        found = [await tail.load_older(lines, since=since, streams=streams) for tail in self.tails]
        return Older(
            sum(one.lines for one in found),
            complete=all(one.complete for one in found),
            message=next((one.message for one in found if one.message and not one.complete), "")
            or next((one.message for one in found if one.message), ""),
        )

    async def run(self) -> None:
        """Works until it is cancelled, and leaves no task or connection behind."""
        async with asyncio.TaskGroup() as group:
            for tail in self.tails:
                group.create_task(tail.run())


def _call_all(ends: Sequence[Callable[[], None]]) -> None:
    for end in ends:
        end()
