"""Follows a rollout that was found under way, for `k8stui rollout status`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8stui.actions.follow import gone, stuck
from k8stui.actions.interface import Verdict
from k8stui.resources.evidence import NO_EVIDENCE, Evidence
from k8stui.resources.pods import Pod
from k8stui.resources.rollout_end import RolloutEnd, rollout_end, with_end
from k8stui.resources.rollouts import RevisionRow, Rollable, RolloutProgress, rollout_progress


class StatusFollowing:
    """The rollout of one workload, until `kubectl rollout status` would end.

    A rollout that begins on the way is followed too, as kubectl does. Other than kubectl it ends
    where nothing goes on by itself: paused, or without progress for long.

    Attributes:
        progress: How the rollout stands, None before the controller has seen the template.
        waits: What it waits for, in words.
    """

    def __init__(self) -> None:
        self.progress: RolloutProgress | None = None
        self.waits = ""
        self._uid = ""

    def look(
        self,
        record: Rollable | None,
        revisions: Sequence[RevisionRow],
        pods: Iterable[Pod],
        now: float,
        evidence: Evidence = NO_EVIDENCE,
    ) -> Verdict | None:
        """As `Following.look`."""
        if record is None or record.uid != (self._uid or record.uid):
            return gone()
        self._uid = record.uid
        end = rollout_end(record)
        self.waits = end.text
        if not record.observed:
            return None  # the counts are of the template before
        found = rollout_progress(record, revisions, pods, now, evidence)
        self.progress = with_end(found, record, end)
        if end.state == "done":
            # What a partition keeps back is told though nothing is wrong with it.
            kept = found.blocked if found.state == "paused" else ()
            return Verdict("done", "; ".join((end.text, *kept)))
        return self._verdict(end, self.progress, now)

    def _verdict(self, end: RolloutEnd, progress: RolloutProgress, now: float) -> Verdict | None:
        why = progress.blocked[0] if progress.blocked else ""
        if end.state == "failed":
            return Verdict("failed", ": ".join(filter(None, (end.text, why))))
        if progress.state == "paused":
            return Verdict("paused", why if why.startswith("paused") else f"paused: {why}")
        # Only the cluster can tell since when it stands: nobody knows when it began.
        return stuck(progress, 0.0, now) if progress.state == "stuck" else None
