"""A view of a text to be read: describe, YAML, help."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, Literal

from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.line_text import Position, Span, TextLine
from k8stui.ui.widgets.line_view import LineView
from k8stui.ui.widgets.yaml_tokens import yaml_spans

INDENT = 2
WIDEST_LABEL = 30
"""A longer label does not push the values of its section to the right."""
ANCHOR_REACH = 200
"""Lines up and down in which a newer version is searched for the line that was at the top."""

Syntax = Literal["plain", "yaml"]


class TextView(LineView):
    """Shows a `Document` or plain lines; a newer version of the same text keeps its place."""

    COMPONENT_PREFIX: ClassVar[str] = "text-view"

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text-view--ok",
        "text-view--warn",
        "text-view--error",
        "text-view--muted",
        "text-view--accent",
        "text-view--heading",
        "text-view--label",
        "text-view--key",
        "text-view--marker",
        "text-view--string",
        "text-view--number",
        "text-view--literal",
        "text-view--comment",
        "text-view--match",
        "text-view--match-current",
    }

    DEFAULT_CSS = """
    TextView {
        & > .text-view--ok { color: $text-success; }
        & > .text-view--warn { color: $text-warning; }
        & > .text-view--error { color: $text-error; text-style: bold; }
        & > .text-view--muted { color: $text-muted; }
        & > .text-view--accent { color: $text-accent; }
        & > .text-view--heading { text-style: bold; }
        & > .text-view--label { color: $text-muted; }
        & > .text-view--key { color: $text-primary; }
        & > .text-view--marker { color: $text-muted; }
        & > .text-view--number { color: $text-accent; }
        & > .text-view--literal { color: $text-accent; }
        & > .text-view--comment { color: $text-muted; text-style: italic; }
        & > .text-view--match { text-style: underline; }
        & > .text-view--match-current { text-style: reverse; }
    }
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._key: Hashable = None
        self._document: tuple[Line, ...] = ()
        self._values_at: list[int] = []
        self._plain: Sequence[str] = ()
        self._syntax: Syntax = "plain"

    def show_document(self, document: Document, *, key: Hashable = None, at: int = 0) -> None:
        """Shows a document.

        Args:
            document: What is shown; its text is clean.
            key: Names what the document is about, else its title does. With the same key as
                before the place in the text is kept.
            at: The line that is at the top of another document.
        """
        anchor = self._anchor()
        self._plain = ()
        self._document = document.lines
        self._values_at = _value_columns(document.lines)
        self._replaced(document.title if key is None else key, anchor, at)

    def show_lines(
        self, lines: Sequence[str], *, key: Hashable = None, syntax: Syntax = "plain"
    ) -> None:
        """Shows plain lines (clean text); `key` as in `show_document`."""
        anchor = self._anchor()
        self._document = ()
        self._plain = lines
        self._syntax = syntax
        self._replaced(key, anchor)

    def _anchor(self) -> str:
        """The text of the line at the top."""
        top = self._top.line
        return self._line(top).text if top < self._end() else ""

    def _replaced(self, key: Hashable, anchor: str, at: int = 0) -> None:
        same = key == self._key
        self._key = key
        self._forget_lines()
        if same:
            self._top = Position(self._index_near(anchor), self._top.row)
        else:
            self._top = Position(at)
            self._left = 0
        self._search_again()
        self._show()

    def _index_near(self, text: str) -> int:
        """The line with this text that is nearest to the top, else where the top is."""
        top = self._top.line
        end = self._end()
        if not top:
            return 0
        for distance in range(ANCHOR_REACH):
            for index in {top + distance, top - distance}:
                if 0 <= index < end and self._build(index).text == text:
                    return index
        return max(0, min(top, end - 1))

    def _end(self) -> int:
        return len(self._document) or len(self._plain)

    def _searched(self, index: int) -> str:
        return self._plain[index] if self._plain else self._build(index).text

    def _build(self, index: int) -> TextLine:
        if self._document:
            return _document_line(self._document[index], self._values_at[index])
        text = self._plain[index]
        indent = len(text) - len(text.lstrip(" ")) + INDENT
        spans = yaml_spans(text) if self._syntax == "yaml" else ()
        return TextLine(text, spans, indent)


def _value_columns(lines: Sequence[Line]) -> list[int]:
    """For each line the cell at which its value begins: one column for a section's fields.

    A section is what stands between two headings; fields of another indent have a column of
    their own.
    """
    columns: list[int] = []
    widest: dict[int, int] = {}
    begin = 0
    for end in range(len(lines) + 1):
        if end < len(lines) and lines[end].kind != "heading":
            line = lines[end]
            if line.kind == "field":
                width = cells.width_of(line.label)
                if width <= WIDEST_LABEL:
                    widest[line.indent] = max(widest.get(line.indent, 0), width)
            continue
        columns.extend(
            line.indent * INDENT + widest.get(line.indent, 0) + 2 for line in lines[begin:end]
        )
        widest, begin = {}, end
    return columns


def _document_line(line: Line, value_at: int) -> TextLine:
    """A document's line as it is laid out."""
    indent = " " * (line.indent * INDENT)
    if line.kind == "field":
        label_end = len(indent) + len(line.label) + 1
        lead = cells.pad(f"{indent}{line.label}:", value_at) if line.label else " " * value_at
        if not lead.endswith(" "):
            lead += " "
        text = lead + line.text
        spans = [Span(len(indent), label_end, "label")] if line.label else []
        if line.tone is not Tone.PLAIN:
            spans.append(Span(len(lead), len(text), str(line.tone)))
        return TextLine(text, tuple(spans), cells.width_of(lead))
    text = indent + line.text
    role = "heading" if line.kind == "heading" else str(line.tone)
    spans = [Span(len(indent), len(text), role)] if role else []
    hanging = len(indent) + line.hanging
    return TextLine(text, tuple(spans), hanging, wraps=line.kind != "columns")
