"""Many pods at once: for scale, made from shared templates and simulated only when asked."""

from __future__ import annotations

from k8stui.demo.build import container, node, set_node_ready, workload
from k8stui.demo.defaults import filled
from k8stui.demo.kinds import of_plural
from k8stui.demo.model import Obj, digest, stamp, suffix
from k8stui.demo.pods import owner_reference, template_hash
from k8stui.demo.world import World

PER_NODE, PER_SET, SETS_PER_NAMESPACE = 100, 20, 25
FLEET_AGE = 86400.0 * 3


def fill(world: World, pods: int) -> None:
    """Add namespaces, nodes, Deployments and running pods until there are `pods` pods."""
    missing = pods - world.store.count("pods")
    if missing <= 0:
        return
    world.quiet = True
    nodes = [f"fleet-{n:03d}" for n in range(-(-missing // PER_NODE))]
    for number, name in enumerate(nodes):
        made = node(name, 16 + number % 200, 32, 64)
        world.store.create("nodes", filled(of_plural("nodes"), made))
        set_node_ready(world, name, is_ready=True)
    number = 0
    while number < missing:
        count = min(PER_SET, missing - number)
        _deployment(world, number // PER_SET, count, nodes, number)
        number += count
    world.quiet = False


def _deployment(world: World, index: int, count: int, nodes: list[str], first: int) -> None:
    namespace = f"fleet-{index // SETS_PER_NAMESPACE:02d}"
    if world.store.get("namespaces", "", namespace) is None:
        space = {"kind": "Namespace", "metadata": {"name": namespace}}
        world.store.create("namespaces", filled(of_plural("namespaces"), space))
    since = stamp(world.now() - FLEET_AGE)
    app = f"svc-{index % SETS_PER_NAMESPACE:02d}"
    main = container("app", f"registry.shop.example/cart:2.{3 + index % 3}.0", port=8080)
    deploy = filled(
        of_plural("deployments"), workload("Deployment", namespace, app, main, replicas=count)
    )
    deploy["metadata"] |= {
        "generation": 1, "creationTimestamp": since,
        "annotations": {"deployment.kubernetes.io/revision": "1"},
    }  # fmt: skip
    done = [
        {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": since,
         "lastUpdateTime": since, "message": ""}
        for kind, reason in (
            ("Available", "MinimumReplicasAvailable"), ("Progressing", "NewReplicaSetAvailable"),
        )
    ]  # fmt: skip
    counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), count)
    deploy["status"] = {
        **counts,
        "updatedReplicas": count,
        "observedGeneration": 1,
        "conditions": done,
    }
    deploy = world.store.create("deployments", deploy)
    rs = world.store.create("replicasets", _replicaset(deploy, count, since, counts))
    ref = [owner_reference(rs)]
    labels = rs["spec"]["template"]["metadata"]["labels"]
    spec = rs["spec"]["template"]["spec"]
    for n in range(count):
        name = f"{rs['metadata']['name']}-{suffix((rs['metadata']['uid'], n))}"
        node_name = nodes[(first + n) // PER_NODE]
        meta: Obj = {
            "name": name, "namespace": namespace, "labels": labels, "ownerReferences": ref,
            "creationTimestamp": since, "generateName": f"{rs['metadata']['name']}-",
        }  # fmt: skip
        pod: Obj = {"apiVersion": "v1", "kind": "Pod", "metadata": meta}
        pod["spec"] = {**spec, "nodeName": node_name}
        pod["status"] = _status(first + n, since, main["image"])
        world.store.create("pods", pod)


def _replicaset(deploy: Obj, count: int, since: str, counts: Obj) -> Obj:
    meta, template = deploy["metadata"], deploy["spec"]["template"]
    hash_ = template_hash(template)
    labels = {**template["metadata"]["labels"], "pod-template-hash": hash_}
    annotations = {
        **meta["annotations"],
        "deployment.kubernetes.io/desired-replicas": str(count),
        "deployment.kubernetes.io/max-replicas": str(count + 5),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{meta['name']}-{hash_}", "namespace": meta["namespace"], "labels": labels,
            "annotations": annotations, "ownerReferences": [owner_reference(deploy)],
            "generation": 1, "creationTimestamp": since,
        },
        "spec": {
            "replicas": count, "selector": {"matchLabels": labels}, "minReadySeconds": 0,
            "template": {**template, "metadata": {"labels": labels}},
        },
        "status": {**counts, "fullyLabeledReplicas": count, "observedGeneration": 1},
    }  # fmt: skip


_CONDITIONS: dict[str, list[Obj]] = {}


def _status(number: int, since: str, image: str) -> Obj:
    ip = f"10.{100 + number // 65536}.{number // 256 % 256}.{number % 256}"
    conditions = _CONDITIONS.setdefault(
        since,
        [
            {"type": kind, "status": "True", "lastTransitionTime": since}
            for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
        ],
    )
    return {
        "phase": "Running",
        "qosClass": "Burstable",
        "startTime": since,
        "podIP": ip,
        "podIPs": [{"ip": ip}],
        "conditions": conditions,
        "containerStatuses": [
            {
                "name": "app", "ready": True, "started": True, "restartCount": 0,
                "state": {"running": {"startedAt": since}}, "lastState": {}, "image": image,
                "imageID": f"{image}@sha256:{digest(image):064x}",
                "containerID": f"containerd://{digest('filler', number):064x}",
            }
        ],
    }  # fmt: skip
