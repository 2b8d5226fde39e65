"""The CronJob controller, and the schedules that it reads."""

from __future__ import annotations

import time

from k8stui.demo.lifecycle import begin_deletion
from k8stui.demo.model import Key, Obj, condition, seconds_of, stamp
from k8stui.demo.pods import note, owner_reference
from k8stui.demo.world import Controller, World, own, owner

_NAMED = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
}  # fmt: skip
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _field(text: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    out: set[int] = set()
    for part in text.lower().split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        else:
            a, _, b = span.partition("-")
            first = names.index(a) if a in names else int(a)
            last = (names.index(b) if b in names else int(b)) if b else (high if step else first)
        out |= set(range(first, last + 1, int(step or 1)))
    return out


def next_run(schedule: str, after: float) -> float | None:
    """The first minute after a moment that the schedule names (UTC), None within four years.

    Raises:
        ValueError: when the schedule can't be parsed.
    """
    fields = _NAMED.get(schedule, schedule).split()
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{schedule}]")
    minutes, hours = _field(fields[0], 0, 59), _field(fields[1], 0, 23)
    days, months = _field(fields[2], 1, 31), _field(fields[3], 1, 12, _MONTHS)
    weekdays = {d % 7 for d in _field(fields[4], 0, 7, _DAYS)}
    either = fields[2][0] not in "*?" and fields[4][0] not in "*?"
    moment = after - after % 60 + 60
    for _ in range(100_000):
        at = time.gmtime(moment)
        by_day, by_weekday = at.tm_mday in days, (at.tm_wday + 1) % 7 in weekdays
        if at.tm_mon not in months or not (
            (by_day or by_weekday) if either else (by_day and by_weekday)
        ):
            moment += 86400 - moment % 86400
        elif at.tm_hour not in hours:
            moment += 3600 - moment % 3600
        elif at.tm_min not in minutes:
            moment += 60
        else:
            return moment
    return None


def sync(world: World, key: Key) -> float | None:
    """Start the Jobs that are due, keep the status and the history."""
    cron = world.store.get("cronjobs", *key)
    if cron is None or cron["metadata"].get("deletionTimestamp"):
        return None
    jobs = world.store.owned(cron["metadata"]["uid"], "jobs")
    status = dict(cron.get("status") or {})
    running = [job for job in jobs if not _done(job)]
    ends = [job["status"].get("completionTime") for job in jobs if _done(job) == "Complete"]
    if any(ends):
        status["lastSuccessfulTime"] = max(end for end in ends if end)
    _trim(world, cron, jobs)
    wait: float | None = None
    if not cron["spec"].get("suspend"):
        wait = _run_due(world, cron, status, running)
    status["active"] = [
        {"apiVersion": "batch/v1", "kind": "Job", "namespace": key.namespace,
         "name": job["metadata"]["name"], "uid": job["metadata"]["uid"]}
        for job in running
    ]  # fmt: skip
    world.store.merge("cronjobs", cron, status={k: v for k, v in status.items() if v})
    return wait


def _done(job: Obj) -> str:
    for kind in ("Complete", "Failed"):
        if condition(job, kind).get("status") == "True":
            return kind
    return ""


def _run_due(world: World, cron: Obj, status: Obj, running: list[Obj]) -> float | None:
    now, spec = world.now(), cron["spec"]
    since = status.get("lastScheduleTime") or cron["metadata"]["creationTimestamp"]
    try:
        due = next_run(spec["schedule"], seconds_of(since))
        while due is not None and due <= now:
            later = next_run(spec["schedule"], due)
            if later is None or later > now:
                break
            due = later
    except ValueError as error:
        message = f"unparseable schedule {spec['schedule']!r}: {error}"
        note(world, cron, "UnparseableSchedule", message, warning=True)
        return None
    if due is None:
        return None
    if due > now:
        return due - now
    policy = spec.get("concurrencyPolicy", "Allow")
    if policy == "Forbid" and running:
        message = (
            "Not starting job because prior execution is running and concurrency policy is Forbid"
        )
        note(world, cron, "JobAlreadyActive", message)
        return 30.0
    if policy == "Replace":
        for job in list(running):
            begin_deletion(world.store, "jobs", job, now)
            running.remove(job)
    running.append(_create(world, cron, due))
    status["lastScheduleTime"] = stamp(due)
    following = next_run(spec["schedule"], now)
    return None if following is None else following - now


def _create(world: World, cron: Obj, due: float) -> Obj:
    template, meta = cron["spec"]["jobTemplate"], cron["metadata"]
    inner = template.get("metadata") or {}
    annotations = {
        **(inner.get("annotations") or {}),
        "batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(due),
    }
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"{meta['name']}-{int(due) // 60}",
            "namespace": meta["namespace"],
            "labels": inner.get("labels") or {},
            "annotations": annotations,
            "ownerReferences": [owner_reference(cron)],
            "generation": 1,
        },
        "spec": {"parallelism": 1, "completions": 1, "backoffLimit": 6, **template["spec"]},
        "status": {},
    }
    made = world.store.create("jobs", job)
    note(world, cron, "SuccessfulCreate", f"Created job {made['metadata']['name']}")
    return made


def _trim(world: World, cron: Obj, jobs: list[Obj]) -> None:
    for kind, limit in (
        ("Complete", cron["spec"].get("successfulJobsHistoryLimit", 3)),
        ("Failed", cron["spec"].get("failedJobsHistoryLimit", 1)),
    ):
        done = sorted(
            (j for j in jobs if _done(j) == kind),
            key=lambda j: str(j["metadata"]["creationTimestamp"]),
        )
        for job in done[: max(len(done) - limit, 0)]:
            begin_deletion(world.store, "jobs", job, world.now())


CONTROLLER = Controller("cronjob", sync, {"cronjobs": own, "jobs": owner("CronJob")})
