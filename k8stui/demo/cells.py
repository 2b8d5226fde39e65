"""The cells of the tables of pods and workloads, and how they write ages and lists."""

from __future__ import annotations

from typing import Any

from k8stui.demo.model import Obj, condition, dig, seconds_of

NONE = "<none>"


def age(obj: Obj, now: float) -> str:
    """The age since creation as kubectl writes durations."""
    created = obj["metadata"].get("creationTimestamp")
    return duration(now - seconds_of(created)) if created else "<unknown>"


def since(text: str | None, now: float) -> str:
    return duration(now - seconds_of(text)) if text else "<unknown>"


def duration(seconds: float) -> str:
    """As HumanDuration: two units while they matter."""
    s = int(max(seconds, 0))
    if s < 120:
        return f"{s}s"
    minutes = s // 60
    if minutes < 10:
        return f"{minutes}m{s % 60}s" if s % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = s // 3600
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 192:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 730:
        return f"{days}d"
    return f"{days // 365}y{days % 365}d" if days % 365 and days < 2920 else f"{days // 365}y"


def name_of(obj: Obj) -> str:
    return str(obj["metadata"]["name"])


def joined(values: Any) -> str:
    return ",".join(str(v) for v in values) or NONE


def selector_text(selector: Obj | None) -> str:
    selector = selector or {}
    labels = selector.get("matchLabels", selector if "matchExpressions" not in selector else {})
    return joined(f"{k}={v}" for k, v in sorted((labels or {}).items()))


def images(template: Obj | None) -> tuple[str, str]:
    containers = dig(template, "spec", "containers") or []
    return joined(c["name"] for c in containers), joined(c["image"] for c in containers)


def pod_reason(pod: Obj) -> str:
    """The STATUS column of a pod."""
    status = pod.get("status") or {}
    reason = str(status.get("reason") or status.get("phase") or "Unknown")
    inits = status.get("initContainerStatuses") or []
    restartable = {
        c["name"] for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy")
    }
    for at, entry in enumerate(inits):
        state = entry["state"]
        if dig(state, "terminated", "exitCode") == 0 or (
            entry["name"] in restartable and entry.get("started")
        ):
            continue
        if "terminated" in state:
            reason = f"Init:{state['terminated'].get('reason') or 'ExitCode'}"
        elif dig(state, "waiting", "reason") not in (None, "", "PodInitializing"):
            reason = f"Init:{state['waiting']['reason']}"
        else:
            reason = f"Init:{at}/{len(inits)}"
        break
    else:
        reason = _running_reason(status, reason)
    if pod["metadata"].get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return reason


def _running_reason(status: Obj, reason: str) -> str:
    running = False
    for entry in reversed(status.get("containerStatuses") or []):
        waiting, ended = entry["state"].get("waiting"), entry["state"].get("terminated")
        if waiting and waiting.get("reason"):
            reason = waiting["reason"]
        elif ended:
            reason = ended.get("reason") or f"ExitCode:{ended['exitCode']}"
        elif entry.get("ready") and "running" in entry["state"]:
            running = True
    if reason == "Completed" and running:
        return (
            "Running"
            if condition({"status": status}, "Ready").get("status") == "True"
            else "NotReady"
        )
    return reason


def pod_cells(pod: Obj, now: float) -> list[Any]:
    status = pod.get("status") or {}
    entries = status.get("containerStatuses") or []
    sidecars = {
        c["name"] for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy")
    }
    entries = [
        *entries,
        *(s for s in status.get("initContainerStatuses") or () if s["name"] in sidecars),
    ]
    every = [*entries, *(s for s in status.get("initContainerStatuses") or () if s not in entries)]
    total = len(pod["spec"]["containers"]) + len(sidecars)
    restarts = sum(s["restartCount"] for s in every)
    finished = [dig(s, "lastState", "terminated", "finishedAt") for s in every]
    last = max((f for f in finished if f), default=None)
    gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates") or ()]
    states = {entry["type"]: entry["status"] for entry in status.get("conditions") or ()}
    text = f"{restarts} ({since(last, now)} ago)" if restarts and last else str(restarts)
    return [
        name_of(pod),
        f"{sum(1 for s in entries if s['ready'])}/{total}",
        pod_reason(pod),
        text,
        age(pod, now),
        status.get("podIP") or NONE,
        pod["spec"].get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        f"{sum(states.get(gate) == 'True' for gate in gates)}/{len(gates)}" if gates else NONE,
    ]


def deployment_cells(obj: Obj, now: float) -> list[Any]:
    status = obj.get("status") or {}
    return [
        name_of(obj),
        f"{status.get('readyReplicas', 0)}/{obj['spec'].get('replicas', 1)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        age(obj, now),
        *images(obj["spec"]["template"]),
        selector_text(obj["spec"]["selector"]),
    ]


def replicaset_cells(obj: Obj, now: float) -> list[Any]:
    status = obj.get("status") or {}
    return [
        name_of(obj),
        obj["spec"].get("replicas", 1),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        age(obj, now),
        *images(obj["spec"].get("template")),
        selector_text(obj["spec"].get("selector")),
    ]


def statefulset_cells(obj: Obj, now: float) -> list[Any]:
    ready = (obj.get("status") or {}).get("readyReplicas", 0)
    counts = f"{ready}/{obj['spec'].get('replicas', 1)}"
    return [name_of(obj), counts, age(obj, now), *images(obj["spec"]["template"])]


def daemonset_cells(obj: Obj, now: float) -> list[Any]:
    status = obj.get("status") or {}
    names = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady",
             "updatedNumberScheduled", "numberAvailable")  # fmt: skip
    node = dig(obj, "spec", "template", "spec", "nodeSelector")
    return [
        name_of(obj),
        *(status.get(name, 0) for name in names),
        selector_text(node),
        age(obj, now),
        *images(obj["spec"]["template"]),
        selector_text(obj["spec"]["selector"]),
    ]


def job_cells(obj: Obj, now: float) -> list[Any]:
    status, spec = obj.get("status") or {}, obj["spec"]
    state = "Running"
    for entry in status.get("conditions") or ():
        if entry["status"] == "True" and entry["type"] in ("Complete", "Failed", "Suspended"):
            state = entry["type"]
    want = spec.get("completions")
    done = f"{status.get('succeeded', 0)}/{want if want is not None else 1}"
    start, end = status.get("startTime"), status.get("completionTime")
    took = duration((seconds_of(end) if end else now) - seconds_of(start)) if start else ""
    return [
        name_of(obj), state, done, took, age(obj, now), *images(spec["template"]),
        selector_text(spec.get("selector")),
    ]  # fmt: skip


def cronjob_cells(obj: Obj, now: float) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    last = status.get("lastScheduleTime")
    return [
        name_of(obj),
        spec["schedule"],
        spec.get("timeZone") or NONE,
        str(bool(spec.get("suspend"))),
        len(status.get("active") or []),
        since(last, now) if last else NONE,
        age(obj, now),
        *images(spec["jobTemplate"]["spec"]["template"]),
        NONE,
    ]
