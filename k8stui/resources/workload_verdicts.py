"""How each kind of workload does: a tone, a word and a short text for the Workloads pane.

A state that is calm by intention (scaled to zero, paused, suspended) is muted. What is wrong is
an error when nothing serves any more, and a warning while something still does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from k8stui.resources.cronjobs import CronJob
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.health import Health
from k8stui.resources.jobs import Job
from k8stui.resources.pod_trouble import Trouble, trouble_of
from k8stui.resources.pods import RECENT_RESTART, STUCK_DELETION, Pod
from k8stui.resources.record import Record, Tone
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.rollouts import RolloutProgress
from k8stui.resources.statefulsets import StatefulSet

_GRAVE: Final = frozenset({"image", "crash", "config", "failed", "lost"})

_PLAIN: Final = frozenset({"unschedulable", "not ready", "gate"})
"""Troubles for which kubectl's STATUS says no more than Pending or Running."""
_DELETION: Final = 120
"""Seconds that the pods of something that is deleted are given to go."""


class Verdict(NamedTuple):
    health: Health
    summary: str
    moment: int = 0
    """Epoch seconds of what the summary tells of, where it is to be read with `4m ago`."""


def calm(word: str, summary: str = "", moment: int = 0) -> Verdict:
    return Verdict(Health(Tone.MUTED, word), summary or word, moment)


def going(record: Record, now: float) -> Verdict:
    """The verdict on what is being deleted: a pod's deletion time has its grace in it already."""
    allowed = STUCK_DELETION if isinstance(record, Pod) else _DELETION
    if now > record.deleted + allowed:
        return Verdict(Health(Tone.WARN, "terminating"), "stuck terminating")
    return calm("terminating")


def lasting_trouble(pods: Iterable[Pod], now: float) -> Trouble | None:
    """The most telling trouble that does not pass by itself."""
    found = [one for pod in pods if (one := trouble_of(pod, now)) and not one.passing]
    return min(found, key=lambda one: one.rank, default=None)


def recent_restart(pods: Iterable[Pod], now: float) -> tuple[str, int] | None:
    """(why, epoch seconds) of the last restart of the last ten minutes; exit code 0 counts too."""
    ended = [
        (one.last_finished, one.last_reason)
        for pod in pods
        if not pod.deleted and now - pod.last_restart < RECENT_RESTART
        for one in pod.containers
        if one.kind != "init" and one.restarts and now - one.last_finished < RECENT_RESTART
    ]
    if not ended:
        return None
    moment, reason = max(ended)
    return ("OOMKilled" if reason == "OOMKilled" else "restarted"), moment


def replicated(
    record: Deployment | StatefulSet | DaemonSet,
    progress: RolloutProgress,
    pods: Sequence[Pod],
    now: float,
) -> Verdict:
    """The verdict on a Deployment, a StatefulSet or a DaemonSet; the cause is said first."""
    if record.deleted:
        return going(record, now)
    serving = record.available
    if not record.desired and not serving:
        return calm("no node" if isinstance(record, DaemonSet) else "scaled to 0")
    trouble = lasting_trouble(pods, now)
    wrong = trouble.word if trouble else _refusal(record)
    revision = f"rev {progress.revision}" if progress.revision else ""
    rolling = f"{revision} ▶ {progress.percent}%".lstrip()
    match progress.state:
        case "deadline exceeded":
            text = "deadline exceeded"
            return Verdict(Health(Tone.ERROR, text), f"{wrong}, {text}" if wrong else text)
        case "stuck":
            tone = Tone.WARN if serving else Tone.ERROR
            return Verdict(Health(tone, wrong or "stuck"), f"{wrong or 'stuck'}, {rolling}")
        case "progressing":
            return Verdict(Health(Tone.ACCENT, "progressing"), rolling)
        case "paused" if serving >= record.desired:
            return _held(record, revision, progress)
    if serving >= record.desired:
        if isinstance(record, Deployment) and record.paused:
            return calm("paused")
        return _restarted(pods, now) or Verdict(Health(Tone.OK, "ok"), revision or "ok")
    return _short_of_pods(wrong, serving, record.desired, _existing(record), trouble)


def replicaset(record: ReplicaSet, pods: Sequence[Pod], now: float) -> Verdict:
    """The verdict on a ReplicaSet that no Deployment owns."""
    if record.deleted:
        return going(record, now)
    if not record.desired and not record.replicas:
        return calm("scaled to 0")
    if record.available >= record.desired:
        return _restarted(pods, now) or Verdict(Health(Tone.OK, "ok"), "ok")
    trouble = lasting_trouble(pods, now)
    wrong = trouble.word if trouble else _refusal(record)
    return _short_of_pods(wrong, record.available, record.desired, record.replicas, trouble)


