"""What a table on the screen asks of its view model."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple, Protocol

from k8stui.resources.record import Tone

Align = Literal["left", "right"]
Sorted = Literal["", "asc", "desc"]
Flexible = Literal["", "middle", "end", "details"]
"""Where `…` may stand for a part of a text: nowhere, in its middle, at its end, or, since it begins
with what counts, at its end before any other column is shortened."""


class CellText(NamedTuple):
    """What stands in one cell."""

    text: str
    """One line of clean text; never markup."""
    tone: Tone = Tone.PLAIN


class HeaderCell(NamedTuple):
    """One cell of the header line."""

    id: str
    title: str
    align: Align = "left"
    sorted: Sorted = ""
    """Which way the rows are sorted by this column, empty when they are not."""


class ColumnLayout(NamedTuple):
    """How one column may be laid out. Widths are in terminal cells."""

    id: str
    title: str
    align: Align = "left"
    priority: int = 0
    """0 is always shown; the higher, the sooner it goes when there is no room."""
    min_width: int = 0
    """The least width of the column; a flexible one is not shortened below it."""
    flexible: Flexible = ""
    """Where its text may be shortened when there is no room."""
    live: bool = False
    """True when the text changes by itself as time passes (AGE)."""


class TableSource(Protocol):
    """Rows in the order they are shown. All calls are synchronous and cheap."""

    @property
    def version(self) -> int:
        """Grows whenever anything visible may have changed."""
        ...

    def columns(self) -> Sequence[ColumnLayout]:
        """All columns, the first at the left. A different answer begins a new data set."""
        ...

    def header(self) -> Sequence[HeaderCell]:
        """One header cell for each of `columns()`."""
        ...

    def row_count(self) -> int: ...

    def key_at(self, index: int) -> str:
        """The stable key (uid) of the row at this position."""
        ...

    def index_of(self, key: str) -> int | None:
        """Where the row is now, None when it isn't shown."""
        ...

    def cells_at(self, index: int) -> Sequence[CellText]:
        """One cell for each of `columns()`; asked for rows on the screen only."""
        ...

    def cell_at(self, index: int, column: int) -> CellText:
        """One cell; asked again for live columns as time passes."""
        ...

    def row_version(self, index: int) -> Hashable:
        """Two equal answers for one key mean the same line, live columns and marks aside."""
        ...

    def row_tone(self, index: int) -> Tone:
        """The tone of cells that have none of their own; part of what `row_version` covers."""
        ...

    def marked(self, key: str) -> bool: ...
