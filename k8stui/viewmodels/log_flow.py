"""From the ring to the rows that are shown: in order, filtered, in slices of a few milliseconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from k8stui.logs.feed import LogFeed
from k8stui.logs.patterns import Pattern
from k8stui.logs.skew import NOTABLE_SECONDS
from k8stui.logs.stamps import NANOSECONDS
from k8stui.viewmodels.log_entries import Entries
from k8stui.viewmodels.log_matches import Matches
from k8stui.viewmodels.log_merge import TimeMerge
from k8stui.viewmodels.log_order import Added, LineOrder, place_of
from k8stui.viewmodels.log_pace import Pace
from k8stui.viewmodels.log_rows import Part, Rows, first_rows, is_entry, lines_of, packed_rows
from k8stui.viewmodels.log_sieve import Batch, Sieve, read_batch
from k8stui.viewmodels.log_text import Shown, row_count

_STEP = 1024
_SPREAD_STEP = 256
"""Lines that are looked at in one go where each has to be spread out."""
_BUDGET_SECONDS = 0.012
"""How long one turn may take; what is left is done in the next."""
_TAKING_UP_SECONDS = 0.006
"""The same for lines that arrive, which go on for ever: keys come between two turns."""
_REST = 10.0
"""How many times as long as it took to put all in order nothing is put in order anew.

