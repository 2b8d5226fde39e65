"""The StatefulSet controller: ordinals in order, rolling update from the last to the partition."""

from __future__ import annotations

from k8stui.demo.model import Key, Obj, clone, dig
from k8stui.demo.pods import available, create_pod, delete_pod, note, ready, wait_after_refusal
from k8stui.demo.revisions import HASH, clean_up, current_revision, revisions
from k8stui.demo.world import Controller, World, own, owner


def sync(world: World, key: Key) -> float | None:
    """One step: the first thing that is not as it should be is acted on, in order."""
    sts = world.store.get("statefulsets", *key)
    if sts is None:
        return None
    revision = current_revision(world, sts)
    pods = {
        _ordinal(pod): pod
        for pod in world.store.owned(sts["metadata"]["uid"], "pods")
        if _ordinal(pod) >= 0
    }
    if not sts["metadata"].get("deletionTimestamp"):
        _act(world, sts, pods, revision)
    return wait_after_refusal(world, sts, _write_status(world, sts, revision))


def _ordinal(pod: Obj) -> int:
    text = pod["metadata"]["name"].rpartition("-")[2]
    return int(text) if text.isdigit() else -1


def _act(world: World, sts: Obj, pods: dict[int, Obj], revision: Obj) -> None:
    want = sts["spec"].get("replicas", 1)
    parallel = sts["spec"].get("podManagementPolicy") == "Parallel"
    for ordinal in range(want):
        pod = pods.get(ordinal)
        if pod is None:
            _create(world, sts, ordinal, _revision_for(world, sts, ordinal, revision))
        elif dig(pod, "status", "phase") in ("Failed", "Succeeded"):
            delete_pod(world, pod, sts)
        if not parallel and (pod is None or not ready(pod) or _leaving(pod)):
            if pod is not None and not ready(pod) and not _leaving(pod):
                _replace_broken(world, sts, pod, ordinal, revision)
            return
    for ordinal in sorted((n for n in pods if n >= want), reverse=True):
        if not _leaving(pods[ordinal]):
            delete_pod(world, pods[ordinal], sts)
        if not parallel:
            return
    update = sts["spec"].get("updateStrategy") or {}
    if update.get("type") == "OnDelete":
        return
    partition = int((update.get("rollingUpdate") or {}).get("partition") or 0)
    for ordinal in range(want - 1, partition - 1, -1):
        pod = pods.get(ordinal)
        if pod is None or _leaving(pod) or not ready(pod):
            return
        if pod["metadata"]["labels"].get(HASH) != revision["metadata"]["name"]:
            delete_pod(world, pod, sts)
            return


def _replace_broken(world: World, sts: Obj, pod: Obj, ordinal: int, revision: Obj) -> None:
    """A pod of an older revision that is not ready is in the way of its successor."""
    update = sts["spec"].get("updateStrategy") or {}
    partition = int((update.get("rollingUpdate") or {}).get("partition") or 0)
    stale = pod["metadata"]["labels"].get(HASH) != revision["metadata"]["name"]
    if stale and ordinal >= partition and update.get("type") != "OnDelete":
        started = dig(pod, "status", "containerStatuses")
        if started:
            delete_pod(world, pod, sts)


def _leaving(pod: Obj) -> bool:
    return bool(pod["metadata"].get("deletionTimestamp"))


def _revision_for(world: World, sts: Obj, ordinal: int, revision: Obj) -> Obj:
    """Below the partition pods come back with the revision that was current before."""
    update = sts["spec"].get("updateStrategy") or {}
    partition = int((update.get("rollingUpdate") or {}).get("partition") or 0)
    before = dig(sts, "status", "currentRevision")
    if ordinal < partition and before:
        for old in revisions(world, sts):
            if old["metadata"]["name"] == before:
                return old
    return revision


def _create(world: World, sts: Obj, ordinal: int, revision: Obj) -> None:
    name = f"{sts['metadata']['name']}-{ordinal}"
    template = {k: v for k, v in revision["data"]["spec"]["template"].items() if k != "$patch"}
    spec = {**template["spec"], "hostname": name, "subdomain": sts["spec"].get("serviceName", "")}
    volumes = list(spec.get("volumes") or [])
    for claim in sts["spec"].get("volumeClaimTemplates") or ():
        claim_name = f"{claim['metadata']['name']}-{name}"
        _claim(world, sts, claim, claim_name)
        volumes.append(
            {"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}}
        )
    if volumes:
        spec["volumes"] = volumes
    labels = {
        HASH: revision["metadata"]["name"],
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": str(ordinal),
    }
    create_pod(world, sts, {**template, "spec": spec}, name=name, labels=labels)


def _claim(world: World, sts: Obj, template: Obj, name: str) -> None:
    namespace = sts["metadata"]["namespace"]
    if world.store.get("persistentvolumeclaims", namespace, name) is not None:
        return
    labels = (template["metadata"].get("labels") or {}) | (
        dig(sts, "spec", "selector", "matchLabels") or {}
    )
    world.store.create(
        "persistentvolumeclaims",
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {"volumeMode": "Filesystem", **clone(template["spec"])},
            "status": {"phase": "Pending"},
        },
    )
    text = f"create Claim {name} Pod {sts['metadata']['name']} in StatefulSet success"
    note(world, sts, "SuccessfulCreate", text)


def _write_status(world: World, sts: Obj, revision: Obj) -> float | None:
    pods = world.store.owned(sts["metadata"]["uid"], "pods")
    want, name = sts["spec"].get("replicas", 1), revision["metadata"]["name"]
    old = sts.get("status") or {}
    updated = sum(p["metadata"]["labels"].get(HASH) == name for p in pods)
    min_ready = float(sts["spec"].get("minReadySeconds") or 0)
    now = world.now()
    done = updated == len(pods) == want and all(map(ready, pods))
    current = name if done or not old.get("currentRevision") else old["currentRevision"]
    status = {
        "observedGeneration": sts["metadata"].get("generation", 1),
        "replicas": len(pods),
        "readyReplicas": sum(map(ready, pods)),
        "availableReplicas": sum(available(p, min_ready, now) for p in pods),
        "currentReplicas": sum(p["metadata"]["labels"].get(HASH) == current for p in pods),
        "updatedReplicas": updated,
        "currentRevision": current,
        "updateRevision": name,
        "collisionCount": 0,
    }
    world.store.merge("statefulsets", sts, status=status)
    clean_up(world, sts, {p["metadata"]["labels"].get(HASH, "") for p in pods} | {current})
    return 2.0 if status["availableReplicas"] < status["readyReplicas"] else None


CONTROLLER = Controller("statefulset", sync, {"statefulsets": own, "pods": owner("StatefulSet")})
