"""The table view: what it shows, in which order, and that it follows its sources."""

from __future__ import annotations

import gc
import logging
import random
import weakref
from typing import Any

import msgspec
import pytest

from k8stui.resources.columns import age_column, name_column
from k8stui.resources.phase import Live
from k8stui.resources.record import Column, Context, Record, Tone, Usage
from k8stui.store.collection import Collection
from k8stui.store.ticker import ManualTicker
from k8stui.store.usage import UsageBook
from k8stui.viewmodels.filters import parse_filter
from k8stui.viewmodels.rows import Rows
from k8stui.viewmodels.table_source import CellText, TableSource
from k8stui.viewmodels.table_view import Sort, TableView

NOW = 1_000_000.0


class Pod(Record, frozen=True, gc=False, kw_only=True):
    status: str = "Running"
    restarts: int = 0


def _cpu(pod: Pod, context: Context) -> float | None:
    usage = context.usage.pod(pod.namespace, pod.name)
    return None if usage is None else usage.cpu


def _cpu_text(pod: Pod, context: Context) -> str:
    cpu = _cpu(pod, context)
    return "-" if cpu is None else f"{cpu:.0f}m"


COLUMNS: tuple[Column[Pod], ...] = (
    name_column(),
    Column(
        id="status",
        title="STATUS",
        text=lambda pod, _: pod.status,
        tone=lambda pod, _: Tone.PLAIN if pod.status == "Running" else Tone.ERROR,
    ),
    Column(
        id="restarts",
        title="RESTARTS",
        text=lambda pod, _: str(pod.restarts),
        sort=lambda pod, _: pod.restarts,
        value=lambda pod, _: pod.restarts,
        measure="number",
        align="right",
    ),
    Column(id="cpu", title="CPU", text=_cpu_text, value=_cpu, measure="millicores"),
    age_column(),
)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def pod(name: str, **fields: Any) -> Pod:
    return Pod(**{"uid": name, "name": name, "namespace": "shop", "created": int(NOW), **fields})


def view(rows: Rows[Pod] | Collection[Pod], **options: Any) -> TableView[Pod]:
    return TableView([rows], COLUMNS, **{"clock": Clock(), **options})


def filled(*pods: Pod) -> Rows[Pod]:
    rows: Rows[Pod] = Rows()
    rows.apply(added=pods)
    return rows


def names(table: TableSource) -> list[str]:
    return [table.key_at(index) for index in range(table.row_count())]


def texts(table: TableSource, index: int) -> list[str]:
    return [cell.text for cell in table.cells_at(index)]


def test_it_shows_rows_as_cells() -> None:
    table = view(filled(pod("web", restarts=3, status="Error")))
    assert texts(table, 0) == ["web", "Error", "3", "-", "0s"]
    assert table.cell_at(0, 1) == CellText("Error", Tone.ERROR)
    assert [cell.title for cell in table.header()] == ["NAME", "STATUS", "RESTARTS", "CPU", "AGE"]
    assert [cell.sorted for cell in table.header()] == ["asc", "", "", "", ""]
    assert table.columns()[0].flexible == "middle"
    assert table.columns() is table.columns()
    assert table.count_text() == "1"


def test_ties_stand_by_name_in_both_directions() -> None:
    rows = filled(pod("c"), pod("a", restarts=1), pod("b"), pod("d", restarts=1))
    table = view(rows)
    table.set_sort("restarts")
    assert names(table) == ["b", "c", "a", "d"]
    table.set_sort("restarts", descending=True)
    assert names(table) == ["a", "d", "b", "c"]
    rows.apply(added=[pod("aa")], changed=[pod("c", restarts=1)])
    assert names(table) == ["a", "c", "d", "aa", "b"]
    assert [table.index_of(each) for each in ("a", "b", "zz")] == [0, 4, None]


def test_choosing_a_column_begins_with_the_usual_way_and_turns_round() -> None:
    table = view(filled(pod("a"), pod("b", restarts=2)))
    table.sort_by("restarts")
    assert table.sort == Sort("restarts", descending=True)
    table.sort_by("restarts")
    assert table.sort == Sort("restarts")
    table.sort_by("status")
    assert table.sort == Sort("status")
    table.reset_sort()
    assert table.sort == Sort("name")
    with pytest.raises(ValueError, match="no column"):
        table.set_sort("nonsense")


