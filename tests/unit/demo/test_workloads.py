"""StatefulSets, DaemonSets, Jobs, CronJobs, autoscaling, Services, claims, the scheduler."""

from __future__ import annotations

import calendar
import time

import pytest

from k8stui.demo.build import container, job_spec, meta, service, workload
from k8stui.demo.cronjob import next_run
from k8stui.demo.model import Obj, condition
from k8stui.demo.revisions import HASH
from tests.unit.demo.worlds import NS, SHOP, Small


def names(small: Small) -> list[str]:
    return [pod["metadata"]["name"] for pod in small.pods()]


def test_a_stateful_set_comes_up_in_order_and_updates_backwards() -> None:
    small = Small()
    small.stage.create(
        workload("StatefulSet", NS, "db", container("main", "postgres:16.4"), replicas=3)
    )
    seen = []
    for _ in range(60):
        small.run(0.5)
        if names(small) not in seen:
            seen.append(names(small))
    assert seen == [["db-0"], ["db-0", "db-1"], ["db-0", "db-1", "db-2"]]
    patch = {
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "postgres:16.6"}]}}}
    }
    small.change("statefulsets", "db", patch)
    order: list[str] = []
    for _ in range(120):
        small.run(0.5)
        for pod in small.pods():
            name, image = pod["metadata"]["name"], pod["spec"]["containers"][0]["image"]
            if image.endswith("16.6") and name not in order:
                order.append(name)
    assert order == ["db-2", "db-1", "db-0"]
    status = small.get("statefulsets", "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]
    assert len(list(small.store.all("controllerrevisions", NS))) == 2


def test_a_partition_holds_the_update_back() -> None:
    small = Small()
    update = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    small.stage.create(
        workload(
            "StatefulSet", NS, "db", container("main", "postgres:16.4"), replicas=3,
            updateStrategy=update,
        )
    )  # fmt: skip
    small.run(60)
    patch = {
        "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "postgres:16.6"}]}}}
    }
    small.change("statefulsets", "db", patch)
    small.run(60)
    images = [pod["spec"]["containers"][0]["image"] for pod in small.pods()]
    assert images == ["postgres:16.4", "postgres:16.4", "postgres:16.6"]


def test_a_daemon_set_has_a_pod_on_each_node_and_updates_one_at_a_time() -> None:
    small = Small(nodes=3)
    small.stage.create(
        workload(
            "DaemonSet",
            NS,
            "agent",
            container("main", "busybox:1", command=["sleep", "9999"]),
            pod={"terminationGracePeriodSeconds": 1},
        )
    )
    small.run(30)
    assert {pod["spec"]["nodeName"] for pod in small.pods()} == {"node-1", "node-2", "node-3"}
    patch = {
        "spec": {
            "template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}
        }
    }
    small.change("daemonsets", "agent", patch)
    fewest = 3
    for _ in range(60):
        small.run(0.5)
        fewest = min(fewest, small.get("daemonsets", "agent")["status"]["numberReady"])
    assert fewest == 2
    assert len({pod["metadata"]["labels"][HASH] for pod in small.pods()}) == 1
    assert small.get("daemonsets", "agent")["status"]["updatedNumberScheduled"] == 3


def job(small: Small, *command: str, **spec: object) -> None:
    body = job_spec(container("main", "busybox:1", command=list(command)), **spec)
    small.stage.create({"kind": "Job", "metadata": meta(NS, "work"), "spec": body})


def test_a_job_completes() -> None:
    small = Small()
    job(small, "true", completions=3, parallelism=2)
    small.run(60)
    status = small.get("jobs", "work")["status"]
    assert status["succeeded"] == 3
    assert condition(small.get("jobs", "work"), "Complete")["status"] == "True"


def test_a_job_gives_up_at_its_back_off_limit() -> None:
    small = Small()
    job(small, "false", backoffLimit=2)
    small.run(300)
    failed = condition(small.get("jobs", "work"), "Failed")
    assert failed["reason"] == "BackoffLimitExceeded"
    assert small.get("jobs", "work")["status"]["failed"] == 3


def test_a_job_stops_at_its_deadline() -> None:
    small = Small()
    job(small, "sleep", "900", activeDeadlineSeconds=30)
    small.run(90)
    assert condition(small.get("jobs", "work"), "Failed")["reason"] == "DeadlineExceeded"
    assert small.pods() == []


def test_a_finished_job_with_a_time_to_live_goes() -> None:
    small = Small()
    job(small, "true", ttlSecondsAfterFinished=60)
    small.run(30)
    assert small.store.count("jobs") == 1
    small.run(90)
    assert small.store.count("jobs") == 0


def cron(small: Small, **spec: object) -> None:
    body: Obj = {
        "schedule": "*/5 * * * *",
        "jobTemplate": {"spec": job_spec(container("main", "busybox:1", command=["true"]))},
    }
    small.stage.create({"kind": "CronJob", "metadata": meta(NS, "tick"), "spec": {**body, **spec}})


def test_a_cron_job_runs_on_time_and_keeps_three() -> None:
    small = Small()
    cron(small)
    small.run(3660)
    assert small.store.count("jobs") == 3
    assert small.get("cronjobs", "tick")["status"]["lastScheduleTime"].endswith(":00:00Z")


def test_a_suspended_cron_job_does_nothing() -> None:
    small = Small()
    cron(small, suspend=True)
    small.run(3600)
    assert small.store.count("jobs") == 0


@pytest.mark.parametrize(
    ("schedule", "after", "wanted"),
    [
        ("*/15 * * * *", "2026-01-01 10:07", "2026-01-01 10:15"),
        ("0 3 * * *", "2026-01-01 10:07", "2026-01-02 03:00"),
        ("30 8 * * mon-fri", "2026-01-03 00:00", "2026-01-05 08:30"),
        ("@monthly", "2026-01-01 00:00", "2026-02-01 00:00"),
        ("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("0 12 1 * 0", "2026-01-02 00:00", "2026-01-04 12:00"),
    ],
)
def test_schedules(schedule: str, after: str, wanted: str) -> None:
    start = calendar.timegm(time.strptime(after, "%Y-%m-%d %H:%M"))
    found = next_run(schedule, start)
    assert found is not None
    assert time.strftime("%Y-%m-%d %H:%M", time.gmtime(found)) == wanted


@pytest.mark.parametrize("schedule", ["", "* * * *", "x * * * *"])
def test_schedules_that_are_none(schedule: str) -> None:
    with pytest.raises(ValueError, match=r"expected|invalid"):
        next_run(schedule, 0.0)


def test_an_autoscaler_follows_use() -> None:
    small = Small(nodes=4)
    small.stage.create(
        workload(
            "Deployment",
            NS,
            "web",
            container("main", f"{SHOP}/web:1.7.0", cpu="50m", memory="64Mi"),
        )
    )
    target = {"type": "Utilization", "averageUtilization": 50}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 1, "maxReplicas": 5,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }  # fmt: skip
    small.stage.create(
        {"kind": "HorizontalPodAutoscaler", "metadata": meta(NS, "web"), "spec": spec}
    )
    small.run(300)
    assert small.get("deployments", "web")["spec"]["replicas"] == 5
    assert "SuccessfulRescale" in small.reasons("web")


def test_endpoints_are_the_ready_pods() -> None:
    small = Small()
    small.deploy(f"{SHOP}/web:1.7.0", replicas=2)
    small.stage.create(service(NS, "web"))
    small.run(2)
    assert "notReadyAddresses" in small.get("endpoints", "web")["subsets"][0]
    small.run(60)
    subset = small.get("endpoints", "web")["subsets"][0]
    assert len(subset["addresses"]) == 2
    assert subset["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]


def test_a_claim_binds_only_with_a_class() -> None:
    small = Small()
    for name, class_ in (("good", "standard"), ("bad", "fast")):
        spec = {"storageClassName": class_, "accessModes": ["ReadWriteOnce"]}
        small.stage.create(
            {"kind": "PersistentVolumeClaim", "metadata": meta(NS, name), "spec": spec}
        )
    small.run(5)
    small.stage.create(
        {"kind": "StorageClass", "metadata": {"name": "standard"}, "provisioner": "x"}
    )
    small.run(5)
    assert small.get("persistentvolumeclaims", "good")["status"]["phase"] == "Bound"
    assert small.get("persistentvolumeclaims", "bad")["status"]["phase"] == "Pending"
    assert "ProvisioningFailed" in small.reasons("bad")


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (
            {"nodeSelector": {"gpu": "yes"}},
            "2 node(s) didn't match Pod's node affinity/selector.",
        ),
        (
            {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]},
            'persistentvolumeclaim "c" not found.',
        ),
    ],
)
def test_the_scheduler_says_why_not(spec: Obj, why: str) -> None:
    small = Small()
    small.pod("sleep", "9", **spec)
    small.run(5)
    scheduled = condition(small.get("pods", "one"), "PodScheduled")
    assert scheduled["message"].startswith(f"0/2 nodes are available: {why}")
    assert small.reasons("one") == ["FailedScheduling"]


