"""Two revisions beside each other: by meaning and line by line, or in two columns."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from k8stui.actions.interface import Comparison
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui.screens.help import TextScreen
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.comparison_text import Row, comparison_document, rows_beside

_BETWEEN = 3
"""Cells between the columns: a mark with a blank on each side."""


class ComparisonScreen(TextScreen):
    """`v` turns from one way to show it to the other.

    Args:
        name: The workload's.
        comparison: What is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "turn", "Beside each other", show=False),
    ]

    def __init__(self, name: str, comparison: Comparison) -> None:
        super().__init__(comparison_document(name, comparison))
        self._comparison = comparison
        self._beside = False

    def on_mount(self) -> None:
        self._say()

    def on_resize(self, _event: events.Resize) -> None:
        if self._beside:
            self.call_after_refresh(self._show)

    def action_turn(self) -> None:
        self._beside = not self._beside
        self._show()
        self._say()

    def _say(self) -> None:
        other = "one below the other" if self._beside else "beside each other"
        self.query_one("#text").border_subtitle = f"v {other} · Esc closes"

    def _show(self) -> None:
        view = self.query_one(TextView)
        if self._beside:
            width = max(10, (view.size.width - 2 - _BETWEEN) // 2)
            view.show_document(beside_document(self._document.title, self._comparison, width))
        else:
            view.show_document(self._document)


def beside_document(title: str, comparison: Comparison, width: int) -> Document:
    """Both sides in columns of this many cells; what has no room goes on in the next line."""
    lines = [_line(comparison.before_title, comparison.after_title, " ", width, Tone.ACCENT)]
    for number, hunk in enumerate(rows_beside(comparison)):
        if number:
            lines.append(_line("⋮", "⋮", " ", width, Tone.MUTED))
        for row in hunk:
            lines += _lines(row, width)
    if len(lines) == 1:
        lines.append(Line("nothing differs", tone=Tone.MUTED))
    return Document(title, tuple(lines))


def _lines(row: Row, width: int) -> list[Line]:
    mark, tone = " ", Tone.PLAIN
    if row.before is None:
        mark, tone = "+", Tone.OK
    elif row.after is None:
        mark, tone = "-", Tone.ERROR
    elif row.differs:
        mark, tone = "~", Tone.WARN
    before, after = _parts(row.before, width), _parts(row.after, width)
    height = max(len(before), len(after))
    before += [""] * (height - len(before))
    after += [""] * (height - len(after))
    return [_line(one, other, mark, width, tone) for one, other in zip(before, after, strict=True)]


def _parts(text: str | None, width: int) -> list[str]:
    if not text:
        return [""]
    return [text[start:end] for start, end in cells.wrap(text, width)]


def _line(before: str, after: str, mark: str, width: int, tone: Tone) -> Line:
    return Line(f"{cells.pad(before, width)} {mark} {after}", kind="columns", tone=tone)
