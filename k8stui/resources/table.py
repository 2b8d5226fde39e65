"""Any kind as the server's own Table (meta.k8s.io): its columns, and one record a row."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from k8stui.resources.age import age
from k8stui.resources.columns import age_column, name_column, natural_key
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.quantity import millicores, quantity_bytes
from k8stui.resources.record import Column, Context, Measure, Record
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, head

_TIME = re.compile(r"\b(age|seen|duration|since|expires|expiration|last\b.*)", re.IGNORECASE)
_BYTES = re.compile(r"\b(capacity|memory|mem|size|storage)\b", re.IGNORECASE)
_CPU = re.compile(r"\bcpu\b", re.IGNORECASE)
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_DURATION = re.compile(
    r"(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)(?:\.\d+)?s)?(?: ago)?"
)
_UNITS = (365 * 86400, 86400, 3600, 60, 1)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


class TableColumnDefinition(msgspec.Struct, frozen=True, gc=False):
    """A column as the server tells of it. Text is clean."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0
    """0 is in every view; others are for wide ones (`kubectl get -o wide`)."""


class TableRow(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """One object as its kind's columns show it."""

    cells: tuple[str, ...] = ()
    """One clean text for each column, as `kubectl get` prints it."""


class ListMeta(NamedTuple):
    """What a list tells of itself."""

    continue_token: str
    resource_version: str
    remaining: int | None


class _Meta(ObjectMeta, gc=False, rename="camel"):
    # A bookmark's object has no name.
    name: str = ""


class _Partial(msgspec.Struct, gc=False):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


class _Definition(msgspec.Struct, gc=False):
    name: str = ""
    type: str = "string"
    format: str = ""
    priority: int = 0


class _Row(msgspec.Struct, gc=False):
    cells: list[Any] | None = None
    object: _Partial | None = None


class _ListMeta(msgspec.Struct, gc=False, rename="camel"):
    name: str = ""
    resource_version: str = ""
    remaining_item_count: int | None = None
    continue_token: str = msgspec.field(default="", name="continue")


class _Table(msgspec.Struct, gc=False, rename="camel"):
    kind: str = ""
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    column_definitions: list[_Definition] | None = None
    rows: list[_Row] | None = None
    items: list[_Partial] | None = None


_TABLE = LenientDecoder(_Table)
_OBJECT = LenientDecoder(_Partial)

NAME_AND_AGE = (
    TableColumnDefinition(name="Name", format="name"),
    TableColumnDefinition(name="Age"),
)
"""The columns of what a server hands out without a Table."""


def decode_table(
    raw: bytes,
) -> tuple[tuple[TableColumnDefinition, ...] | None, list[TableRow], ListMeta]:
    """The columns, rows and list metadata of a Table: a list's page or a watch event's object.

    Columns are None where the answer has none: a watch tells them only once. A server that
    doesn't make Tables (some aggregated APIs) sends plain lists and objects instead: their
    columns are `NAME_AND_AGE`.

    Raises:
        msgspec.MsgspecError: this is neither.
    """
    table = _TABLE.decode(raw)
    meta = ListMeta(
        table.metadata.continue_token,
        table.metadata.resource_version,
        table.metadata.remaining_item_count,
    )
    if table.kind == "Table":
        return _columns(table.column_definitions), [_row(row) for row in table.rows or ()], meta
    if table.items is not None or table.kind.endswith("List"):
        return NAME_AND_AGE, [_plain_row(item) for item in table.items or ()], meta
    if not table.kind and not table.metadata.name:
        raise msgspec.ValidationError("neither a Table nor an object")
    return NAME_AND_AGE, [_plain_row(_OBJECT.decode(raw))], meta


def columns_for(definitions: tuple[TableColumnDefinition, ...]) -> tuple[Column[TableRow], ...]:
    """Columns for rows with these cells, in the server's order.

    AGE is counted from the creation time and so keeps ticking; other times are as of the
    moment at which the server printed them. Numbers, quantities and durations sort by value.
    NAME is put first where the server names no object.
    """
    columns: list[Column[TableRow]] = []
    taken: set[str] = set()
    if not any(_is_name(definition) for definition in definitions):
        columns.append(name_column())
        taken.add("name")
    for index, definition in enumerate(definitions):
        column_id = _column_id(definition, taken)
        taken.add(column_id)
        if column_id == "name":
            columns.append(name_column())
        elif column_id == "age":
            columns.append(_age_column(index, definition))
        else:
            columns.append(_cell_column(index, column_id, definition))
    return tuple(columns)


def _columns(
    definitions: list[_Definition] | None,
) -> tuple[TableColumnDefinition, ...] | None:
    if not definitions:
        return None
    return tuple(
        TableColumnDefinition(
            name=clean_text(one.name), type=one.type, format=one.format, priority=one.priority
        )
        for one in definitions
    )


def _row(row: _Row) -> TableRow:
    meta = row.object.metadata if row.object else _Meta()
    cells = tuple(_cell(cell) for cell in row.cells or ())
    if not meta.name and cells:
        # includeObject=None, or a server that ignores it: the name is all there is to go by.
        meta.name = cells[0]
    return _with_key(meta, cells)


def _plain_row(item: _Partial) -> TableRow:
    return _with_key(item.metadata, (clean_text(item.metadata.name), ""))


def _with_key(meta: ObjectMeta, cells: tuple[str, ...]) -> TableRow:
    if not meta.uid and meta.name:
        meta.uid = f"{meta.namespace}/{meta.name}"
    return TableRow(cells=cells, **head(meta))


def _cell(cell: object) -> str:
    """A cell as kubectl prints it: the first line of a text, nothing for null."""
    if isinstance(cell, str):
        return clean_text(cell) if cell.isprintable() else _first_line(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return str(cell)
    return clean_text(msgspec.json.encode(cell).decode())


def _first_line(text: str) -> str:
    line, *rest = re.split(r"[\n\r\f]", text, maxsplit=1)
    return clean_text(line) + ("..." if rest else "")


def _is_name(definition: TableColumnDefinition) -> bool:
    return definition.format == "name" or definition.name.lower() == "name"


def _column_id(definition: TableColumnDefinition, taken: set[str]) -> str:
    name = "name" if _is_name(definition) and "name" not in taken else definition.name.lower()
    column_id = base = _NOT_IN_ID.sub("_", name).strip("_") or "column"
    number = 2
    while column_id in taken:
        column_id = f"{base}_{number}"
        number += 1
    return column_id


def _age_column(index: int, definition: TableColumnDefinition) -> Column[TableRow]:
    def text(row: TableRow, context: Context) -> str:
        return age(row.created, context.now) if row.created else _at(row, index)

    live: Column[TableRow] = age_column(priority=definition.priority)
    return msgspec.structs.replace(live, text=text)


def _cell_column(index: int, column_id: str, definition: TableColumnDefinition) -> Column[TableRow]:
    measure = _measure(definition)

    def value(row: TableRow, _context: Context) -> float | None:
        return _amount(_at(row, index), measure)

    def sort(row: TableRow, _context: Context) -> object:
        text = _at(row, index)
        if measure == "text":
            return natural_key(text)
        amount = _amount(text, measure)
        return amount is None, amount or 0.0, text

    return Column(
        id=column_id,
        title=definition.name.upper(),
        text=lambda row, _: _at(row, index),
        sort=sort,
        value=value if measure != "text" else None,
        measure=measure,
        align="right" if definition.type in ("integer", "number") else "left",
        priority=definition.priority,
    )


def _measure(definition: TableColumnDefinition) -> Measure:
    if definition.type in ("integer", "number"):
        return "number"
    if definition.type == "date" or _TIME.search(definition.name):
        return "seconds"
    if _BYTES.search(definition.name):
        return "bytes"
    return "millicores" if _CPU.search(definition.name) else "text"


def _amount(text: str, measure: Measure) -> float | None:
    if measure == "seconds":
        return _seconds(text)
    if measure == "bytes":
        return quantity_bytes(text)
    if measure == "millicores":
        return millicores(text)
    match = _NUMBER.match(text)
    return float(match.group()) if match else None


def _seconds(text: str) -> float | None:
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    return float(
        sum(int(part) * unit for part, unit in zip(match.groups(), _UNITS, strict=True) if part)
    )


def _at(row: TableRow, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""
