"""How each rollout that was looked at went: what time it took, and what came of it."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from k8stui.resources.age import human_duration
from k8stui.resources.rollouts import RolloutProgress

_HALF_A_DAY: Final = 12 * 3600


class _Seen(NamedTuple):
    """The rollout of one workload as it was seen last."""

    target: str
    revision: int
    began: float
    """Epoch seconds, 0 where nobody knows."""
    rolling: bool
    verdict: str
    """How it ended, or how the one before it did."""


class RolloutStories:
    """Remembers one rollout a workload; a session has no more workloads than it shows."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def verdict(self, uid: str, progress: RolloutProgress, now: float) -> str:
        """What became of the workload's last rollout, "" where there is nothing to tell (yet).

        Args:
            uid: The workload's.
            progress: As it stands now; call this whenever it may be another.
            now: Epoch seconds.
        """
        before = self._seen.get(uid)
        self._seen[uid] = seen = _next(before, progress, now)
        return seen.verdict if progress.observed else ""


def _next(before: _Seen | None, progress: RolloutProgress, now: float) -> _Seen:
    rolling = progress.state != "done"
    if not progress.observed:
        # The target is still that of the spec before: nothing has begun that could be superseded.
        return before or _Seen("", 0, 0, rolling=False, verdict="")
    if before is None:
        verdict = "" if rolling else _noted(progress, now)
        return _Seen(progress.target, progress.revision, progress.began, rolling, verdict)
    if progress.target and progress.target != before.target:
        verdict = ""
        if before.rolling and before.target:
            took = f" after {human_duration(now - before.began)}" if before.began else ""
            old, new = _number(before.revision), _number(progress.revision)
            verdict = f"{old} superseded by {new}{took}"
        return _Seen(progress.target, progress.revision, progress.began or now, rolling, verdict)
    if rolling and not before.rolling:
        # The same template is rolled out again (an old pod came back, say).
        return before._replace(began=now, rolling=True, verdict="", revision=progress.revision)
    if before.rolling and not rolling:
        ended = progress.ended or now
        took = f" in {human_duration(max(0, ended - before.began))}" if before.began else ""
        verdict = f"done{took} at {clock_text(ended, now)}"
        return before._replace(rolling=False, verdict=verdict, revision=progress.revision)
    return before._replace(revision=progress.revision)


def _noted(progress: RolloutProgress, now: float) -> str:
    """The verdict on a rollout that nobody watched, from what the cluster has noted of it."""
    if not progress.ended:
        return ""
    took = progress.ended - progress.began
    told = f" in {human_duration(took)}" if progress.began and took >= 0 else ""
    return f"done{told} at {clock_text(progress.ended, now)}"


def _number(revision: int) -> str:
    return f"revision {revision}" if revision else "another template"


def clock_text(moment: float, now: float) -> str:
    """A moment, as an age would be painted anew every second; of long ago with its day."""
    form = "%H:%M:%S" if now - moment < _HALF_A_DAY else "%Y-%m-%d %H:%M"
    return time.strftime(form, time.localtime(moment))
