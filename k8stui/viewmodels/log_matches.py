"""Which of the shown lines hold what is looked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import Ring
from k8stui.viewmodels.log_entries import Entries
from k8stui.viewmodels.log_pace import Pace
from k8stui.viewmodels.log_rows import Rows, first_row, first_rows, is_entry, lines_of, unpacked
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
        self.patterns = tuple(patterns)
        self._found: set[int] = set()
        """The first row of each line that matches."""
        self._first = ring.first
        self._to_scan: list[int] = []
        self._pace = Pace(_STEP)
        self._ranked: tuple[int, int] | None = None
        """(row, its rank): the one that is asked for again and again as lines come."""

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def behind(self) -> bool:
        """Whether there are lines that were not looked at."""
        return bool(self._to_scan)

    def look_at(self, rows: Rows) -> None:
        """All these rows are to be looked at, the newest first."""
        self._to_scan = rows.between(rows.first, rows.end) if self.patterns else []

    def scan(self, until: float) -> None:
        """Looks at rows until this moment of `time.perf_counter`."""
        self.moved()
        self._pace.work(lambda: self._to_scan, self._scan_some, until)

    def _scan_some(self, most: int) -> int:
        lines = sorted(set(lines_of(self._to_scan[-most:])))
        del self._to_scan[-most:]
        self.note(read_batch(self._ring, self._entries, lines))
        return len(lines)

    def note(
        self, batch: Batch, kept: Collection[int] | None = None, hits: set[int] | None = None
    ) -> None:
        """Looks at lines that are shown.

        Args:
            batch: The lines.
            kept: Those of them that are shown, maybe with some that were held back until
                something was found near them; None for all.
            hits: The positions of those with a match, where they were found already: what was
                held back has none then.
        """
        if not self.patterns:
            return
        at_hand = hits_of(batch, self.patterns) if hits is None else hits
        found = [batch.lines[at] for at in at_hand]
        if kept is not None:
            shown = set(kept)
            held = shown.difference(batch.lines) if hits is None else None
            if held:
                self.note(read_batch(self._ring, self._entries, sorted(held)))
            found = list(shown.intersection(found))
        self._found.update(first_rows(found))

    def moved(self) -> None:
        """Lines came, or were looked at, that don't stand behind all others."""
        self._ranked = None

    def evict(self, first: int) -> None:
        """Forgets lines before this ring index."""
        before = len(self._found)
        if self._found and first > self._first:
            if first - self._first < len(self._found):
                self._found.difference_update(first_rows(range(self._first, first)))
            else:
                oldest = first_row(first)
                self._found = {
                    row for row in self._found if row >= oldest or is_entry(unpacked(row)[0])
                }
        self._first = first
        if self._ranked is not None:
            row, rank = self._ranked
            self._ranked = (row, max(1, rank - (before - len(self._found))))

    def next(self, rows: Rows, index: int, *, backwards: bool = False) -> int | None:
        """The next row behind (or before) this one that matches, round the end too."""
        if not self._found:
            return None
        first, end = rows.first, rows.end
        ranges = (range(index + 1, end), range(first, min(index + 1, end)))
        if backwards:
            ranges = (range(first, index)[::-1], range(max(index, first), end)[::-1])
        for numbers in ranges:
            for at in range(0, len(numbers), _STEP):
                piece = numbers[at : at + _STEP]
                found = rows.between(min(piece), max(piece) + 1)
                for number, row in zip(piece, reversed(found) if backwards else found, strict=True):
                    if row in self._found:
                        return number
        return None

    def rank(self, rows: Rows, index: int) -> int:
        """1 for the first row that matches; 0 for one that doesn't."""
        if self._ranked is not None and self._ranked[0] == index:
            return self._ranked[1]
        seen = rows.between(rows.first, index + 1) if rows.first <= index < rows.end else []
        if not seen or seen[-1] not in self._found:
            return 0
        # Not row by row: where many lines are held that would take longer than a frame.
        rank = sum(map(self._found.__contains__, seen))
        self._ranked = (index, rank)
        return rank
