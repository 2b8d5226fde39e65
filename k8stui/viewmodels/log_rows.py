"""Which lines of the ring are shown, in which order, as numbers that never change their meaning."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

_SUB_BITS = 12
MOST_SUB_LINES = 1 << _SUB_BITS


class Rows:
    """A growing list of (ring index, line within a line), from which the oldest go."""

    def __init__(self) -> None:
        self.first = 0
        """The number of the oldest row."""
        self._rows = array("q")
        self._offset = 0

    def __len__(self) -> int:
        return len(self._rows) - self._offset

    def at(self, number: int) -> tuple[int, int]:
        """(ring index, line within the line). Raises IndexError for a row that isn't held."""
        position = number - self.first
        if not 0 <= position < len(self):
            raise IndexError(number)
        packed = self._rows[position + self._offset]
        return packed >> _SUB_BITS, packed & (MOST_SUB_LINES - 1)

    def append_lines(self, indexes: Iterable[int]) -> None:
        """Adds lines that take one row each."""
        self._rows.extend(index << _SUB_BITS for index in indexes)

    def append_range(self, start: int, end: int) -> None:
        """Adds all lines from `start` up to before `end`."""
        self._rows.extend(array("q", range(start << _SUB_BITS, end << _SUB_BITS, MOST_SUB_LINES)))

    def append_split(self, index: int, count: int) -> None:
        """Adds a line that takes several rows."""
        packed = index << _SUB_BITS
        self._rows.extend(range(packed, packed + min(count, MOST_SUB_LINES)))

    def evict(self, first_index: int) -> None:
        """Drops the oldest rows whose lines the ring holds no more."""
        rows, offset = self._rows, self._offset
        oldest = first_index << _SUB_BITS
        while offset < len(rows) and rows[offset] < oldest:
            offset += 1
        self.first += offset - self._offset
        self._offset = offset
        if offset > 4096 and offset * 2 > len(rows):
            del rows[:offset]
            self._offset = 0

    def clear(self) -> None:
        """Forgets all rows; numbers go on."""
        self.first += len(self)
        self._rows = array("q")
        self._offset = 0
