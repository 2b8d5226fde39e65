"""What is known around the selected workload: events, last lines of crashes, disruption budgets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from k8stui.resources.evidence import (
    NO_EVIDENCE,
    CrashedRun,
    Evidence,
    LastRun,
    crashed_runs,
    evidence_of,
)
from k8stui.resources.last_lines import LastLines
from k8stui.resources.pods import Pod
from k8stui.viewmodels.live import LiveCluster

_KINDS = ("events", "poddisruptionbudgets.policy")


class Surroundings:
    """Watches nothing before it is needed: who looks at what is well pays for no events.

    Args:
        changed: Called when there is something new.
    """

    def __init__(self, cluster: LiveCluster, changed: Callable[[], None]) -> None:
        self._cluster = cluster
        self._changed = changed
        self._leave: list[Callable[[], None]] = []
        self._last_lines = LastLines()

    def need(self) -> None:
        """From now on events and budgets are watched."""
        if not self._leave:
            self._leave = [
                self._cluster.collection(kind).subscribe(lambda _: self._changed())
                for kind in _KINDS
            ]

    def around(self, uids: Collection[str], namespace: str, pods: Sequence[Pod]) -> Evidence:
        """What of it concerns a workload, its ReplicaSets and its pods, by their uids."""
        if not self._leave:
            return NO_EVIDENCE
        events, budgets = map(self._cluster.collection, _KINDS)
        return evidence_of(
            events.rows.values(),
            frozenset(uids),
            self._last_lines.lines,
            budgets.by_namespace(namespace),
            pods,
        )

    def to_ask(self, pods: Sequence[Pod], now: float) -> tuple[CrashedRun, ...]:
        """Crashes whose last line is to be asked for; they count as asked from now on."""
        return self._last_lines.due(crashed_runs(pods, now), now)

    def learned(self, run: LastRun, line: str) -> None:
        """Takes a last line."""
        if self._last_lines.learned(run, line):
            self._changed()

    def close(self) -> None:
        for leave in self._leave:
            leave()