def test_a_filter_hides_rows_and_counts_them() -> None:
    rows = filled(pod("web-1"), pod("web-2", status="Error"), pod("db-1"))
    table = view(rows)
    table.set_filter(parse_filter("web", COLUMNS))
    assert (names(table), table.count_text()) == (["web-1", "web-2"], "2 of 3")
    rows.apply(changed=[pod("db-1", status="looks like web")], added=[pod("job")])
    assert (names(table), table.count_text()) == (["db-1", "web-1", "web-2"], "3 of 4")
    table.set_filter(parse_filter("!status=Running", COLUMNS))
    assert names(table) == ["db-1", "web-2"]
    table.set_filter(parse_filter("", COLUMNS))
    assert table.filter is None
    assert table.count_text() == "4"


def test_a_filter_looks_at_rows_as_they_are_now() -> None:
    rows = filled(pod("a"), pod("b"))
    table = view(rows)
    table.set_filter(parse_filter("running", COLUMNS))
    table.set_filter(None)
    rows.apply(changed=[pod("a", status="Error")])
    table.set_filter(parse_filter("error", COLUMNS))
    assert names(table) == ["a"]


def test_scope_by_uids_and_by_predicate() -> None:
    rows = filled(pod("a"), pod("b"), pod("c", namespace="batch"))
    table = view(rows, scope={"a"})
    assert names(table) == ["a"]
    table.set_scope({"b", "a", "later"})
    rows.apply(added=[pod("later"), pod("other")])
    assert names(table) == ["a", "b", "later"]
    table.set_scope(lambda each: each.namespace == "batch")
    assert names(table) == ["c"]
    assert table.total == 1
    table.set_scope(None)
    assert table.total == 5


def test_a_row_that_leaves_its_scope_goes() -> None:
    rows = filled(pod("a"), pod("b"))
    table = view(rows, scope=lambda each: each.status == "Running")
    rows.apply(changed=[pod("a", status="Error")])
    assert names(table) == ["b"]
    assert table.record("a") is None


def test_rows_of_several_sources() -> None:
    one, two = filled(pod("a"), pod("c")), filled(pod("b"))
    table: TableView[Pod] = TableView([one, two], COLUMNS, clock=Clock())
    two.apply(added=[pod("d")], removed=["b"])
    assert names(table) == ["a", "c", "d"]
    assert table.record_at(2) == pod("d")


def test_marks_go_with_their_rows_and_hidden_ones_are_not_acted_on() -> None:
    rows = filled(pod("a"), pod("b"), pod("c"))
    table = view(rows)
    for key in ("c", "a", "b", "unknown"):
        table.set_mark(key)
    assert [each.name for each in table.marked_records()] == ["a", "b", "c"]
    table.set_mark("b", on=False)
    rows.apply(removed=["c"])
    rows.apply(added=[pod("c")])
    assert [table.marked(key) for key in ("a", "b", "c", "unknown")] == [True, False, False, False]
    table.set_filter(parse_filter("b", COLUMNS))
    assert table.marked_records() == []
    table.set_filter(None)
    assert [each.name for each in table.marked_records()] == ["a"]
    table.clear_marks()
    assert not table.marked("a")


def test_the_row_version_tells_of_what_can_be_seen_only() -> None:
    rows = filled(pod("a"), pod("b"))
    table = view(rows)
    before = [table.row_version(0), table.row_version(1)]
    rows.apply(changed=[pod("a", resource_version="7"), pod("b", restarts=1)])
    assert table.row_version(0) == before[0]
    assert table.row_version(1) != before[1]


def test_live_columns_tick_without_a_new_row_version() -> None:
    table = view(filled(pod("a")))
    before = (table.row_version(0), table.version)
    table.live_tick(NOW + 90)
    assert table.cell_at(0, 4).text == "90s"
    assert texts(table, 0)[4] == "90s"
    assert (table.row_version(0), table.version) == before


def test_time_alone_moves_rows_out_of_a_filter_by_age() -> None:
    clock = Clock()
    table = view(filled(pod("old", created=int(NOW) - 50), pod("new")), clock=clock)
    table.set_filter(parse_filter("age<1m", COLUMNS))
    assert names(table) == ["new", "old"]
    told: list[list[str]] = []
    table.subscribe(lambda: told.append(names(table)))
    for _ in range(3):
        clock.now += 5
        table.live_tick(clock.now)
    assert told == [["new"]]