def job(record: Job, pods: Sequence[Pod], now: float) -> Verdict:
    """The verdict on a Job."""
    if record.status == "Complete":
        return Verdict(Health(Tone.OK, "complete"), "complete", record.ended)
    if record.status == "Failed":
        text = f"failed: {record.reason}" if record.reason else "failed"
        return Verdict(Health(Tone.ERROR, record.reason or "failed"), text)
    if record.deleted:
        return going(record, now)
    if record.suspended:
        return calm("suspended")
    trouble = lasting_trouble((pod for pod in pods if pod.phase != "Failed"), now)
    if trouble:
        return Verdict(Health(Tone.WARN, trouble.word), trouble.word)
    if record.failed:
        return Verdict(Health(Tone.WARN, "retrying"), f"running, {record.failed} failed")
    return Verdict(Health(Tone.ACCENT, "running"), "running")


def cronjob(record: CronJob, jobs: Iterable[Job], pods: Sequence[Pod], now: float) -> Verdict:
    """The verdict on a CronJob: how its last Job ended, or what the present one does."""
    if record.deleted:
        return going(record, now)
    mine = sorted((one for one in jobs if one.owner_uid == record.uid), key=lambda one: one.created)
    last = next((one for one in reversed(mine) if one.ended), None)
    failed = last is not None and last.status == "Failed" and last.ended >= record.last_success
    if record.suspended:
        return calm("suspended")
    if record.active:
        return _running_cronjob(pods, failed, now)
    if failed and last is not None:
        text = f"failed: {last.reason}" if last.reason else "failed"
        return Verdict(Health(Tone.ERROR, last.reason or "failed"), text, last.ended)
    succeeded = max(record.last_success, last.ended if last is not None else 0)
    if succeeded:
        return Verdict(Health(Tone.OK, "ok"), "last ok", succeeded)
    if record.last_schedule:
        return Verdict(Health(Tone.OK, "scheduled"), "last run", record.last_schedule)
    return calm("not run yet")


def pod(record: Pod, now: float) -> Verdict:
    """The verdict on a pod without a controller that is shown."""
    trouble = trouble_of(record, now)
    if trouble is None:
        if record.phase == "Succeeded":
            return calm("completed")
        return _restarted((record,), now) or Verdict(Health(Tone.OK, "ok"), record.status)
    if trouble.kind == "terminating":
        return going(record, now)
    if trouble.kind == "starting":
        return Verdict(Health(Tone.ACCENT, "starting"), record.status)
    tone = Tone.ERROR if trouble.kind in _GRAVE else Tone.WARN
    word = trouble.word if trouble.kind in _PLAIN else record.status
    return Verdict(Health(tone, word), word)


def _running_cronjob(pods: Sequence[Pod], failed: bool, now: float) -> Verdict:
    trouble = lasting_trouble((pod for pod in pods if pod.phase != "Failed"), now)
    if trouble:
        return Verdict(Health(Tone.WARN, trouble.word), trouble.word)
    if failed:
        return Verdict(Health(Tone.WARN, "retrying"), "running, last failed")
    return Verdict(Health(Tone.ACCENT, "running"), "running")


def _held(
    record: Deployment | StatefulSet | DaemonSet, revision: str, progress: RolloutProgress
) -> Verdict:
    if isinstance(record, Deployment):
        rolled = f"{revision} ▶ {progress.percent}% paused"
        return calm("paused", rolled if revision and progress.updated else "paused")
    word = "OnDelete" if record.strategy == "OnDelete" else "partition"
    return calm(word, f"{revision} on {progress.available}/{record.desired} ({word})".lstrip())


def _restarted(pods: Sequence[Pod], now: float) -> Verdict | None:
    found = recent_restart(pods, now)
    if found is None:
        return None
    why, moment = found
    return Verdict(Health(Tone.WARN, why), why, moment)


def _short_of_pods(
    wrong: str, serving: int, desired: int, existing: int, trouble: Trouble | None
) -> Verdict:
    if wrong:
        grave = not serving or (trouble is None and not existing)
        return Verdict(Health(Tone.ERROR if grave else Tone.WARN, wrong), wrong)
    word = "scaling" if existing < desired else "starting"
    return Verdict(Health(Tone.ACCENT, word), word)


def _existing(record: Deployment | StatefulSet | DaemonSet) -> int:
    return record.current if isinstance(record, DaemonSet) else record.replicas


def _refusal(record: Deployment | StatefulSet | DaemonSet | ReplicaSet) -> str:
    """Why pods can't be created: `FailedCreate` of a quota, an admission webhook …"""
    for one in record.conditions:
        if one.type == "ReplicaFailure" and one.status == "True":
            return one.reason
    return ""
