"""The Workloads pane: one row for each thing that someone runs, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from k8stui.resources import workload_verdicts as verdicts
from k8stui.resources.age import human_duration
from k8stui.resources.columns import age_column, natural_key, number_column, text_column
from k8stui.resources.controllerrevisions import ControllerRevision
from k8stui.resources.cronjobs import CronJob
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.health import Health, severity
from k8stui.resources.jobs import Job, completions_text
from k8stui.resources.pod_templates import Images, images_text
from k8stui.resources.pod_trouble import trouble_of
from k8stui.resources.pods import RECENT_RESTART, Pod
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.rollouts import (
    RevisionRow,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
    rollout_progress,
)
from k8stui.resources.statefulsets import StatefulSet

Source = Deployment | StatefulSet | DaemonSet | CronJob | Job | ReplicaSet | Pod
"""What a row may be made of."""

GLYPHS: Final = {
    Tone.OK: "✓",
    Tone.WARN: "!",
    Tone.ERROR: "✗",
    Tone.ACCENT: "▶",
    Tone.MUTED: "·",
    Tone.PLAIN: "·",
}
"""One cell each: a state is never told by its colour alone."""

LOOK_AGAIN: Final = 10
"""Seconds after which the verdict on what is under way may be another, though nothing changed."""

_SHOWN_OWNERS: Final = frozenset(
    {
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("batch", "Job"),
        ("batch", "CronJob"),
    }
)


class Workload(Record, frozen=True, gc=False, kw_only=True):
    """One row of the pane. The head (`uid`, `name`, `labels` …) is the source object's own."""

    group: str
    plural: str
    short: str
    """`deploy`, `sts`, `ds`, `cronjob`, `job`, `rs` or `pod`."""
    ready: int = 0
    desired: int = 0
    ready_text: str = ""
    """`3/4` pods (of a Job: completions; of a pod: containers), empty for a CronJob."""
    health: Health
    summary: str = ""
    """A few words, e.g. `rev 7 ▶ 62%`; read it with `summary_text` where `moment` is set."""
    moment: int = 0
    """Epoch seconds of what the summary tells of (`last ok`), 0 where that has no time."""
    look_again: int = 0
    """Epoch seconds from which time alone may change the verdict, 0 for never."""
    images: Images = ()
    strategy: str = ""
    """`RollingUpdate +25% -25%`, `Recreate`, `OnDelete`; of a CronJob its schedule."""
    revision: int = 0
    """Number of the newest revision, 0 where there is none or it isn't known."""
    restarts: int = 0
    """Of all containers of its pods."""

    @property
    def glyph(self) -> str:
        return GLYPHS[self.health.tone]

    @property
    def severity(self) -> int:
        """3 error, 2 warning, 1 in progress, 0 the rest."""
        return severity(self.health)


def is_workload(record: Record) -> bool:
    """Whether the record has a row of its own: nothing that is shown controls it."""
    if isinstance(record, Deployment | StatefulSet | DaemonSet | CronJob):
        return True
    if isinstance(record, Job | ReplicaSet | Pod):
        return (record.owner_group, record.owner_kind) not in _SHOWN_OWNERS
    return False


def workload_for(
    record: Source, pods: Iterable[Pod] = (), owned: Iterable[Record] = (), *, now: float
) -> Workload:
    """The row of a workload.

    `pods` are all pods of the workload, through its ReplicaSets or Jobs where it has such.
    `owned` are its ReplicaSets, ControllerRevisions or Jobs; without them, the row lacks what
    only they tell (revision and percentage). `now` is in epoch seconds.
    """
    own = tuple(pods)
    facts = _facts(record, own, tuple(owned), now)
    verdict = facts.verdict
    kind = _KINDS[type(record)]
    return Workload(
        uid=record.uid,
        namespace=record.namespace,
        name=record.name,
        resource_version=record.resource_version,
        created=record.created,
        deleted=record.deleted,
        labels=record.labels,
        owner_uid=record.owner_uid,
        owner_group=record.owner_group,
        owner_kind=record.owner_kind,
        owner_name=record.owner_name,
        group=kind.group,
        plural=kind.plural,
        short=kind.short,
        ready=facts.ready,
        desired=facts.desired,
        ready_text=facts.ready_text,
        health=verdict.health,
        summary=verdict.summary,
        moment=verdict.moment,
        look_again=_look_again(verdict, own, now),
        images=facts.images,
        strategy=facts.strategy,
        revision=facts.revision,
        restarts=sum(pod.restarts for pod in own),
    )


def summary_text(workload: Workload, now: float) -> str:
    """The summary as it is to be read now: `last ok 4m ago`."""
    if not workload.moment:
        return workload.summary
    return f"{workload.summary} {human_duration(now - workload.moment)} ago"


class _Kind(NamedTuple):
    group: str
    plural: str
    short: str


_KINDS: Final[dict[type[Record], _Kind]] = {
    Deployment: _Kind("apps", "deployments", "deploy"),
    StatefulSet: _Kind("apps", "statefulsets", "sts"),
    DaemonSet: _Kind("apps", "daemonsets", "ds"),
    CronJob: _Kind("batch", "cronjobs", "cronjob"),
    Job: _Kind("batch", "jobs", "job"),
    ReplicaSet: _Kind("apps", "replicasets", "rs"),
    Pod: _Kind("", "pods", "pod"),
}


