"""Which of the shown lines hold what is looked for."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import Ring
from k8stui.viewmodels.log_entries import Entries
from k8stui.viewmodels.log_rows import Rows, is_entry, unpacked
from k8stui.viewmodels.log_sieve import Batch, hits_of, read_batch

_STEP = 1024


class Matches:
    """Lines with a match, found as they are shown, or bit by bit among those that are.

    Args:
        patterns: One of them must be found; without any, nothing matches.
    """

    def __init__(self, ring: Ring, entries: Entries, patterns: Sequence[Pattern]) -> None:
        self._ring = ring
        self._entries = entries
        self._patterns = tuple(patterns)
        self._lines: set[int] = set()
        self._first = ring.first
        self._to_scan: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def behind(self) -> bool:
        """Whether there are lines that were not looked at."""
        return bool(self._to_scan)

    def look_at(self, rows: Rows) -> None:
        """All these rows are to be looked at, the newest first."""
        self._to_scan = rows.between(rows.first, rows.end) if self._patterns else []

    def scan(self, _rows: Rows, until: float) -> None:
        """Looks at rows until this moment of `time.perf_counter`."""
        while self._to_scan and time.perf_counter() < until:
            lines = sorted({unpacked(row)[0] for row in self._to_scan[-_STEP:]})
            del self._to_scan[-_STEP:]
            self.note(read_batch(self._ring, self._entries, lines))

    def note(self, batch: Batch, kept: Collection[int] | None = None) -> None:
        """Looks at lines that are shown; `kept` are those of the batch that are."""
        if not self._patterns:
            return
        hits = {batch.lines[at] for at in hits_of(batch, self._patterns)}
        if kept is not None:
            hits &= set(kept)
            # A line that was held back until something was found near it.
            held = set(kept).difference(batch.lines)
            if held:
                self.note(read_batch(self._ring, self._entries, sorted(held)))
        self._lines |= hits

    def evict(self, first: int) -> None:
        """Forgets lines before this ring index."""
        if self._lines and first > self._first:
            if first - self._first < len(self._lines):
                self._lines.difference_update(range(self._first, first))
            else:
                self._lines = {line for line in self._lines if is_entry(line) or line >= first}
        self._first = first

    def next(self, rows: Rows, index: int, *, backwards: bool = False) -> int | None:
        """The next row behind (or before) this one that matches, round the end too."""
        if not self._lines:
            return None
        first, end = rows.first, rows.end
        ranges = ((index + 1, end), (first, index + 1))
        if backwards:
            ranges = ((first, index), (index, end))
        for start, stop in ranges:
            found = [
                number
                for number, row in enumerate(rows.between(start, stop), max(start, first))
                if self._matches(row)
            ]
            if found:
                return found[-1] if backwards else found[0]
        return None

    def _matches(self, row: int) -> bool:
        line, sub = unpacked(row)
        return sub == 0 and line in self._lines

    def rank(self, rows: Rows, index: int) -> int:
        """1 for the first row that matches; 0 for one that doesn't."""
        if not first_row_matches(rows, index, self._lines):
            return 0
        return sum(map(self._matches, rows.between(rows.first, index + 1)))


def first_row_matches(rows: Rows, index: int, lines: Collection[int]) -> bool:
    """Whether the line of this row is among the lines."""
    try:
        return rows.at(index)[0] in lines
    except IndexError:
        return False
