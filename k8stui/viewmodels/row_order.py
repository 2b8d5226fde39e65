"""Rows kept in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, eq
from typing import Any, Generic, TypeVar

import msgspec

from k8stui.resources.record import Record

R = TypeVar("R", bound=Record)

_FEW_GONE = 32
_FEW_COME = 64
_tie = attrgetter("record.namespace", "record.name", "record.uid")
_key = attrgetter("key")


class Row(msgspec.Struct, Generic[R], gc=False, eq=False):
    """One row in scope: its record and what the view worked out about it."""

    record: R
    key: Any = None
    """Sorts the row within its column; None sorts last in both directions."""
    keyed: int = -1
    """Which sorting `key` was worked out for."""
    haystack: str | None = None
    """What a filter's text is looked for in; None until it is needed."""
    shown: bool = False


class RowOrder(Generic[R]):
    """The shown rows by their `key`, equal ones by namespace, name and uid.

    Keys of rows that are in here must not change; keys that don't compare with each other raise
    TypeError from whatever compares them.
    """

    def __init__(self) -> None:
        self._rows: list[Row[R]] = []
        self.descending = False
        """Takes effect with the next `replace`."""

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row[R]:
        return self._rows[index]

    def __iter__(self) -> Iterator[Row[R]]:
        return iter(self._rows)

    def replace(self, rows: Iterable[Row[R]]) -> None:
        """Makes these the rows, and sorts them all."""
        keyed: list[Row[R]] = []
        keyless: list[Row[R]] = []
        for row in rows:
            (keyless if row.key is None else keyed).append(row)
        keyed.sort(key=_key, reverse=self.descending)
        self._rows = _with_ties_in_order(keyed) + sorted(keyless, key=_tie)

    def update(self, gone: Sequence[Row[R]], come: Sequence[Row[R]]) -> None:
        """Takes rows out (they are no longer `shown`) and puts others in."""
        if len(gone) > _FEW_GONE:
            self._rows = [row for row in self._rows if row.shown]
        else:
            for row in gone:
                del self._rows[self.position(row)]
        if len(come) > max(_FEW_COME, len(self._rows) // 8):
            self.replace([*self._rows, *come])
        else:
            for row in come:
                self._rows.insert(self._place(row), row)

    def position(self, row: Row[R]) -> int:
        """Where a row is that is in here."""
        index = self._place(row)
        if index < len(self._rows) and self._rows[index] is row:
            return index
        return self._rows.index(row)

    def _place(self, row: Row[R]) -> int:
        rows = self._rows
        low, high = 0, len(rows)
        while low < high:
            middle = (low + high) // 2
            if self._precedes(rows[middle], row):
                low = middle + 1
            else:
                high = middle
        return low

    def _precedes(self, one: Row[R], other: Row[R]) -> bool:
        if one.key is None or other.key is None:
            if one.key is not other.key:
                return other.key is None
        elif one.key != other.key:
            return bool(one.key < other.key) != self.descending
        return bool(_tie(one) < _tie(other))


def _with_ties_in_order(rows: list[Row[R]]) -> list[Row[R]]:
    """Sorts the rows of equal keys by themselves: they don't turn round with `descending`."""
    keys = [row.key for row in rows]
    if not any(map(eq, keys, keys[1:])):
        return rows
    ordered: list[Row[R]] = []
    for _, ties in groupby(rows, _key):
        ordered += sorted(ties, key=_tie)
    return ordered
