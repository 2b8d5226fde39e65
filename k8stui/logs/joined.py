"""The engines of several clusters as one: one ring, one table of streams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from k8stui.logs.book import Booked, StreamBook
from k8stui.logs.engine import Limits
from k8stui.logs.feed import Older, Stream, StreamState
from k8stui.logs.ring import Ring
from k8stui.logs.selection import NOTHING, Selection
from k8stui.logs.tail import LogTail


class JoinedTail(Booked):
    """A `Tailing` over several engines, each of which is run by whoever made it.

    Args:
        tails: The engines, which were made with this ring and this book.
        ring: Where the lines of all of them go.
        book: Which gives all their streams their numbers.
    """

    def __init__(self, tails: Sequence[LogTail], ring: Ring, book: StreamBook) -> None:
        super().__init__(book)
        self.tails = list(tails)
        self.ring = ring
        self._selection = NOTHING
        self._left = 0
        """Of the generations of engines that have left."""
        self._ends: dict[object, dict[LogTail, Callable[[], None]]] = {}
        """What ends each subscription with each engine."""
        self._begins: dict[object, Callable[[LogTail], Callable[[], None]]] = {}

    @property
    def limits(self) -> Limits:
        """How many streams each of them may have open at once."""
        return self.tails[0].limits

    @property
    def generation(self) -> int:
        """Grows when streams were closed, or the ring was emptied."""
        return self._left + sum(tail.generation for tail in self.tails)

    @property
    def version(self) -> int:
        """Grows whenever lines came or a stream's state changed."""
        return sum(tail.version for tail in self.tails)

    def join(self, tail: LogTail) -> None:
        """Takes in another engine, made with the same ring and book, and gives it the selection."""
        tail.set_limits(self.limits)
        tail.select(self._selection)
        self.tails.append(tail)
        for key, begin in self._begins.items():
            self._ends[key][tail] = begin(tail)

    def leave(self, tail: LogTail) -> None:
        """Lets an engine go; its streams are not selected any more."""
        tail.select(NOTHING)
        tail.reconcile()
        self.tails.remove(tail)
        self._left += tail.generation
        for ends in self._ends.values():
            ends.pop(tail)()

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when something changed in any of them; returns what ends that."""
        return self._subscribe(lambda tail: tail.subscribe(callback))

    def on_lines(self, hook: Callable[[int], None], /) -> Callable[[], None]:
        """Calls `hook` with the index of the first new line; returns what ends that."""
        return self._subscribe(lambda tail: tail.on_lines(hook))

    def _subscribe(self, begin: Callable[[LogTail], Callable[[], None]]) -> Callable[[], None]:
        key = object()
        self._begins[key] = begin
        self._ends[key] = {tail: begin(tail) for tail in self.tails}

        def end() -> None:
            del self._begins[key]
            for one in self._ends.pop(key).values():
                one()

        return end

    def select(self, selection: Selection, *, history: bool = True) -> None:
        """Changes what is tailed, in each of them."""
        self._selection = selection
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
