"""Small objects of the API as records, made the way the program makes them: out of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from k8stui.resources.record import Record
from k8stui.resources.registry import TYPED

NOW = 1_790_000_000.0
"""The moment at which all tests of the screens happen (epoch seconds)."""
HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"

Owner = tuple[str, str, str]
"""(apiVersion, kind, name); its uid is `kind-name` in small letters."""
Json = dict[str, Any]


def ago(seconds: float) -> str:
    """The timestamp of so many seconds before the moment of the tests."""
    return datetime.fromtimestamp(NOW - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def uid_of(kind: str, name: str, namespace: str = "shop") -> str:
    """The uid that the objects made here have."""
    scope = "" if namespace in ("", "shop") else f"{namespace}-"
    return f"{kind.lower()}-{scope}{name}"


def record(key: str, body: Json) -> Record:
    """An object's record."""
    return TYPED[key].decode(json.dumps(body).encode())


def _meta(
    kind: str,
    name: str,
    *,
    namespace: str = "shop",
    age: float = 3600,
    labels: Mapping[str, str] | None = None,
    owner: Owner | None = None,
    version: int = 1,
    annotations: Mapping[str, str] | None = None,
) -> Json:
    meta: Json = {
        "name": name,
        "namespace": namespace,
        "uid": uid_of(kind, name, namespace),
        "resourceVersion": str(version),
        "creationTimestamp": ago(age),
        "generation": 1,
        "labels": dict(labels or {}),
        "annotations": dict(annotations or {}),
    }
    if owner is not None:
        api, owner_kind, owner_name = owner
        meta["ownerReferences"] = [
            {
                "apiVersion": api,
                "kind": owner_kind,
                "name": owner_name,
                "uid": uid_of(owner_kind, owner_name, namespace),
                "controller": True,
            }
        ]
    return meta


def pod(
    name: str,
    *,
    owner: Owner | None = None,
    waiting: str = "",
    message: str = "",
    restarts: int = 0,
    containers: Sequence[str] = ("app",),
    image: str = "registry.example/app:1",
    node: str = "node-1",
    phase: str = "Running",
    labels: Mapping[str, str] | None = None,
    deleting: bool = False,
    namespace: str = "shop",
    age: float = 3600,
    version: int = 1,
    limit: str = "128Mi",
    unschedulable: str = "",
) -> Record:
    """A pod whose first container waits for `waiting` where that is given, the others run.

    One that is `unschedulable` for a reason has no node, and nothing of it runs.
    """
    meta = _meta(
        "Pod", name, namespace=namespace, age=age, labels=labels, owner=owner, version=version
    )
    if deleting:
        meta |= {"deletionTimestamp": ago(-30), "deletionGracePeriodSeconds": 30}
    running = {"running": {"startedAt": ago(age)}}
    statuses = []
    for place, each in enumerate(containers):
        stuck = bool(waiting) and not place
        state: Json = {"waiting": {"reason": waiting, "message": message}} if stuck else running
        one: Json = {"name": each, "ready": not stuck, "state": state, "containerID": "cri://1"}
        one["restartCount"] = 0 if place else restarts
        if restarts and not place:
            end = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": ago(4000)}
            one["lastState"] = {"terminated": end}
        statuses.append(one)
    ready = "False" if waiting else "True"
    scheduled: Json = {"type": "PodScheduled", "status": "True"}
    if unschedulable:
        node, phase, statuses = "", "Pending", []
        refused = {"status": "False", "reason": "Unschedulable", "message": unschedulable}
        scheduled |= refused
    body = {
        "metadata": meta,
        "spec": {
            "nodeName": node,
            "containers": [
                {"name": each, "image": image, "resources": {"limits": {"memory": limit}}}
                for each in containers
            ],
        },
        "status": {
            "phase": phase,
            "podIP": "10.0.0.7",
            "startTime": ago(age),
            "conditions": [
                scheduled,
                *(
                    {"type": kind, "status": ready, "lastTransitionTime": ago(age)}
                    for kind in ("Ready", "ContainersReady")
                ),
            ],
            "containerStatuses": statuses,
        },
    }
    return record("pods", body)


def deployment(
    name: str,
    *,
    desired: int = 1,
    ready: int | None = None,
    updated: int | None = None,
    revision: int = 1,
    image: str = "registry.example/app:1",
    namespace: str = "shop",
    age: float = 86400,
    version: int = 1,
    deadline_in: float | None = None,
) -> Record:
    """A Deployment; with a deadline one that is rolling out."""
    count = desired if ready is None else ready
    annotations = {_REVISION: str(revision)}
    conditions: list[Json] = [{"type": "Available", "status": "True"}]
    if deadline_in is not None:
        begun = ago(600 - deadline_in)
        conditions.append(
            {
                "type": "Progressing",
                "status": "True",
                "reason": "ReplicaSetUpdated",
                "lastUpdateTime": begun,
                "lastTransitionTime": begun,
            }
        )
    return record(
        "deployments.apps",
        {
            "metadata": _meta(
                "Deployment",
                name,
                namespace=namespace,
                age=age,
                version=version,
                annotations=annotations,
            ),
            "spec": {
                "replicas": desired,
                "progressDeadlineSeconds": 600,
                "selector": {"matchLabels": {"app": name}},
                "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
            },
            "status": {
                "observedGeneration": 1,
                "replicas": desired,
                "updatedReplicas": desired if updated is None else updated,
                "readyReplicas": count,
                "availableReplicas": count,
                "conditions": conditions,
            },
        },
    )


