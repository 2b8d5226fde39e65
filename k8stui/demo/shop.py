"""A healthy shop, and the cluster under it."""

from __future__ import annotations

from typing import Final

from k8stui.demo import rbac
from k8stui.demo.build import (
    DAY,
    HOUR,
    MINUTE,
    Stage,
    config_map,
    container,
    job_spec,
    meta,
    node,
    service,
    set_node_ready,
    workload,
)
from k8stui.demo.model import Obj

AGE: Final = 9 * DAY
REGISTRY: Final = "registry.shop.example"
NAMESPACES: Final = (
    "default", "kube-system", "kube-public", "kube-node-lease", "shop", "payments", "batch",
    "monitoring",
)  # fmt: skip
NODES: Final = {
    "pool-main-1": AGE, "pool-main-2": AGE, "pool-main-3": 48 * MINUTE, "pool-batch-1": AGE,
}  # fmt: skip
"""Each node's age when the audience comes; the third joined late, so little depends on it."""


def base(stage: Stage) -> None:
    """Nodes, namespaces, classes and what runs in every cluster."""
    world = stage.world
    rbac.install(world.store)
    for name in NAMESPACES:
        labels = {"kubernetes.io/metadata.name": name}
        stage.create({"kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        stage.create({"kind": "ServiceAccount", "metadata": meta(name, "default")})
    taint = {"key": "dedicated", "value": "batch", "effect": "NoSchedule"}
    for number, (name, age) in enumerate(NODES.items()):
        batch = name == "pool-batch-1"
        stage.add(age, node(name, number, 8, 16, taint=taint if batch else None))
        stage.at(age, lambda name=name: set_node_ready(world, name, is_ready=True))  # type: ignore[misc]
    marked = {"storageclass.kubernetes.io/is-default-class": "true"}
    stage.create(
        {
            "kind": "StorageClass",
            "metadata": {"name": "standard", "annotations": marked},
            "provisioner": "csi.disks.example",
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "Immediate",
            "allowVolumeExpansion": True,
        }
    )
    for name, value in (
        ("system-node-critical", 2000001000),
        ("system-cluster-critical", 2000000000),
    ):
        body: Obj = {"value": value, "globalDefault": False, "description": "Used by the system."}
        stage.create({"kind": "PriorityClass", "metadata": {"name": name}, **body})
    stage.create(
        {
            "kind": "IngressClass",
            "metadata": {"name": "nginx"},
            "spec": {"controller": "k8s.io/ingress-nginx"},
        }
    )
    stage.create(_certificate_crd())
    everywhere = {"tolerations": [{"operator": "Exists"}], "hostNetwork": True}
    proxy = container("kube-proxy", "registry.k8s.io/kube-proxy:v1.34.1", cpu="20m", memory="32Mi")
    stage.add(AGE - 60, workload("DaemonSet", "kube-system", "kube-proxy", proxy, pod=everywhere))
    dns = container("coredns", "registry.k8s.io/coredns/coredns:v1.12.1", cpu="100m", memory="70Mi")
    stage.add(
        AGE - 60,
        workload("Deployment", "kube-system", "coredns", dns, replicas=2),
        workload(
            "Deployment", "kube-system", "metrics-server",
            container("metrics-server", "registry.k8s.io/metrics-server/metrics-server:v0.8.0"),
        ),
        service("kube-system", "kube-dns", 53, 53, app="coredns"),
    )  # fmt: skip


def _certificate_crd() -> Obj:
    return {
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "certificates.cert-manager.io"},
        "spec": {
            "group": "cert-manager.io",
            "scope": "Namespaced",
            "names": {
                "plural": "certificates", "singular": "certificate", "kind": "Certificate",
                "shortNames": ["cert", "certs"], "categories": ["cert-manager"],
            },
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
        "status": {
            "conditions": [
                {"type": "Established", "status": "True", "reason": "InitialNamesAccepted"}
            ]
        },
    }  # fmt: skip


def shop(stage: Stage) -> None:
    """A healthy shop: web with its history, cart, catalog, databases, monitoring, reports."""
    _web(stage)
    _backend(stage)
    _payments(stage)
    _monitoring(stage)
    _edges(stage)


def _databases(stage: Stage) -> None:
    database = container(
        "postgres", "postgres:16.4", cpu="250m", memory="512Mi", limit="1Gi", port=5432
    )
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "20Gi"}}},
    }
    stage.add(
        AGE - 120,
        workload(
            "StatefulSet", "shop", "shop-db", database, replicas=2, volumeClaimTemplates=[claim]
        ),
        workload("StatefulSet", "shop", "cart-cache", container("redis", "redis:7.4", port=6379)),
        service("shop", "shop-db", 5432),
        service("shop", "cart-cache", 6379),
    )
    patch = {
        "spec": {
            "template": {"spec": {"containers": [{"name": "postgres", "image": "postgres:16.6"}]}}
        }
    }
    stage.change(4 * DAY, "statefulsets", "shop", "shop-db", patch)


def _web(stage: Stage) -> None:
    """The front, with a history of releases."""
    web = container(
        "web",
        f"{REGISTRY}/web:1.4.0",
        cpu="100m",
        memory="128Mi",
        limit="256Mi",
        port=8080,
        probes=True,
    )
    proxy = container("envoy", "envoyproxy/envoy:v1.31", cpu="20m", memory="48Mi", port=9901)
    proxy["ports"][0]["name"] = "admin"
    stage.add(
        AGE - 300,
        workload("Deployment", "shop", "web", web, proxy, replicas=4),
        service("shop", "web"),
    )
    for age, tag, cause in (
        (7 * DAY, "1.5.0", "release 84: new checkout button"),
        (5.2 * DAY, "1.5.1", "release 85: fix of the button"),
        (3.1 * DAY, "1.6.0", "release 86: search suggestions"),
        (26 * HOUR, "1.7.0", "release 87: gift cards"),
    ):
        stage.release(age, "shop", "web", f"{REGISTRY}/web:{tag}", cause)


