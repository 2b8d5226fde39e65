"""The logs of a selection as a screen shows them: filtered, ordered, put into a form to be read.

Nothing here asks the cluster: all is done over what the ring holds, in slices of a few
milliseconds, the newest lines first.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

from k8stui.logs.feed import LogFeed, StreamName
from k8stui.logs.held_lines import HeldLines
from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import RawLine
from k8stui.logs.stamps import NANOSECONDS
from k8stui.resources.record import Tone
from k8stui.viewmodels.log_entries import Entry, EntryKind
from k8stui.viewmodels.log_flow import LogFlow, needles, sifted
from k8stui.viewmodels.log_order import place_of
from k8stui.viewmodels.log_rows import is_entry, lines_of, packed_rows, unpacked
from k8stui.viewmodels.log_source import Anchor, LogLine
from k8stui.viewmodels.log_text import LineWriter, Shown, Times

_PIECE = 1024
_TURN_SECONDS = 0.004
"""Between two turns: keys and other panes have their say."""


class LogPane(LogFlow):
    """A `LogSource` over an engine.

    Args:
        feed: The engine.
        shown: What is shown at first.
        clock: A monotonic clock in seconds.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        feed: LogFeed,
        shown: Shown | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(feed, shown or Shown(), clock, wall)
        self.look = 0
        """Grows when the user chose to see other lines, or to see them in another way."""
        self._writer = LineWriter(feed, self.shown, wall)
        self._changed: Callable[[], None] | None = None

    # -- what the widget asks -----------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows whenever lines arrived or were evicted; works for a turn."""
        self.advance()
        return self._version

    @property
    def first_index(self) -> int:
        """The index of the oldest line that is held."""
        return self._rows.first

    @property
    def line_count(self) -> int:
        """How many rows are held."""
        return len(self._rows)

    def line(self, index: int) -> LogLine:
        """The line at this index. Raises IndexError when it isn't held."""
        position, sub = self._rows.at(index)
        gone = LogLine("(no longer held)", kind="notice", tone=Tone.MUTED)
        if is_entry(position):
            entry = self.entries.get(position)
            return gone if entry is None else self._writer.entry_line(entry)
        try:
            raw = self._feed.ring[position]
        except IndexError:
            return gone
        return self._writer.log_line(raw, sub)

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when there may be something new to show; returns what ends that."""
        timers: set[asyncio.TimerHandle] = set()

        def again() -> None:
            timers.clear()
            changed()

        def changed() -> None:
            more = self.advance()
            callback()
            merge = self._order.merge
            if (more or len(merge)) and not timers:
                # What is due and stays, in a pause, is looked at now and then.
                wait = merge.wait(self._clock()) or merge.hold_back / 4
                delay = _TURN_SECONDS if more else max(_TURN_SECONDS, wait)
                timers.add(asyncio.get_running_loop().call_later(delay, again))

        unsubscribe = self._feed.subscribe(changed)
        self._changed = changed

        def end() -> None:
            unsubscribe()
            self._changed = None
            for timer in timers:
                timer.cancel()

        return end

    # -- what the user changes ----------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        """Changes what is shown, over the whole buffer."""
        before, self.shown = self.shown, shown
        if shown == before:
            return
        self._writer = LineWriter(self._feed, shown, self._wall)
        self.look += 1
        self.generation += 1
        self._version += 1
        if (shown.order, shown.timeline) != (before.order, before.timeline):
            self._start_again()
        elif sifted(shown) != sifted(before):
            self._sift_again()
        elif needles(shown) != needles(before):
            self._matches = self._new_matches()
        self.advance()
        if self._changed is not None:
            self._changed()

    def pause(self) -> None:
        """Holds new lines back; they stay in the buffer."""
        self.advance()
        self.paused = True

    def resume(self) -> None:
        """Shows what came meanwhile."""
        self.paused = False
        self._version += 1

    @property
    def waiting(self) -> int:
        """How many lines came since the pause began, before any filter."""
        return self._feed.ring.end - self._order.seen if self.paused else 0

    def add_entry(self, entry: Entry) -> None:
        """Puts something that is no log line among the lines, at its time."""
        number = self.entries.add(entry)
        if self._order.built and (self.shown.timeline or entry.kind == "mark"):
            wall = int(self._wall() * NANOSECONDS)
            added = self._order.add_entry(entry.time, number, self._clock(), wall)
            if added is not None:
                self._take(added, time.perf_counter() + _TURN_SECONDS)
            if self._changed is not None:
                self._changed()

    def forget_entries(self, *kinds: EntryKind) -> None:
        """Takes the entries of these kinds away: they were of another selection."""
        if len(self.entries):
            self.entries.clear(*kinds)
            self._start_again()
            if self._changed is not None:
                self._changed()

    # -- looking for something ----------------------------------------------------------------

    @property
    def searching(self) -> bool:
        """Whether there is anything that `n` could go to."""
        return bool(self._matches)

    @property
    def match_count(self) -> int:
        """How many lines hold what is highlighted, or what the filter finds among others."""
        return len(self._matches)

    def next_match(self, index: int, *, backwards: bool = False) -> int | None:
        """The next row behind (or before) this index that holds it, round the end too."""
        return self._matches.next(self._rows, index, backwards=backwards)

    def rank(self, index: int) -> int:
        """1 for the first line that matches, 0 for one that doesn't."""
        return self._matches.rank(self._rows, index)

    def find(self, pattern: Pattern, start: int, *, backwards: bool = False) -> int | None:
        """The next row from `start` on (included) whose text holds the pattern."""
        first, end = self._rows.first, self._rows.end
        numbers = range(min(start, end - 1), first - 1, -1) if backwards else range(start, end)
        for number in numbers:
            if number >= first and pattern.search(self.line(number).text):
                return number
        return None

    def index_at(self, seconds: float) -> int | None:
        """The first row whose time is not before this moment (epoch seconds), None if none is."""
        low = self._index_at(int(seconds * NANOSECONDS))
        return low if low < self._rows.end else None

    def _index_at(self, nanoseconds: int) -> int:
        """The number of the first row that is not before this moment, or the end."""
        if self.shown.order == "arrival":
            return self._first_at(nanoseconds)
        for first, part in self._rows.located():
            # A stream is nearly in the order of time: near enough to land at the right place.
            found = place_of(part, nanoseconds - 1, self._order.time_of)
            if found < part.end:
                return first + found - part.first
        return self._rows.end

    def _first_at(self, nanoseconds: int) -> int:
        """The same where a stream's past may stand behind the present of another."""
        ring, time_of = self._feed.ring, self._order.time_of
        first, end = self._rows.first, self._rows.end
        for start in range(first, end, _PIECE):
            lines = lines_of(self._rows.between(start, start + _PIECE))
            if lines[0] >= ring.first and lines[-1] - lines[0] == len(lines) - 1:
                latest = ring.latest(lines[0], lines[-1] + 1)
                if latest < nanoseconds:
                    continue
            for at, line in enumerate(lines, start):
                if time_of(line) >= nanoseconds:
                    return at
        return end

    def _time_at(self, number: int) -> int:
        return self._order.time_of(self._rows.at(number)[0])

    @property
    def span(self) -> tuple[int, int]:
        """Nanoseconds of the first and the last row, zeros where there are none."""
        if not len(self._rows):
            return 0, 0
        return self._time_at(self._rows.first), self._time_at(self._rows.end - 1)

    def anchor(self, index: int) -> Anchor | None:
        """Names a row whatever its index will be: its line and its time."""
        try:
            line, sub = self._rows.at(index)
        except IndexError:
            return None
        return packed_rows(line)[0] + sub, self._order.time_of(line)

    def locate(self, anchor: Anchor) -> tuple[int, bool]:
        """Where the row is now, else the nearest in time; and whether it is the row itself."""
        row, moment = anchor
        found = self._rows.find(row)
        if found is None:
            found = self._rows.find(packed_rows(unpacked(row)[0])[0])
        if found is not None:
            return found, True
        return min(self._index_at(moment), max(self._rows.first, self._rows.end - 1)), False

    def raw_line(self, index: int) -> RawLine:
        """The line at this row as it came, for a detail view, copying and saving.

        Raises:
            IndexError: the row is none of a log line, or its line is held no more.
        """
        line = self._rows.at(index)[0]
        if is_entry(line):
            raise IndexError(index)
        return self._feed.ring[line]

    def line_beside(self, index: int, by: int) -> int | None:
        """The first row of the line before (by -1) or behind (1) the one of this row."""
        try:
            here = self._rows.at(index)[0]
            while True:
                index += by
                line, sub = self._rows.at(index)
                if line != here and sub == 0:
                    return index
        except IndexError:
            return None

    def entry_at(self, index: int) -> Entry | None:
        """The entry at this row, None for a log line."""
        line = self._rows.at(index)[0]
        return self.entries.get(line) if is_entry(line) else None

    def writer(self) -> LineWriter:
        """Writes times and names as the lines on the screen have them."""
        return self._writer

    def held(self, *, all_lines: bool = False) -> Iterator[tuple[StreamName, RawLine]]:
        """What is shown, or all that is held, as it is now; may be read in another thread."""
        held = HeldLines(self._feed.ring)
        names = {stream: self._feed.name_of(stream) for stream in held.streams()}
        if all_lines:
            return ((names[line.stream], line) for line in held)
        rows = self._rows.between(self._rows.first, self._rows.end)
        return ((names[line.stream], line) for line in _lines_of_rows(held, rows))


def _lines_of_rows(held: HeldLines, rows: Iterable[int]) -> Iterator[RawLine]:
    for row in rows:
        line, sub = unpacked(row)
        if sub == 0 and not is_entry(line):
            with contextlib.suppress(IndexError):
                yield held[line]


__all__ = ["LogPane", "Shown", "Times"]
