from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from k8stui.resources.record import Context, NoUsage
from k8stui.resources.table import (
    NAME_AND_AGE,
    ListMeta,
    TableColumnDefinition,
    TableRow,
    columns_for,
    decode_table,
)

NOW = Context(1767323045 + 150, NoUsage())
DEFINITIONS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0},
    {"name": "Capacity", "type": "string", "format": "", "priority": 0},
    {"name": "Replicas", "type": "integer", "format": "", "priority": 0},
    {"name": "Last Seen", "type": "string", "format": "", "priority": 0},
    {"name": "Age", "type": "string", "format": "", "priority": 0},
    {"name": "Node", "type": "string", "format": "", "priority": 1},
]


def metadata(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": "shop",
        "uid": f"uid-{name}",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-02T03:04:05Z",
        **more,
    }


def row(name: str, *cells: Any) -> dict[str, Any]:
    return {"cells": [name, *cells], "object": {"metadata": metadata(name)}}


def table(rows: list[dict[str, Any]], **more: Any) -> bytes:
    return json.dumps({"kind": "Table", "metadata": {}, "rows": rows, **more}).encode()


def test_a_page_of_a_list() -> None:
    columns, rows, meta = decode_table(
        table(
            [row("a", "1Gi", 3, "5m", "9d", "node-1")],
            columnDefinitions=DEFINITIONS,
            metadata={"continue": "next", "resourceVersion": "42", "remainingItemCount": 9},
        )
    )
    assert meta == ListMeta("next", "42", 9)
    assert columns is not None
    assert columns[5] == TableColumnDefinition(name="Node", priority=1)
    assert rows[0].cells == ("a", "1Gi", "3", "5m", "9d", "node-1")
    assert (rows[0].uid, rows[0].namespace, rows[0].resource_version) == ("uid-a", "shop", "7")


def test_later_watch_events_come_without_columns() -> None:
    columns, rows, _ = decode_table(table([row("a", "1Gi")], columnDefinitions=None))
    assert columns is None
    assert rows[0].name == "a"


def test_a_bookmark_has_a_version_and_no_name() -> None:
    bookmark = {"cells": None, "object": {"metadata": {"resourceVersion": "77"}}}
    _, rows, _ = decode_table(table([bookmark]))
    assert rows[0].resource_version == "77"


def test_a_server_without_tables_is_shown_by_name_and_age() -> None:
    listed = json.dumps({"kind": "PodMetricsList", "items": [{"metadata": metadata("a")}]})
    columns, rows, _ = decode_table(listed.encode())
    assert columns == NAME_AND_AGE
    one = json.dumps({"kind": "PodMetrics", "metadata": metadata("b")})
    _, more, _ = decode_table(one.encode())
    shown = [[column.text(one, NOW) for column in columns_for(columns)] for one in rows + more]
    assert shown == [["a", "2m30s"], ["b", "2m30s"]]


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"[]", b"{}"])
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_table(raw)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (3, "3"),
        (0.5, "0.5"),
        ("two\nlines", "two..."),
        ("\x1b[31mred", "^[[31mred"),
        ([1, "a"], '[1,"a"]'),
    ],
)
def test_cells_as_kubectl_prints_them(cell: Any, text: str) -> None:
    _, rows, _ = decode_table(table([row("a", cell)]))
    assert rows[0].cells[1] == text


def test_columns() -> None:
    definitions, rows, _ = decode_table(
        table([row("a", "1Gi", 3, "5m10s", "stale", "node-1")], columnDefinitions=DEFINITIONS)
    )
    assert definitions is not None
    columns = columns_for(definitions)
    assert [(column.id, column.title, column.measure, column.priority) for column in columns] == [
        ("name", "NAME", "text", 0),
        ("capacity", "CAPACITY", "bytes", 0),
        ("replicas", "REPLICAS", "number", 0),
        ("last_seen", "LAST SEEN", "seconds", 0),
        ("age", "AGE", "seconds", 0),
        ("node", "NODE", "text", 1),
    ]
    values = [column.value(rows[0], NOW) if column.value else None for column in columns]
    assert values == [None, 2**30, 3, 310, 150, None]
    assert columns[4].text(rows[0], NOW) == "2m30s"
    assert columns[4].live


@pytest.mark.parametrize(
    ("column", "ordered"),
    [
        (1, ["500Mi", "1Gi", "2Gi", "<unset>"]),
        (2, ["2", "9", "10"]),
        (3, ["9s", "5m", "2h", "3d4h", "<unknown>"]),
        (5, ["node-2", "node-10", "node-10-b"]),
    ],
)
def test_cells_sort_by_what_they_mean(column: int, ordered: list[str]) -> None:
    definitions, _, _ = decode_table(table([], columnDefinitions=DEFINITIONS))
    assert definitions is not None
    sort = columns_for(definitions)[column].sort
    assert sort is not None

    def holding(cell: str) -> TableRow:
        cells = [""] * len(DEFINITIONS)
        cells[column] = cell
        return TableRow(uid=cell, name=cell, cells=tuple(cells))

    shuffled = [holding(cell) for cell in reversed(ordered)]
    found = sorted(shuffled, key=lambda one: sort(one, NOW))
    assert [one.uid for one in found] == ordered


def test_columns_of_the_same_name_stay_apart_and_a_name_is_always_there() -> None:
    twice = (TableColumnDefinition(name="Phase"), TableColumnDefinition(name="PHASE"))
    assert [column.id for column in columns_for(twice)] == ["name", "phase", "phase_2"]


def test_a_row_with_too_few_cells_is_shown() -> None:
    definitions, rows, _ = decode_table(table([row("a")], columnDefinitions=DEFINITIONS))
    assert definitions is not None
    assert [column.text(rows[0], NOW) for column in columns_for(definitions)][:3] == ["a", "", ""]