Where lines come faster than that is done, it would otherwise go on for ever and show nothing.
"""


class LogFlow:
    """Keeps the rows equal to what the ring holds and the user wants to see.

    Args:
        feed: The engine.
        shown: What is shown.
        clock: A monotonic clock in seconds.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        feed: LogFeed,
        shown: Shown,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.shown = shown
        self.generation = 0
        """Grows when indexes mean other lines than before: the widget's `source_replaced`."""
        self.paused = False
        self.missed = 0
        """Lines that were evicted before they could be shown, while paused."""
        self.entries = Entries()
        self._feed = feed
        self._clock = clock
        self._wall = wall
        self._version = 0
        self._feed_generation = feed.generation
        self._evicted = feed.ring.first
        self._prepended = feed.ring.prepended
        self._rows = Rows()
        self._filling: list[tuple[int, Part, int]] = []
        """(stream or 0, part of the order, number up to which it is to be looked at)."""
        self._matches = Matches(feed.ring, self.entries, ())
        self._began = self._rests_until = 0.0
        self._pace = Pace(_STEP)
        self._unsifted: deque[Added] = deque()
        """Lines that came into the order, at which neither filter nor search has looked yet."""
        self._live_pace = Pace(_STEP)
        self._order = self._new_order()
        self._sieve = self._new_sieve()

    @property
    def feed(self) -> LogFeed:
        """Where the lines come from."""
        return self._feed

    @property
    def filling(self) -> bool:
        """Whether older lines are still being looked at."""
        ring = self._feed.ring
        # Where nothing is held there is nothing to be put in order either.
        return bool(self._filling) or (not self._order.built and ring.end > ring.first)

    @property
    def unordered(self) -> int:
        """How many lines stand behind later ones, because too many came at once."""
        return self._order.unordered

    @property
    def behind_by(self) -> float:
        """Seconds from the newest line that is shown to the newest there is.

        0 in a pause, and where it is not more than two seconds.
        """
        ring, seen = self._feed.ring, self._order.seen
        if self._unsifted:
            seen = min(seen, self._unsifted[0].lines[0] + 1)
        if self.paused or not (self._order.built and ring.first < seen < ring.end):
            return 0.0
        late = (ring[ring.end - 1].time - ring[seen - 1].time) / NANOSECONDS
        return late if late > NOTABLE_SECONDS else 0.0

    def _new_order(self) -> LineOrder:
        self._began = self._clock()
        entries = self.entries if self.shown.timeline or len(self.entries) else None
        merge = TimeMerge(self.shown.hold_back)
        return LineOrder(self._feed, entries, self.shown.order, merge)

    def _new_sieve(self) -> Sieve:
        shown = self.shown
        return Sieve(shown.include, shown.exclude, shown.around)

    def _new_pace(self) -> Pace:
        return Pace(_SPREAD_STEP if self.shown.form == "pretty" else _STEP)

    def _new_matches(self) -> Matches:
        matches = Matches(self._feed.ring, self.entries, needles(self.shown))
        matches.look_at(self._rows)
        return matches

    def _start_again(self) -> None:
        """Puts all that is held in order; what is on the screen stays until that is done."""
        if not self.shown.timeline:
            self.entries.clear("event", "change")
        self._order = self._new_order()
        self._filling = []
        self._unsifted.clear()

    def _sift_again(self) -> None:
        """Looks at all lines with another filter, the newest first."""
        self._sieve = self._new_sieve()
        self._pace, self._live_pace = self._new_pace(), self._new_pace()
        self._unsifted.clear()
        self.generation += 1
        self._version += 1
        if not self._order.built:
            return
        order = self._order.rows
        if not self._sieve and self.shown.form != "pretty":
            self._rows, self._filling = order, []
        else:
            self._rows = Rows(order.end, grouped=order.grouped)
            self._filling = [(key, part, part.end) for key, part in order.backwards() if len(part)]
        self._matches = self._new_matches()

    def advance(self) -> bool:
        """Works for one turn; True when there is more to do."""
        began = time.perf_counter()
        until = began + _BUDGET_SECONDS
        ring = self._feed.ring
        if (self._feed_generation, self._prepended) != (self._feed.generation, ring.prepended):
            self._feed_generation, self._prepended = self._feed.generation, ring.prepended
            self._start_again()
        if self._order.built and self.paused:
            self.missed += self._order.skip_gone()
        if not self._order.built:
            self._version += 1
            if self._order.build(until):
                now = self._clock()
                self._rests_until = now + _REST * (now - self._began)
                self._sift_again()
        elif self._unsifted:
            self._sift(began + _TAKING_UP_SECONDS)
        elif not self.paused:
            self._take_up(began + _TAKING_UP_SECONDS)
        self._pace.work(lambda: self._filling, self._fill, until)
        if self._matches.behind and time.perf_counter() < until:
            self._matches.scan(until)
            self._version += 1
        self._evict()
        behind = self._order.behind and not self.paused
        return behind or bool(self._filling or self._unsifted) or self._matches.behind

    def _take_up(self, until: float) -> None:
        order = self._order
        order.may_begin_again = self._clock() >= self._rests_until
        for added in order.take_up(until, self._clock(), int(self._wall() * NANOSECONDS)):
            self._take(added, until)
        settled = order.may_begin_again and not order.behind
        if order.tangled or (order.unordered and settled):
            self._start_again()

    def _evict(self) -> None:
        first, before = self._feed.ring.first, self._rows.first
        if first == self._evicted:
            return
        self._evicted = first
        outlived = self._feed.ring.outlived
        gone = self._rows.evict(first, outlived)
        if self._rows is not self._order.rows:
            self._order.rows.evict(first, outlived)
        if gone:
            self._version += 1
            # Lines that outlive their neighbours change their numbers.
            stayed = self._rows.first == before or not self._is_after(first)
            if self._rows.grouped or stayed:
                self.generation += 1
                self._matches.moved()
        self._matches.evict(first)

    def _is_after(self, line: int) -> bool:
        """Whether the first row is of this line or a later one, or of none."""
        if not len(self._rows):
            return True
        found = self._rows.at(self._rows.first)[0]
        return is_entry(found) or found >= line

    def _take(self, added: Added, until: float) -> None:
        """Shows of these lines what the filter lets through, as far as there is time for it.

        Args:
            added: The lines.
            until: A moment of `time.perf_counter`; what is left then is for the next turns.
        """
        self._version += 1
        if self._rows is self._order.rows:
            # Numbers behind the place move.
            if self._rows.grouped or added.before is not None:
                self.generation += 1
                self._matches.moved()
            if not self._matches:
                return
        self._unsifted.append(added)
        self._sift(until)

    def _sift(self, until: float) -> None:
        """Looks at lines that came, so many at once that keys need not wait for the filter."""
        self._live_pace.work(lambda: self._unsifted, self._sift_some, until)

    def _sift_some(self, most: int) -> int:
        part, lines, place = self._unsifted.popleft()
        if len(lines) > most:
            self._unsifted.appendleft(Added(part, lines[most:], place))
        self._show_added(Added(part, lines[:most], place))
        return min(len(lines), most)

    def _show_added(self, added: Added) -> None:
        self._version += 1
        batch = read_batch(self._feed.ring, self.entries, added.lines)
        if self._rows is self._order.rows:
            self._matches.note(batch)
            return
        moved = self._rows.grouped or added.before is not None
        if moved:
            self._matches.moved()
        if added.before is None:
            kept = self._sieve.keep(batch, (added.part, "down"))
            self._rows.part(added.part).append(self._packed(kept, batch))
        else:
            kept = self._sieve.keep(batch, "late")
            self._insert(kept, batch)
        self.generation += moved and bool(kept)
        self._note(batch, kept)

    def _note(self, batch: Batch, kept: Sequence[int]) -> None:
        """Looks for what `n` goes to, where the filter has not looked for the same already."""
        same = self._matches.patterns == self._sieve.include
        self._matches.note(batch, kept, self._sieve.hits if same else None)

    def _insert(self, kept: Sequence[int], batch: Batch) -> None:
        part = self._rows.part(0)
        for line in kept:
            number = place_of(part, self._order.time_of(line), self._order.time_of)
            part.insert(number, self._packed((line,), batch))

    def _fill(self, most: int) -> int:
        """Looks at the newest lines that the filter has not seen yet; how many these were."""
        key, part, end = self._filling[0]
        start = max(part.first, end - most)
        lines = lines_of(part.between(start, end))
        lines.reverse()
        if start <= part.first:
            self._filling.pop(0)
        else:
            self._filling[0] = (key, part, start)
        # Whole blocks are read faster, but lines in the order of time may stand in any order.
        block = range(lines[-1], lines[0] + 1) if lines else range(0)
        together = len(lines) == len(block) and lines == list(reversed(block))
        if together and block.start >= self._feed.ring.first:
            batch = read_batch(self._feed.ring, self.entries, block).turned()
        else:
            batch = read_batch(self._feed.ring, self.entries, lines)
        kept = self._sieve.keep(batch, (key, "up"))
        if kept:
            kept.reverse()
            self._rows.part(key).prepend(self._packed(kept, batch))
            self.generation += self._rows.grouped
        self._matches.moved()
        self._note(batch, kept)
        self._version += 1
        return len(lines)

    def _packed(self, lines: Sequence[int], batch: Batch) -> list[int]:
        """The rows that these lines take."""
        if self.shown.form != "pretty":
            return first_rows(lines)
        texts = dict(zip(batch.lines, batch.texts, strict=True))
        rows: list[int] = []
        for line in lines:
            text = texts.get(line, b"") if not is_entry(line) else b""
            rows += packed_rows(line, row_count(text, "pretty"))
        return rows


def sifted(shown: Shown) -> tuple[object, ...]:
    """What of it decides which lines are shown."""
    return shown.include, shown.exclude, shown.around, shown.form == "pretty"


def needles(shown: Shown) -> tuple[Pattern, ...]:
    """What `n` goes to: what is highlighted, else what the filter found among other lines."""
    return shown.highlight or (shown.include if shown.around != 0 else ())
