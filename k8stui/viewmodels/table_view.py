"""A table as data: which rows are in scope, pass the filter, and in what order they stand."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Generic, TypeVar

from k8stui.resources.record import Column, Context, NoUsage, Record, Tone, UsageLookup
from k8stui.store.changes import ChangeSet
from k8stui.store.usage import UsageBook, UsageChange
from k8stui.viewmodels.arrangement import Arrangement, Sort
from k8stui.viewmodels.filters import Filter
from k8stui.viewmodels.projection import Line, Projection, UsageProbe
from k8stui.viewmodels.rows import RowSource
from k8stui.viewmodels.table_source import CellText, ColumnLayout, Flexible, HeaderCell, Sorted

__all__ = ["Scope", "Sort", "TableView"]

R = TypeVar("R", bound=Record)

Scope = Callable[[R], bool] | AbstractSet[str] | None
"""Which rows concern a pane: a predicate, a set of uids, or None for all."""

_LARGEST_FIRST = frozenset({"number", "millicores", "bytes", "percent"})


class TableView(Generic[R]):
    """Follows its sources until it is closed; implements `table_source.TableSource`.

    Only what changed is filtered and put in place anew, and only rows that are asked for are
    turned into cells. Everything is synchronous.

    Args:
        sources: Where rows come from; uids are unique over all of them.
        columns: Ids unique; none while the server has not told them yet.
        default_sort: The order before anyone chooses one; the first column when not given.
        usage: Samples for the columns; a `UsageBook` is followed.
        row_tone: The tone of cells that have none of their own.
        flexible: Which columns may be shortened, by id, where that differs from the usual.
        scope: Which rows concern the pane.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        sources: Sequence[RowSource[R]],
        columns: Sequence[Column[R]],
        *,
        default_sort: Sort | None = None,
        usage: UsageLookup | None = None,
        row_tone: Callable[[R, Context], Tone] | None = None,
        flexible: Mapping[str, Flexible] | None = None,
        scope: Scope[R] = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._row_tone = row_tone
        self._flexible = flexible
        self._scope: Scope[R] = frozenset(scope) if isinstance(scope, AbstractSet) else scope
        self._default_sort = default_sort or Sort(columns[0].id if columns else "")
        lookup = usage or NoUsage()
        self._usage = UsageProbe(lookup)
        self._usage_serial = 0
        self._now = clock()
        self._tick = 0
        self._version = 0
        self._marks: set[str] = set()
        self._listeners: dict[int, Callable[[], None]] = {}
        self._next_listener = 0
        self._projection: Projection[R] = Projection(columns, row_tone, flexible)
        self._arrangement: Arrangement[R] = Arrangement(
            self._projection, lookup, self._known(self._default_sort), clock
        )
        self._leave = [source.subscribe(self.apply) for source in self._sources]
        if isinstance(lookup, UsageBook):
            self._leave.append(lookup.subscribe(self.usage_changed))
        self._rebuild()

    def close(self) -> None:
        """Stops following the sources and lets go of all rows."""
        for leave in self._leave:
            leave()
        self._leave.clear()
        self._listeners.clear()
        self._sources = ()
        self._projection.clear()
        self._rebuild()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Tells at once when something visible may have changed, or the phase of a source.

        Returns:
            A function that ends the subscription.
        """
        number = self._next_listener
        self._next_listener += 1
        self._listeners[number] = callback
        return partial(self._unsubscribe, number)

    # -- what the table asks (TableSource) ------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows whenever anything visible may have changed, live columns aside."""
        return self._version

    def columns(self) -> Sequence[ColumnLayout]:
        return self._projection.layout

    def header(self) -> Sequence[HeaderCell]:
        column, descending = self.sort
        way: Sorted = "desc" if descending else "asc"
        return [
            HeaderCell(each.id, each.title, each.align, way if each.id == column else "")
            for each in self._projection.layout
        ]

    @property
    def definitions(self) -> Sequence[Column[R]]:
        """The columns themselves, as a filter wants to know them."""
        return self._projection.columns

    def row_count(self) -> int:
        return len(self._arrangement.order)

    def key_at(self, index: int) -> str:
        return self._arrangement.order[index].record.uid

    def index_of(self, key: str) -> int | None:
        row = self._arrangement.rows.get(key)
        if row is None or not row.shown:
            return None
        return self._arrangement.order.position(row)

    def cells_at(self, index: int) -> Sequence[CellText]:
        return tuple(self._line(index).cells)

    def cell_at(self, index: int, column: int) -> CellText:
        return self._line(index).cells[column]

    def row_version(self, index: int) -> Hashable:
        return self._line(index).version

    def row_tone(self, index: int) -> Tone:
        return self._line(index).tone

    def marked(self, key: str) -> bool:
        return key in self._marks

    # -- rows -----------------------------------------------------------------------------------

    def record_at(self, index: int) -> R:
        """The record of a shown row. Raises IndexError where there is none."""
        return self._arrangement.order[index].record

    def record(self, key: str) -> R | None:
        """The record of a row in scope, shown or not."""
        row = self._arrangement.rows.get(key)
        return None if row is None else row.record

    def records(self) -> Iterator[R]:
        """The records of the shown rows in their order."""
        return (row.record for row in self._arrangement.order)

    @property
    def total(self) -> int:
        """How many rows are in scope, shown or filtered out."""
        return len(self._arrangement.rows)

    def count_text(self) -> str:
        """`12 of 340` while a filter hides rows, else `340`."""
        shown = self.row_count()
        return str(shown) if shown == self.total else f"{shown} of {self.total}"

    @property
    def no_match(self) -> str:
        """What to say where the filter hides every row there is, "" otherwise."""
        if self.filter is None or self.row_count() or not self.total:
            return ""
        return "no row matches the filter · Esc clears it"

    # -- marks ----------------------------------------------------------------------------------

    def set_mark(self, key: str, on: bool = True) -> None:
        """Marks a row in scope, or takes its mark away. Rows lose their mark when they go."""
        if (key in self._marks) == on or (on and key not in self._arrangement.rows):
            return
        self._marks ^= {key}
        self._changed()

    def clear_marks(self) -> None:
        if self._marks:
            self._marks.clear()
            self._changed()

    def hidden_marks(self) -> int:
        """How many marked rows are filtered out of sight."""
        return len(self._marks) - len(self.marked_records()) if self._marks else 0

    def marked_records(self) -> list[R]:
        """The marked rows that are shown, in order: nobody acts on what can't be seen."""
        if not self._marks:
            return []
        return [record for record in self.records() if record.uid in self._marks]

    # -- scope, filter, sort, columns -----------------------------------------------------------

    def set_scope(self, scope: Scope[R]) -> None:
        """Which rows concern this pane. From one set of uids to another costs the difference."""
        if isinstance(scope, AbstractSet):
            scope = frozenset(scope)
        before, self._scope = self._scope, scope
        if not (isinstance(before, AbstractSet) and isinstance(scope, AbstractSet)):
            self._rebuild()
        elif self._update(self._at(scope - before), before - scope):
            self._changed()

    @property
    def filter(self) -> Filter | None:
        return self._arrangement.filter

    def set_filter(self, filter_: Filter | None) -> None:
        """Shows only the rows that match; None or an empty filter shows all."""
        self._arrangement.set_filter(filter_)
        self._changed()

    @property
    def sort(self) -> Sort:
        return self._arrangement.sort

    def set_sort(self, column: str, descending: bool = False) -> None:
        """Sorts by a column's id. Raises ValueError for an unknown one."""
        if column not in self._projection.by_id:
            raise ValueError(f"no column {column}")
        if self.sort != (column, descending):
            self._arrangement.set_sort(Sort(column, descending))
            self._changed()

    def sort_by(self, column: str) -> None:
        """What choosing a column does: turns its order round, or begins with the usual one.

        Amounts begin with the largest. Raises ValueError for an unknown column.
        """
        if column == self.sort.column:
            self.set_sort(column, not self.sort.descending)
        else:
            known = self._projection.by_id.get(column)
            self.set_sort(column, known is not None and known.measure in _LARGEST_FIRST)

    def reset_sort(self) -> None:
        """Back to the default order."""
        self.set_sort(*self._known(self._default_sort))

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Shows other columns; the sort stays where its column does. Begins a new data set."""
        self._projection = Projection(columns, self._row_tone, self._flexible)
        self._arrangement.set_projection(self._projection, self._known(self.sort))
        self._changed()

    # -- changes --------------------------------------------------------------------------------

    def apply(self, changes: ChangeSet[R]) -> None:
        """Takes the changes of a source. Changes that were seen already do no harm."""
        records = [*changes.added.values(), *(new for _, new in changes.changed.values())]
        if self._update(records, changes.removed):
            self._changed()
        elif changes.phase_changed:
            self._tell()

    def usage_changed(self, _change: UsageChange) -> None:
        """Takes note of new samples; rows are sorted and filtered anew only where use decides."""
        self._usage_serial += 1
        if self._arrangement.usage_changed() or self._usage.asked:
            self._changed()

    def live_tick(self, now: float) -> None:
        """Time has passed: live columns may show something else, `age<2h` may hide other rows.

        Args:
            now: Epoch seconds.
        """
        self._now = now
        self._tick += 1
        if self._arrangement.tick(now):
            self._changed()

    # -- within ---------------------------------------------------------------------------------

    def _line(self, index: int) -> Line[R]:
        row = self._arrangement.order[index]
        context = Context(self._now, self._usage)
        return self._projection.line(row.record, context, self._tick, self._usage_serial)

    def _known(self, sort: Sort) -> Sort:
        known = self._projection.by_id
        wanted = (each for each in (sort, self._default_sort) if each.column in known)
        return next(wanted, Sort(next(iter(known), "")))

    def _at(self, uids: Iterable[str]) -> list[R]:
        found = (source.rows.get(uid) for uid in uids for source in self._sources)
        return [record for record in found if record is not None]

    def _in_scope(self, record: R) -> bool:
        if isinstance(self._scope, AbstractSet):
            return record.uid in self._scope
        return self._scope is None or self._scope(record)

    def _rebuild(self) -> None:
        """Looks at all rows of the sources."""
        if isinstance(self._scope, AbstractSet):
            self._arrangement.replace(self._at(self._scope))
        else:
            records = (record for source in self._sources for record in source.rows.values())
            self._arrangement.replace(filter(self._in_scope, records))
        self._marks &= self._arrangement.rows.keys()
        self._changed()

    def _update(self, records: Iterable[R], removed: Iterable[str]) -> bool:
        """Takes new states, those out of scope as removed. Returns whether anything changed."""
        inside: list[R] = []
        gone = list(removed)
        for record in records:
            if self._in_scope(record):
                inside.append(record)
            else:
                gone.append(record.uid)
        self._now = self._clock()
        for uid in gone:
            self._projection.forget(uid)
        self._marks.difference_update(gone)
        return self._arrangement.update(inside, gone)

    def _unsubscribe(self, number: int) -> None:
        self._listeners.pop(number, None)

    def _changed(self) -> None:
        self._version += 1
        self._tell()

    def _tell(self) -> None:
        for number, callback in list(self._listeners.items()):
            if number in self._listeners:
                callback()
