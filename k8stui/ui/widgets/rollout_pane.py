"""The Rollout pane: the revisions, how far the rollout is, and what holds it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.app import ComposeResult

from k8stui.ui.widgets.notes import Note, Notes
from k8stui.ui.widgets.pane import PaneBeside
from k8stui.ui.widgets.row_window import HEADER_LINES
from k8stui.viewmodels.rollout_notes import RolloutNote
from k8stui.viewmodels.table_source import TableSource

_TITLE_LINES: Final = 1
_FEW_ROWS: Final = 3
"""Revisions that stay in sight however much there is to tell, where there are so many."""


class RolloutPane(PaneBeside):
    """A few lines that say how the newest revision fares, over a table of all."""

    def __init__(self, source: TableSource) -> None:
        super().__init__(source, pane_id="rollout")
        self._source = source
        self._room = 0
        self._notes = Notes(widget_id="rollout-notes")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self._notes
        yield self.table

    def show_notes(self, notes: Sequence[RolloutNote]) -> None:
        """Shows these lines; nothing for a workload that has no rollouts."""
        self._notes.show([Note(*note) for note in notes])
        self._share()

    def on_resize(self) -> None:
        self._share()

    def _share(self) -> None:
        """Gives the notes what the revisions do not need; those get a quarter at least."""
        height = self.size.height
        if height:
            rows = min(self._source.row_count(), max(_FEW_ROWS, height // 4))
            room = max(_FEW_ROWS, height - _TITLE_LINES - HEADER_LINES - rows)
            if room != self._room:
                self._room = room
                self._notes.styles.max_height = room