def replicaset(
    deployment_name: str,
    template_hash: str,
    *,
    revision: int = 1,
    desired: int = 1,
    ready: int | None = None,
    image: str = "registry.example/app:1",
    cause: str = "",
    namespace: str = "shop",
    age: float = 86400,
) -> Record:
    """The ReplicaSet `<deployment>-<hash>`."""
    count = desired if ready is None else ready
    annotations = {_REVISION: str(revision)} | ({_CAUSE: cause} if cause else {})
    return record(
        "replicasets.apps",
        {
            "metadata": _meta(
                "ReplicaSet",
                f"{deployment_name}-{template_hash}",
                namespace=namespace,
                age=age,
                labels={"app": deployment_name, HASH: template_hash},
                owner=("apps/v1", "Deployment", deployment_name),
                annotations=annotations,
            ),
            "spec": {
                "replicas": desired,
                "selector": {"matchLabels": {"app": deployment_name, HASH: template_hash}},
                "template": {"spec": {"containers": [{"name": "app", "image": image}]}},
            },
            "status": {
                "observedGeneration": 1,
                "replicas": desired,
                "readyReplicas": count,
                "availableReplicas": count,
            },
        },
    )


def of_deployment(name: str, template_hash: str, suffix: str, **about: Any) -> Record:
    """A pod of the ReplicaSet `<name>-<hash>`."""
    return pod(
        f"{name}-{template_hash}-{suffix}",
        owner=("apps/v1", "ReplicaSet", f"{name}-{template_hash}"),
        labels={"app": name, HASH: template_hash},
        **about,
    )


def statefulset(name: str, *, desired: int = 1, namespace: str = "shop") -> Record:
    hashed = f"{name}-1"
    return record(
        "statefulsets.apps",
        {
            "metadata": _meta("StatefulSet", name, namespace=namespace, age=9 * 86400),
            "spec": {
                "replicas": desired,
                "selector": {"matchLabels": {"app": name}},
                "template": {"spec": {"containers": [{"name": "app", "image": "db:14"}]}},
            },
            "status": {
                "observedGeneration": 1,
                "replicas": desired,
                "readyReplicas": desired,
                "availableReplicas": desired,
                "updatedReplicas": desired,
                "currentReplicas": desired,
                "currentRevision": hashed,
                "updateRevision": hashed,
            },
        },
    )


def daemonset(name: str, *, nodes: int = 2, namespace: str = "shop") -> Record:
    return record(
        "daemonsets.apps",
        {
            "metadata": _meta("DaemonSet", name, namespace=namespace, age=30 * 86400),
            "spec": {
                "selector": {"matchLabels": {"app": name}},
                "template": {"spec": {"containers": [{"name": "app", "image": "agent:2"}]}},
            },
            "status": {
                "observedGeneration": 1,
                "desiredNumberScheduled": nodes,
                "currentNumberScheduled": nodes,
                "updatedNumberScheduled": nodes,
                "numberReady": nodes,
                "numberAvailable": nodes,
            },
        },
    )


def cronjob(name: str, *, last_ok: float = 240, namespace: str = "shop") -> Record:
    return record(
        "cronjobs.batch",
        {
            "metadata": _meta("CronJob", name, namespace=namespace, age=30 * 86400),
            "spec": {"schedule": "*/5 * * * *", "suspend": False},
            "status": {"lastScheduleTime": ago(last_ok + 5), "lastSuccessfulTime": ago(last_ok)},
        },
    )


def node(name: str, *, ready: bool = True) -> Record:
    """A node of 4 CPUs and 8 GiB."""
    meta = _meta("Node", name, namespace="", age=40 * 86400)
    conditions = [{"type": "Ready", "status": "True" if ready else "Unknown"}]
    allocatable = {"cpu": "4", "memory": "8Gi", "pods": "110"}
    status = {"conditions": conditions, "allocatable": allocatable}
    return record("nodes", {"metadata": meta, "status": status})


def event(
    name: str,
    about: Record,
    reason: str,
    message: str,
    *,
    kind: str = "Pod",
    warning: bool = True,
    seen: float = 30,
    count: int = 1,
) -> Record:
    """An event about an object of a kind."""
    return record(
        "events",
        {
            "metadata": _meta("Event", name, namespace=about.namespace, age=seen),
            "involvedObject": {
                "kind": kind,
                "namespace": about.namespace,
                "name": about.name,
                "uid": about.uid,
            },
            "type": "Warning" if warning else "Normal",
            "reason": reason,
            "message": message,
            "source": {"component": "kubelet", "host": "node-1"},
            "count": count,
            "firstTimestamp": ago(seen * 3),
            "lastTimestamp": ago(seen),
        },
    )


def key_of(one: Record) -> str:
    """The kind's key of a record."""
    return next(
        key for key, kind in TYPED.items() if type(one).__module__ == kind.decode.__module__
    )


def by_key(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Records by their kind's key."""
    found: dict[str, list[Record]] = {}
    for one in records:
        found.setdefault(key_of(one), []).append(one)
    return found
