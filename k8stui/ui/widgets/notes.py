"""A few wrapped lines of text that repaint line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from k8stui.resources.record import Tone
from k8stui.ui.widgets import cells


class Note(NamedTuple):
    """One line. Text is clean."""

    text: str
    tone: Tone = Tone.PLAIN


class Notes(Widget):
    """As high as its lines are; hidden without any.

    A Static would lay out the whole screen for each word that changes.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"notes--{tone.value}" for tone in Tone if tone is not Tone.PLAIN
    }

    DEFAULT_CSS = """
    Notes {
        height: 1;
        width: 1fr;
        & > .notes--ok { color: $text-success; }
        & > .notes--warn { color: $text-warning; }
        & > .notes--error { color: $text-error; text-style: bold; }
        & > .notes--muted { color: $text-muted; }
        & > .notes--accent { color: $text-accent; }
    }
    """

    can_focus = False

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._notes: tuple[Note, ...] = ()
        self._rows: list[Note] = []
        self._width = 0
        """Cells of a line when it was last shown: it is what there will be when it is again."""
        self.display = False

    def show(self, notes: Sequence[Note]) -> None:
        """Shows these lines; only those that differ are painted."""
        if tuple(notes) != self._notes:
            self._notes = tuple(notes)
            self._wrap()

    def on_resize(self) -> None:
        if self.size.width not in (0, self._width):
            self._width = self.size.width
            self._wrap()

    def _wrap(self) -> None:
        width = self._width
        before = self._rows
        self._rows = [
            Note(note.text[start:end], note.tone)
            for note in self._notes
            for start, end in (cells.wrap(note.text, width) if width else [(0, len(note.text))])
        ]
        self.display = bool(self._rows)
        if len(before) != len(self._rows):
            self.styles.height = max(1, len(self._rows))
            return
        for y, (old, new) in enumerate(zip(before, self._rows, strict=True)):
            if old != new:
                self.refresh(Region(0, y, width, 1))

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        if y >= len(self._rows):
            return Strip.blank(self.size.width, base)
        text, tone = self._rows[y]
        if y == self.size.height - 1 and len(self._rows) > y + 1:
            text = cells.cut_end(f"{text} …", self.size.width)
        style = self.get_component_rich_style(f"notes--{tone.value}") if tone else base
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, base)
