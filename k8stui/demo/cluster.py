"""The rest of a cluster: nodes and their leases, volumes, autoscaling; all controllers together."""

from __future__ import annotations

import math
from collections.abc import Iterable

from k8stui.demo import (
    cronjob,
    daemonset,
    deployment,
    job,
    lifecycle,
    quota,
    replicaset,
    services,
    statefulset,
)
from k8stui.demo.kubelet import Kubelet
from k8stui.demo.model import (
    Key,
    Obj,
    condition,
    dig,
    key_of,
    micro_stamp,
    quantity,
    seconds_of,
    set_condition,
    stamp,
)
from k8stui.demo.pods import active, conditions_of, delete_pod, note, ready
from k8stui.demo.scheduler import Scheduler
from k8stui.demo.selectors import tolerates
from k8stui.demo.usage import pod_usage
from k8stui.demo.world import Controller, World, own

HEARTBEAT = 10.0
REPORT_EVERY = 300.0
"""How often a kubelet writes the status of its node when nothing has changed."""
HPA_EVERY = 15.0
STABILIZATION = 300.0
EXPIRE_EVERY = 300.0


def install(world: World) -> Kubelet:
    """Add every controller to a world."""
    kubelet = Kubelet()
    lifecycle.Collector(world)
    world.add(
        deployment.CONTROLLER, replicaset.CONTROLLER, statefulset.CONTROLLER, daemonset.CONTROLLER,
        job.CONTROLLER, cronjob.CONTROLLER, services.SERVICES, services.BUDGETS, quota.CONTROLLER,
        lifecycle.NAMESPACES, Scheduler().controller(), kubelet.controller(),
        Controller(
            "volumes", sync_claim, {"persistentvolumeclaims": own, "storageclasses": _claims}
        ),
        Controller("autoscaler", Autoscaler().sync, {"horizontalpodautoscalers": own}),
        Controller("nodelife", sync_node, {"nodes": own}),
    )  # fmt: skip
    return kubelet


def start_clockwork(world: World) -> None:
    """What goes on by the clock alone: nodes' leases and reports, and the end of old events."""

    def beat() -> None:
        for node in world.store.all("nodes"):
            if condition(node, "Ready").get("status") == "True":
                renew_lease(world, node, world.now())
        world.after(HEARTBEAT, beat)

    def report() -> None:
        for node in world.store.all("nodes"):
            ready = condition(node, "Ready")
            if ready.get("status") == "True":
                _report(world, node)
            elif "lastHeartbeatTime" in ready:
                renew_lease(world, node, seconds_of(ready["lastHeartbeatTime"]))
        world.after(REPORT_EVERY, report)

    def expire() -> None:
        world.events.expire()
        world.after(EXPIRE_EVERY, expire)

    beat()
    report()
    expire()


def _report(world: World, node: Obj) -> None:
    heard = {"lastHeartbeatTime": stamp(world.now())}
    conditions = [{**each, **heard} for each in node["status"]["conditions"]]
    world.store.merge("nodes", node, status={**node["status"], "conditions": conditions})


def renew_lease(world: World, node: Obj, moment: float) -> None:
    """What a living kubelet does every ten seconds; one that is lost did it last then."""
    name = node["metadata"]["name"]
    spec = {
        "holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": micro_stamp(moment),
    }  # fmt: skip
    old = world.store.get("leases", "kube-node-lease", name)
    if old is not None:
        world.store.update("leases", {**old, "spec": spec})
        return
    meta = {"name": name, "namespace": "kube-node-lease"}
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta}
    world.store.create("leases", {**lease, "spec": spec})


