"""Which lines of a text match what is searched for."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple


class SearchState(NamedTuple):
    """How a search stands."""

    query: str = ""
    current: int = 0
    """1 for the first matching line; 0 when there is none."""
    total: int = 0
    """How many lines match."""
    complete: bool = True
    """False while there are lines that were not looked at yet."""


class Needle:
    """What is searched for: plain text, case matters only when it has a capital."""

    def __init__(self, text: str) -> None:
        self.text = text
        flags = re.IGNORECASE if text == text.lower() else re.NOFLAG
        self._pattern = re.compile(re.escape(text), flags)

    def matches(self, text: str, start: int = 0) -> tuple[tuple[int, int], ...]:
        """(start, end) of each place from `start` on."""
        return tuple(match.span() for match in self._pattern.finditer(text, start))

    def is_in(self, text: str) -> bool:
        return self._pattern.search(text) is not None


class MatchingLines:
    """The indexes of the lines that match, found bit by bit."""

    def __init__(self, needle: Needle, first: int) -> None:
        self.needle = needle
        self.lines: list[int] = []
        self.scanned_to = first

    def scan(self, text_at: Callable[[int], str], first: int, end: int, limit: int) -> bool:
        """Looks at up to `limit` more lines; True when none are left."""
        self.scanned_to = max(self.scanned_to, first)
        stop = min(end, self.scanned_to + limit)
        is_in = self.needle.is_in
        self.lines.extend(i for i in range(self.scanned_to, stop) if is_in(text_at(i)))
        self.scanned_to = stop
        return stop >= end

    def evict(self, first: int) -> None:
        """Forgets what lies before `first`."""
        if self.lines and self.lines[0] < first:
            del self.lines[: bisect_left(self.lines, first)]

    def after(self, index: int) -> int | None:
        """The next matching line behind `index`, from the beginning again at the end."""
        if not self.lines:
            return None
        place = bisect_left(self.lines, index + 1)
        return self.lines[place % len(self.lines)]

    def before(self, index: int) -> int | None:
        """The last matching line before `index`, from the end again at the beginning."""
        if not self.lines:
            return None
        return self.lines[bisect_left(self.lines, index) - 1]

    def rank(self, index: int) -> int:
        """1 for the first matching line; 0 when the line does not match."""
        place = bisect_left(self.lines, index)
        return place + 1 if place < len(self.lines) and self.lines[place] == index else 0
