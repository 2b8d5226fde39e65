"""The Rollout pane: the revisions, how far the rollout is, and what holds it up."""

from __future__ import annotations

from textual.app import ComposeResult

from k8stui.resources.age import human_duration
from k8stui.resources.record import Tone
from k8stui.resources.rollouts import RolloutProgress
from k8stui.ui.widgets.notes import Note, Notes
from k8stui.ui.widgets.pane import TablePane
from k8stui.viewmodels.table_source import TableSource

_BAR_CELLS = 16


class RolloutPane(TablePane):
    """A few lines that say how the newest revision fares, over a table of all."""

    def __init__(self, source: TableSource) -> None:
        super().__init__(source, pane_id="rollout")
        self._notes = Notes(widget_id="rollout-notes")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self._notes
        yield self.table

    def show_progress(self, progress: RolloutProgress | None) -> None:
        """Writes what `progress` says; nothing for a workload that has no rollouts."""
        self._notes.show(progress_lines(progress) if progress is not None else ())


def progress_lines(progress: RolloutProgress) -> tuple[Note, ...]:
    """The progress in words: a bar with counts, the deadline, and what blocks."""
    one = progress
    word, tone = {
        "done": ("✓ done", Tone.OK),
        "progressing": ("▶ rolling out", Tone.ACCENT),
        "paused": ("· paused", Tone.MUTED),
        "stuck": ("! stuck", Tone.WARN),
        "deadline exceeded": ("✗ failed: deadline exceeded", Tone.ERROR),
    }[one.state]
    if one.state == "done" and not one.blocked:
        if one.available < one.desired:
            text = f"! rolled out, but {one.available} of {one.desired} available"
            return (Note(text, Tone.WARN),)
        return (Note(f"✓ rolled out · {one.available}/{one.desired} available", tone),)
    full = one.percent * _BAR_CELLS // 100
    bar = "█" * full + "░" * (_BAR_CELLS - full)
    counts = f"{one.updated} updated · {one.ready} ready · {one.available} available"
    old = f" · {one.old} old" if one.old else ""
    notes = [Note(f"{word} {bar} {one.percent}%", tone), Note(f"{counts} of {one.desired}{old}")]
    if one.deadline_left is not None and one.deadline_left > 0:
        notes.append(Note(f"deadline in {human_duration(one.deadline_left)}"))
    elif one.deadline_left is not None:
        notes.append(Note("the progress deadline is over", Tone.WARN))
    notes += [Note(f"blocked: {sentence}", Tone.WARN) for sentence in one.blocked]
    return tuple(notes)
