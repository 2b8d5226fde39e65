"""Builds a Document; the one place where describe's text is made safe for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal
from unicodedata import combining, east_asian_width

from k8stui.resources.describe.values import show
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_lines, clean_text

LineKind = Literal["text", "field", "heading", "columns"]


def cell_width(text: str) -> int:
    """How many cells of a terminal the clean text takes."""
    if text.isascii():
        return len(text)
    return sum(
        2 if east_asian_width(letter) in "WF" else 0 if combining(letter) else 1 for letter in text
    )


class Row:
    """One row of a table: its cells, how it is meant, and a sentence that belongs under it."""

    __slots__ = ("cells", "note", "tone")

    def __init__(self, *cells: object, tone: Tone = Tone.PLAIN, note: object = None) -> None:
        self.cells = [show(cell) for cell in cells]
        self.tone = tone
        self.note = show(note).strip()


class DocumentBuilder:
    """Collects lines, cleans every text that enters, and keeps the indent."""

    def __init__(self, title: str) -> None:
        self._title = clean_text(title)
        self._lines: list[Line] = []
        self._indent = 0

    def build(self) -> Document:
        return Document(self._title, tuple(self._lines))

    @contextmanager
    def nested(self, levels: int = 1) -> Iterator[None]:
        """Indents what is written inside."""
        self._indent += levels
        try:
            yield
        finally:
            self._indent -= levels

    def heading(self, text: object, tone: Tone = Tone.PLAIN) -> None:
        self._add(clean_text(show(text)), tone=tone, kind="heading")

    def field(self, label: str, value: object, tone: Tone = Tone.PLAIN) -> None:
        """A label and its value; the value's further lines are fields without a label."""
        self.lines(label, show(value).split("\n"), tone)

    def lines(self, label: str, values: Iterable[object], tone: Tone = Tone.PLAIN) -> None:
        """A label and several values below each other, `<none>` when there are none."""
        label = clean_text(label)
        texts = [text for value in values for text in clean_lines(show(value))] or ["<none>"]
        for number, text in enumerate(texts):
            self._add(text, label="" if number else label, tone=tone, kind="field")

    def optional(self, label: str, value: object, tone: Tone = Tone.PLAIN) -> None:
        """A field, where there is something to say."""
        if show(value):
            self.field(label, value, tone)

    def text(self, value: object, tone: Tone = Tone.PLAIN) -> None:
        """Lines to be read, which the screen may wrap."""
        for line in clean_lines(show(value)):
            self._add(line, tone=tone)

    def table(self, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Columns as wide as their longest cell; a row's note goes on lines of its own under it."""
        body = [(row, [clean_text(cell) for cell in row.cells]) for row in rows]
        head = [clean_text(column) for column in columns]
        widths = [cell_width(column) for column in head]
        for _, cells in body:
            for number, cell in enumerate(cells[: len(widths)]):
                widths[number] = max(widths[number], cell_width(cell))
        self._add(_padded(head, widths), tone=Tone.MUTED, kind="columns")
        for row, cells in body:
            self._add(_padded(cells, widths), tone=row.tone, kind="columns")
            if row.note:
                with self.nested():
                    self.text(row.note, row.tone)

    def _add(
        self, text: str, *, label: str = "", tone: Tone = Tone.PLAIN, kind: LineKind = "text"
    ) -> None:
        self._lines.append(Line(text, label, self._indent, tone, kind))


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(
        cell + " " * (width - cell_width(cell)) for cell, width in zip(cells, widths, strict=False)
    ).rstrip()
