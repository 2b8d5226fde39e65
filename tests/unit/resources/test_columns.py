from __future__ import annotations

import pytest

from k8stui.resources.columns import (
    age_column,
    labels_column,
    name_column,
    namespace_column,
    natural_key,
    since_column,
)
from k8stui.resources.record import Column, Context, NoUsage, Record
from k8stui.resources.usage_columns import percent, sparkline

NOW = Context(10_000.0, NoUsage())


def record(name: str = "x", created: int = 0) -> Record:
    return Record(uid=name, name=name, created=created)


def test_names_sort_by_the_numbers_in_them() -> None:
    names = ["db-10", "db-9", "db-9-a", "cache", "db"]
    assert sorted(names, key=natural_key) == ["cache", "db", "db-9", "db-9-a", "db-10"]
    column: Column[Record] = name_column()
    assert column.sort is not None
    assert column.sort(record("a-2"), NOW) < column.sort(record("a-10"), NOW)


def test_a_number_comes_before_any_text_in_its_place() -> None:
    names = ["app-x", "app", "app1", "app01", "app10", "app2-a", "app2"]
    assert sorted(names, key=natural_key) == [
        "app", "app1", "app01", "app2", "app2-a", "app10", "app-x",
    ]  # fmt: skip


def test_a_number_too_long_to_be_one_is_no_trouble() -> None:
    assert natural_key("1" * 10_000) < natural_key("2" * 10_000)


def test_the_youngest_sorts_first_and_what_has_no_age_last() -> None:
    column: Column[Record] = age_column()
    records = [record("none"), record("old", 5), record("new", 9_000)]
    assert column.sort is not None
    keys = {one.name: column.sort(one, NOW) for one in records}
    assert sorted(keys, key=lambda name: keys[name]) == ["new", "old", "none"]
    assert column.text(record(created=9_900), NOW) == "100s"
    assert column.text(record(), NOW) == "<unknown>"
    assert column.value is not None
    assert column.value(record(created=9_900), NOW) == 100
    assert column.value(record(), NOW) is None


def test_a_moment_that_never_was() -> None:
    column: Column[Record] = since_column("last", "LAST", lambda one: one.deleted, never="<none>")
    assert column.text(record(), NOW) == "<none>"
    assert column.live


def test_namespace_and_labels() -> None:
    namespace: Column[Record] = namespace_column()
    labels: Column[Record] = labels_column()
    one = Record(uid="1", name="x", namespace="shop", labels=("a=1", "b=2"))
    assert (namespace.text(one, NOW), labels.text(one, NOW)) == ("shop", "a=1,b=2")
    assert labels.text(record(), NOW) == "<none>"


@pytest.mark.parametrize(
    ("samples", "full", "bars"),
    [
        ((), 20, ""),
        ((0, 0), 0, "▁▁"),
        ((1, 2, 1), 20, "▁▁▁"),
        ((0, 50, 100), 20, "▁▄█"),
        (tuple(range(20)), 19, "▅▅▆▆▆▇▇█"),
        ((-5, 10), 0, "▁█"),
    ],
)
def test_sparklines(samples: tuple[int, ...], full: int, bars: str) -> None:
    assert sparkline(samples, full) == bars


@pytest.mark.parametrize(("used", "of", "whole"), [(199, 100, 199), (1, 3, 33), (5, 0, None)])
def test_percent_rounds_down(used: int, of: int, whole: int | None) -> None:
    assert percent(used, of) == whole
