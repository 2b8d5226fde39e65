"""Our cells against those that a real API server (v1.20) printed for the very same objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from k8stui.resources.kinds import TypedKind
from k8stui.resources.record import Context, NoUsage
from k8stui.resources.registry import TYPED

DATA = Path(__file__).parents[2] / "data" / "tables"
FILES = {
    "pods-1.20.json": "pods",
    "nodes-1.20.json": "nodes",
    "jobs-1.20.json": "jobs.batch",
    "cronjobs-1.20.json": "cronjobs.batch",
    "services-1.20.json": "services",
    "events-1.20.json": "events",
    "horizontalpodautoscalers-1.20.json": "horizontalpodautoscalers.autoscaling",
    "horizontalpodautoscalers-v1-1.20.json": "horizontalpodautoscalers.autoscaling",
}


class Case(msgspec.Struct):
    now: float
    cells: dict[str, str]
    object: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.object["metadata"]["name"])


def _cases() -> list[Any]:
    found = []
    for file, key in FILES.items():
        cases = msgspec.json.decode((DATA / file).read_bytes(), type=list[Case])
        found += [pytest.param(TYPED[key], case, id=f"{file}:{case.name}") for case in cases]
    return found


def _as_then(title: str, case: Case) -> str:
    """What v1.20 printed, as kubectl prints it today where that has changed since."""
    cell = case.cells[title]
    if title == "COUNT" and "series" in case.object:
        return str(int(cell) - 1)  # it counted one more than the series says
    return cell


def _without_news(title: str, text: str) -> str:
    """Our text without what kubectl has come to print since v1.20."""
    if title == "RESTARTS":
        return text.partition(" (")[0]
    if title == "TARGETS":
        return ", ".join(part.partition(": ")[2] or part for part in text.split(", "))
    return text


@pytest.mark.parametrize(("kind", "case"), _cases())
def test_cells_are_those_of_the_server(kind: TypedKind, case: Case) -> None:
    record = kind.decode(msgspec.json.encode(case.object))
    columns = {column.title: column for column in kind.columns}
    context = Context(case.now, NoUsage())
    ours = {
        title: _without_news(title, columns[title].text(record, context)) for title in case.cells
    }
    assert ours == {title: _as_then(title, case) for title in case.cells}