def test_ages_stay_in_order_as_rows_come_later() -> None:
    clock = Clock()
    by_seconds = Column[Pod](
        id="age",
        title="AGE",
        text=lambda each, context: str(context.now - each.created),
        sort=lambda each, context: context.now - each.created,
        live=True,
    )
    rows = filled(*(pod(f"pod-{age}", created=int(NOW) - age) for age in (10, 20, 30)))
    table: TableView[Pod] = TableView([rows], [by_seconds], default_sort=Sort("age"), clock=clock)
    clock.now += 100
    rows.apply(added=[pod("pod-15", created=int(NOW) - 15)])
    assert names(table) == ["pod-10", "pod-15", "pod-20", "pod-30"]
    table.live_tick(clock.now)
    assert names(table) == ["pod-10", "pod-15", "pod-20", "pod-30"]


def test_new_samples_change_cells_and_the_order_only_where_use_decides() -> None:
    ticker = ManualTicker()
    book = UsageBook(ticker)
    table = view(filled(pod("a"), pod("b"), pod("c")), usage=book)
    told: list[int] = []
    table.subscribe(lambda: told.append(table.version))

    def sample(*cpus: tuple[str, int]) -> None:
        at = int(ticker.time()) + 1
        samples = [("shop", name, Usage(cpu=cpu, memory=0, timestamp=at)) for name, cpu in cpus]
        book.update_pods(samples, float(at))
        ticker.advance(15)

    before = table.row_version(0), table.row_version(1)
    sample(("a", 5))
    assert texts(table, 0)[3] == "5m"
    assert table.row_version(0) != before[0]
    assert table.row_version(1) == before[1]
    assert len(told) == 1
    table.sort_by("cpu")
    assert names(table) == ["a", "b", "c"]
    sample(("a", 5), ("c", 9))
    assert names(table) == ["c", "a", "b"]
    table.set_sort("cpu")
    assert names(table) == ["a", "c", "b"]
    table.set_filter(parse_filter("cpu>6m", COLUMNS))
    assert names(table) == ["c"]
    sample(("a", 7), ("c", 1))
    assert names(table) == ["a"]
    table.close()
    assert not book._subscribers


def test_samples_are_no_news_to_a_table_without_use() -> None:
    ticker = ManualTicker()
    book = UsageBook(ticker)
    table: TableView[Pod] = TableView([filled(pod("a"))], COLUMNS[:3], usage=book, clock=Clock())
    texts(table, 0)
    before = table.version
    book.update_pods([("shop", "a", Usage(cpu=1, memory=1, timestamp=1))], 1.0)
    ticker.advance(1)
    assert table.version == before


def test_nothing_is_told_of_changes_outside() -> None:
    rows = filled(pod("a"), pod("b"))
    table = view(rows, scope={"a"})
    before = table.version
    rows.apply(changed=[pod("b", restarts=9)], added=[pod("c")])
    assert table.version == before
    rows.apply(changed=[pod("a", restarts=9)])
    assert table.version > before


def test_a_new_phase_is_told_though_no_row_changed() -> None:
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    table = view(pods)
    told: list[str] = []
    leave = table.subscribe(lambda: told.append(type(pods.phase).__name__))
    before = table.version
    pods.set_phase(Live(1))
    ticker.advance(1)
    assert told == ["Live"]
    assert table.version == before
    leave()
    pods.set_phase(Live(2))
    ticker.advance(1)
    assert told == ["Live"]


def test_other_columns_keep_the_sort_where_they_can() -> None:
    table = view(filled(pod("a", restarts=1), pod("b")))
    table.set_filter(parse_filter("running", COLUMNS))
    table.set_sort("restarts")
    before = table.columns()
    table.set_columns(COLUMNS[:3])
    assert table.columns() is not before
    assert (names(table), texts(table, 0)) == (["b", "a"], ["b", "Running", "0"])
    table.set_columns(COLUMNS[:1])
    assert (table.sort, names(table)) == (Sort("name"), [])


def test_a_table_whose_columns_are_not_known_yet() -> None:
    table: TableView[Pod] = TableView([filled(pod("b"), pod("a"))], (), clock=Clock())
    assert names(table) == ["a", "b"]
    assert table.cells_at(0) == ()
    table.set_columns(COLUMNS)
    assert texts(table, 0)[0] == "a"


