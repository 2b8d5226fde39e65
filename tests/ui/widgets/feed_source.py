"""A log source for tests: a ring that is fed at will and counts what it is asked for."""

from __future__ import annotations

from k8stui.viewmodels.log_source import Anchor, LogLine


class FeedSource:
    """Holds the last `capacity` lines."""

    def __init__(self, capacity: int = 10_000) -> None:
        self.capacity = capacity
        self.version = 0
        self.first_index = 0
        self.lines: list[LogLine] = []
        self.asked: list[int] = []
        self.generation = self.look = 0
        self.filling = False
        self.searching = False
        self.match_count = 0

    @property
    def line_count(self) -> int:
        return len(self.lines)

    def line(self, index: int) -> LogLine:
        self.asked.append(index)
        if index < self.first_index:
            raise IndexError(index)
        return self.lines[index - self.first_index]

    def anchor(self, index: int) -> Anchor | None:
        end = self.first_index + len(self.lines)
        return (index, 0) if self.first_index <= index < end else None

    def locate(self, anchor: Anchor) -> tuple[int, bool]:
        return max(anchor[0], self.first_index), anchor[0] >= self.first_index

    def next_match(self, index: int, *, backwards: bool = False) -> int | None:
        return None

    def feed(self, count: int, text: str = "GET / 200") -> None:
        """So many lines arrive, numbered by their index."""
        end = self.first_index + len(self.lines)
        self.add(
            *(
                LogLine(f"line {i} {text}", f"web-{i % 3} app", i % 3, "10:04:11")
                for i in range(end, end + count)
            )
        )

    def add(self, *lines: LogLine) -> None:
        """These lines arrive."""
        self.lines.extend(lines)
        surplus = len(self.lines) - self.capacity
        if surplus > 0:
            del self.lines[:surplus]
            self.first_index += surplus
        self.version += 1
