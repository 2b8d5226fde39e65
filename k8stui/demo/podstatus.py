"""The status that a kubelet writes for a pod, from the state of its containers."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from k8stui.demo.containers import ENDED, RUNNING, Run, Scene
from k8stui.demo.model import Obj, clone, set_condition, stamp


def container_status(run: Run) -> Obj:
    """One entry of `containerStatuses`."""
    out: Obj = {
        "name": run.name,
        "state": run.state_object(),
        "lastState": {"terminated": run.last} if run.last else {},
        "ready": run.ready if run.role != "init" else _succeeded(run),
        "restartCount": run.restarts,
        "image": run.spec["image"],
        "imageID": "",
        "started": run.state == RUNNING,
    }
    if run.container_id:
        out["containerID"] = run.container_id
        out["imageID"] = _image_id(run.spec["image"])
    return out


@lru_cache(512)
def _image_id(image: str) -> str:
    """The image by its digest."""
    digest = hashlib.sha256(image.encode()).hexdigest()
    return f"{image.partition('@')[0]}@sha256:{digest}"


def pod_status(scene: Scene, runs: list[Run], pod_ip: str, host_ip: str) -> Obj:
    """The whole status of a pod whose containers are `runs`."""
    old = scene.pod.get("status", {})
    status: Obj = {k: v for k, v in old.items() if k in ("qosClass", "startTime", "nominated")}
    status.setdefault("startTime", stamp(scene.now))
    status["phase"] = phase(scene, runs)
    status["hostIP"], status["hostIPs"] = host_ip, [{"ip": host_ip}]
    if pod_ip:
        status["podIP"], status["podIPs"] = pod_ip, [{"ip": pod_ip}]
    inits = [container_status(run) for run in runs if run.role != "app"]
    if inits:
        status["initContainerStatuses"] = inits
    status["containerStatuses"] = [container_status(run) for run in runs if run.role == "app"]
    status["conditions"] = _conditions(scene, runs, status["phase"], bool(pod_ip))
    return status


def phase(scene: Scene, runs: list[Run]) -> str:
    """Pending, Running, Succeeded or Failed, as the kubelet derives it."""
    apps = [run for run in runs if run.role == "app"]
    inits = [run for run in runs if run.role == "init"]
    failed_init = [r for r in inits if r.state == ENDED and r.exit_code and r.due is None]
    if failed_init and scene.policy == "Never":
        return "Failed"
    if not all(_succeeded(run) for run in inits):
        return "Pending"
    if all(run.state == ENDED and run.due is None for run in apps):
        return "Failed" if any(run.exit_code for run in apps) else "Succeeded"
    if any(not run.started for run in apps):
        return "Pending"
    return "Running"


def _conditions(scene: Scene, runs: list[Run], phase_: str, has_ip: bool) -> list[Obj]:
    conditions: list[Obj] = clone(scene.pod.get("status", {}).get("conditions") or [])
    done = phase_ in ("Succeeded", "Failed")
    apps = [run for run in runs if run.role != "init"]
    unready = [run.name for run in apps if not run.ready]
    waiting = [run.name for run in runs if run.role == "init" and not _succeeded(run)]
    names = f"containers with unready status: [{' '.join(unready)}]"
    ready: dict[str, str] = {}
    if phase_ == "Succeeded":
        ready = {"reason": "PodCompleted"}
    elif phase_ == "Failed":
        ready = {"reason": "PodFailed"}
    elif unready:
        ready = {"reason": "ContainersNotReady", "message": names}
    now = scene.now
    is_ready = "False" if unready or done else "True"
    set_condition(
        conditions, now, "PodReadyToStartContainers", "True" if has_ip and not done else "False"
    )
    if waiting:
        message = f"containers with incomplete status: [{' '.join(waiting)}]"
        set_condition(
            conditions, now, "Initialized", "False", reason="ContainersNotInitialized",
            message=message,
        )  # fmt: skip
    else:
        set_condition(conditions, now, "Initialized", "True")
    closed = _closed_gates(scene.pod, conditions)
    if closed and is_ready == "True":
        gates = {"reason": "ReadinessGatesNotReady", "message": closed}
        set_condition(conditions, now, "Ready", "False", **gates)
    else:
        set_condition(conditions, now, "Ready", is_ready, **ready)
    set_condition(conditions, now, "ContainersReady", is_ready, **ready)
    set_condition(conditions, now, "PodScheduled", "True")
    return conditions


def _closed_gates(pod: Obj, conditions: list[Obj]) -> str:
    """What keeps the readiness gates of a pod from being open, "" when all are."""
    states = {entry["type"]: entry["status"] for entry in conditions}
    closed = []
    for gate in pod["spec"].get("readinessGates") or ():
        name = gate["conditionType"]
        if name not in states:
            closed.append(f'corresponding condition of pod readiness gate "{name}" does not exist.')
        elif states[name] != "True":
            closed.append(
                f'the status of pod readiness gate "{name}" is not "True", but {states[name]}'
            )
    return ", ".join(closed)


def _succeeded(run: Run) -> bool:
    return run.role == "sidecar" or (run.state == ENDED and run.exit_code == 0)


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort, from requests and limits."""
    guaranteed, anything = True, False
    for container in spec["containers"]:
        resources = container.get("resources") or {}
        requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
        anything = anything or bool(requests or limits)
        for name in ("cpu", "memory"):
            if not limits.get(name) or requests.get(name, limits[name]) != limits[name]:
                guaranteed = False
    if guaranteed:
        return "Guaranteed"
    return "Burstable" if anything else "BestEffort"
