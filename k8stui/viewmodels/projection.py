"""From a record to what its row shows, is found by and is sorted by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Generic, TypeVar

from k8stui.resources.record import Column, Context, NoUsage, Record, Tone, Usage, UsageLookup
from k8stui.viewmodels.table_source import CellText, ColumnLayout, Flexible

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)

_MOST_LINES = 512
_TIMELESS = Context(0.0, NoUsage())
_UNREADABLE = CellText("?", Tone.MUTED)


class UsageProbe:
    """A lookup that remembers whether it was asked: who asks must hear of new samples."""

    __slots__ = ("_lookup", "asked")

    def __init__(self, lookup: UsageLookup) -> None:
        self._lookup = lookup
        self.asked = False

    def pod(self, namespace: str, name: str) -> Usage | None:
        self.asked = True
        return self._lookup.pod(namespace, name)

    def node(self, name: str) -> Usage | None:
        self.asked = True
        return self._lookup.node(name)


class Line(Generic[R]):
    """One row's cells. `version` is a new number whenever a cell that isn't live differs."""

    __slots__ = ("cells", "record", "tick", "tone", "usage", "version")

    def __init__(self, record: R, cells: list[CellText], tone: Tone) -> None:
        self.record = record
        self.cells = cells
        self.tone = tone
        self.version = 0
        self.tick = 0
        self.usage = 0


class Projection(Generic[R]):
    """The columns at work, with the cells of the rows last asked for.

    A column that raises for a record shows `?` there, and is logged once: one odd object must
    not take the table away.

    Args:
        columns: Ids unique.
        row_tone: The tone of cells that have none of their own.
        flexible: Where a column's text may be shortened, by id; columns that are not named follow
            `flexible_of`.
    """

    def __init__(
        self,
        columns: Sequence[Column[R]],
        row_tone: Callable[[R, Context], Tone] | None = None,
        flexible: Mapping[str, Flexible] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.by_id = {column.id: column for column in self.columns}
        self.layout = tuple(
            ColumnLayout(
                column.id,
                column.title,
                column.align,
                column.priority,
                column.min_width,
                (flexible or {}).get(column.id, flexible_of(column)),
                column.live,
            )
            for column in self.columns
        )
        self._row_tone = row_tone
        self._live = [index for index, column in enumerate(self.columns) if column.live]
        self._fixed = [index for index, column in enumerate(self.columns) if not column.live]
        self._searched = [column for column in self.columns if searched(column)]
        self._lines: dict[str, Line[R]] = {}
        self._versions = count(1)
        self._reported: set[str] = set()

    def line(self, record: R, context: Context, tick: int, usage: int) -> Line[R]:
        """The cells of a record.

        Args:
            tick: Changes whenever live columns may show something else.
            usage: Changes whenever there are new samples.
        """
        known = self._lines.get(record.uid)
        if known is not None and known.record is record and known.usage == usage:
            if known.tick != tick:
                for index in self._live:
                    known.cells[index] = self.cell_of(record, self.columns[index], context)
                known.tick = tick
            return known
        cells = [self.cell_of(record, column, context) for column in self.columns]
        tone = self._row_tone(record, context) if self._row_tone is not None else Tone.PLAIN
        line = Line(record, cells, tone)
        line.tick, line.usage = tick, usage
        line.version = known.version if self._same(known, line) and known else next(self._versions)
        self._keep(record.uid, line)
        return line

    def cell_of(self, record: R, column: Column[R], context: Context) -> CellText:
        """One cell as of now."""
        try:
            return CellText(column.text(record, context), column.tone(record, context))
        except Exception:
            self._report(column, record)
            return _UNREADABLE

    def haystack(self, record: R) -> str:
        """What a filter's text is looked for in: the searched columns, lower-case, a line each.

        It depends on the record alone: neither use nor time is looked for as text.
        """
        context = _TIMELESS
        try:
            return "\n".join([column.text(record, context) for column in self._searched]).lower()
        except Exception:
            texts = [self.cell_of(record, column, context).text for column in self._searched]
            return "\n".join(texts).lower()

    def key(self, record: R, column_id: str, context: Context, *, as_text: bool = False) -> Any:
        """What the record sorts by; None, that sorts last, where there is nothing.

        Args:
            as_text: By what is read, for columns whose own keys don't compare.
        """
        column = self.by_id.get(column_id)
        if column is None:
            return None
        key: object
        try:
            if as_text:
                key = column.text(record, context)
            elif column.sort is not None:
                key = column.sort(record, context)
            elif column.value is not None and column.measure != "text":
                key = column.value(record, context)
            else:
                key = column.text(record, context)
        except Exception:
            self._report(column, record)
            return None
        # NaN compares with nothing, and would scatter the rows.
        return None if isinstance(key, float) and key != key else key

    def clear(self) -> None:
        """Lets go of all cells."""
        self._lines.clear()

    def forget(self, uid: str) -> None:
        """Lets go of the cells of a row that is gone."""
        self._lines.pop(uid, None)

    def _same(self, known: Line[R] | None, line: Line[R]) -> bool:
        if known is None or known.tone != line.tone:
            return False
        return all(known.cells[index] == line.cells[index] for index in self._fixed)

    def _keep(self, uid: str, line: Line[R]) -> None:
        self._lines.pop(uid, None)
        if len(self._lines) >= _MOST_LINES:
            del self._lines[next(iter(self._lines))]
        self._lines[uid] = line

    def _report(self, column: Column[R], record: R) -> None:
        if column.id not in self._reported:
            self._reported.add(column.id)
            logger.exception("column %s can't show %s", column.id, record.name)


def searched(column: Column[R]) -> bool:
    """Whether a filter's plain text looks into a column: not where time alone changes it."""
    return column.measure in ("text", "number") and not column.live


def flexible_of(column: Column[R]) -> Flexible:
    """Names are shortened in the middle, texts that may go altogether at the end; states never."""
    if column.id == "name":
        return "middle"
    return "end" if column.measure == "text" and column.priority > 0 else ""
