"""Jobs: their record, health and columns."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.age import human_duration
from k8stui.resources.columns import age_column, name_column, number_column, text_column
from k8stui.resources.containers import short
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.pod_templates import Images, PodTemplate, container_images
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.selectors import LabelSelector, format_selector, selector_query
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, epoch, head
from k8stui.resources.workload_columns import containers_column, images_column, selector_column

_BACKOFF_LIMIT = 6
"""The API's default."""


class Job(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Times are epoch seconds, 0 where there is none."""

    status: str = "Running"
    """STATUS of newer kubectl: Complete, Failed, Terminating, Suspended, FailureTarget, Running."""
    completions: int | None = None
    """How many pods have to succeed; None for a work queue, where one success is the end."""
    parallelism: int = 1
    backoff_limit: int = _BACKOFF_LIMIT
    deadline: int = 0
    """activeDeadlineSeconds, 0 for none."""
    suspended: bool = False
    active: int = 0
    ready: int | None = None
    """Ready pods; None where the server doesn't count them (before 1.24)."""
    succeeded: int = 0
    failed: int = 0
    started: int = 0
    finished: int = 0
    """When it was complete; a failed Job has none."""
    ended: int = 0
    """When it was complete or failed."""
    reason: str = ""
    """Why it failed: BackoffLimitExceeded, DeadlineExceeded …"""
    message: str = ""
    images: Images = ()
    selector: str = ""


class _Spec(msgspec.Struct, gc=False, rename="camel"):
    completions: int | None = None
    parallelism: int | None = None
    backoff_limit: int | None = None
    active_deadline_seconds: int | None = None
    suspend: bool | None = None
    selector: LabelSelector | None = None
    template: PodTemplate = msgspec.field(default_factory=PodTemplate)


class _Condition(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: str | None = None


class _Status(msgspec.Struct, gc=False, rename="camel"):
    active: int = 0
    ready: int | None = None
    succeeded: int = 0
    failed: int = 0
    start_time: str | None = None
    completion_time: str | None = None
    conditions: list[_Condition] | None = None


class _Job(msgspec.Struct, gc=False):
    metadata: ObjectMeta
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)


_JOB = LenientDecoder(_Job)


def decode(raw: bytes) -> Job:
    """A Job's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    wire = _JOB.decode(raw)
    spec, status = wire.spec, wire.status
    true = {one.type: one for one in status.conditions or () if one.status == "True"}
    failure = true.get("Failed") or true.get("FailureTarget")
    end = true.get("Complete") or true.get("Failed")
    backoff = spec.backoff_limit
    return Job(
        status=_status(true, wire.metadata.deletion_timestamp is not None),
        completions=spec.completions,
        # kubectl counts an unset parallelism as 0, which it shows in no other way than 1.
        parallelism=spec.parallelism or 0,
        backoff_limit=_BACKOFF_LIMIT if backoff is None else backoff,
        deadline=spec.active_deadline_seconds or 0,
        suspended=bool(spec.suspend),
        active=status.active,
        ready=status.ready,
        succeeded=status.succeeded,
        failed=status.failed,
        started=epoch(status.start_time),
        finished=epoch(status.completion_time),
        ended=epoch(status.completion_time) or epoch(end.last_transition_time if end else None),
        reason=intern(clean_text(failure.reason)) if failure else "",
        message=short(failure.message) if failure else "",
        images=container_images(spec.template.spec.containers),
        selector=selector_query(spec.selector),
        **head(wire.metadata),
    )


def health(job: Job, _now: float) -> Health:
    """A failed Job says which limit it reached; one that still tries after failures warns."""
    if job.status == "Failed":
        return Health(Tone.ERROR, job.reason or job.status)
    if job.status == "FailureTarget":
        return Health(Tone.WARN, job.reason or job.status)
    if job.status == "Running":
        return Health(Tone.WARN if job.failed else Tone.ACCENT, job.status)
    return Health(Tone.MUTED, job.status)


def completions_text(job: Job) -> str:
    """COMPLETIONS as kubectl prints it: `1/3`, or `0/1 of 3` for a work queue."""
    if job.completions is not None:
        return f"{job.succeeded}/{job.completions}"
    of = f" of {job.parallelism}" if job.parallelism > 1 else ""
    return f"{job.succeeded}/1{of}"


def duration(job: Job, now: float) -> float | None:
    """Seconds from the start to completion, or to now as kubectl counts for failed Jobs too."""
    return (job.finished or now) - job.started if job.started else None


def _status(true: dict[str, _Condition], deleted: bool) -> str:
    if "Complete" in true:
        return "Complete"
    if "Failed" in true:
        return "Failed"
    if deleted:
        return "Terminating"
    if "Suspended" in true:
        return "Suspended"
    return "FailureTarget" if "FailureTarget" in true else "Running"


def _status_tone(job: Job, context: Context) -> Tone:
    return health(job, context.now).tone


def _failed_tone(job: Job, _context: Context) -> Tone:
    return Tone.WARN if job.failed else Tone.PLAIN


def _duration_text(job: Job, context: Context) -> str:
    seconds = duration(job, context.now)
    return "" if seconds is None else human_duration(seconds)


COLUMNS: tuple[Column[Job], ...] = (
    name_column(),
    text_column("status", "STATUS", lambda job: job.status, tone=_status_tone),
    Column(
        id="completions",
        title="COMPLETIONS",
        text=lambda job, _: completions_text(job),
        sort=lambda job, _: (job.succeeded, job.completions or 1),
        value=lambda job, _: job.succeeded,
        measure="number",
    ),
    number_column("failed", "FAILED", lambda job: job.failed, priority=1, tone=_failed_tone),
    number_column("active", "ACTIVE", lambda job: job.active, priority=2),
    Column(
        id="duration",
        title="DURATION",
        text=_duration_text,
        sort=lambda job, context: duration(job, context.now) or -1.0,
        value=lambda job, context: duration(job, context.now),
        measure="seconds",
        live=True,
    ),
    age_column(),
    containers_column(lambda job: job.images),
    images_column(lambda job: job.images),
    selector_column(lambda job: format_selector(job.selector)),
)

KIND = TypedKind(
    group="batch",
    versions=("v1",),
    plural="jobs",
    kind="Job",
    decode=decode,
    columns=COLUMNS,
    short="job",
)
