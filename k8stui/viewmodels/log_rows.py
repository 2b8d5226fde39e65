"""Which lines are shown, in which order, as numbers that keep their meaning while lists grow."""

from __future__ import annotations

from array import array
from bisect import insort
from collections.abc import Container, Iterable, Iterator, Sequence

_SUB_BITS = 12
_PIECE = 2048
MOST_SUB_LINES = 1 << _SUB_BITS
ENTRY_END = -(1 << 40)
"""Numbers below are of entries, those from here on of lines in the ring (which may be negative)."""
_ENTRY_ROWS = ENTRY_END << _SUB_BITS


def is_entry(line: int) -> bool:
    """Whether this is the number of an entry and not the index of a log line."""
    return line < ENTRY_END


def unpacked(packed: int) -> tuple[int, int]:
    """(line or entry, row within it) of a packed row."""
    return packed >> _SUB_BITS, packed & (MOST_SUB_LINES - 1)


def first_row(line: int) -> int:
    """The packed first row of a line."""
    return line << _SUB_BITS


def first_rows(lines: Iterable[int]) -> list[int]:
    """The packed first rows of these lines."""
    return [line << _SUB_BITS for line in lines]


def lines_of(rows: Iterable[int]) -> list[int]:
    """The line or entry of each of these packed rows."""
    return [row >> _SUB_BITS for row in rows]


def packed_rows(line: int, count: int = 1) -> range:
    """The packed rows of a line that takes so many."""
    first = line << _SUB_BITS
    return range(first, first + min(count, MOST_SUB_LINES))


class Part:
    """A list of packed rows that grows at both ends; the oldest go."""

    __slots__ = ("_back", "_front", "_offset", "first")

    def __init__(self, first: int = 0) -> None:
        self.first = first
        """The number of the oldest row; rows put before it get lower numbers."""
        self._front = array("q")
        """What was put before, turned round."""
        self._back = array("q")
        self._offset = 0

    def __len__(self) -> int:
        return len(self._front) + len(self._back) - self._offset

    @property
    def end(self) -> int:
        """The number behind the newest row."""
        return self.first + len(self)

    def at(self, number: int) -> int:
        """The packed row. Raises IndexError for one that isn't held."""
        position = number - self.first
        if not 0 <= position < len(self):
            raise IndexError(number)
        front = len(self._front)
        if position < front:
            return self._front[front - 1 - position]
        return self._back[position - front + self._offset]

    def between(self, start: int, end: int) -> list[int]:
        """The packed rows from number `start` up to before `end`."""
        begin, stop = max(0, start - self.first), min(len(self), end - self.first)
        front = len(self._front)
        rows: list[int] = []
        if begin < min(stop, front):
            rows = list(self._front[front - min(stop, front) : front - begin])
            rows.reverse()
        if stop > front:
            shift = self._offset - front
            rows += self._back[max(begin, front) + shift : stop + shift]
        return rows

    def append(self, rows: Iterable[int]) -> None:
        """Adds packed rows behind the newest."""
        self._back.extend(rows)

    def append_lines(self, start: int, end: int) -> None:
        """Adds all lines from `start` up to before `end`, a row each."""
        self._back.extend(array("q", range(start << _SUB_BITS, end << _SUB_BITS, MOST_SUB_LINES)))

    def prepend(self, rows: Sequence[int]) -> None:
        """Adds packed rows (in their order) before the oldest."""
        if not rows:
            return
        del self._back[: self._offset]
        self._offset = 0
        self._front.extend(reversed(rows))
        self.first -= len(rows)

    def insert(self, number: int, rows: Sequence[int]) -> None:
        """Puts rows before the one with this number; those from there on get higher numbers."""
        position, front = number - self.first, len(self._front)
        if position < front:
            at = front - position
            self._front[at:at] = array("q", reversed(rows))
        else:
            at = position - front + self._offset
            self._back[at:at] = array("q", rows)

    def evict(self, first_line: int, outlived: Container[int]) -> bool:
        """Drops the oldest rows whose lines are not held any more.

        Entries go together with the log lines that stand behind them. Rows that stay while others
        around them go are put together before the rest, which keeps its numbers.

        Args:
            first_line: The oldest line that is held.
            outlived: The lines before it that can still be read.

        Returns:
            Whether any went.
        """
        oldest, gone, passed = first_line << _SUB_BITS, 0, 0
        kept: list[int] = []
        waiting: list[int] = []
        for position, row in enumerate(self._from_first()):
            if row >= oldest:
                break
            if row < _ENTRY_ROWS:
                waiting.append(row)
                continue
            passed = position + 1
            if row >> _SUB_BITS in outlived:
                kept += [*waiting, row]
            else:
                gone += 1 + len(waiting)
            if waiting:
                waiting.clear()
        if gone:
            self._drop(passed)
            self.prepend(kept)
        return gone > 0

    def _from_first(self) -> Iterator[int]:
        """The packed rows from the oldest on; a piece at a time is taken out of the lists."""
        for start in range(self.first, self.end, _PIECE):
            yield from self.between(start, start + _PIECE)

    def _drop(self, gone: int) -> None:
        front = min(gone, len(self._front))
        if front:
            del self._front[len(self._front) - front :]
        self._offset += gone - front
        self.first += gone
        if self._offset > 4096 and self._offset * 2 > len(self._back):
            del self._back[: self._offset]
            self._offset = 0

    def find(self, row: int) -> int | None:
        """The number of this packed row, None when it isn't among them."""
        back = self._back
        try:
            return self.first + len(self._front) + back.index(row, self._offset) - self._offset
        except ValueError:
            pass
        try:
            return self.first + len(self._front) - 1 - self._front.index(row)
        except ValueError:
            return None


