"""What a ring holds at one moment, to be read later and in another thread."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from k8stui.logs.quota import Line, RawBlock
from k8stui.logs.ring import RawLine, Ring


class HeldLines:
    """The lines of a ring, which goes on meanwhile; their texts are shared and not copied.

    Args:
        ring: With the lines. 100,000 of them are taken in some ten milliseconds.
    """

    def __init__(self, ring: Ring) -> None:
        self._first = ring.first
        self._kept: dict[int, Line] = ring.kept_lines()
        self._blocks: list[RawBlock] = []
        self._starts: list[int] = []
        start = ring.first
        while start < ring.end:
            block = ring.block(start, ring.end)
            self._starts.append(start)
            self._blocks.append(block)
            start += len(block.messages)
        self.end = start
        """One more than the index of the newest."""

    def streams(self) -> set[int]:
        """The streams that there are lines of."""
        found = {line[1] for line in self._kept.values()}
        return found.union(*(block.streams for block in self._blocks))

    def __getitem__(self, index: int) -> RawLine:
        """The line with this index. Raises IndexError where it was not held."""
        if not self._first <= index < self.end:
            line = self._kept.get(index)
            if line is None:
                raise IndexError(index)
            return RawLine(*line)
        number = bisect_right(self._starts, index) - 1
        block, offset = self._blocks[number], index - self._starts[number]
        return RawLine(
            block.times[offset], block.streams[offset], block.marks[offset], block.messages[offset]
        )

    def __iter__(self) -> Iterator[RawLine]:
        """All of them as they came, those that outlived their neighbours first."""
        for index in sorted(self._kept):
            if index < self._first:
                yield RawLine(*self._kept[index])
        for block in self._blocks:
            yield from map(RawLine, block.times, block.streams, block.marks, block.messages)
