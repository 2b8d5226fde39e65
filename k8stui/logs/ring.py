"""The buffer that all streams of a pane share: raw lines, bounded by count and by bytes."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Container, Iterator, Sequence
from heapq import merge
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from k8stui.logs.quota import KeptLines, Line, RawBlock

DEFAULT_LINES = 100_000
DEFAULT_BYTES = 64 << 20
_BLOCK = 1024
_OVERHEAD = 54
"""Bytes that a line costs beside its text: the object's head, its slot, time, stream and mark."""

LINE = 0
NOTICE = 1
DIVIDER = 2
UNSTAMPED = 4
"""A line that came without a timestamp, and has the time of the one before it."""
KIND_MASK = 3


class RawLine(NamedTuple):
    """One line as it came."""

    time: int
    """Nanoseconds since the epoch, by the node's clock; 0 when not known."""
    stream: int
    """The index of its stream."""
    mark: int
    """LINE, NOTICE or DIVIDER, and flags."""
    message: bytes


class _Block:
    __slots__ = ("marks", "messages", "streams", "times")

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.times = array("q")
        self.streams = array("i")
        self.marks = bytearray()


def _empty_block() -> _Block:
    """One whose places are all before the oldest line."""
    block = _Block()
    block.messages = [b""] * _BLOCK
    block.times = array("q", bytes(8 * _BLOCK))
    block.streams = array("i", [-1]) * _BLOCK
    block.marks = bytearray(_BLOCK)
    return block


def _line(block: _Block, offset: int) -> tuple[int, int, int, bytes]:
    return (
        block.times[offset],
        block.streams[offset],
        block.marks[offset],
        block.messages[offset],
    )


def _oldest(messages: Sequence[bytes], size: int) -> int:
    """How many of these lines take so many bytes; all of them where they take less."""
    taken = accumulate(len(message) + _OVERHEAD for message in messages)
    return next((count for count, sum_ in enumerate(taken, 1) if sum_ >= size), len(messages))


