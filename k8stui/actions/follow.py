"""Follows what an action began to its end, from the records that the watch brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from k8stui.actions.intents import Delete, Evict, Pause, Scale
from k8stui.actions.interface import Outcome, Preview, Verdict
from k8stui.resources.age import human_duration
from k8stui.resources.blockers import names_text
from k8stui.resources.columns import natural_key
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.evidence import NO_EVIDENCE, Evidence
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record
from k8stui.resources.rollouts import RevisionRow, Rollable, RolloutProgress, rollout_progress
from k8stui.resources.statefulsets import StatefulSet

NO_PROGRESS: Final = 600
"""Seconds without progress after which a blocked rollout that has no deadline counts as failed:
what a Deployment's progressDeadlineSeconds is by default."""


class Following:
    """One action that the server has accepted, until its verdict.

    Give it the records whenever they change, and once a second for the clock. Nothing in it asks
    the network.

    Attributes:
        verdict: How it ended, None while it goes on.
        progress: How the rollout stands, None where nothing rolls out.
        waits: What it waits for where nothing rolls out, in words: pods that still stop.
    """

    def __init__(self, preview: Preview, outcome: Outcome) -> None:
        self.preview = preview
        self.outcome = outcome
        self.verdict: Verdict | None = None
        self.progress: RolloutProgress | None = None
        self.waits = ""
        self._pods = 0
        self._started = outcome.at
        self._target = ""

    def look(
        self,
        record: Record | None,
        revisions: Sequence[RevisionRow],
        pods: Iterable[Pod],
        now: float,
        evidence: Evidence = NO_EVIDENCE,
    ) -> Verdict | None:
        """Takes the present state in; returns the verdict once there is one.

        Args:
            record: The object, None where it isn't there (any more).
            revisions: Its revisions, and `pods` its own pods; empty for what has none.
            now: Epoch seconds.
            evidence: What is known beyond the objects themselves.
        """
        if self.verdict is None:
            self.verdict = self._judge(record, revisions, tuple(pods), now, evidence)
        return self.verdict

    def _judge(
        self,
        record: Record | None,
        revisions: Sequence[RevisionRow],
        pods: tuple[Pod, ...],
        now: float,
        evidence: Evidence,
    ) -> Verdict | None:
        took = human_duration(now - self._started)
        leaving = isinstance(self.preview.intent, Delete | Evict)
        if record is None or (self.outcome.uid and record.uid != self.outcome.uid):
            return Verdict("done", f"gone after {took}{self._left()}") if leaving else gone()
        if leaving:
            self._pods = len(pods)
            self.waits = _still_stopping((record,) if isinstance(record, Pod) else pods)
            return None
        if not isinstance(record, Deployment | StatefulSet | DaemonSet):
            # Nothing is known of how other kinds roll out: being accepted is all there is.
            return Verdict("done", "accepted")
        if record.generation < self.outcome.generation:
            return None
        if not record.observed:
            return None  # the counts are of the template before
        self.progress = rollout_progress(record, revisions, pods, now, evidence)
        if isinstance(self.preview.intent, Pause):
            return Verdict("done", "paused")
        return self._rollout(record, revisions, self.progress, pods, took, now)

    def _left(self) -> str:
        """What becomes of the pods of a workload that is gone before them."""
        intent = self.preview.intent
        if not self._pods or not isinstance(intent, Delete) or intent.propagation == "Foreground":
            return ""
        one = self._pods == 1
        pods = "pod" if one else f"{self._pods} pods"
        if intent.propagation == "Orphan":
            return f"; its {pods} {'stays' if one else 'stay'}"
        return f"; its {pods} {'is' if one else 'are'} deleted next"

    def _rollout(
        self,
        record: Rollable,
        revisions: Sequence[RevisionRow],
        progress: RolloutProgress,
        pods: tuple[Pod, ...],
        took: str,
        now: float,
    ) -> Verdict | None:
        target = next((one.pod_hash for one in revisions if one.is_target), "")
        if self._target and target and target != self._target:
            number = f"revision {progress.revision}" if progress.revision else "another template"
            return Verdict("superseded", f"superseded by {number} after {took}")
        self._target = self._target or target
        match progress.state:
            case "deadline exceeded":
                why = f": {progress.blocked[0]}" if progress.blocked else ""
                return Verdict("failed", f"{self._late(progress, took)}{why}")
            case "paused":
                why = progress.blocked[0] if progress.blocked else "paused"
                return Verdict("paused", why if why.startswith("paused") else f"paused: {why}")
            case "done":
                return self._done(record, pods, took)
            case "stuck":
                return stuck(progress, self._started, now)
            case _:
                return None

    def _late(self, progress: RolloutProgress, took: str) -> str:
        """The deadline isn't given anew by pausing, resuming or scaling what failed at it."""
        if 0 < progress.ended < int(self._started):
            return "had failed at the deadline before this"
        return f"failed at the deadline after {took}"

    def _done(self, record: Rollable, pods: tuple[Pod, ...], took: str) -> Verdict | None:
        """Scaling is no rollout: its end is that all pods that are wanted are there, and no more.

        The controllers' counts leave out what is terminating, which still holds its place.
        """
        if isinstance(self.preview.intent, Scale):
            wanted = self.preview.after.replicas
            if wanted is not None and record.desired != wanted:
                return Verdict("superseded", f"superseded: scaled to {record.desired} since")
            self.waits = self._scaling(record, pods)
            if self.waits:
                return None
        if isinstance(record, StatefulSet | DaemonSet) and record.ready < record.desired:
            return None  # as kubectl `rollout status`; only a Deployment notes the end itself
        return Verdict("done", f"done in {took}")

    def _scaling(self, record: Rollable, pods: tuple[Pod, ...]) -> str:
        fewer = record.desired < (self.preview.before.replicas or 0)
        if fewer and (stopping := _still_stopping(pods)):
            return stopping
        there = record.replicas if isinstance(record, Deployment) else record.ready
        if there > record.desired:
            return f"{there} pods, {record.desired} wanted"
        if there < record.desired or record.available < record.desired:
            return f"{record.available} of {record.desired} available"
        return ""


def stuck(progress: RolloutProgress, begun: float, now: float) -> Verdict | None:
    """Where no controller gives up by itself, someone must say that nothing moves any more.

    Args:
        progress: Of a rollout that is blocked.
        begun: Epoch seconds at which it began; 0 where only the cluster can tell.
    """
    moved = max(progress.last_progress, begun)
    if progress.seconds_allowed or now - moved < NO_PROGRESS:
        return None
    lasted = human_duration(now - moved)
    return Verdict("failed", f"stuck: no progress for {lasted}: {progress.blocked[0]}")


def gone() -> Verdict:
    """Of an object that isn't there any more, or another one with its name is."""
    return Verdict("gone", "the object is gone")


def _still_stopping(pods: Iterable[Pod]) -> str:
    names = sorted((pod.name for pod in pods if pod.deleted), key=natural_key)
    if not names:
        return ""
    many = "1 pod" if len(names) == 1 else f"{len(names)} pods"
    return f"{many} still terminating: {names_text(names)}"
