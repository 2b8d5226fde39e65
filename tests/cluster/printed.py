"""What the server prints of a kind, and where our columns say something else."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from k8stui.resources.record import Column, Context, NoUsage, Record
from k8stui.session.scope import Scope

_TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
_STEP = 0.05
_HIDDEN_FRACTION = 1.0
"""Servers before 1.21 keep fractions of the seconds that components write, and tell nobody."""
_MINOR = re.compile(r"v1\.(\d+)")
_NEW_RULES = 30
"""From this minor version of the server on, it prints by the rules that ours follow."""


class Printed(NamedTuple):
    """A kind's Table as `kubectl get -o wide` would print it."""

    titles: tuple[str, ...]
    rows: dict[str, tuple[str, ...]]
    """Cells by uid."""
    versions: dict[str, str]
    """resourceVersions by uid."""
    asked: float
    """Epoch seconds; the server's ages are of a moment between these two."""
    answered: float
    old_rules: bool
    """The server is older than the rules by which k8stui prints."""


async def printed(scope: Scope, path: str) -> Printed:
    """Asks the server now."""
    asked = time.time()
    table = msgspec.json.decode(await scope.connection.transport.get(path, accept=_TABLE))
    answered = time.time()
    rows, versions = {}, {}
    for row in table["rows"]:
        meta = row["object"]["metadata"]
        rows[meta["uid"]] = tuple(_as_kubectl(cell) for cell in row["cells"])
        versions[meta["uid"]] = meta["resourceVersion"]
    titles = tuple(each["name"].upper() for each in table["columnDefinitions"])
    minor = _MINOR.match(await scope.connection.check())
    old_rules = minor is None or int(minor[1]) < _NEW_RULES
    return Printed(titles, rows, versions, asked, answered, old_rules)


def _as_kubectl(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    first, *rest = re.split(r"[\n\r\f]", str(cell), maxsplit=1)
    return first + ("..." if rest else "")


def same_moment(table: Printed, records: Mapping[str, Record]) -> bool:
    """Whether both know the same objects in the same versions."""
    return table.versions == {uid: each.resource_version for uid, each in records.items()}


def differences(
    table: Printed, records: Mapping[str, Record], columns: Sequence[Column[Any]]
) -> list[str]:
    """Where ours differs, a sentence each; columns that we lack are differences too."""
    ours = {column.title: column for column in columns}
    found = [f"no column {title}" for title in table.titles if title not in ours]
    moments = _moments(table)
    for uid, cells in table.rows.items():
        record = records[uid]
        for title, cell in zip(table.titles, cells, strict=True):
            column = ours.get(title)
            if column is None:
                continue
            texts = dict.fromkeys(column.text(record, Context(now, NoUsage())) for now in moments)
            if cell in texts:
                continue
            if not table.old_rules or cell not in {_older(title, text, record) for text in texts}:
                found.append(
                    f"{record.namespace}/{record.name} {title}: the server prints {cell!r}, "
                    f"we {' or '.join(map(repr, texts))}"
                )
    return found


def _moments(table: Printed) -> list[float]:
    begin = table.asked - _HIDDEN_FRACTION
    count = int((table.answered - begin) / _STEP) + 2
    return [begin + index * _STEP for index in range(count)]


def _older(title: str, text: str, record: Record) -> str:
    """Our text as servers printed it before the rules changed."""
    match title:
        case "RESTARTS":
            return text.partition(" (")[0]
        case "STATUS" if record.deleted:
            return "Terminating"
        case "TARGETS":
            return text.replace("cpu: ", "").replace("memory: ", "")
        case "COUNT":
            # 1.20 prints one more than the count of a series.
            return str(int(text) + 1)
        case _:
            return text