class _Facts(NamedTuple):
    verdict: verdicts.Verdict
    ready: int
    desired: int
    ready_text: str
    images: Images
    strategy: str = ""
    revision: int = 0


def _facts(record: Source, pods: tuple[Pod, ...], owned: tuple[Record, ...], now: float) -> _Facts:
    match record:
        case Deployment() | StatefulSet() | DaemonSet():
            return _replicated(record, pods, owned, now)
        case ReplicaSet():
            verdict = verdicts.replicaset(record, pods, now)
            counts = record.ready, record.desired, f"{record.ready}/{record.desired}"
            return _Facts(verdict, *counts, record.containers)
        case Job():
            verdict = verdicts.job(record, pods, now)
            wanted = record.completions or 1
            text = completions_text(record)
            return _Facts(verdict, record.succeeded, wanted, text, record.images)
        case CronJob():
            jobs = [one for one in owned if isinstance(one, Job)]
            verdict = verdicts.cronjob(record, jobs, pods, now)
            return _Facts(verdict, 0, 0, "", record.images, record.schedule)
        case Pod():
            images = tuple((one.name, one.image) for one in record.containers if _is_main(one.kind))
            text = f"{record.ready}/{record.total}"
            verdict = verdicts.pod(record, now)
            return _Facts(verdict, record.ready, record.total, text, images)


def _is_main(kind: str) -> bool:
    return kind in ("container", "sidecar")


def _replicated(
    record: Deployment | StatefulSet | DaemonSet,
    pods: tuple[Pod, ...],
    owned: tuple[Record, ...],
    now: float,
) -> _Facts:
    revisions = _revisions(record, pods, owned)
    progress = rollout_progress(record, revisions, pods, now)
    verdict = verdicts.replicated(record, progress, pods, now)
    return _Facts(
        verdict,
        record.ready,
        record.desired,
        f"{record.ready}/{record.desired}",
        record.containers,
        strategy_text(record),
        progress.revision,
    )


def _revisions(
    record: Deployment | StatefulSet | DaemonSet, pods: tuple[Pod, ...], owned: tuple[Record, ...]
) -> tuple[RevisionRow, ...]:
    if isinstance(record, Deployment):
        replicasets = [one for one in owned if isinstance(one, ReplicaSet)]
        return revisions_of_deployment(record, replicasets, pods)
    revisions = [one for one in owned if isinstance(one, ControllerRevision)]
    if isinstance(record, StatefulSet):
        return revisions_of_statefulset(record, revisions, pods)
    return revisions_of_daemonset(record, revisions, pods)


def strategy_text(record: Deployment | StatefulSet | DaemonSet) -> str:
    """`RollingUpdate +25% -25%` (surge, unavailable), or `RollingUpdate partition 2`."""
    if isinstance(record, StatefulSet):
        part = f" partition {record.partition}" if record.partition else ""
        return f"{record.strategy}{part}"
    if record.strategy != "RollingUpdate":
        return record.strategy
    return f"{record.strategy} +{record.max_surge_text} -{record.max_unavailable_text}"


def _look_again(verdict: verdicts.Verdict, pods: tuple[Pod, ...], now: float) -> int:
    tone = verdict.health.tone
    if tone is Tone.WARN and verdict.moment:
        return verdict.moment + RECENT_RESTART
    if tone is Tone.ACCENT or any(
        one.passing for pod in pods if (one := trouble_of(pod, now)) is not None
    ):
        return int(now) + LOOK_AGAIN
    return 0


def _by_need(workload: Workload) -> tuple[object, ...]:
    return (
        -workload.severity,
        natural_key(workload.name),
        workload.short,
        workload.namespace,
    )


def _tone(workload: Workload, _context: Context) -> Tone:
    return workload.health.tone


def _name_tone(workload: Workload, _context: Context) -> Tone:
    """What is well needs no colour on its name: colour is for what wants a look."""
    tone = workload.health.tone
    return Tone.PLAIN if tone is Tone.OK else tone


COLUMNS: tuple[Column[Workload], ...] = (
    Column(
        id="workload",
        title="WORKLOAD",
        text=lambda one, _: f"{one.glyph} {one.short}/{one.name}",
        sort=lambda one, _: _by_need(one),
        tone=_name_tone,
        min_width=12,
    ),
    Column(
        id="ready",
        title="READY",
        text=lambda one, _: one.ready_text,
        sort=lambda one, _: (one.ready - one.desired, one.desired),
        value=lambda one, _: one.ready,
        measure="number",
        align="right",
        tone=lambda one, _: Tone.WARN if one.ready < one.desired else Tone.PLAIN,
    ),
    Column(
        id="status",
        title="STATUS",
        text=lambda one, context: summary_text(one, context.now),
        sort=lambda one, _: (-one.severity, one.summary),
        tone=_tone,
        live=True,
        min_width=len("ErrImageNeverPull"),
    ),
    number_column("restarts", "RESTARTS", lambda one: one.restarts, priority=2),
    age_column(priority=1),
    text_column("images", "IMAGES", lambda one: images_text(one.images), priority=3),
    text_column("strategy", "STRATEGY", lambda one: one.strategy, priority=4),
    Column(
        id="name",
        title="NAME",
        text=lambda one, _: one.name,
        sort=lambda one, _: (natural_key(one.name), one.short, one.namespace),
        priority=5,
    ),
)
"""`workload` sorts what is wrong to the top, `name` by name alone."""
