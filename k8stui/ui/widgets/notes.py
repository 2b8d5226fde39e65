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


def shared_lines(wanted: Sequence[int], room: int) -> list[int]:
    """How many lines each note gets of the room, given how many it has.

    Each gets its first line before any gets another, then the first ones get all of theirs.
    """
    shown = [1 if index < room else 0 for index in range(len(wanted))]
    left = room - sum(shown)
    for index, lines in enumerate(wanted):
        more = max(0, min(left, lines - 1))
        shown[index] += more
        left -= more
    return shown


class Notes(Widget):
    """As high as its lines are where there is room, else each note is cut; hidden without any.

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
        self._pieces: list[list[Note]] = []
        """The lines of each note when all of it is shown."""
        self._rows: list[Note] = []
        self._height = 0
        """The lines that `_rows` were chosen for."""
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
        before = sum(map(len, self._pieces))
        self._pieces = [
            [
                Note(note.text[start:end], note.tone)
                for start, end in (cells.wrap(note.text, width) if width else [(0, len(note.text))])
            ]
            for note in self._notes
        ]
        wanted = sum(map(len, self._pieces))
        self.display = bool(wanted)
        if before != wanted:
            self.styles.height = max(1, wanted)
        self._fit(self.size.height)

    def _fit(self, height: int) -> None:
        """Chooses the lines that are shown; a note that is cut ends in an ellipsis."""
        before = self._rows
        shown = shared_lines([len(piece) for piece in self._pieces], height)
        self._rows = []
        for piece, count in zip(self._pieces, shown, strict=True):
            rows = piece[:count]
            if 0 < count < len(piece):
                rows[-1] = self._cut(rows[-1])
            self._rows += rows
        if self._rows and not shown[-1]:
            self._rows[-1] = self._cut(self._rows[-1])
        self._height = height
        for y in range(max(len(before), len(self._rows))):
            if before[y : y + 1] != self._rows[y : y + 1]:
                self.refresh(Region(0, y, self._width, 1))

    def _cut(self, row: Note) -> Note:
        text = row.text if row.text.endswith(" …") else f"{row.text} …"
        return row._replace(text=cells.cut_end(text, self._width))

    def render_line(self, y: int) -> Strip:
        if self._height != self.size.height:
            self._fit(self.size.height)
        base = self.rich_style
        if y >= len(self._rows):
            return Strip.blank(self.size.width, base)
        text, tone = self._rows[y]
        style = self.get_component_rich_style(f"notes--{tone.value}") if tone else base
        return Strip([Segment(text, style)]).adjust_cell_length(self.size.width, base)
