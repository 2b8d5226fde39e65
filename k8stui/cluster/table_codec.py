"""Any kind at all as the server's own Table: its columns, and the metadata of each object."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from k8stui.cluster.codec import Page
from k8stui.cluster.envelope import KEY_ONLY, KIND_ONLY
from k8stui.resources.table import TableColumnDefinition, TableRow, decode_table

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

Definitions = tuple[TableColumnDefinition, ...]


class TableCodec:
    """Tables with each row's metadata.

    Args:
        columns_known: Called with the columns whenever the server tells them anew.
    """

    accept = TABLE
    params: tuple[tuple[str, str], ...] = (("includeObject", "Metadata"),)

    def __init__(self, columns_known: Callable[[Definitions], None]) -> None:
        self._columns_known = columns_known
        self._columns: Definitions = ()

    def page(self, body: bytes) -> Page[TableRow]:
        kind = KIND_ONLY.decode(body).kind
        if kind != "Table" and not kind.endswith("List"):
            raise msgspec.ValidationError("neither a Table nor a list")
        columns, rows, meta = decode_table(body)
        self._learn(columns)
        return Page(rows, meta.continue_token, meta.resource_version, meta.remaining)

    def key(self, item: msgspec.Raw | TableRow) -> tuple[str, str]:
        row = self.record(item)
        return row.uid, row.resource_version

    def record(self, item: msgspec.Raw | TableRow) -> TableRow:
        assert isinstance(item, TableRow)
        return _identified(item)

    def event(self, raw: msgspec.Raw) -> Sequence[TableRow]:
        columns, rows, _ = decode_table(bytes(raw))
        self._learn(columns)
        return [_identified(row) for row in rows]

    def uid(self, raw: msgspec.Raw) -> str:
        return KEY_ONLY.decode(raw).metadata.uid

    def bookmark(self, raw: msgspec.Raw) -> str:
        """A bookmark comes as a Table with one row, or as the plain object on older servers."""
        try:
            _, rows, meta = decode_table(bytes(raw))
            return rows[0].resource_version if rows else meta.resource_version
        except msgspec.MsgspecError:
            return KEY_ONLY.decode(raw).metadata.resourceVersion

    def _learn(self, columns: Definitions | None) -> None:
        if columns and columns != self._columns:
            self._columns = columns
            self._columns_known(columns)


def _identified(row: TableRow) -> TableRow:
    """The row with a key of its own: what is computed (componentstatuses, metrics) has no uid."""
    if row.uid:
        return row
    return msgspec.structs.replace(row, uid=f"{row.namespace}/{row.name}")
