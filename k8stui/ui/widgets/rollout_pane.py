"""The Rollout pane: the revisions, how far the rollout is, and what holds it up."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import Static

from k8stui.resources.age import human_duration
from k8stui.resources.rollouts import RolloutProgress
from k8stui.ui.widgets.pane import TablePane
from k8stui.viewmodels.table_source import TableSource

_BAR_CELLS = 16


class RolloutPane(TablePane):
    """A few lines that say how the newest revision fares, over a table of all."""

    def __init__(self, source: TableSource) -> None:
        super().__init__(source, pane_id="rollout")
        self._notes = Static("", id="rollout-notes", markup=False)
        self._shown: tuple[str, ...] | None = None

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self._notes
        yield self.table

    def show_progress(self, progress: RolloutProgress | None) -> None:
        """Writes what `progress` says; nothing for a workload that has no rollouts."""
        lines = progress_lines(progress) if progress is not None else ()
        if lines != self._shown:
            self._shown = lines
            self._notes.display = bool(lines)
            self._notes.update(Text("\n".join(lines)))


def progress_lines(progress: RolloutProgress) -> tuple[str, ...]:
    """The progress in words: a bar with counts, the deadline, and what blocks."""
    one = progress
    word = {
        "done": "✓ done",
        "progressing": "▶ rolling out",
        "paused": "· paused",
        "stuck": "! stuck",
        "deadline exceeded": "✗ failed: deadline exceeded",
    }[one.state]
    if one.state == "done" and not one.blocked:
        if one.available < one.desired:
            return (f"! rolled out, but {one.available} of {one.desired} available",)
        return (f"✓ rolled out · {one.available}/{one.desired} available",)
    full = one.percent * _BAR_CELLS // 100
    bar = "█" * full + "░" * (_BAR_CELLS - full)
    lines = [f"{word} {bar} {one.percent}%"]
    lines.append(
        f"{one.updated} updated · {one.ready} ready · {one.available} available"
        f" of {one.desired}" + (f" · {one.old} old" if one.old else "")
    )
    if one.deadline_left is not None:
        lines.append(
            f"deadline in {human_duration(one.deadline_left)}"
            if one.deadline_left > 0
            else "the progress deadline is over"
        )
    lines += [f"blocked: {sentence}" for sentence in one.blocked]
    return tuple(lines)
