"""Puts what the ring holds into the order in which it is shown, in slices of a few milliseconds."""

from __future__ import annotations

import heapq
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Literal, NamedTuple

from k8stui.logs.feed import LogFeed
from k8stui.viewmodels.log_entries import Entries
from k8stui.viewmodels.log_merge import Key, Run, TimeMerge
from k8stui.viewmodels.log_rows import Part, Rows, first_rows, is_entry, packed_rows, unpacked

Order = Literal["arrival", "time", "grouped"]

TimeOf = Callable[[int], int]

ENTRIES = -1
"""The part of a grouped order that holds what is no log line."""
_STEP = 1024
_MOST_INSERTED = 2_000
"""More late lines than this at once are put in order together with all others."""
_MOST_BEHIND = 20_000
"""With more lines than this to be taken up they are shown as they came: better than too late."""


class Added(NamedTuple):
    """Lines that came into the order."""

    part: int
    """The stream in a grouped order, else 0."""
    lines: Sequence[int]
    before: int | None = None
    """The line that they stand before; None puts them at the end of the part."""


class LineOrder:
    """All lines of the selected streams, whatever filter is in force.

    Args:
        feed: The engine.
        entries: What stands between the lines; None where it isn't wanted.
        order: By arrival, by time, or stream by stream.
        merge: Holds live lines back, in an order by time.
    """

    def __init__(
        self, feed: LogFeed, entries: Entries | None, order: Order, merge: TimeMerge
    ) -> None:
        self.rows = Rows(grouped=order == "grouped")
        """One row for each line."""
        self.built = False
        """Whether all that was there at first is in `rows`."""
        self.tangled = False
        """Whether so much came late that it is better to begin again."""
        self.may_begin_again = True
        """False where that would take more time than there is: late lines then stand at the end."""
        self.unordered = 0
        """How many lines stand at the end instead of at their place."""
        self.merge = merge
        self._feed = feed
        self._entries = entries
        self._order = order
        self._seen = feed.ring.first
        self._goal: int | None = None
        """Up to where lines are there at first: what comes meanwhile is taken up later."""
        self._runs: dict[int, list[Key]] = {}
        self._merged: Iterator[Key] | None = None

    @property
    def seen(self) -> int:
        """The ring index up to which lines were taken."""
        return self._seen

    def skip_gone(self) -> int:
        """Goes past lines that were evicted before they were taken up; how many these are."""
        skipped = max(0, self._feed.ring.first - self._seen)
        self._seen += skipped
        return skipped

    @property
    def behind(self) -> bool:
        """Whether there are lines to be taken up."""
        return not self.built or self._seen < self._feed.ring.end

    # -- what is there at first ---------------------------------------------------------------

    def build(self, until: float) -> bool:
        """Works until this moment of `time.perf_counter`; True when all is in order."""
        ring = self._feed.ring
        if self._merged is None:
            self._seen = max(self._seen, ring.first)
            if not self._runs and not len(self.rows):
                self._gather_kept()
            if self._goal is None:
                self._goal = ring.end
            while self._seen < self._goal:
                for stream, times, lines in self._blocks():
                    self._gather(stream, times, lines)
                if time.perf_counter() > until:
                    return False
            self._merged = self._start_merge()
        part = self.rows.parts.get(0)
        while part is not None and (keys := list(islice(self._merged, _STEP))):
            part.prepend(first_rows(key[2] for key in reversed(keys)))
            if time.perf_counter() > until:
                return False
        self.built = True
        return True

    def _gather_kept(self) -> None:
        """Lines of quiet streams that outlived their neighbours."""
        for line, raw in self._feed.ring.kept():
            if self._feed.is_selected(raw.stream):
                self._gather(raw.stream, (raw.time,), (line,))

    def _gather(self, stream: int, times: Sequence[int], lines: Sequence[int]) -> None:
        if self._order == "grouped" or (self._order == "arrival" and self._entries is None):
            self._append(stream, lines)
            return
        run = self._runs.setdefault(stream if self._order == "time" else 0, [])
        latest = run[-1][0] if run and self._order == "time" else 0
        for moment, line in zip(times, lines, strict=True):
            # Within a stream the order is that of its lines, whatever its clock says.
            latest = max(latest, moment) if self._order == "time" else line
            run.append((latest, stream, line))

    def _start_merge(self) -> Iterator[Key]:
        """Everything that was gathered, the last first."""
        entries = list(self._entries.in_order()) if self._entries is not None else []
        if self._order == "grouped":
            if entries:
                self.rows.part(ENTRIES).append(packed_rows(number)[0] for _, number in entries)
            return iter(())
        runs = [run for run in self._runs.values() if run]
        self._runs = {}
        if self._order == "time":
            if runs:
                self.merge.follows(max(run[-1] for run in runs))
            runs.append([(moment, ENTRIES, number) for moment, number in entries])
            return heapq.merge(*map(reversed, runs), reverse=True)
        return self._with_entries(runs[0] if runs else [], entries)

    def _with_entries(self, run: list[Key], entries: list[tuple[int, int]]) -> Iterator[Key]:
        """Lines as they came, the last first; entries by the times of the lines around them."""
        ring = self._feed.ring
        for _, stream, line in reversed(run):
            if entries and line >= ring.first and entries[-1][0] >= ring[line].time:
                moment, number = entries.pop()
                yield moment, ENTRIES, number
            yield line, stream, line
        for moment, number in reversed(entries):
            yield moment, ENTRIES, number

    # -- what comes later ---------------------------------------------------------------------

    def take_up(self, until: float, now: float, wall: int) -> Iterator[Added]:
        """Takes what is new in the ring; what is released is in `rows` when it is told.

        Args:
            until: A moment of `time.perf_counter`.
            now: The monotonic clock.
            wall: Nanoseconds since the epoch.
        """
        ring = self._feed.ring
        self._seen = max(self._seen, ring.first)
        if self._order == "time" and ring.end - self._seen > _MOST_BEHIND:
            yield from self._catch_up(until)
        while self._seen < ring.end:
            if self._order == "time":
                self.merge.add(self._blocks(), now, wall)
            else:
                for stream, _, lines in self._blocks():
                    yield self._append(stream, lines)
            if time.perf_counter() > until:
                break
        if len(self.merge):
            late, ready = self.merge.take(now)
            if len(late) > _MOST_INSERTED:
                if self.may_begin_again:
                    self.tangled = True
                    return
                self.unordered += len(late)
                yield self._append(0, [line for _, _, line in late])
                late = []
            for key in late:
                yield self._insert(key)
            if ready:
                yield self._append(0, [line for _, _, line in ready])

    def _catch_up(self, until: float) -> Iterator[Added]:
        """Shows lines as they came until so few are left that there is time to order them."""
        ring = self._feed.ring
        waiting = self.merge.give_all()
        if waiting:
            yield self._append(0, [line for _, _, line in waiting])
        while ring.end - self._seen > _MOST_BEHIND // 2 and time.perf_counter() < until:
            for _, _, lines in self._blocks():
                self.unordered += len(lines)
                yield self._append(0, lines)

    def add_entry(self, moment: int, number: int, now: float, wall: int) -> Added | None:
        """Takes an entry; gives what is shown of it now."""
        if self._order == "time":
            # A stream of its own: entries of many objects come in any order.
            self.merge.add([(number, (moment,), (number,))], now, wall)
            return None
        return self._append(ENTRIES, [number])

    def _append(self, stream: int, lines: Sequence[int]) -> Added:
        part = self.rows.part(stream)
        if isinstance(lines, range):
            part.append_lines(lines.start, lines.stop)
        else:
            part.append(first_rows(lines))
        return Added(stream if self.rows.grouped else 0, lines)

    def _insert(self, key: Key) -> Added:
        part, moment = self.rows.part(0), key[0]
        number = place_of(part, moment, self.time_of)
        row = packed_rows(key[2])[0]
        if number >= part.end:
            part.append((row,))
            return Added(0, (key[2],))
        before = unpacked(part.at(number))[0]
        part.insert(number, (row,))
        return Added(0, (key[2],), before)

    def time_of(self, line: int) -> int:
        """Nanoseconds of a line or an entry, 0 when it is held no more."""
        if is_entry(line):
            entry = self._entries.get(line) if self._entries is not None else None
            return entry.time if entry is not None else 0
        try:
            return self._feed.ring.time_of(line)
        except IndexError:
            return 0

    # -- the ring -----------------------------------------------------------------------------

    def _blocks(self) -> Iterator[Run]:
        """Takes one block from the ring, of the selected streams."""
        ring, start = self._feed.ring, self._seen
        block = ring.block(start, min(ring.end, start + _STEP))
        count = len(block.messages)
        self._seen = start + count
        streams = set(block.streams)
        if len(streams) == 1 and self._feed.is_selected(block.streams[0]):
            yield block.streams[0], block.times, range(start, start + count)
            return
        if self._order == "arrival" and all(map(self._feed.is_selected, streams)):
            yield 0, block.times, range(start, start + count)
            return
        shown = {stream for stream in streams if self._feed.is_selected(stream)}
        for stream, positions in groupby(range(count), key=block.streams.__getitem__):
            if stream in shown:
                chosen = list(positions)
                first, last = chosen[0], chosen[-1] + 1
                yield stream, block.times[first:last], range(start + first, start + last)


def place_of(part: Part, moment: int, time_of: TimeOf) -> int:
    """The number of the first row that is later than this moment."""
    return part.first + bisect_right(
        range(part.first, part.end),
        moment,
        key=lambda number: time_of(unpacked(part.at(number))[0]),
    )
