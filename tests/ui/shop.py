"""A small shop in a fake cluster: a rollout that hangs, a crash, and what does well."""

from __future__ import annotations

from k8stui.resources.record import Record, Usage
from k8stui.viewmodels.live import ObjectRef
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW

WEB_OLD, WEB_NEW = "66d5c", "7f8b9"

WEB_PODS: tuple[Record, ...] = (
    make.of_deployment("web", WEB_OLD, "abcde", containers=("app", "sidecar"), age=4 * 86400),
    make.of_deployment("web", WEB_OLD, "fghij", containers=("app", "sidecar"), restarts=2),
    make.of_deployment(
        "web",
        WEB_NEW,
        "klmno",
        containers=("app", "sidecar"),
        image="registry.example/web:1.8",
        waiting="ImagePullBackOff",
        message='Back-off pulling image "registry.example/web:1.8"',
        phase="Pending",
        age=120,
    ),
)
CART_PODS = tuple(make.of_deployment("cart", "aaaa1", suffix) for suffix in ("one", "two"))
CRASHER = make.of_deployment("crasher", "bbbb2", "zzz", waiting="CrashLoopBackOff", restarts=12)
DB = make.pod("db-0", owner=("apps/v1", "StatefulSet", "db"))
WEB = make.deployment("web", desired=3, ready=2, updated=1, revision=7, deadline_in=461)
CART = make.deployment("cart", desired=2, revision=3)


def fill(cluster: FakeCluster) -> FakeCluster:
    """Puts the shop into a cluster."""
    cluster.apply(
        WEB,
        make.replicaset("web", WEB_OLD, revision=6, desired=2, image="registry.example/web:1.7"),
        make.replicaset(
            "web",
            WEB_NEW,
            revision=7,
            desired=1,
            ready=0,
            image="registry.example/web:1.8",
            cause="release 88",
            age=120,
        ),
        *WEB_PODS,
        CART,
        make.replicaset("cart", "aaaa1", revision=3, desired=2),
        *CART_PODS,
        make.deployment("crasher", ready=0),
        make.replicaset("crasher", "bbbb2", ready=0),
        CRASHER,
        make.statefulset("db"),
        DB,
        make.daemonset("agent", nodes=2),
        make.cronjob("report"),
        make.node("node-1"),
        make.node("node-2", ready=False),
        make.event(
            "pull", WEB_PODS[2], "Failed", "Failed to pull image: manifest unknown", count=5
        ),
        make.event(
            "scaled",
            WEB,
            "ScalingReplicaSet",
            "Scaled up web-7f8b9 to 1",
            kind="Deployment",
            warning=False,
            seen=120,
        ),
        make.event("backoff", CRASHER, "BackOff", "Back-off restarting failed container", count=44),
    )
    cluster.use({pod.name: (12, 88) for pod in (*WEB_PODS[:2], *CART_PODS, DB)})
    cluster.usage.update_nodes(
        [(name, Usage(1640, 5 << 30, int(NOW))) for name in ("node-1", "node-2")], NOW
    )
    ref = ObjectRef("deployments.apps", "shop", "web")
    cluster.documents["describe", ref] = [f"describe line {n}" for n in range(60)] + ["the end"]
    cluster.documents["yaml", ref] = ["kind: Deployment", "metadata:", "  name: web"]
    return cluster


def shop() -> FakeCluster:
    """A new cluster with the shop in it."""
    return fill(FakeCluster())
