"""The DaemonSet controller: a pod on each node that takes it, updated node by node."""

from __future__ import annotations

import math
from collections.abc import Iterable

from k8stui.demo.model import Key, Obj, dig
from k8stui.demo.pods import create_pod, delete_pod, ready, wait_after_refusal
from k8stui.demo.revisions import HASH, clean_up, current_revision
from k8stui.demo.scheduler import node_mismatch
from k8stui.demo.world import Controller, World, own, owner

_TOLERATED = [
    {"key": f"node.kubernetes.io/{key}", "operator": "Exists", "effect": effect}
    for key, effect in (
        ("not-ready", "NoExecute"), ("unreachable", "NoExecute"),
        ("disk-pressure", "NoSchedule"), ("memory-pressure", "NoSchedule"),
        ("pid-pressure", "NoSchedule"), ("unschedulable", "NoSchedule"),
        ("unreachable", "NoSchedule"), ("not-ready", "NoSchedule"),
    )
]  # fmt: skip


def sync(world: World, key: Key) -> float | None:
    """Create what is missing, delete what is too much or outdated."""
    ds = world.store.get("daemonsets", *key)
    if ds is None:
        return None
    revision = current_revision(world, ds)
    hash_ = revision["metadata"]["labels"][HASH]
    spec = ds["spec"]["template"]["spec"]
    spec = {**spec, "tolerations": [*(spec.get("tolerations") or []), *_TOLERATED]}
    nodes = {
        node["metadata"]["name"]
        for node in world.store.sorted("nodes")
        if not node_mismatch({"spec": spec}, node)
    }
    placed: dict[str, list[Obj]] = {}
    for pod in world.store.owned(ds["metadata"]["uid"], "pods"):
        placed.setdefault(_node_of(pod), []).append(pod)
    if not ds["metadata"].get("deletionTimestamp"):
        for name in sorted(nodes - placed.keys()):
            if _create(world, ds, spec, name, hash_):
                break
        for name, pods in placed.items():
            extra = pods if name not in nodes else pods[1:]
            for pod in extra:
                delete_pod(world, pod, ds)
            if dig(pods[0], "status", "phase") == "Failed":
                delete_pod(world, pods[0], ds)
        _update(world, ds, placed, nodes, hash_)
    _write_status(world, ds, nodes, hash_)
    return wait_after_refusal(world, ds)


def _node_of(pod: Obj) -> str:
    """The node a daemon pod is meant for, which its affinity names before it is bound."""
    path = ("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    terms = (dig(pod, *path) or {}).get("nodeSelectorTerms") or [{}]
    fields = terms[0].get("matchFields") or [{"values": [""]}]
    return str(pod["spec"].get("nodeName") or fields[0]["values"][0])


def _create(world: World, ds: Obj, spec: Obj, node: str, hash_: str) -> str:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    template = {
        **ds["spec"]["template"],
        "spec": {**spec, "affinity": {**(spec.get("affinity") or {}), "nodeAffinity": required}},
    }
    generation = str(ds["metadata"].get("generation", 1))
    labels = {HASH: hash_, "pod-template-generation": generation}
    return create_pod(world, ds, template, labels=labels)


def _update(
    world: World, ds: Obj, placed: dict[str, list[Obj]], nodes: set[str], hash_: str
) -> None:
    strategy = ds["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return
    allowed = str((strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1))
    limit = (
        math.ceil(float(allowed[:-1]) * len(nodes) / 100) if allowed.endswith("%") else int(allowed)
    )
    pods = [placed[name][0] for name in sorted(nodes) if name in placed]
    down = len(nodes) - sum(ready(p) and not p["metadata"].get("deletionTimestamp") for p in pods)
    for pod in pods:
        if pod["metadata"]["labels"].get(HASH) == hash_ or pod["metadata"].get("deletionTimestamp"):
            continue
        if not ready(pod):
            delete_pod(world, pod, ds)
        elif down < limit:
            delete_pod(world, pod, ds)
            down += 1


def _write_status(world: World, ds: Obj, nodes: set[str], hash_: str) -> None:
    pods = world.store.owned(ds["metadata"]["uid"], "pods")
    on = [p for p in pods if _node_of(p) in nodes]
    well = [p for p in on if ready(p)]
    status = {
        "currentNumberScheduled": len({_node_of(p) for p in on}),
        "desiredNumberScheduled": len(nodes),
        "numberMisscheduled": len(pods) - len(on),
        "numberReady": len(well),
        "updatedNumberScheduled": sum(p["metadata"]["labels"].get(HASH) == hash_ for p in on),
        "numberAvailable": len(well),
        "numberUnavailable": max(len(nodes) - len(well), 0),
        "observedGeneration": ds["metadata"].get("generation", 1),
    }
    optional = ("numberAvailable", "numberUnavailable")
    kept = {k: v for k, v in status.items() if v or k not in optional}
    world.store.merge("daemonsets", ds, status=kept)
    clean_up(world, ds, {p["metadata"]["labels"].get(HASH, "") for p in pods})


def _all_sets(world: World, _node: Obj) -> Iterable[Key]:
    for ds in world.store.all("daemonsets"):
        yield Key(ds["metadata"]["namespace"], ds["metadata"]["name"])


CONTROLLER = Controller(
    "daemonset", sync, {"daemonsets": own, "pods": owner("DaemonSet"), "nodes": _all_sets}
)
