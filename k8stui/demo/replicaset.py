"""The ReplicaSet controller."""

from __future__ import annotations

from k8stui.demo.model import Key, Obj, condition, dig, stamp
from k8stui.demo.pods import (
    active,
    available,
    create_pod,
    delete_pod,
    ready,
    wait_after_refusal,
)
from k8stui.demo.selectors import matches
from k8stui.demo.world import Controller, World, own, owner

BURST = 500


def sync(world: World, key: Key) -> float | None:
    """Keep as many pods as the ReplicaSet wants, adopting orphans that fit."""
    rs = world.store.get("replicasets", *key)
    if rs is None:
        return None
    _adopt(world, rs)
    refused = ""
    pods = active(world.store.owned(rs["metadata"]["uid"], "pods"))
    want = rs["spec"].get("replicas", 1)
    if not rs["metadata"].get("deletionTimestamp"):
        refused = _create(world, rs, min(want - len(pods), BURST))
        for pod in sorted(pods, key=_deletion_rank)[: max(len(pods) - want, 0)]:
            delete_pod(world, pod, rs)
    pods = active(world.store.owned(rs["metadata"]["uid"], "pods"))
    now, min_ready = world.now(), float(rs["spec"].get("minReadySeconds") or 0)
    labels = dig(rs, "spec", "template", "metadata", "labels") or {}
    counts = {
        "replicas": len(pods),
        "fullyLabeledReplicas": sum(
            labels.items() <= (p["metadata"].get("labels") or {}).items() for p in pods
        ),
        "readyReplicas": sum(map(ready, pods)),
        "availableReplicas": sum(available(p, min_ready, now) for p in pods),
    }
    status: Obj = {k: v for k, v in counts.items() if v or k == "replicas"}
    status["observedGeneration"] = rs["metadata"].get("generation", 1)
    conditions = _conditions(rs, now, refused) if want > len(pods) else []
    if conditions:
        status["conditions"] = conditions
    world.store.merge("replicasets", rs, status=status)
    waiting = counts["readyReplicas"] > counts["availableReplicas"]
    again = max(1.0, min_ready / 4) if waiting else None
    return wait_after_refusal(world, rs, again) if refused else again


def _create(world: World, rs: Obj, count: int) -> str:
    """Create so many pods, until one is refused; gives why."""
    for _ in range(count):
        refused = create_pod(world, rs, rs["spec"]["template"])
        if refused:
            return refused
    return ""


def _conditions(rs: Obj, now: float, refused: str) -> list[Obj]:
    """`ReplicaFailure`, which keeps the words of the first refusal."""
    if not refused:
        return []
    known = condition(rs, "ReplicaFailure")
    if known:
        return [known]
    entry = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
    return [{**entry, "message": refused, "lastTransitionTime": stamp(now)}]


def _deletion_rank(pod: Obj) -> tuple[int, int, int, str]:
    """Unscheduled first, then not ready, then pods that restarted, then the youngest."""
    restarts = sum(s["restartCount"] for s in dig(pod, "status", "containerStatuses") or ())
    age = "".join(chr(0x10FFFF - ord(c)) for c in pod["metadata"]["creationTimestamp"])
    return (1 if pod["spec"].get("nodeName") else 0, 1 if ready(pod) else 0, -restarts, age)


def _adopt(world: World, rs: Obj) -> None:
    """Pods leave when their labels stop to match, and come when nobody owns them."""
    selector, uid = rs["spec"]["selector"], rs["metadata"]["uid"]
    for pod in world.store.owned(uid, "pods"):
        if not matches(selector, pod["metadata"].get("labels") or {}):
            refs = [r for r in pod["metadata"]["ownerReferences"] if r["uid"] != uid]
            meta = {**pod["metadata"], "ownerReferences": refs}
            world.store.update("pods", {**pod, "metadata": meta})


CONTROLLER = Controller("replicaset", sync, {"replicasets": own, "pods": owner("ReplicaSet")})
