"""The troubles that a person on call meets in a shop."""

from __future__ import annotations

from k8stui.demo.build import (
    DAY,
    HOUR,
    MINUTE,
    Stage,
    config_map,
    container,
    job_spec,
    meta,
    service,
    set_node_ready,
    workload,
)
from k8stui.demo.model import stamp
from k8stui.demo.shop import AGE, REGISTRY


def stuck_rollout(stage: Stage) -> None:
    """A release whose image tag does not exist; old and new ReplicaSet both hold pods."""
    stage.release(4 * MINUTE, "shop", "web", f"{REGISTRY}/web:1.8.0", "release 88: spring theme")


def crash_loop(stage: Stage) -> None:
    """A worker that prints why it dies, and dies again."""
    worker = container("worker", f"{REGISTRY}/payments-worker:4.2.0", limit="128Mi")
    stage.add(
        3 * DAY,
        workload(
            "Deployment", "payments", "payments-worker", worker, strategy={"type": "Recreate"}
        ),
    )
    stage.release(
        52 * MINUTE,
        "payments",
        "payments-worker",
        f"{REGISTRY}/payments-worker:4.2.1",
        "4.2.1: key from the vault",
    )


def oom(stage: Stage) -> None:
    """A container that grows until the kernel ends it."""
    recommender = container(
        "recommender",
        f"{REGISTRY}/recommender:3.0.0",
        cpu="200m",
        memory="192Mi",
        limit="256Mi",
        port=8080,
        probes=True,
    )
    stage.add(
        3 * HOUR,
        workload("Deployment", "shop", "recommender", recommender),
        service("shop", "recommender"),
    )


def never_ready(stage: Stage) -> None:
    """A pod that runs and never passes its readiness probe."""
    search = container("search", f"{REGISTRY}/search:0.9.1", port=8080, probes=True)
    del search["livenessProbe"]
    stage.add(
        75 * MINUTE, workload("Deployment", "shop", "search", search), service("shop", "search")
    )


def unschedulable(stage: Stage) -> None:
    """Pods that fit nowhere: too big, kept apart, or kept off by taints and labels."""
    big = container("model", f"{REGISTRY}/fraud-model:2026.10", cpu="16", memory="24Gi")
    stage.add(95 * MINUTE, workload("Deployment", "payments", "fraud-model", big))
    apart = {
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "labelSelector": {"matchLabels": {"app": "checkout"}},
                        "topologyKey": "kubernetes.io/hostname",
                    }
                ]
            }
        }
    }
    checkout = container("checkout", f"{REGISTRY}/cart:2.5.0", port=8080)
    stage.add(
        40 * MINUTE,
        workload("Deployment", "shop", "checkout", checkout, replicas=4, pod=apart),
        service("shop", "checkout"),
    )
    gpu = {"nodeSelector": {"accelerator": "nvidia-l4"}}
    trainer = container("trainer", f"{REGISTRY}/fraud-model:2026.10", cpu="2", memory="4Gi")
    stage.add(2.2 * HOUR, workload("Deployment", "batch", "price-trainer", trainer, pod=gpu))


def unbound_claim(stage: Stage) -> None:
    """A claim of a storage class that does not exist, and a pod that waits for it."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast-ssd",
        "resources": {"requests": {"storage": "50Gi"}},
    }
    volumes = {"volumes": [{"name": "exports", "persistentVolumeClaim": {"claimName": "exports"}}]}
    stage.add(
        65 * MINUTE,
        {"kind": "PersistentVolumeClaim", "metadata": meta("batch", "exports"), "spec": spec},
        workload(
            "Deployment",
            "batch",
            "exporter",
            container("exporter", f"{REGISTRY}/report:3.1"),
            pod=volumes,
        ),
    )


def lost_node(stage: Stage) -> None:
    """A node whose kubelet stopped answering; its pods are stuck, others took their place."""
    stage.at(12 * MINUTE, lambda: set_node_ready(stage.world, "pool-main-3", is_ready=False))


def noisy_neighbour(stage: Stage) -> None:
    """A pod without limits that takes a node's processors from the others."""
    transcoder = container("transcoder", f"{REGISTRY}/video-transcoder:0.4", cpu="", memory="")
    pinned = {"nodeSelector": {"kubernetes.io/hostname": "pool-main-2"}}
    stage.add(5 * HOUR, workload("Deployment", "batch", "video-transcoder", transcoder, pod=pinned))


def failed_job(stage: Stage) -> None:
    """A Job at its back-off limit."""
    feed = container("import", f"{REGISTRY}/import:1.0", cpu="100m")
    stage.add(
        35 * MINUTE,
        {
            "kind": "Job",
            "metadata": meta("batch", "import-feed"),
            "spec": job_spec(feed, backoffLimit=2),
        },
    )


def suspended_cronjob(stage: Stage) -> None:
    """A CronJob that somebody suspended and forgot."""
    cleanup = container("cleanup", "busybox:1.37", command=["sh", "-c", "echo cleaned; sleep 3"])
    spec = {"schedule": "0 3 * * *", "suspend": True, "jobTemplate": {"spec": job_spec(cleanup)}}
    stage.add(
        6 * DAY, {"kind": "CronJob", "metadata": meta("batch", "old-orders-cleanup"), "spec": spec}
    )


def stale_config(stage: Stage) -> None:
    """A ConfigMap that changed after the pods that read it had started."""
    managed = [
        {
            "manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1",
            "time": stamp(stage.now - 25 * MINUTE), "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {"f:CART_TTL": {}}},
        }
    ]  # fmt: skip
    patch = {"data": {"CART_TTL": "5m"}, "metadata": {"managedFields": managed}}
    stage.add(AGE - 250, config_map("shop", "web-flags", GIFT_CARDS="on"))
    stage.change(25 * MINUTE, "configmaps", "shop", "cart-config", patch)


def lost_service(stage: Stage) -> None:
    """A Service whose selector matches no pod."""
    stage.add(4 * DAY, service("shop", "promo", app="promotions"))


def hostile_logs(stage: Stage) -> None:
    """A container whose lines hold terminal escapes and markup."""
    stage.add(
        2 * DAY,
        workload(
            "Deployment", "shop", "upload-tailer", container("tail", "rancher/noisy-terminal:1")
        ),
    )
