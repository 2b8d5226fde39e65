"""The Rollout pane: the revisions, how far the rollout is, and what holds it up."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from k8stui.ui.widgets.notes import Note, Notes
from k8stui.ui.widgets.pane import TablePane
from k8stui.viewmodels.rollout_notes import RolloutNote
from k8stui.viewmodels.table_source import TableSource


class RolloutPane(TablePane):
    """A few lines that say how the newest revision fares, over a table of all."""

    def __init__(self, source: TableSource) -> None:
        super().__init__(source, pane_id="rollout")
        self._notes = Notes(widget_id="rollout-notes")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self._notes
        yield self.table

    def show_notes(self, notes: Sequence[RolloutNote]) -> None:
        """Shows these lines; nothing for a workload that has no rollouts."""
        self._notes.show([Note(*note) for note in notes])
