"""Jobs and CronJobs."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.template import write_template
from k8stui.resources.describe.values import (
    NONE,
    UNSET,
    JsonObject,
    between,
    controller_of,
    flag,
    get,
    integer,
    joined,
    mapping,
    moment,
    objects,
    selector_text,
    show,
    since,
    string,
)
from k8stui.resources.record import Tone

_JOBS_SHOWN = 10


def describe_job(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe job`."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    failed = integer(status, "failed") or 0
    ready = integer(status, "ready")
    active = f"{integer(status, 'active') or 0} Active"
    active += "" if ready is None else f" ({ready} Ready)"
    counts = f"{active} / {integer(status, 'succeeded') or 0} Succeeded / {failed} Failed"
    out.field("Pods Statuses", counts, Tone.WARN if failed else Tone.PLAIN)
    out.field("Parallelism", _or_unset(spec, "parallelism"))
    out.field("Completions", _or_unset(spec, "completions"))
    out.optional("Completion Mode", string(spec, "completionMode"))
    if string(spec, "completionMode") == "Indexed":
        out.field("Completed Indexes", string(status, "completedIndexes") or NONE)
        out.optional("Failed Indexes", string(status, "failedIndexes"))
    out.optional("Suspend", string(spec, "suspend"), _suspended(spec))
    out.optional("Backoff Limit", string(spec, "backoffLimit"))
    out.optional("Active Deadline Seconds", _seconds(spec, "activeDeadlineSeconds"))
    out.optional("TTL Seconds After Finished", string(spec, "ttlSecondsAfterFinished"))
    out.optional("Start Time", moment(status, subject.now, "startTime"))
    out.optional("Completed At", moment(status, subject.now, "completionTime"))
    out.optional("Duration", between(status, "startTime", "completionTime"))
    out.field("Selector", selector_text(spec.get("selector")))
    write_conditions(out, subject)
    write_template(out, mapping(spec, "template"))
    write_labels(out, subject)
    write_events(out, subject)


def describe_cronjob(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe cronjob`, with the last of its jobs."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    out.field("Schedule", string(spec, "schedule"))
    out.field("Time Zone", _or_unset(spec, "timeZone"))
    suspend = get(spec, "suspend")
    text = UNSET if suspend is None else show(suspend).capitalize()
    out.field("Suspend", text, _suspended(spec))
    out.field("Last Schedule", moment(status, subject.now, "lastScheduleTime") or UNSET)
    out.optional("Last Success", moment(status, subject.now, "lastSuccessfulTime"))
    active = [string(item, "name") for item in objects(status, "active")]
    out.field("Active Jobs", joined(active))
    out.field("Concurrency Policy", string(spec, "concurrencyPolicy"))
    deadline = _seconds(spec, "startingDeadlineSeconds")
    out.field("Starting Deadline Seconds", deadline or UNSET)
    for label, key in (
        ("Successful Job History Limit", "successfulJobsHistoryLimit"),
        ("Failed Job History Limit", "failedJobsHistoryLimit"),
    ):
        out.field(label, _or_unset(spec, key))
    _write_jobs(out, subject)
    template = mapping(spec, "jobTemplate", "spec")
    out.heading("Job Template")
    with out.nested():
        selector = template.get("selector")
        out.field("Selector", selector_text(selector) if isinstance(selector, dict) else UNSET)
        for label, key in (("Parallelism", "parallelism"), ("Completions", "completions")):
            out.field(label, _or_unset(template, key))
        out.optional("Backoff Limit", string(template, "backoffLimit"))
        out.optional("Active Deadline Seconds", _seconds(template, "activeDeadlineSeconds"))
    write_template(out, mapping(template, "template"))
    write_labels(out, subject)
    write_events(out, subject)


def _or_unset(value: JsonObject, key: str) -> str:
    return string(value, key) or UNSET


def _seconds(value: JsonObject, key: str) -> str:
    text = string(value, key)
    return f"{text}s" if text else ""


def _suspended(spec: JsonObject) -> Tone:
    return Tone.WARN if flag(spec, "suspend") else Tone.PLAIN


def _write_jobs(out: DocumentBuilder, subject: Subject) -> None:
    if subject.related.jobs is None:
        return
    uid = string(subject.metadata, "uid")
    own = [job for job in subject.related.jobs if string(controller_of(job), "uid") == uid]
    own.sort(key=lambda job: string(job, "metadata", "creationTimestamp"), reverse=True)
    out.heading("Jobs")
    with out.nested():
        if own:
            out.table(
                ["NAME", "STATE", "DURATION", "AGE"],
                [_job_row(job, subject.now) for job in own[:_JOBS_SHOWN]],
            )
        else:
            out.text(NONE, Tone.MUTED)


def _job_row(job: JsonObject, now: float) -> Row:
    status = mapping(job, "status")
    ended = {
        string(item, "type")
        for item in objects(status, "conditions")
        if string(item, "status") == "True"
    }
    state = next((kind for kind in ("Failed", "Complete", "Suspended") if kind in ended), "Running")
    tone = {"Failed": Tone.ERROR, "Complete": Tone.OK}.get(state, Tone.PLAIN)
    age = since(job, now, "metadata", "creationTimestamp")
    duration = between(status, "startTime", "completionTime")
    return Row(string(job, "metadata", "name"), state, duration, age, tone=tone)