def sync_node(world: World, key: Key) -> float | None:
    """Taints of nodes that don't answer, and the eviction of what does not tolerate them."""
    node = world.store.get("nodes", *key)
    if node is None:
        return None
    state = condition(node, "Ready")
    down = state.get("status") != "True"
    taints = [
        t for t in dig(node, "spec", "taints") or () if t["key"] not in (_UNREACHABLE, _CORDONED)
    ]
    since = state.get("lastTransitionTime", stamp(world.now()))
    if down:
        taints += [
            {"key": _UNREACHABLE, "effect": effect, "timeAdded": since}
            for effect in ("NoSchedule", "NoExecute")
        ]
    if dig(node, "spec", "unschedulable"):
        taints.append({"key": _CORDONED, "effect": "NoSchedule"})
    spec = {k: v for k, v in node["spec"].items() if k != "taints"}
    world.store.merge("nodes", node, spec={**spec, **({"taints": taints} if taints else {})})
    if not down:
        return None
    left = seconds_of(since) + 300.0 - world.now()
    for pod in world.store.on_node(key.name):
        _mark_unready(world, pod)
        taint = {"key": _UNREACHABLE, "effect": "NoExecute"}
        if left <= 0 and not tolerates(_at_last(pod), taint):
            current = world.store.get("pods", *key_of(pod)) or pod
            if not current["metadata"].get("deletionTimestamp"):
                text = f"Marking for deletion Pod {'/'.join(key_of(pod))}"
                world.events(
                    current, "TaintManagerEviction", text, source="taint-eviction-controller"
                )
                delete_pod(world, current)
    return max(left, 0.1) if left > 0 else None


_UNREACHABLE = "node.kubernetes.io/unreachable"
_CORDONED = "node.kubernetes.io/unschedulable"


def _at_last(pod: Obj) -> Obj:
    """The pod without what it tolerates for a while only, which is five minutes here."""
    lasting = [
        each for each in pod["spec"].get("tolerations") or () if "tolerationSeconds" not in each
    ]
    return {**pod, "spec": {**pod["spec"], "tolerations": lasting}}


def _mark_unready(world: World, pod: Obj) -> None:
    if not ready(pod):
        return
    conditions = conditions_of(pod)
    set_condition(conditions, world.now(), "Ready", "False")
    world.store.merge("pods", pod, status={**pod["status"], "conditions": conditions})
    world.events(pod, "NodeNotReady", "Node is not ready", source="node-controller", warning=True)


def sync_claim(world: World, key: Key) -> float | None:
    """Bind a claim to a new volume, or tell why not."""
    claim = world.store.get("persistentvolumeclaims", *key)
    if claim is None or dig(claim, "status", "phase") == "Bound":
        return None
    name = claim["spec"].get("storageClassName")
    found = world.store.get("storageclasses", "", name or "standard")
    if found is None:
        message = f'storageclass.storage.k8s.io "{name}" not found'
        source = "persistentvolume-controller"
        world.events(claim, "ProvisioningFailed", message, source=source, warning=True)
        return (
            15.0 if world.now() - seconds_of(claim["metadata"]["creationTimestamp"]) < 60 else 120.0
        )
    spec = {**claim["spec"], "storageClassName": found["metadata"]["name"]}
    volume = f"pvc-{claim['metadata']['uid']}"
    meta = claim["metadata"]
    reference = {
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": meta["namespace"],
        "name": meta["name"], "uid": meta["uid"],
    }  # fmt: skip
    capacity = {"storage": dig(spec, "resources", "requests", "storage") or "1Gi"}
    world.store.create(
        "persistentvolumes",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": volume},
            "spec": {
                "capacity": capacity,
                "accessModes": spec.get("accessModes", []),
                "persistentVolumeReclaimPolicy": found.get("reclaimPolicy", "Delete"),
                "storageClassName": found["metadata"]["name"],
                "claimRef": reference,
                "csi": {"driver": found["provisioner"], "volumeHandle": volume},
            },
            "status": {"phase": "Bound"},
        },
    )
    status = {"phase": "Bound", "capacity": capacity, "accessModes": spec.get("accessModes", [])}
    world.store.merge(
        "persistentvolumeclaims", claim, spec={**spec, "volumeName": volume}, status=status
    )
    text = f"Successfully provisioned volume {volume}"
    world.events(claim, "ProvisioningSucceeded", text, source=found["provisioner"])
    return None


def _claims(world: World, _class: Obj) -> Iterable[Key]:
    return [key_of(claim) for claim in world.store.all("persistentvolumeclaims")]


