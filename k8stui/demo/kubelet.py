"""The kubelet stand-in: runs bound pods on their nodes and tells their status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from k8stui.demo import containers
from k8stui.demo.containers import ENDED, RUNNING, WAITING, Run, Scene
from k8stui.demo.model import Key, Obj, condition, dig, digest, key_of, seconds_of
from k8stui.demo.podstatus import pod_status
from k8stui.demo.world import Controller, World, own

TOO_LONG: Final = "Pod was active on the node longer than the specified deadline"


@dataclass(slots=True)
class _Pod:
    """What a kubelet remembers of one pod."""

    uid: str
    runs: list[Run]
    ip: str = ""
    stop_at: float | None = None
    ready_at: float = 0.0


@dataclass(slots=True)
class Kubelet:
    """All kubelets of the cluster; `images` are the images that each node holds."""

    pods: dict[Key, _Pod] = field(default_factory=dict)
    images: dict[str, set[str]] = field(default_factory=dict)

    def controller(self) -> Controller:
        return Controller("kubelet", self.sync, {"pods": own, "nodes": _pods_of_node})

    def sync(self, world: World, key: Key) -> float | None:
        """Bring one pod further; see `Controller.sync`."""
        pod = world.store.get("pods", *key)
        if pod is None or not pod["spec"].get("nodeName"):
            self.pods.pop(key, None)
            if pod is not None and pod["metadata"].get("deletionTimestamp"):
                _gone(world, pod)
            return None
        node = world.store.get("nodes", "", pod["spec"]["nodeName"])
        if node is None or condition(node, "Ready").get("status") != "True":
            return None
        known = self.pods.get(key)
        if known is None or known.uid != pod["metadata"]["uid"]:
            known = self.pods[key] = self._adopt(pod)
        if pod["metadata"].get("deletionTimestamp"):
            return self._stop(world, pod, known)
        if dig(pod, "status", "phase") in ("Succeeded", "Failed"):
            return None
        return self._advance(world, pod, node, known)

    def _adopt(self, pod: Obj) -> _Pod:
        """Take on a pod; one that already runs (written so, not grown) goes on running."""
        known = _Pod(pod["metadata"]["uid"], containers.runs_of(pod))
        known.ip = dig(pod, "status", "podIP") or ""
        statuses = {s["name"]: s for s in dig(pod, "status", "containerStatuses") or ()}
        for run in known.runs:
            since = dig(statuses.get(run.name), "state", "running", "startedAt")
            if since:
                run.state, run.reason, run.ready, run.pulled = RUNNING, "", True, True
                run.started = seconds_of(since)
                run.container_id = statuses[run.name].get("containerID", "")
        return known

    def _advance(self, world: World, pod: Obj, node: Obj, known: _Pod) -> float | None:
        now = world.now()
        held = self.images.setdefault(node["metadata"]["name"], set())
        scene = Scene(pod, now, held, partial(_missing_config, world, pod["metadata"]["namespace"]))
        blocked = _missing_volume(world, pod)
        if blocked and not known.ip:
            self._record(world, scene, node, [("FailedMount", blocked, True, "")])
        elif not known.ip:
            known.ip = _pod_ip(node, pod)
        end = _deadline(pod)
        _redefine(pod, known.runs, scene)
        if known.ip:
            _step_all(known.runs, scene)
        late = end is not None and end <= now and _expire(scene, known.runs)
        self._record(world, scene, node, scene.notes)
        host = _address(node)
        ip = host if pod["spec"].get("hostNetwork") else known.ip
        status = pod_status(scene, known.runs, ip, host)
        if late:
            kept: Obj = {name: status[name] for name in ("startTime", "qosClass") if name in status}
            status = {**kept, "phase": "Failed", "reason": "DeadlineExceeded", "message": TOO_LONG}
        world.store.merge("pods", pod, status=status)
        if late:
            return None
        if blocked and not known.ip:
            return 30.0
        moments = [m for run in known.runs for m in (run.due, run.probe_due) if m is not None]
        moments += [] if end is None else [end]
        return max(min(moments) - now, 0.0) if moments else None

    def _record(
        self, world: World, scene: Scene, node: Obj, notes: Iterable[tuple[str, str, bool, str]]
    ) -> None:
        host = node["metadata"]["name"]
        for reason, message, warning, where in notes:
            world.events(
                scene.pod,
                reason,
                message,
                source="kubelet",
                host=host,
                warning=warning,
                field=where,
            )

    def _stop(self, world: World, pod: Obj, known: _Pod) -> float | None:
        """SIGTERM, then after the grace period SIGKILL; then the pod object goes."""
        now = world.now()
        running = [run for run in known.runs if run.state == RUNNING]
        if known.stop_at is None:
            scene = Scene(pod, now, set(), lambda _: "")
            for run in running:
                scene.note(run, "Killing", f"Stopping container {run.name}")
            node = world.store.get("nodes", "", pod["spec"]["nodeName"])
            self._record(world, scene, node or {"metadata": {"name": ""}}, scene.notes)
            known.stop_at = now + max((run.program.stops_in for run in running), default=0.1)
        limit = seconds_of(pod["metadata"]["deletionTimestamp"])
        grace = pod["metadata"].get("deletionGracePeriodSeconds") or 0
        deadline = min(known.stop_at, limit if grace else now)
        if now < deadline:
            return deadline - now
        killed = known.stop_at > deadline and grace > 0
        for run in running:
            containers.finish(run, now, 137 if killed else 0, "Error" if killed else "Completed")
        for run in known.runs:
            run.due = None
        if pod["metadata"].get("finalizers"):
            scene = Scene(pod, now, set(), lambda _: "")
            status = pod_status(scene, known.runs, known.ip, dig(pod, "status", "hostIP") or "")
            world.store.merge("pods", pod, status=status)
            return None
        self.pods.pop(key_of(pod), None)
        _gone(world, pod)
        return None


def _redefine(pod: Obj, runs: list[Run], scene: Scene) -> None:
    """Start anew what has got another image."""
    spec = pod["spec"]
    specs = {c["name"]: c for c in (*(spec.get("initContainers") or ()), *spec["containers"])}
    for run in runs:
        if specs[run.name]["image"] != run.spec["image"]:
            containers.redefine(run, specs[run.name], scene)


def _deadline(pod: Obj) -> float | None:
    """When a pod with `activeDeadlineSeconds` has run for too long."""
    seconds, since = pod["spec"].get("activeDeadlineSeconds"), dig(pod, "status", "startTime")
    return None if seconds is None or not since else seconds_of(since) + float(seconds)


def _expire(scene: Scene, runs: list[Run]) -> bool:
    """Kill what still runs; False when nothing does any more."""
    if all(run.state == ENDED and run.due is None for run in runs):
        return False
    scene.notes.append(("DeadlineExceeded", TOO_LONG, False, ""))
    for run in runs:
        if run.state == RUNNING:
            containers.finish(run, scene.now, 137, "Error")
        run.due = None
    return True


def _step_all(runs: list[Run], scene: Scene) -> None:
    for run in runs:
        if run.role == "app":
            break
        _step(run, scene)
        open_ = run.state == RUNNING if run.role == "sidecar" else run.state == ENDED
        if not open_ or (run.role == "init" and run.exit_code):
            return
    for run in runs:
        if run.role == "app":
            _step(run, scene)
    apps = [run for run in runs if run.role == "app"]
    if all(run.state == ENDED and run.due is None for run in apps):
        for run in runs:
            if run.role == "sidecar" and run.state == RUNNING:
                containers.finish(run, scene.now, 0, "Completed")


def _step(run: Run, scene: Scene) -> None:
    if run.state == WAITING and run.due is None:
        containers.begin(run, scene)
    while run.due is not None and run.due <= scene.now:
        run.due = None
        containers.step(run, scene)
    if run.state == RUNNING and run.probe_due is not None and run.probe_due <= scene.now:
        containers.probe(run, scene)


def _gone(world: World, pod: Obj) -> None:
    if not pod["metadata"].get("finalizers"):
        world.store.remove("pods", key_of(pod))


def _missing_volume(world: World, pod: Obj) -> str:
    """Why the pod's volumes can't be mounted, "" when they can."""
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or ():
        for field_, kind, name in (
            ("configMap", "configmaps", dig(volume, "configMap", "name")),
            ("secret", "secrets", dig(volume, "secret", "secretName")),
        ):
            optional = dig(volume, field_, "optional")
            if name and not optional and world.store.get(kind, namespace, name) is None:
                what = "configmap" if kind == "configmaps" else "secret"
                where = f'MountVolume.SetUp failed for volume "{volume["name"]}"'
                return f'{where} : {what} "{name}" not found'
    return ""


def _missing_config(world: World, namespace: str, container: Obj) -> str:
    """What the environment of a container refers to and is not there, "" when all is."""
    wanted = [
        (entry, ref, kind, "")
        for entry in container.get("envFrom") or ()
        for ref, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets"))
    ] + [
        (entry["valueFrom"], ref, kind, str(entry["valueFrom"][ref].get("key", "")))
        for entry in container.get("env") or ()
        for ref, kind in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets"))
        if dig(entry, "valueFrom", ref)
    ]
    for entry, ref, kind, key in wanted:
        name = dig(entry, ref, "name")
        if not name or dig(entry, ref, "optional"):
            continue
        found = world.store.get(kind, namespace, name)
        if found is None:
            return f'{kind[:-1]} "{name}" not found'
        if key and key not in {**(found.get("data") or {}), **(found.get("binaryData") or {})}:
            return f"couldn't find key {key} in {found['kind']} {namespace}/{name}"
    return ""


def _pods_of_node(world: World, node: Obj) -> Iterable[Key]:
    for pod in world.store.on_node(node["metadata"]["name"]):
        yield key_of(pod)


def _address(node: Obj) -> str:
    for entry in dig(node, "status", "addresses") or ():
        if entry["type"] == "InternalIP":
            return str(entry["address"])
    return ""


def _pod_ip(node: Obj, pod: Obj) -> str:
    base = (dig(node, "spec", "podCIDR") or "10.244.0.0/24").rsplit(".", 1)[0]
    return f"{base}.{digest(pod['metadata']['uid']) % 250 + 2}"
