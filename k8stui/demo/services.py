"""Endpoints and EndpointSlices of Services; the state of disruption budgets."""

from __future__ import annotations

import math
from collections.abc import Iterable

from k8stui.demo.kinds import of_kind
from k8stui.demo.model import Key, Obj, dig, key_of, suffix
from k8stui.demo.pods import controller_of, owner_reference, ready
from k8stui.demo.selectors import matches
from k8stui.demo.world import Controller, World, own


def sync_service(world: World, key: Key) -> float | None:
    """Write the addresses of the pods that a Service selects."""
    service = world.store.get("services", *key)
    if service is None:
        world.store.remove("endpoints", key)
        return None
    selector = service["spec"].get("selector")
    if not selector:
        return None
    pods = [
        pod
        for pod in world.store.all("pods", key.namespace)
        if matches({"matchLabels": selector}, pod["metadata"].get("labels") or {})
        and dig(pod, "status", "podIP")
        and dig(pod, "status", "phase") not in ("Succeeded", "Failed")
    ]
    pods.sort(key=lambda pod: str(pod["metadata"]["name"]))
    _write_endpoints(world, service, pods)
    _write_slice(world, service, pods)
    return None


def _ports(service: Obj, pods: list[Obj]) -> list[Obj]:
    out = []
    for port in service["spec"].get("ports") or ():
        target = port.get("targetPort", port["port"])
        if isinstance(target, str) and not target.isdigit():
            named = [
                p["containerPort"]
                for pod in pods[:1]
                for c in pod["spec"]["containers"]
                for p in c.get("ports") or ()
                if p.get("name") == target
            ]
            if not named:
                continue
            target = named[0]
        entry: Obj = {"port": int(target), "protocol": port.get("protocol", "TCP")}
        if port.get("name"):
            entry["name"] = port["name"]
        out.append(entry)
    return out


def _target(pod: Obj) -> Obj:
    meta = pod["metadata"]
    return {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}


def _write_endpoints(world: World, service: Obj, pods: list[Obj]) -> None:
    live = [p for p in pods if not p["metadata"].get("deletionTimestamp")]
    subset: Obj = {}
    for field, some in (
        ("addresses", [p for p in live if ready(p)]),
        ("notReadyAddresses", [p for p in live if not ready(p)]),
    ):
        if some:
            subset[field] = [
                {
                    "ip": p["status"]["podIP"],
                    "nodeName": p["spec"]["nodeName"],
                    "targetRef": _target(p),
                }
                for p in some
            ]
    if subset:
        subset["ports"] = _ports(service, live)
    meta = service["metadata"]
    _put(
        world,
        "endpoints",
        {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": meta["name"], "namespace": meta["namespace"],
                "labels": meta.get("labels") or {},
            },
            "subsets": [subset] if subset else [],
        },
    )  # fmt: skip


def _write_slice(world: World, service: Obj, pods: list[Obj]) -> None:
    meta = service["metadata"]
    endpoints = []
    for pod in pods:
        leaving = bool(pod["metadata"].get("deletionTimestamp"))
        is_ready = ready(pod)
        endpoints.append(
            {
                "addresses": [pod["status"]["podIP"]],
                "conditions": {
                    "ready": is_ready and not leaving, "serving": is_ready, "terminating": leaving,
                },
                "nodeName": pod["spec"]["nodeName"],
                "targetRef": _target(pod),
            }
        )  # fmt: skip
    _put(
        world,
        "endpointslices",
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{meta['name']}-{suffix(meta['uid'])}",
                "namespace": meta["namespace"],
                "generateName": f"{meta['name']}-",
                "labels": {
                    "kubernetes.io/service-name": meta["name"],
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                },
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": _ports(service, pods),
        },
    )


def _put(world: World, kind: str, obj: Obj) -> None:
    old = world.store.get(kind, *key_of(obj))
    if old is None:
        world.store.create(kind, obj)
    else:
        world.store.update(kind, {**obj, "metadata": {**old["metadata"], **obj["metadata"]}})


def _selecting(world: World, pod: Obj) -> Iterable[Key]:
    labels = pod["metadata"].get("labels") or {}
    for service in world.store.all("services", pod["metadata"]["namespace"]):
        selector = service["spec"].get("selector")
        if selector and selector.items() <= labels.items():
            yield key_of(service)


def sync_budget(world: World, key: Key) -> float | None:
    """Count the healthy pods of a disruption budget."""
    budget = world.store.get("poddisruptionbudgets", *key)
    if budget is None:
        return None
    spec = budget["spec"]
    pods = [
        p
        for p in world.store.all("pods", key.namespace)
        if matches(spec.get("selector"), p["metadata"].get("labels") or {})
        and not p["metadata"].get("deletionTimestamp")
    ]
    total, healthy = _expected(world, pods), sum(map(ready, pods))
    if spec.get("minAvailable") is not None:
        needed = _count(spec["minAvailable"], total)
    else:
        needed = max(total - _count(spec.get("maxUnavailable", 1), total), 0)
    status = {
        "currentHealthy": healthy,
        "desiredHealthy": needed,
        "disruptionsAllowed": max(healthy - needed, 0),
        "expectedPods": total,
        "observedGeneration": budget["metadata"].get("generation", 1),
    }
    world.store.merge("poddisruptionbudgets", budget, status=status)
    return None


def _expected(world: World, pods: list[Obj]) -> int:
    """How many pods their controllers want, however many there are in a rollout."""
    tops: dict[str, int] = {}
    for pod in pods:
        uid, want = str(pod["metadata"]["uid"]), 1
        ref = controller_of(pod)
        while ref is not None:
            kind, namespace = of_kind(ref["kind"]), pod["metadata"]["namespace"]
            above = world.store.get(kind.plural, namespace, ref["name"]) if kind else None
            if above is None:
                break
            uid, want = str(ref["uid"]), int(above["spec"].get("replicas", 1))
            ref = controller_of(above)
        tops[uid] = want
    return sum(tops.values())


def _count(value: int | str, total: int) -> int:
    text = str(value)
    return math.ceil(float(text[:-1]) * total / 100) if text.endswith("%") else int(text)


def _budgets(world: World, pod: Obj) -> Iterable[Key]:
    labels = pod["metadata"].get("labels") or {}
    for budget in world.store.all("poddisruptionbudgets", pod["metadata"]["namespace"]):
        if matches(budget["spec"].get("selector"), labels):
            yield key_of(budget)


SERVICES = Controller("endpoints", sync_service, {"services": own, "pods": _selecting})
BUDGETS = Controller("disruption", sync_budget, {"poddisruptionbudgets": own, "pods": _budgets})