def _backend(stage: Stage) -> None:
    """Cart, catalog and the databases."""
    cart = container("cart", f"{REGISTRY}/cart:2.4.1", port=8080, probes=True, limit="160Mi")
    cart["envFrom"] = [{"configMapRef": {"name": "cart-config"}}]
    stage.add(
        AGE - 200,
        config_map("shop", "cart-config", CART_TTL="30m", CURRENCY="EUR", CACHE="cart-cache:6379"),
        workload("Deployment", "shop", "cart", cart, replicas=2),
        service("shop", "cart"),
    )
    stage.release(2 * DAY, "shop", "cart", f"{REGISTRY}/cart:2.5.0", "release 31: bundles")
    catalog = container(
        "catalog",
        f"{REGISTRY}/catalog:5.1.4",
        cpu="150m",
        memory="320Mi",
        limit="512Mi",
        port=8080,
        probes=True,
    )
    stage.add(
        AGE - 180,
        workload("Deployment", "shop", "catalog", catalog, replicas=2),
        service("shop", "catalog"),
    )
    _databases(stage)


def _payments(stage: Stage) -> None:
    api = container(
        "api",
        f"{REGISTRY}/payments-api:4.2.0",
        cpu="100m",
        memory="160Mi",
        limit="256Mi",
        port=8443,
        probes=True,
    )
    pod = {
        "initContainers": [
            container("migrate", f"{REGISTRY}/migrate:1.0"),
            {**container("envoy", "envoyproxy/envoy:v1.31", cpu="20m"), "restartPolicy": "Always"},
        ]
    }
    ledger = container(
        "ledger", f"{REGISTRY}/ledger:1.12.0", cpu="100m", memory="256Mi", port=9090, probes=True
    )
    secret = {
        "kind": "Secret",
        "metadata": meta("payments", "api-keys"),
        "type": "Opaque",
        "data": {"key": "aHVudGVyMg=="},
    }
    stage.add(
        AGE - 100,
        secret,
        workload("Deployment", "payments", "payments-api", api, replicas=2, pod=pod),
        service("payments", "payments-api", 443),
        workload("StatefulSet", "payments", "ledger", ledger),
        service("payments", "ledger", 9090),
    )
    stage.release(
        1.4 * DAY, "payments", "payments-api", f"{REGISTRY}/payments-api:4.2.1", "hotfix PAY-771"
    )


def _monitoring(stage: Stage) -> None:
    everywhere = {"tolerations": [{"operator": "Exists"}]}
    stage.add(
        AGE - 150,
        workload(
            "StatefulSet",
            "monitoring",
            "prometheus",
            container("prometheus", "prom/prometheus:v2.54.1", cpu="300m", memory="1Gi", port=9090),
        ),
        workload(
            "Deployment",
            "monitoring",
            "grafana",
            container("grafana", "grafana/grafana:11.2.0", port=3000),
        ),
        workload(
            "DaemonSet",
            "monitoring",
            "fluent-bit",
            container("fluent-bit", "fluent/fluent-bit:3.1", cpu="30m"),
            pod=everywhere,
        ),
        service("monitoring", "prometheus", 9090),
        service("monitoring", "grafana", 80),
    )
    report = container("report", f"{REGISTRY}/report:3.1", cpu="200m")
    cron = {
        "schedule": "*/15 * * * *",
        "concurrencyPolicy": "Forbid",
        "jobTemplate": {"spec": job_spec(report, backoffLimit=2)},
    }
    stage.add(
        100 * MINUTE, {"kind": "CronJob", "metadata": meta("batch", "sales-report"), "spec": cron}
    )


def _edges(stage: Stage) -> None:
    """Ingress, budget, autoscaler, certificate."""
    path = {
        "path": "/",
        "pathType": "Prefix",
        "backend": {"service": {"name": "web", "port": {"number": 80}}},
    }
    spec = {
        "ingressClassName": "nginx",
        "rules": [{"host": "shop.example", "http": {"paths": [path]}}],
        "tls": [{"hosts": ["shop.example"], "secretName": "shop-tls"}],
    }
    balancer = {"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}}
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "Ready",
        "message": "Certificate is up to date and has not expired",
    }
    stage.add(
        8 * DAY,
        {"kind": "Ingress", "metadata": meta("shop", "shop"), "spec": spec, "status": balancer},
        {
            "kind": "PodDisruptionBudget",
            "metadata": meta("shop", "web"),
            "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"app": "web"}}},
        },
        {
            "kind": "Certificate",
            "metadata": meta("shop", "shop-tls", app="web"),
            "spec": {
                "secretName": "shop-tls",
                "issuerRef": {"name": "letsencrypt"},
                "dnsNames": ["shop.example"],
            },
            "status": {"conditions": [ready]},
        },
    )
    utilization = {"type": "Utilization", "averageUtilization": 85}
    hpa = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "catalog"},
        "minReplicas": 2,
        "maxReplicas": 4,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}],
    }
    stage.add(
        20 * MINUTE,
        {"kind": "HorizontalPodAutoscaler", "metadata": meta("shop", "catalog"), "spec": hpa},
    )