class Autoscaler:
    """The HPA controller; remembers recommendations, to scale down slowly."""

    def __init__(self) -> None:
        self._recent: dict[Key, list[tuple[float, int]]] = {}

    def sync(self, world: World, key: Key) -> float | None:
        """Compare use with the target and scale."""
        hpa = world.store.get("horizontalpodautoscalers", *key)
        if hpa is None:
            self._recent.pop(key, None)
            return None
        spec, ref = hpa["spec"], hpa["spec"]["scaleTargetRef"]
        kind = {"Deployment": "deployments", "StatefulSet": "statefulsets"}.get(ref["kind"], "")
        target = world.store.get(kind, key.namespace, ref["name"])
        if target is None:
            what = f'{ref["kind"].lower()}s.apps "{ref["name"]}" not found'
            message = f"the HPA controller was unable to get the target's current scale: {what}"
            _hpa_status(world, hpa, {}, "FailedGetScale", message)
            note(world, hpa, "FailedGetScale", message, warning=True)
            return HPA_EVERY
        have = target["spec"].get("replicas", 1)
        measured, wanted = _recommend(world, spec, target, have)
        low, high = spec.get("minReplicas", 1), spec["maxReplicas"]
        now = world.now()
        recent = [(t, n) for t, n in self._recent.get(key, []) if now - t < STABILIZATION]
        recent.append((now, wanted))
        self._recent[key] = recent
        want = min(max(max(n for _, n in recent) if wanted < have else wanted, low), high)
        if want != have and have:
            changed = {**target["spec"], "replicas": want}
            meta = {**target["metadata"], "generation": target["metadata"].get("generation", 1) + 1}
            world.store.merge(kind, target, spec=changed, metadata=meta)
            why = "cpu resource utilization (percentage of request) " + (
                "above target" if want > have else "below target"
            )
            note(world, hpa, "SuccessfulRescale", f"New size: {want}; reason: {why}")
        status = {
            "currentReplicas": have, "desiredReplicas": want, "currentMetrics": measured,
            **({"lastScaleTime": stamp(now)} if want != have else {}),
        }  # fmt: skip
        _hpa_status(world, hpa, status, "", "")
        return HPA_EVERY


def _recommend(world: World, spec: Obj, target: Obj, have: int) -> tuple[list[Obj], int]:
    labels = dig(target, "spec", "selector", "matchLabels") or {}
    pods = [
        p
        for p in active(list(world.store.all("pods", target["metadata"]["namespace"])))
        if labels.items() <= (p["metadata"].get("labels") or {}).items() and ready(p)
    ]
    measured, wanted = [], 0
    for metric in spec.get("metrics") or ():
        name = dig(metric, "resource", "name")
        goal = dig(metric, "resource", "target", "averageUtilization")
        if name not in ("cpu", "memory") or not goal or not pods:
            continue
        at = 1 if name == "cpu" else 2
        used = sum(int(u[at]) for p in pods for u in pod_usage(p, world.now()))
        asked = sum(
            quantity(dig(c, "resources", "requests", name))
            for p in pods
            for c in p["spec"]["containers"]
        )
        asked *= 1000 if name == "cpu" else 1
        if not asked:
            continue
        percent = round(100 * used / asked)
        unit = f"{used // len(pods)}m" if name == "cpu" else str(used // len(pods))
        current = {"averageUtilization": percent, "averageValue": unit}
        measured.append({"type": "Resource", "resource": {"name": name, "current": current}})
        ratio = percent / goal
        wanted = max(wanted, have if abs(ratio - 1) <= 0.1 else math.ceil(len(pods) * ratio))
    return measured, wanted or have


def _hpa_status(world: World, hpa: Obj, status: Obj, reason: str, message: str) -> None:
    conditions, now = conditions_of(hpa), world.now()
    if reason:
        set_condition(conditions, now, "AbleToScale", "False", reason=reason, message=message)
    else:
        set_condition(
            conditions, now, "AbleToScale", "True", reason="ReadyForNewScale",
            message="recommended size matches current size",
        )  # fmt: skip
        set_condition(
            conditions, now, "ScalingActive", "True", reason="ValidMetricFound",
            message="the HPA was able to successfully calculate a replica count",
        )  # fmt: skip
    old = hpa.get("status") or {}
    merged = {**old, **status, "conditions": conditions}
    world.store.merge("horizontalpodautoscalers", hpa, status=merged)
