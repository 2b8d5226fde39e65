"""The Job controller: completions, parallelism, back-off limit, deadline, clean-up."""

from __future__ import annotations

from k8stui.demo.lifecycle import begin_deletion
from k8stui.demo.model import Key, Obj, condition, dig, seconds_of, set_condition, stamp
from k8stui.demo.pods import (
    active,
    conditions_of,
    create_pod,
    delete_pod,
    note,
    ready,
    wait_after_refusal,
)
from k8stui.demo.world import Controller, World, own, owner

BACKOFF_FIRST, BACKOFF_MAX = 10.0, 360.0
_ENDINGS = {
    "CompletionsReached": "Reached expected number of succeeded pods",
    "BackoffLimitExceeded": "Job has reached the specified backoff limit",
    "DeadlineExceeded": "Job was active longer than specified deadline",
}


def sync(world: World, key: Key) -> float | None:
    """Start pods, count their ends, and finish the Job."""
    job = world.store.get("jobs", *key)
    if job is None or job["metadata"].get("deletionTimestamp"):
        return None
    if _finished(job):
        return _expire(world, job)
    job = _labelled(world, job)
    spec, status = job["spec"], dict(job.get("status") or {})
    pods = world.store.owned(job["metadata"]["uid"], "pods")
    running = active(pods)
    succeeded = sum(dig(p, "status", "phase") == "Succeeded" for p in pods)
    failed = sum(dig(p, "status", "phase") == "Failed" for p in pods)
    restarts = sum(
        s["restartCount"] for p in running for s in dig(p, "status", "containerStatuses") or ()
    )
    if spec.get("suspend"):
        return _suspend(world, job, running)
    now = world.now()
    status.setdefault("startTime", stamp(now))
    status |= {"active": len(running), "succeeded": succeeded, "failed": failed}
    status["ready"] = sum(map(ready, running))
    completions = spec.get("completions")
    deadline = spec.get("activeDeadlineSeconds")
    left = None if deadline is None else deadline - (now - seconds_of(status["startTime"]))
    over = failed > spec.get("backoffLimit", 6) or restarts > spec.get("backoffLimit", 6)
    ending = ""
    if succeeded >= (completions or 1) and (completions is not None or not running):
        ending = "CompletionsReached"
    elif over:
        ending = "BackoffLimitExceeded"
    elif left is not None and left <= 0:
        ending = "DeadlineExceeded"
    if ending:
        _finish(world, job, status, ending, running)
        return 0.1
    again = _start(world, job, pods, running, succeeded)
    fresh = world.store.owned(job["metadata"]["uid"], "pods")
    status["active"] = len(active(fresh))
    status = {k: v for k, v in status.items() if v or k in ("startTime",)}
    world.store.merge("jobs", job, status=status)
    waits = [w for w in (again, left) if w is not None]
    return min(waits) if waits else None


def _finished(job: Obj) -> bool:
    return any(condition(job, kind).get("status") == "True" for kind in ("Complete", "Failed"))


def _labelled(world: World, job: Obj) -> Obj:
    """Selector and labels that tie the pods to this Job, as the server generates them."""
    if job["spec"].get("selector"):
        return job
    meta = job["metadata"]
    uid_key = "batch.kubernetes.io/controller-uid"
    labels = {
        uid_key: meta["uid"],
        "batch.kubernetes.io/job-name": meta["name"],
        "controller-uid": meta["uid"],
        "job-name": meta["name"],
    }
    template = job["spec"]["template"]
    inner = dict(template.get("metadata") or {})
    inner["labels"] = {**(inner.get("labels") or {}), **labels}
    spec = {
        **job["spec"],
        "selector": {"matchLabels": {uid_key: meta["uid"]}},
        "template": {**template, "metadata": inner},
    }
    return world.store.merge("jobs", job, spec=spec)


def _start(
    world: World, job: Obj, pods: list[Obj], running: list[Obj], succeeded: int
) -> float | None:
    spec = job["spec"]
    completions, parallelism = spec.get("completions"), spec.get("parallelism", 1)
    if completions is None:
        want = 0 if succeeded else parallelism
    else:
        want = min(parallelism, completions - succeeded)
    ends = [_ended_at(p) for p in pods if dig(p, "status", "phase") == "Failed"]
    if ends and len(running) < want:
        wait = min(BACKOFF_FIRST * 2 ** (len(ends) - 1), BACKOFF_MAX)
        left: float = max(ends) + wait - world.now()
        if left > 0:
            return left
    for _ in range(want - len(running)):
        if create_pod(world, job, spec["template"]):
            return wait_after_refusal(world, job)
    for pod in running[max(want, 0) :]:
        delete_pod(world, pod, job)
    return None


def _ended_at(pod: Obj) -> float:
    ends = [
        dig(s, "state", "terminated", "finishedAt")
        for s in dig(pod, "status", "containerStatuses") or ()
    ]
    return max((seconds_of(end) for end in ends if end), default=0.0)


def _finish(world: World, job: Obj, status: Obj, reason: str, running: list[Obj]) -> None:
    message = _ENDINGS[reason]
    kind = "Complete" if reason == "CompletionsReached" else "Failed"
    for pod in running:
        delete_pod(world, pod, job)
    now = world.now()
    conditions = conditions_of(job)
    first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
    for type_ in (first, kind):
        set_condition(
            conditions, now, type_, "True", reason=reason, message=message, lastProbeTime=stamp(now)
        )
    status = {**status, "conditions": conditions, "active": 0, "ready": 0}
    if kind == "Complete":
        status["completionTime"] = stamp(now)
        note(world, job, "Completed", "Job completed")
    else:
        note(world, job, reason, message, warning=True)
    status["failed"] = status.get("failed", 0) + (len(running) if kind == "Failed" else 0)
    status = {k: v for k, v in status.items() if v}
    world.store.merge("jobs", job, status=status)


def _suspend(world: World, job: Obj, running: list[Obj]) -> float | None:
    conditions = conditions_of(job)
    for pod in running:
        delete_pod(world, pod, job)
    if condition(job, "Suspended").get("status") != "True":
        set_condition(
            conditions,
            world.now(),
            "Suspended",
            "True",
            reason="JobSuspended",
            message="Job suspended",
        )
        world.store.merge("jobs", job, status={"conditions": conditions})
        note(world, job, "Suspended", "Job suspended")
    return None


def _expire(world: World, job: Obj) -> float | None:
    ttl = job["spec"].get("ttlSecondsAfterFinished")
    if ttl is None:
        return None
    ended = max(seconds_of(c["lastTransitionTime"]) for c in job["status"]["conditions"])
    left = ended + float(ttl) - world.now()
    if left > 0:
        return left
    begin_deletion(world.store, "jobs", job, world.now())
    return None


CONTROLLER = Controller("job", sync, {"jobs": own, "pods": owner("Job")})
