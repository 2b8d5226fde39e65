"""The last lines of quiet streams, so that a noisy one can't push them out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, KeysView, Sequence
from typing import NamedTuple

Line = tuple[int, int, int, bytes]
"""Time, stream, mark and message."""
_MOST_BYTES = 8 << 20
_LONGEST = 4096
"""A longer line is not kept: the quota is for the words of quiet streams."""


class RawBlock(NamedTuple):
    """Neighbouring lines, by what they have."""

    times: Sequence[int]
    streams: Sequence[int]
    marks: Sequence[int]
    messages: Sequence[bytes]


class KeptLines:
    """Lines that left the ring, as long as they are among the newest of their stream.

    Args:
        quota: How many lines of each stream are safe, those in the ring included.
    """

    def __init__(self, quota: int) -> None:
        self._quota = quota
        self._inside: Counter[int] = Counter()
        """Lines of each stream in the ring."""
        self._lines: dict[int, deque[tuple[int, Line]]] = {}
        self._at: dict[int, Line] = {}
        self._size = 0

    def came(self, stream: int, count: int) -> None:
        """So many lines of the stream were added to the ring."""
        self._inside[stream] += count
        kept = self._lines.get(stream)
        while kept and len(kept) + self._inside[stream] > self._quota:
            self._forget(kept)

    def count(self, streams: Sequence[int]) -> None:
        """Older lines of these streams were put into the ring."""
        self._inside.update(streams)

    @property
    def indexes(self) -> KeysView[int]:
        """The indexes of the lines that are kept."""
        return self._at.keys()

    def went(self, first: int, lines: RawBlock) -> None:
        """These lines leave the ring; `first` is the index of the first one."""
        passed: dict[int, int] = {}
        for stream, count in Counter(lines.streams).items():
            inside = self._inside[stream]
            self._inside[stream] = inside - count
            if inside - count < self._quota:
                # So many of them have enough lines of their stream behind them.
                passed[stream] = max(0, inside - self._quota)
        if passed:
            for index, line in enumerate(
                zip(lines.times, lines.streams, lines.marks, lines.messages, strict=True), first
            ):
                left = passed.get(line[1])
                if left == 0:
                    self._keep(index, line)
                elif left is not None:
                    passed[line[1]] = left - 1

    def _keep(self, index: int, line: Line) -> None:
        stream = line[1]
        kept = self._lines.setdefault(stream, deque())
        if len(line[3]) > _LONGEST:
            # What is kept has no holes: it is the stream's end up to where the ring begins.
            while kept:
                self._forget(kept)
            return
        kept.append((index, line))
        self._at[index] = line
        self._size += len(line[3])
        if self._size > _MOST_BYTES:
            self._forget(max(self._lines.values(), key=len))

    def _forget(self, kept: deque[tuple[int, Line]]) -> None:
        index, line = kept.popleft()
        del self._at[index]
        self._size -= len(line[3])

    def get(self, index: int) -> Line | None:
        """The line with this index, None when it is not kept."""
        return self._at.get(index)

    def lines(self) -> dict[int, Line]:
        """All that is kept, by index, as it is now."""
        return dict(self._at)

    def indexes_of(self, stream: int) -> list[int]:
        """The indexes of the lines that are kept of this stream, oldest first."""
        return [index for index, _ in self._lines.get(stream, ())]

    def streams(self) -> Iterator[Iterable[tuple[int, Line]]]:
        """(index, line) of what is kept, each stream for itself."""
        return iter(list(self._lines.values()))

    def release(self) -> None:
        """Forgets what is kept."""
        self._lines.clear()
        self._at.clear()
        self._size = 0

    def clear(self) -> None:
        """Forgets everything, what is in the ring too."""
        self._inside.clear()
        self.release()