class Ring:
    """Lines by an index that never changes; the oldest go when there are too many.

    Args:
        lines: How many lines are held at most.
        size: How many bytes they may take, their fixed cost included.
        quota: How many of each stream's newest lines stay readable by their index when others
            have pushed them out; 0 for none.
    """

    def __init__(
        self, lines: int = DEFAULT_LINES, size: int = DEFAULT_BYTES, quota: int = 0
    ) -> None:
        self.limit_lines = lines
        self.limit_bytes = size
        self.first = 0
        """The index of the oldest line that is held."""
        self.end = 0
        """One more than the index of the newest."""
        self.size = 0
        """Bytes that the held lines take."""
        self.evicted = 0
        """How many lines had to go, since the last `clear`."""
        self.prepended = 0
        """How many lines were ever put before the oldest."""
        self._older_lines = 0
        self._older_bytes = 0
        self._blocks: deque[_Block] = deque()
        self._kept = KeptLines(quota) if quota else None

    def __len__(self) -> int:
        return self.end - self.first

    def append(self, stream: int, time: int, message: bytes, mark: int = LINE) -> None:
        """Adds one line."""
        self.extend(stream, (time,), (message,), (mark,))

    def extend(
        self,
        stream: int,
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int] | None = None,
    ) -> None:
        """Adds lines of one stream; `marks` None means that all are plain lines."""
        count, done = len(messages), 0
        while done < count:
            block = self._open_block()
            step = min(count - done, _BLOCK - len(block.messages))
            part = messages[done : done + step]
            block.messages.extend(part)
            block.times.extend(times[done : done + step])
            block.streams.extend([stream] * step)
            block.marks.extend(bytes(step) if marks is None else bytes(marks[done : done + step]))
            self.size += sum(map(len, part)) + _OVERHEAD * step
            self.end += step
            done += step
            if self._kept is not None:
                self._kept.came(stream, step)
            self._evict()

    def prepend(
        self,
        streams: Sequence[int],
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int],
    ) -> None:
        """Puts older lines, of any streams, before the oldest that is held.

        They get the indexes below `first`. The bounds grow by them until `drop_older`, at most
        to twice what they are: `room` says how many more lines are held.
        """
        left = len(messages)
        self.prepended += left
        self._older_lines = min(self._older_lines + left, self.limit_lines)
        size = sum(map(len, messages)) + _OVERHEAD * left
        self._older_bytes = min(self._older_bytes + size, self.limit_bytes)
        if self._kept is not None:
            self._kept.count(streams)
        while left:
            offset = self.first % _BLOCK
            if offset == 0:
                self._blocks.appendleft(_empty_block())
                offset = _BLOCK
            step = min(left, offset)
            block, into = self._blocks[0], slice(offset - step, offset)
            part = slice(left - step, left)
            block.messages[into] = messages[part]
            block.times[into] = array("q", times[part])
            block.streams[into] = array("i", streams[part])
            block.marks[into] = bytes(marks[part])
            self.first -= step
            left -= step
        self.size += size
        self._evict()

    def replace(self, index: int, time: int, message: bytes) -> None:
        """Puts the whole line in the place of a part of it; nothing where it is not held."""
        if not self.first <= index < self.end:
            return
        number, offset = divmod(index, _BLOCK)
        block = self._blocks[number - self.first // _BLOCK]
        self.size += len(message) - len(block.messages[offset])
        block.messages[offset], block.times[offset] = message, time

    @property
    def room(self) -> int:
        """How many older lines can still be put in front."""
        if self._older_bytes >= self.limit_bytes:
            return 0
        return self.limit_lines - self._older_lines

    def drop_older(self) -> None:
        """Goes back to the bounds as they were before older lines were put in front."""
        self._older_lines = self._older_bytes = 0
        self._evict()

    def _open_block(self) -> _Block:
        if not self._blocks or len(self._blocks[-1].messages) == _BLOCK:
            self._blocks.append(_Block())
        return self._blocks[-1]

    def _evict(self) -> None:
        too_many = len(self) - self.limit_lines - self._older_lines
        most = self.limit_bytes + self._older_bytes
        while self.end > self.first and (too_many > 0 or self.size > most):
            block, offset = self._blocks[0], self.first % _BLOCK
            if too_many > 0:
                count = min(too_many, len(block.messages) - offset)
            else:
                count = _oldest(block.messages[offset:], self.size - most)
            gone = slice(offset, offset + count)
            messages = block.messages[gone]
            self.size -= sum(map(len, messages)) + _OVERHEAD * count
            if self._kept is not None:
                lines = RawBlock(
                    block.times[gone], block.streams[gone], block.marks[gone], messages
                )
                self._kept.went(self.first, lines)
            block.messages[gone] = [b""] * count
            self.first += count
            self.evicted += count
            too_many -= count
            if self.first % _BLOCK == 0:
                self._blocks.popleft()

    def clear(self) -> None:
        """Forgets all lines; indexes go on where they were."""
        self._blocks.clear()
        # Blocks stay aligned to whole multiples, so that an index finds its block by division.
        self.first = self.end = -(-self.end // _BLOCK) * _BLOCK
        self.size = self.evicted = 0
        self._older_lines = self._older_bytes = 0
        if self._kept is not None:
            self._kept.clear()

    def __getitem__(self, index: int) -> RawLine:
        if not self.first <= index < self.end:
            line = None if self._kept is None else self._kept.get(index)
            if line is None:
                raise IndexError(index)
            return RawLine(*line)
        number, offset = divmod(index, _BLOCK)
        return RawLine(*_line(self._blocks[number - self.first // _BLOCK], offset))

    def time_of(self, index: int) -> int:
        """The time of the line with this index. Raises IndexError where it isn't held."""
        if not self.first <= index < self.end:
            return self[index].time
        number, offset = divmod(index, _BLOCK)
        return self._blocks[number - self.first // _BLOCK].times[offset]

    def latest(self, start: int, end: int) -> int:
        """The latest time of the lines from `start` up to before `end`, which are held."""
        latest = 0
        while start < end:
            number, offset = divmod(start, _BLOCK)
            stop = min(_BLOCK, offset + end - start)
            times = self._blocks[number - self.first // _BLOCK].times
            latest = max(latest, max(times[offset:stop]))
            start += stop - offset
        return latest

    def holds(self, index: int) -> bool:
        """Whether the line with this index can be read, also as one that the quota keeps."""
        return self.first <= index < self.end or (
            self._kept is not None and self._kept.get(index) is not None
        )

    @property
    def outlived(self) -> Container[int]:
        """The indexes before `first` of the lines that the quota keeps."""
        return () if self._kept is None else self._kept.indexes

    def kept(self) -> list[tuple[int, RawLine]]:
        """The lines before `first` that the quota keeps, by index."""
        if self._kept is None:
            return []
        parts = merge(*self._kept.streams(), key=itemgetter(0))
        return [(index, RawLine(*line)) for index, line in parts]

    def kept_lines(self) -> dict[int, Line]:
        """The same as they are now, in any order."""
        return {} if self._kept is None else self._kept.lines()

    def release_kept(self) -> None:
        """The quota keeps nothing any more of what has left so far."""
        if self._kept is not None:
            self._kept.release()

    def indexes_of(self, stream: int) -> Iterator[int]:
        """The indexes of a stream's lines that are held or kept, oldest first."""
        if self._kept is not None:
            yield from self._kept.indexes_of(stream)
        start = self.first
        while start < self.end:
            number, offset = divmod(start, _BLOCK)
            streams = self._blocks[number - self.first // _BLOCK].streams
            at = offset
            while True:
                try:
                    at = streams.index(stream, at)
                except ValueError:
                    break
                yield number * _BLOCK + at
                at += 1
            start = (number + 1) * _BLOCK

    def count_of(self, stream: int, end: int) -> int:
        """How many lines of a stream are held or kept before this index, marks included."""
        count = 0 if self._kept is None else len(self._kept.indexes_of(stream))
        if self._blocks:
            count -= self._blocks[0].streams[: self.first % _BLOCK].count(stream)
        for number, block in enumerate(self._blocks, self.first // _BLOCK):
            inside = end - number * _BLOCK
            if inside < _BLOCK:
                return count + block.streams[: max(0, inside)].count(stream)
            count += block.streams.count(stream)
        return count

    def block(self, start: int, end: int) -> RawBlock:
        """The lines from `start` on, at most up to before `end`, maybe fewer. `start` is held."""
        number, offset = divmod(start, _BLOCK)
        block = self._blocks[number - self.first // _BLOCK]
        stop = min(_BLOCK, offset + end - start)
        return RawBlock(
            block.times[offset:stop],
            block.streams[offset:stop],
            block.marks[offset:stop],
            block.messages[offset:stop],
        )

    def range(self, start: int, end: int) -> Iterator[tuple[int, RawLine]]:
        """(index, line) from `start` up to before `end`, of those that are held."""
        start, end = max(start, self.first), min(end, self.end)
        while start < end:
            number, offset = divmod(start, _BLOCK)
            block = self._blocks[number - self.first // _BLOCK]
            stop = min(_BLOCK, offset + end - start)
            yield from zip(
                range(start, start + stop - offset),
                map(
                    RawLine,
                    block.times[offset:stop],
                    block.streams[offset:stop],
                    block.marks[offset:stop],
                    block.messages[offset:stop],
                ),
                strict=True,
            )
            start += stop - offset