def test_a_column_that_fails_does_not_take_the_table_away(caplog: pytest.LogCaptureFixture) -> None:
    broken = msgspec.structs.replace(
        COLUMNS[1], text=lambda each, _: str(1 / (each.restarts - 1)), sort=None
    )
    table: TableView[Pod] = TableView(
        [filled(pod("a", restarts=1), pod("b", restarts=2))], [COLUMNS[0], broken], clock=Clock()
    )
    with caplog.at_level(logging.ERROR):
        assert [texts(table, index) for index in (0, 1)] == [["a", "?"], ["b", "1.0"]]
        table.set_sort("status")
        assert names(table) == ["b", "a"]
        table.set_filter(parse_filter("1.0", COLUMNS))
        assert names(table) == ["b"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("values", [[3, "x", 1, None], [(1, "a"), (None, "b"), (2, "c"), (3, 4)]])
def test_values_that_do_not_compare_are_sorted_as_read(values: list[Any]) -> None:
    mixed = Column[Pod](
        id="mixed",
        title="MIXED",
        text=lambda each, _: each.status,
        sort=lambda each, _: values[each.restarts],
    )
    rows = filled(pod("a", restarts=0, status="z"), pod("b", restarts=2, status="y"))
    table: TableView[Pod] = TableView([rows], [mixed], clock=Clock())
    rows.apply(added=[pod("c", restarts=1, status="x"), pod("d", restarts=3, status="w")])
    assert [texts(table, index) for index in range(4)] == [["w"], ["x"], ["y"], ["z"]]
    rows.apply(removed=["c"], added=[pod("e", restarts=1, status="v")])
    assert names(table) == ["e", "d", "b", "a"]


def test_nan_sorts_last_and_scatters_nothing() -> None:
    column = Column[Pod](
        id="share",
        title="SHARE",
        text=lambda each, _: each.status,
        value=lambda each, _: float(each.status),
        measure="percent",
    )
    rows = filled(*(pod(name, status=share) for name, share in zip("abcd", "2n1n", strict=True)))
    rows.apply(changed=[pod("b", status="nan"), pod("d", status="nan")])
    table: TableView[Pod] = TableView([rows], [column], clock=Clock())
    assert names(table) == ["c", "a", "b", "d"]
    table.set_sort("share", descending=True)
    assert names(table) == ["a", "c", "b", "d"]


def test_closing_leaves_nothing_behind() -> None:
    rows = filled(pod("a"))
    table = view(rows)
    texts(table, 0)
    table.close()
    rows.apply(added=[pod("b")])
    assert (table.row_count(), table.total) == (0, 0)
    gone = weakref.ref(table)
    del table
    gc.collect()
    assert gone() is None


FILTERS = [
    "",
    "web",
    "error",
    "!web",
    "restarts>1",
    "status=Error|restarts<1",
    "cpu>4m",
    "/^pod-1/",
]
SORTS = [Sort("name"), Sort("restarts"), Sort("restarts", True), Sort("cpu", True), Sort("status")]


@pytest.mark.parametrize("seed", range(25))
def test_it_always_shows_what_a_fresh_view_would(seed: int) -> None:
    chance = random.Random(seed)
    ticker = ManualTicker()
    pods: Collection[Pod] = Collection(ticker)
    book = UsageBook(ticker)
    table = view(pods, usage=book)

    def some() -> Pod:
        name = f"{chance.choice(['web', 'pod'])}-{chance.randrange(120)}"
        return pod(
            name,
            namespace=f"ns-{len(name) % 2}",
            status=chance.choice(["Running", "Error"]),
            restarts=chance.randrange(4),
        )

    options: dict[str, Any] = {}
    for _ in range(60):
        pods.upsert([some() for _ in range(chance.choice([1, 3, 12, 150]))])
        pods.remove([some().uid for _ in range(chance.choice([0, 2, 80]))])
        if chance.random() < 0.2:
            sampled = [(each.namespace, each.name) for each in pods.rows.values()]
            chance.shuffle(sampled)
            at = int(ticker.time()) + 1
            book.update_pods(
                [
                    (namespace, name, Usage(chance.randrange(9), 0, at))
                    for namespace, name in sampled[:40]
                ],
                at,
            )
        if chance.random() < 0.3:
            table.set_filter(parse_filter(chance.choice(FILTERS), COLUMNS))
        if chance.random() < 0.3:
            table.set_sort(*chance.choice(SORTS))
        if chance.random() < 0.3:
            kept = {uid for uid in pods.rows if chance.random() < 0.7}
            options["scope"] = chance.choice([None, kept, lambda each: each.namespace == "ns-0"])
            table.set_scope(options["scope"])
        ticker.advance(1)
        fresh = view(pods, usage=book, default_sort=table.sort, **options)
        fresh.set_filter(table.filter)
        assert names(table) == names(fresh)
        assert table.count_text() == fresh.count_text()
        assert [texts(table, index) for index in range(min(20, table.row_count()))] == [
            texts(fresh, index) for index in range(min(20, fresh.row_count()))
        ]
        assert [table.index_of(key) for key in names(table)] == list(range(table.row_count()))
        fresh.close()
