"""The scheduler: binds pods to nodes, and tells why it can't."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from k8stui.demo.model import Key, Obj, dig, key_of, quantity, set_condition
from k8stui.demo.pods import conditions_of, controller_of
from k8stui.demo.selectors import matches, node_term, tolerates
from k8stui.demo.world import Controller, World, own

RETRY_FIRST, RETRY_MAX = 20.0, 300.0


class Scheduler:
    """Remembers for how long each pod has been tried in vain."""

    def __init__(self) -> None:
        self._waits: dict[str, float] = {}

    def controller(self) -> Controller:
        watches = {"pods": own, "nodes": _pending, "persistentvolumeclaims": _pending}
        return Controller("scheduler", self.sync, watches)

    def sync(self, world: World, key: Key) -> float | None:
        """Bind one pod, or record why not and try again later."""
        pod = world.store.get("pods", *key)
        if pod is None or pod["spec"].get("nodeName") or pod["metadata"].get("deletionTimestamp"):
            return None
        if pod["spec"].get("schedulingGates"):
            return None
        nodes = world.store.sorted("nodes")
        claim = _unbound_claim(world, pod)
        reasons: Counter[str] = Counter()
        fits: list[Obj] = []
        for node in nodes:
            why = claim or _refusal(world, pod, node)
            if why:
                reasons[why] += 1
            else:
                fits.append(node)
        if fits:
            self._waits.pop(pod["metadata"]["uid"], None)
            _bind(world, pod, min(fits, key=lambda node: _score(world, pod, node)))
            return None
        return self._complain(world, pod, len(nodes), reasons, claim)

    def _complain(
        self, world: World, pod: Obj, count: int, reasons: Counter[str], claim: str
    ) -> float:
        texts = [claim] if claim else sorted(f"{n} {why}" for why, n in reasons.items())
        none = f"0/{count} nodes are available:"
        message = f"{none} {', '.join(texts)}. preemption: {none} {count} "
        message += "Preemption is not helpful for scheduling."
        conditions = conditions_of(pod)
        set_condition(
            conditions,
            world.now(),
            "PodScheduled",
            "False",
            reason="Unschedulable",
            message=message,
        )
        status = {**(pod.get("status") or {}), "phase": "Pending", "conditions": conditions}
        world.store.merge("pods", pod, status=status)
        uid = pod["metadata"]["uid"]
        world.events(pod, "FailedScheduling", message, source="default-scheduler", warning=True)
        wait = self._waits[uid] = min(self._waits.get(uid, RETRY_FIRST / 2) * 2, RETRY_MAX)
        return wait


def _bind(world: World, pod: Obj, node: Obj) -> None:
    name = node["metadata"]["name"]
    conditions = conditions_of(pod)
    set_condition(conditions, world.now(), "PodScheduled", "True")
    status = {**(pod.get("status") or {}), "conditions": conditions}
    bound = {**pod, "spec": {**pod["spec"], "nodeName": name}, "status": status}
    world.store.update("pods", bound)
    namespace, title = pod["metadata"]["namespace"], pod["metadata"]["name"]
    message = f"Successfully assigned {namespace}/{title} to {name}"
    world.events(pod, "Scheduled", message, source="default-scheduler")


def _refusal(world: World, pod: Obj, node: Obj) -> str:
    """Why the node won't do, in the scheduler's words; "" when it does."""
    why = node_mismatch(pod, node)
    if why:
        return why
    short = _short_of(world, pod, node)
    if short:
        return short
    terms = dig(pod, "spec", "affinity", "podAntiAffinity") or {}
    for term in terms.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
        if any(_in_term(other, pod, term) for other in _same_domain(world, node, term)):
            return "node(s) didn't match pod anti-affinity rules"
    terms = dig(pod, "spec", "affinity", "podAffinity") or {}
    for term in terms.get("requiredDuringSchedulingIgnoredDuringExecution") or ():
        if not any(_in_term(other, pod, term) for other in _same_domain(world, node, term)):
            return "node(s) didn't match pod affinity rules"
    return ""


def node_mismatch(pod: Obj, node: Obj) -> str:
    """Taints, cordon, node selector and node affinity: what holds for DaemonSets too."""
    if dig(node, "spec", "unschedulable") and not tolerates(
        pod, {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    ):
        return "node(s) were unschedulable"
    for taint in dig(node, "spec", "taints") or ():
        if taint["key"] == "node.kubernetes.io/unschedulable":
            continue
        if taint["effect"] in ("NoSchedule", "NoExecute") and not tolerates(pod, taint):
            return f"node(s) had untolerated taint {{{taint['key']}: {taint.get('value', '')}}}"
    labels = node["metadata"].get("labels") or {}
    selector = pod["spec"].get("nodeSelector") or {}
    path = ("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = (dig(pod, *path) or {}).get("nodeSelectorTerms")
    if not selector.items() <= labels.items() or (
        terms is not None and not any(node_term(term, node) for term in terms)
    ):
        return "node(s) didn't match Pod's node affinity/selector"
    return ""


def requests(pod: Obj) -> dict[str, float]:
    """What a pod asks for: cores and bytes."""
    total = {"cpu": 0.0, "memory": 0.0}
    for container in pod["spec"]["containers"]:
        resources = container.get("resources") or {}
        asked = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
        for name in total:
            total[name] += quantity(asked.get(name))
    return total


def _used(world: World, node: Obj) -> tuple[dict[str, float], int]:
    total, count = {"cpu": 0.0, "memory": 0.0}, 0
    for pod in world.store.on_node(node["metadata"]["name"]):
        if dig(pod, "status", "phase") not in ("Succeeded", "Failed"):
            count += 1
            for name, value in requests(pod).items():
                total[name] += value
    return total, count


def _short_of(world: World, pod: Obj, node: Obj) -> str:
    capacity = dig(node, "status", "allocatable") or {}
    used, count = _used(world, node)
    if count + 1 > quantity(capacity.get("pods", "110")):
        return "Too many pods"
    for name, wanted in requests(pod).items():
        if wanted and used[name] + wanted > quantity(capacity.get(name)):
            return f"Insufficient {name}"
    return ""


def _in_term(other: Obj, pod: Obj, term: Obj) -> bool:
    same = other["metadata"]["namespace"] in (
        term.get("namespaces") or [pod["metadata"]["namespace"]]
    )
    return same and matches(term.get("labelSelector"), other["metadata"].get("labels") or {})


def _same_domain(world: World, node: Obj, term: Obj) -> Iterable[Obj]:
    topology = term.get("topologyKey", "")
    value = (node["metadata"].get("labels") or {}).get(topology)
    for other in world.store.all("nodes"):
        if (other["metadata"].get("labels") or {}).get(topology) == value:
            yield from world.store.on_node(other["metadata"]["name"])


def _score(world: World, pod: Obj, node: Obj) -> tuple[int, float, str]:
    """Few pods of the same owner first, then the least asked of, then by name."""
    ref = controller_of(pod)
    name = node["metadata"]["name"]
    siblings = 0
    for other in world.store.on_node(name):
        other_ref = controller_of(other)
        siblings += bool(ref and other_ref and ref["uid"] == other_ref["uid"])
    used, _ = _used(world, node)
    capacity = dig(node, "status", "allocatable") or {}
    share = sum(used[r] / (quantity(capacity.get(r)) or 1.0) for r in used)
    return siblings, share, name


def _unbound_claim(world: World, pod: Obj) -> str:
    for volume in pod["spec"].get("volumes") or ():
        name = dig(volume, "persistentVolumeClaim", "claimName")
        if not name:
            continue
        claim = world.store.get("persistentvolumeclaims", pod["metadata"]["namespace"], name)
        if claim is None:
            return f'persistentvolumeclaim "{name}" not found'
        if dig(claim, "status", "phase") != "Bound":
            return "pod has unbound immediate PersistentVolumeClaims"
    return ""


def _pending(world: World, _obj: Obj) -> Iterable[Key]:
    for pod in world.store.all("pods"):
        if not pod["spec"].get("nodeName"):
            yield key_of(pod)
