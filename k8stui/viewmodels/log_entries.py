"""What stands between log lines and is none: events, state changes, and the user's own marks."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import Literal, NamedTuple

from k8stui.resources.record import Tone
from k8stui.viewmodels.log_rows import ENTRY_END

MOST_ENTRIES = 4_000
_FIRST = ENTRY_END << 10

EntryKind = Literal["event", "change", "mark"]


class Entry(NamedTuple):
    """All text is clean."""

    time: int
    """Nanoseconds since the epoch."""
    text: str
    about: str = ""
    """The object: `pod/web-7f-abc`."""
    kind: EntryKind = "event"
    tone: Tone = Tone.PLAIN
    context: str = ""
    """The cluster in which it happened."""


class Entries:
    """Entries by numbers below `ENTRY_END` that never change; the first come goes first."""

    def __init__(self) -> None:
        self._held: dict[int, Entry] = {}
        self._order: list[tuple[int, int]] = []
        self._next = _FIRST

    def __len__(self) -> int:
        return len(self._held)

    def add(self, entry: Entry) -> int:
        """Takes an entry; gives its number."""
        taken, self._next = self._next, self._next + 1
        self._held[taken] = entry
        insort(self._order, (entry.time, taken))
        if len(self._held) > MOST_ENTRIES:
            number, gone = next(iter(self._held.items()))
            del self._held[number]
            self._order.remove((gone.time, number))
        return taken

    def get(self, number: int) -> Entry | None:
        """The entry with this number, None when it is held no more."""
        return self._held.get(number)

    def clear(self, *kinds: EntryKind) -> None:
        """Forgets the entries of these kinds."""
        self._held = {n: each for n, each in self._held.items() if each.kind not in kinds}
        self._order = sorted((each.time, n) for n, each in self._held.items())

    def in_order(self) -> Iterator[tuple[int, int]]:
        """(nanoseconds, number) of all, the earliest first."""
        return iter(self._order)
