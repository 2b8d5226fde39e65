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
from k8stui.resources.pods import Pod
from k8stui.viewmodels.live import LiveCluster

_KINDS = ("events", "poddisruptionbudgets.policy")
_MOST_LINES = 200
"""Last lines that are kept; a container that goes on crashing has a new one each time."""
_MOST_TRIES = 4
_TRY_AGAIN = 3.0
"""Seconds until a last line that was not had is asked for again, longer each time."""


class Surroundings:
    """Watches nothing before it is needed: who looks at what is well pays for no events.

    Args:
        changed: Called when there is something new.
    """

    def __init__(self, cluster: LiveCluster, changed: Callable[[], None]) -> None:
        self._cluster = cluster
        self._changed = changed
        self._leave: list[Callable[[], None]] = []
        self._lines: dict[LastRun, str] = {}
        self._asked: dict[LastRun, tuple[int, float]] = {}
        """How often, and from when on (epoch seconds) it may be asked again."""

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
            self._lines,
            budgets.by_namespace(namespace),
            pods,
        )

    def to_ask(self, pods: Sequence[Pod], now: float) -> tuple[CrashedRun, ...]:
        """Crashes whose last line is to be asked for; they count as asked from now on.

        One that could not be had is asked for again: between two runs there is none at times.
        """
        found = tuple(one for one in crashed_runs(pods, now) if self._is_due(one.run, now))
        for one in found:
            tries = self._asked.pop(one.run, (0, 0.0))[0] + 1
            self._asked[one.run] = (tries, now + _TRY_AGAIN * tries)
        while len(self._asked) > _MOST_LINES:
            oldest = next(iter(self._asked))
            del self._asked[oldest]
            self._lines.pop(oldest, None)
        return found

    def _is_due(self, run: LastRun, now: float) -> bool:
        tries, due = self._asked.get(run, (0, 0.0))
        return run not in self._lines and tries < _MOST_TRIES and now >= due

    def learned(self, run: LastRun, line: str) -> None:
        """Takes a last line."""
        if line and run in self._asked:
            self._lines[run] = line
            self._changed()

    def close(self) -> None:
        for leave in self._leave:
            leave()