def test_resources_and_taints_are_counted_by_node() -> None:
    small = Small(nodes=3)
    taint = {"key": "dedicated", "value": "db", "effect": "NoSchedule"}
    small.change("nodes", "node-3", {"spec": {"taints": [taint]}}, namespace="")
    small.stage.create(
        {
            "kind": "Pod",
            "metadata": meta(NS, "one"),
            "spec": {"containers": [container("main", "busybox:1", cpu="16")]},
        }
    )
    small.run(5)
    message = condition(small.get("pods", "one"), "PodScheduled")["message"]
    assert "1 node(s) had untolerated taint {dedicated: db}, 2 Insufficient cpu" in message


def test_a_pod_that_waits_is_scheduled_when_a_node_fits() -> None:
    small = Small()
    small.pod("sleep", "900", nodeSelector={"gpu": "yes"})
    small.run(5)
    small.change("nodes", "node-2", {"metadata": {"labels": {"gpu": "yes"}}}, namespace="")
    small.run(5)
    assert small.get("pods", "one")["spec"]["nodeName"] == "node-2"


def test_a_namespace_empties_before_it_goes() -> None:
    from k8stui.demo.lifecycle import begin_deletion

    small = Small()
    small.deploy(f"{SHOP}/web:1.7.0")
    small.run(60)
    begin_deletion(small.store, "namespaces", small.get("namespaces", NS, ""), small.world.now())
    assert small.get("namespaces", NS, "")["status"]["phase"] == "Terminating"
    small.run(60)
    assert small.store.get("namespaces", "", NS) is None
    assert not small.pods()
