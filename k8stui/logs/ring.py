"""The buffer that all streams of a pane share: raw lines, bounded by count and by bytes."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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


class RawBlock(NamedTuple):
    """Neighbouring lines, by what they have."""

    times: Sequence[int]
    streams: Sequence[int]
    marks: Sequence[int]
    messages: Sequence[bytes]


class _Block:
    __slots__ = ("marks", "messages", "streams", "times")

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.times = array("q")
        self.streams = array("i")
        self.marks = bytearray()


class Ring:
    """Lines by an index that never changes; the oldest go when there are too many.

    Args:
        lines: How many lines are held at most.
        size: How many bytes they may take, their fixed cost included.
    """

    def __init__(self, lines: int = DEFAULT_LINES, size: int = DEFAULT_BYTES) -> None:
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
        self._blocks: deque[_Block] = deque()

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
            self._evict()

    def _open_block(self) -> _Block:
        if not self._blocks or len(self._blocks[-1].messages) == _BLOCK:
            self._blocks.append(_Block())
        return self._blocks[-1]

    def _evict(self) -> None:
        too_many = len(self) - self.limit_lines
        while self.end > self.first and (too_many > 0 or self.size > self.limit_bytes):
            block, offset = self._blocks[0], self.first % _BLOCK
            self.size -= len(block.messages[offset]) + _OVERHEAD
            block.messages[offset] = b""
            self.first += 1
            self.evicted += 1
            too_many -= 1
            if self.first % _BLOCK == 0:
                self._blocks.popleft()

    def clear(self) -> None:
        """Forgets all lines; indexes go on where they were."""
        self._blocks.clear()
        # Blocks stay aligned to whole multiples, so that an index finds its block by division.
        self.first = self.end = -(-self.end // _BLOCK) * _BLOCK
        self.size = self.evicted = 0

    def __getitem__(self, index: int) -> RawLine:
        if not self.first <= index < self.end:
            raise IndexError(index)
        number, offset = divmod(index, _BLOCK)
        block = self._blocks[number - self.first // _BLOCK]
        return RawLine(
            block.times[offset], block.streams[offset], block.marks[offset], block.messages[offset]
        )

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
