"""The rows of a table that pass its filter, kept in its order while both rows and time go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from k8stui.resources.record import Context, Record, UsageLookup
from k8stui.viewmodels.filters import Filter
from k8stui.viewmodels.projection import Projection, UsageProbe
from k8stui.viewmodels.row_order import Row, RowOrder

R = TypeVar("R", bound=Record)

_ROWS_PER_LIVE_SECOND = 2000
_LIVE_SORT_SECONDS = 5.0


class Sort(NamedTuple):
    """By which column, and which way. Equal rows stand by namespace and name, always ascending."""

    column: str
    descending: bool = False


class Arrangement(Generic[R]):
    """All rows in scope by uid (`rows`), and those that are shown in their order (`order`).

    Args:
        projection: What rows are found and sorted by.
        usage: Samples for the columns.
        sort: A column of the projection.
        clock: Epoch seconds.
    """

    def __init__(
        self,
        projection: Projection[R],
        usage: UsageLookup,
        sort: Sort,
        clock: Callable[[], float],
    ) -> None:
        self.rows: dict[str, Row[R]] = {}
        self.order: RowOrder[R] = RowOrder()
        self.filter: Filter | None = None
        self._projection = projection
        self._sort = sort
        self._clock = clock
        self._key_usage = UsageProbe(usage)
        self._match_usage = UsageProbe(usage)
        self._sorted_at = self._filtered_at = clock()
        self._match_context = Context(self._filtered_at, self._match_usage)
        self._serial = 0
        self._new_since_sort = False
        self._keys_are_texts = False

    @property
    def sort(self) -> Sort:
        return self._sort

    # -- all rows anew --------------------------------------------------------------------------

    def replace(self, records: Iterable[R]) -> None:
        """Makes these all the rows; what is known of unchanged ones stays known."""
        known, self.rows = self.rows, {}
        for record in records:
            row = known.get(record.uid)
            self.rows[record.uid] = row if row is not None and row.record is record else Row(record)
        self._refilter()

    def set_filter(self, filter_: Filter | None) -> None:
        """Shows only the rows that match; None or an empty filter shows all."""
        self.filter = filter_ if filter_ else None
        self._match_usage.asked = False
        self._refilter()

    def set_sort(self, sort: Sort) -> None:
        turned_round = sort.column == self._sort.column
        self._sort = sort
        if not turned_round:
            self._begin_sort()
        self._arrange()

    def set_projection(self, projection: Projection[R], sort: Sort) -> None:
        """Takes other columns."""
        self._projection = projection
        self._sort = sort
        for row in self.rows.values():
            row.haystack = None
        self._match_usage.asked = False
        self._begin_sort()
        self._refilter()

    # -- as things change -----------------------------------------------------------------------

    def update(self, records: Sequence[R], removed: Iterable[str]) -> bool:
        """Puts new states in place one by one. Returns whether any row is not what it was."""
        gone: list[Row[R]] = []
        come: list[Row[R]] = []
        touched = False
        self._look_at_clock()
        for record in records:
            touched |= self._take(record, gone, come)
        for uid in removed:
            touched |= self._drop(uid, gone)
        try:
            self.order.update(gone, come)
        except TypeError:
            self._use_texts()
        return touched

    def usage_changed(self) -> bool:
        """Sorts and filters anew where use decides. Returns whether it does."""
        sorts, matches = self._key_usage.asked, self._match_usage.asked
        if sorts:
            self._begin_sort()
        if matches:
            self._refilter()
        elif sorts:
            self._arrange()
        return sorts or matches

    def tick(self, now: float) -> bool:
        """Looks again where time decides, less often for more rows. Returns whether rows moved.

        Args:
            now: Epoch seconds.
        """
        pause = len(self.rows) / _ROWS_PER_LIVE_SECOND
        live_filter = self.filter is not None and self.filter.live
        filter_due = live_filter and now - self._filtered_at >= pause
        column = self._projection.by_id.get(self._sort.column)
        sort_due = (
            self._new_since_sort
            and column is not None
            and column.live
            and now - self._sorted_at >= max(pause, _LIVE_SORT_SECONDS)
        )
        if not filter_due and not sort_due:
            return False
        before = list(self.order)
        if sort_due:
            self._begin_sort()
        if filter_due:
            self._refilter()
        else:
            self._arrange()
        return before != list(self.order)

    # -- within ---------------------------------------------------------------------------------

    def _look_at_clock(self) -> None:
        self._match_context = Context(self._clock(), self._match_usage)

    def _refilter(self) -> None:
        self._look_at_clock()
        self._filtered_at = self._match_context.now
        text = self.filter.only_text if self.filter is not None else ""
        if text is None:
            for row in self.rows.values():
                row.shown = self._passes(row)
        else:
            self._look_for(text)
        self._arrange()

    def _look_for(self, text: str) -> None:
        """Shows what has the text: the usual filter, looked for anew with each letter."""
        haystack_of = self._projection.haystack
        for row in self.rows.values():
            if not text:
                row.shown = True
                continue
            haystack = row.haystack
            if haystack is None:
                haystack = row.haystack = haystack_of(row.record)
            row.shown = text in haystack

    def _passes(self, row: Row[R]) -> bool:
        wanted = self.filter
        if wanted is None:
            return True
        haystack = row.haystack or ""
        if wanted.needs_haystack and row.haystack is None:
            haystack = row.haystack = self._projection.haystack(row.record)
        return wanted.matches(row.record, self._match_context, haystack)

    def _begin_sort(self) -> None:
        """Makes all keys be worked out anew, as of now."""
        self._sorted_at = self._clock()
        self._serial += 1
        self._new_since_sort = self._keys_are_texts = self._key_usage.asked = False

    def _arrange(self) -> None:
        shown = [row for row in self.rows.values() if row.shown]
        self.order.descending = self._sort.descending
        try:
            self._give_keys(shown)
            self.order.replace(shown)
        except TypeError:
            self._use_texts()
        if len(shown) == len(self.rows):
            # What is in order already is filtered and sorted again much sooner.
            self.rows = {row.record.uid: row for row in self.order}

    def _use_texts(self) -> None:
        """Sorts by what is read where keys don't compare: mixed values of a custom resource."""
        self._keys_are_texts = True
        self._serial += 1
        shown = [row for row in self.rows.values() if row.shown]
        self._give_keys(shown)
        self.order.replace(shown)

    def _give_keys(self, rows: Iterable[Row[R]]) -> None:
        # All keys of a sorting are as of one moment, or ages would not compare.
        context = Context(self._sorted_at, self._key_usage)
        projection, serial = self._projection, self._serial
        column, as_text = self._sort.column, self._keys_are_texts
        for row in rows:
            if row.keyed != serial:
                row.key = projection.key(row.record, column, context, as_text=as_text)
                row.keyed = serial

    def _take(self, record: R, gone: list[Row[R]], come: list[Row[R]]) -> bool:
        old = self.rows.get(record.uid)
        if old is not None and old.record is record:
            return False
        row = Row(record)
        row.shown = self._passes(row)
        if row.shown:
            self._give_keys((row,))
            self._new_since_sort = True
        if old is not None and old.shown and row.shown and _same_place(old, row):
            old.record, old.haystack = record, row.haystack
            return True
        if old is not None and old.shown:
            old.shown = False
            gone.append(old)
        self.rows[record.uid] = row
        if row.shown:
            come.append(row)
        return True

    def _drop(self, uid: str, gone: list[Row[R]]) -> bool:
        row = self.rows.pop(uid, None)
        if row is None:
            return False
        if row.shown:
            row.shown = False
            gone.append(row)
        return True


def _same_place(one: Row[R], other: Row[R]) -> bool:
    old, new = one.record, other.record
    same_tie = old.name == new.name and old.namespace == new.namespace
    return same_tie and bool(one.key == other.key)
