"""CronJobs (batch/v1 and v1beta1): their record, health and columns."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.columns import (
    NONE,
    age_column,
    name_column,
    number_column,
    since_column,
    text_column,
)
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_templates import Images, PodTemplate, container_images
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.selectors import LabelSelector, format_selector, selector_query
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, epoch, head
from k8stui.resources.workload_columns import containers_column, images_column, selector_column


class CronJob(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Times are epoch seconds, 0 for never."""

    schedule: str = ""
    time_zone: str = ""
    """Empty for that of the controller."""
    suspended: bool | None = None
    """None where nothing is set, which counts as False."""
    concurrency_policy: str = "Allow"
    starting_deadline: int | None = None
    """Seconds by which a start may be late before it is missed; None for no such limit."""
    active: int = 0
    active_jobs: tuple[str, ...] = ()
    """Names of the Jobs that run now."""
    last_schedule: int = 0
    last_success: int = 0
    """0 also on servers that don't tell (before 1.21)."""
    images: Images = ()
    selector: str = ""


class _JobSpec(msgspec.Struct, gc=False):
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)


class _JobTemplate(msgspec.Struct, gc=False):
    spec: _JobSpec = msgspec.field(default_factory=_JobSpec)


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    schedule: str = ""
    time_zone: str | None = None
    suspend: bool | None = None
    concurrency_policy: str = "Allow"
    starting_deadline_seconds: int | None = None
    job_template: _JobTemplate = msgspec.field(default_factory=_JobTemplate)


class _Reference(msgspec.Struct, gc=False):
    name: str = ""


class _Status(msgspec.Struct, gc=False, rename="camel"):
    active: list[_Reference] | None = None
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class _CronJob(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_CRON_JOB = LenientDecoder(_CronJob)


def decode(raw: bytes) -> CronJob:
    """A CronJob's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _CRON_JOB.decode(raw)
    spec, status = wire.spec, wire.status
    job = spec.job_template.spec
    return CronJob(
        schedule=intern(clean_text(spec.schedule)),
        time_zone=intern(clean_text(spec.time_zone or "")),
        suspended=spec.suspend,
        concurrency_policy=intern(clean_text(spec.concurrency_policy)),
        starting_deadline=spec.starting_deadline_seconds,
        active=len(status.active or ()),
        active_jobs=tuple(clean_text(one.name) for one in status.active or ()),
        last_schedule=epoch(status.last_schedule_time),
        last_success=epoch(status.last_successful_time),
        images=container_images(job.template.spec.containers),
        selector=selector_query(job.selector),
        **head(wire.metadata),
    )


def health(cron_job: CronJob, _now: float) -> Health:
    """What can be told from the CronJob alone; how its Jobs ended, their own records tell."""
    if cron_job.suspended:
        return Health(Tone.MUTED, "Suspended")
    if cron_job.active:
        return Health(Tone.ACCENT, "Active")
    return Health(Tone.OK, "Scheduled")


def _suspend(cron_job: CronJob) -> str:
    return "<unset>" if cron_job.suspended is None else str(cron_job.suspended)


def _suspend_tone(cron_job: CronJob, _context: Context) -> Tone:
    return Tone.WARN if cron_job.suspended else Tone.PLAIN


COLUMNS: tuple[Column[CronJob], ...] = (
    name_column(),
    text_column("schedule", "SCHEDULE", lambda cron_job: cron_job.schedule),
    text_column("timezone", "TIMEZONE", lambda cron_job: cron_job.time_zone or NONE, priority=2),
    text_column("suspend", "SUSPEND", _suspend, tone=_suspend_tone),
    number_column("active", "ACTIVE", lambda cron_job: cron_job.active),
    since_column(
        "last_schedule", "LAST SCHEDULE", lambda cron_job: cron_job.last_schedule, never=NONE
    ),
    since_column(
        "last_success",
        "LAST SUCCESS",
        lambda cron_job: cron_job.last_success,
        never=NONE,
        priority=1,
    ),
    age_column(),
    containers_column(lambda cron_job: cron_job.images),
    images_column(lambda cron_job: cron_job.images),
    selector_column(lambda cron_job: format_selector(cron_job.selector)),
)

KIND = TypedKind(
    group="batch",
    versions=("v1", "v1beta1"),
    plural="cronjobs",
    kind="CronJob",
    decode=decode,
    columns=COLUMNS,
    short="cronjob",
)
