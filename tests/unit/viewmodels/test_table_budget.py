"""How little a table view does: column functions and comparisons are counted, not timed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from k8stui.resources.record import Column, Context, Record, Usage
from k8stui.store.changes import ChangeSet
from k8stui.store.ticker import ManualTicker
from k8stui.store.usage import UsageBook
from k8stui.viewmodels.filters import parse_filter
from k8stui.viewmodels.rows import Rows
from k8stui.viewmodels.table_view import Sort, TableView

SIZE = 2000
SCREEN = range(48)


class Pod(Record, frozen=True, gc=False, kw_only=True):
    status: str = "Running"


class Key:
    """A sort key that counts its comparisons."""

    def __init__(self, text: str, counts: Counter[str]) -> None:
        self.text = text
        self.counts = counts

    def __lt__(self, other: Key) -> bool:
        self.counts["compare"] += 1
        return self.text < other.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class Table:
    """A view of many rows, and what was done since `counts` was last cleared."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.rows: Rows[Pod] = Rows()
        self.rows.apply(added=[pod(number) for number in range(SIZE)])
        self.ticker = ManualTicker()
        self.book = UsageBook(self.ticker)
        self.columns: tuple[Column[Pod], ...] = (
            Column(id="name", title="NAME", text=self._name, sort=self._key),
            Column(id="status", title="STATUS", text=lambda each, _: each.status),
            Column(id="cpu", title="CPU", text=_cpu, measure="millicores"),
            Column(id="age", title="AGE", text=self._age, measure="seconds", live=True),
        )
        self.view: TableView[Pod] = TableView(
            [self.rows],
            self.columns,
            default_sort=Sort("name"),
            usage=self.book,
            clock=lambda: 1000.0,
        )
        self.paint()
        self.counts.clear()

    def _name(self, each: Pod, _: Context) -> str:
        self.counts["text"] += 1
        return each.name

    def _age(self, _: Pod, context: Context) -> str:
        self.counts["age"] += 1
        return str(context.now)

    def _key(self, each: Pod, _: Context) -> Key:
        self.counts["key"] += 1
        return Key(each.name, self.counts)

    def paint(self) -> None:
        """What the widget asks when the version has grown."""
        for index in SCREEN:
            self.view.row_version(index)
            self.view.cells_at(index)

    def change(self, numbers: range, **fields: Any) -> None:
        fresh = [msgspec.structs.replace(self.rows.rows[f"{n:05}"], **fields) for n in numbers]
        self.rows.apply(changed=fresh)


def _cpu(each: Pod, context: Context) -> str:
    usage = context.usage.pod(each.namespace, each.name)
    return str(usage.cpu) if usage else "-"


def pod(number: int) -> Pod:
    return Pod(uid=f"{number:05}", name=f"pod-{number:05}")


@pytest.fixture
def table() -> Table:
    return Table()


def test_painting_again_costs_nothing(table: Table) -> None:
    table.paint()
    assert not table.counts


def test_only_rows_on_the_screen_become_cells(table: Table) -> None:
    table.change(range(1900, 2000), status="Error")
    table.paint()
    assert table.counts == {"key": 100}


def test_one_changed_row_is_one_projection_and_no_comparison(table: Table) -> None:
    table.change(range(7, 8), status="Error")
    table.paint()
    assert table.counts == {"key": 1, "text": 1, "age": 1}


def test_a_changed_row_out_of_scope_costs_nothing(table: Table) -> None:
    table.view.set_scope({"00001", "00002"})
    table.counts.clear()
    table.change(range(100, 200), status="Error")
    assert not table.counts


def test_a_row_that_comes_is_looked_up_not_sorted_in(table: Table) -> None:
    table.rows.apply(added=[msgspec.structs.replace(pod(1), uid="new", name="pod-00999x")])
    assert table.counts["key"] == 1
    assert table.counts["compare"] <= 12


def test_rows_that_go_are_looked_up(table: Table) -> None:
    table.rows.apply(removed=["00500"])
    assert table.counts["compare"] <= 12
    table.counts.clear()
    table.rows.apply(removed=[f"{number:05}" for number in range(1000)])
    assert not table.counts


def test_turning_the_order_round_works_out_no_key(table: Table) -> None:
    table.view.set_sort("name", descending=True)
    assert table.counts["key"] == 0
    assert table.counts["compare"] <= 2 * SIZE


def test_a_filter_reads_each_row_once_and_then_only_what_changed(table: Table) -> None:
    table.view.set_filter(parse_filter("pod-0", table.columns))
    assert table.counts["text"] == SIZE
    table.counts.clear()
    table.view.set_filter(parse_filter("pod-00", table.columns))
    assert table.counts["text"] == 0
    assert table.counts["key"] == 0
    table.change(range(100), status="Error")
    assert table.counts["text"] == 100


def test_samples_cost_the_screen_and_nothing_else(table: Table) -> None:
    table.book.update_pods([("", f"pod-{n:05}", Usage(n, 0, 1)) for n in range(SIZE)], 1.0)
    table.ticker.advance(1)
    assert not table.counts
    table.paint()
    assert table.counts["text"] == len(SCREEN)
    assert table.counts["key"] == 0


def test_a_tick_costs_the_live_cells_on_the_screen(table: Table) -> None:
    table.view.live_tick(1001.0)
    assert not table.counts
    table.paint()
    assert table.counts == {"age": len(SCREEN)}


def test_cells_are_kept_for_a_bounded_number_of_rows(table: Table) -> None:
    for index in range(SIZE):
        table.view.cells_at(index)
    assert len(table.view._projection._lines) <= 512


def test_changes_seen_before_are_not_taken_twice(table: Table) -> None:
    present = table.rows.rows["00001"]
    before = table.view.version
    table.view.apply(ChangeSet({present.uid: present}, {}, {}))
    assert table.view.version == before
    assert not table.counts
