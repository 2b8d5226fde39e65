"""Colours of streams: equal from run to run where that can be, different as long as they last."""

from __future__ import annotations

from zlib import crc32

COLOURS = 8


class Palette:
    """Hands out colour numbers; one that is in use is given again only when all are.

    Args:
        colours: How many there are.
    """

    def __init__(self, colours: int = COLOURS) -> None:
        self._used = [0] * colours
        self._given: dict[str, int] = {}

    def take(self, name: str) -> int:
        """The colour of this name: the one its name asks for, or the next that is free."""
        if name in self._given:
            return self._given[name]
        count = len(self._used)
        wished = crc32(name.encode()) % count
        least = min(self._used)
        colour = next(
            (wished + step) % count
            for step in range(count)
            if self._used[(wished + step) % count] == least
        )
        self._used[colour] += 1
        self._given[name] = colour
        return colour

    def give_back(self, name: str) -> None:
        """The name is not shown any more."""
        colour = self._given.pop(name, None)
        if colour is not None:
            self._used[colour] -= 1
