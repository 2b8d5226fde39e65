"""Tables, as the server prints each kind for `kubectl get`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from k8stui.demo.cells import age
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj
from k8stui.demo.printers import PRINTERS
from k8stui.demo.versions import inward


class Column(NamedTuple):
    """A column; `wide` ones are only shown with `-o wide`."""

    name: str
    wide: bool = False

    def definition(self) -> Obj:
        return {
            "name": self.name,
            "type": "integer" if self.name in _INTEGERS else "string",
            "format": "name" if self.name == "Name" else "",
            "description": "",
            "priority": 1 if self.wide else 0,
        }


_INTEGERS = {"Desired", "Current", "Up-to-date", "Available", "Replicas", "Data", "Revision"}
Cells = Callable[[Obj, float], list[Any]]


def columns_of(kind: Kind) -> tuple[Column, ...]:
    """The columns of a kind; a capital `*` in the printer's table marks wide ones."""
    names, _ = PRINTERS.get(kind.kind, ("Name,Age", _plain))
    return tuple(Column(name.lstrip("*"), name.startswith("*")) for name in names.split(","))


def _plain(obj: Obj, now: float) -> list[Any]:
    return [obj["metadata"]["name"], age(obj, now)]


def table(
    kind: Kind, objects: list[Obj], now: float, include: str, list_meta: Obj, *, head: bool = True
) -> Obj:
    """A meta.k8s.io/v1 Table.

    Args:
        include: The `includeObject` parameter: "Metadata" (or ""), "Object" or "None".
        head: False for a watch's later events, which carry no column definitions.
    """
    cells: Cells = PRINTERS.get(kind.kind, ("", _plain))[1]
    rows = []
    for obj in objects:
        row: Obj = {"cells": cells(inward(kind, obj), now)}
        if include == "Object":
            row["object"] = obj
        elif include != "None":
            row["object"] = {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": obj["metadata"],
            }
        rows.append(row)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_meta,
        "columnDefinitions": [c.definition() for c in columns_of(kind)] if head else None,
        "rows": rows,
    }