class Rows:
    """Packed rows in one part, or in one part for each stream, one behind the other.

    Args:
        first: The number of the first row that is put there.
        grouped: One part for each stream; numbers then move when another part grows.
    """

    def __init__(self, first: int = 0, *, grouped: bool = False) -> None:
        self.grouped = grouped
        self.parts: dict[int, Part] = {} if grouped else {0: Part(first)}
        self._keys: list[int] = [] if grouped else [0]

    def __len__(self) -> int:
        return sum(map(len, self.parts.values())) if self.grouped else len(self.parts[0])

    @property
    def first(self) -> int:
        """The number of the first row."""
        return 0 if self.grouped else self.parts[0].first

    @property
    def end(self) -> int:
        """The number behind the last row."""
        return self.first + len(self)

    def part(self, stream: int) -> Part:
        """The part that the lines of this stream are in."""
        if not self.grouped:
            return self.parts[0]
        part = self.parts.get(stream)
        if part is None:
            part = self.parts[stream] = Part()
            insort(self._keys, stream)
        return part

    def backwards(self) -> Iterator[tuple[int, Part]]:
        """(stream or 0, part), the last part first."""
        return ((key, self.parts[key]) for key in reversed(self._keys))

    def located(self) -> Iterator[tuple[int, Part]]:
        """(number of the part's first row, part), the first part first."""
        number = self.first
        for key in self._keys:
            yield number, self.parts[key]
            number += len(self.parts[key])

    def at(self, number: int) -> tuple[int, int]:
        """(line, row within the line). Raises IndexError for a row that isn't held."""
        for first, part in self.located():
            if number < first + len(part):
                return unpacked(part.at(number - first + part.first))
        raise IndexError(number)

    def between(self, start: int, end: int) -> list[int]:
        """The packed rows from number `start` up to before `end`."""
        rows: list[int] = []
        for first, part in self.located():
            if first < end and first + len(part) > start:
                shift = part.first - first
                rows += part.between(max(start, first) + shift, end + shift)
        return rows

    def find(self, row: int) -> int | None:
        """The number of this packed row, None when it isn't among them."""
        for first, part in self.located():
            found = part.find(row)
            if found is not None:
                return found - part.first + first
        return None

    def evict(self, first_line: int, outlived: Container[int]) -> bool:
        """Drops rows whose lines are not held any more, as `Part`; True when there were some."""
        gone = [part.evict(first_line, outlived) for part in self.parts.values()]
        return any(gone)
