"""Deployments of the demo cluster roll as real ones do."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.demo.deployment import REVISION
from k8stui.demo.lifecycle import begin_deletion
from k8stui.demo.model import Obj, condition
from tests.unit.demo.worlds import NS, SHOP, Small

OLD, NEW, BAD = f"{SHOP}/web:1.6.0", f"{SHOP}/web:1.7.0", f"{SHOP}/web:9.9.9"


def sets(small: Small) -> dict[str, Obj]:
    """The ReplicaSets by revision."""
    return {
        rs["metadata"]["annotations"][REVISION]: rs for rs in small.store.all("replicasets", NS)
    }


def test_a_deployment_becomes_available() -> None:
    small = Small()
    small.deploy(OLD)
    small.run(30)
    deploy = small.get("deployments", "web")
    assert deploy["status"]["availableReplicas"] == 3
    assert condition(deploy, "Available")["status"] == "True"
    assert condition(deploy, "Progressing")["reason"] == "NewReplicaSetAvailable"
    assert deploy["status"]["observedGeneration"] == deploy["metadata"]["generation"]


@pytest.mark.parametrize(
    ("surge", "unavailable", "most", "fewest"),
    [("25%", "25%", 5, 3), (1, 0, 5, 4), (0, 1, 4, 3), ("100%", 0, 8, 4)],
)
def test_a_rolling_update_keeps_its_limits(
    surge: Any, unavailable: Any, most: int, fewest: int
) -> None:
    small = Small()
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    small.deploy(OLD, replicas=4, strategy={"type": "RollingUpdate", "rollingUpdate": rolling})
    small.run(60)
    small.image(NEW)
    wanted, ready = [], []
    for _ in range(300):
        small.run(0.5)
        wanted.append(sum(rs["spec"]["replicas"] for rs in sets(small).values()))
        status = small.get("deployments", "web")["status"]
        ready.append(status.get("availableReplicas", 0))
    assert max(wanted) == most
    assert min(ready) >= fewest
    assert sets(small)["2"]["spec"]["replicas"] == 4
    assert sets(small)["1"]["spec"]["replicas"] == 0


def test_a_bad_image_stops_the_rollout_and_the_deadline_tells() -> None:
    small = Small()
    small.deploy(OLD, replicas=4)
    small.run(60)
    small.image(BAD)
    small.run(120)
    assert {rev: rs["spec"]["replicas"] for rev, rs in sets(small).items()} == {"1": 3, "2": 2}
    assert (
        condition(small.get("deployments", "web"), "Progressing")["reason"] == "ReplicaSetUpdated"
    )
    small.run(600)
    progressing = condition(small.get("deployments", "web"), "Progressing")
    assert progressing["status"] == "False"
    assert progressing["reason"] == "ProgressDeadlineExceeded"


def test_rolling_back_reuses_the_set_under_a_new_revision() -> None:
    small = Small()
    small.deploy(OLD)
    small.run(60)
    small.image(BAD)
    small.run(60)
    small.image(OLD)
    small.run(60)
    assert sorted(sets(small)) == ["2", "3"]
    assert sets(small)["3"]["spec"]["replicas"] == 3
    assert sets(small)["2"]["spec"]["replicas"] == 0
    assert small.get("deployments", "web")["metadata"]["annotations"][REVISION] == "3"
    assert all(pod["spec"]["containers"][0]["image"] == OLD for pod in small.pods())


def test_recreate_never_runs_both() -> None:
    small = Small()
    small.deploy(OLD, strategy={"type": "Recreate"})
    small.run(60)
    small.image(NEW)
    seen = set()
    for _ in range(60):
        small.run(0.5)
        seen.add(frozenset(pod["spec"]["containers"][0]["image"] for pod in small.pods()))
    assert frozenset({OLD, NEW}) not in seen
    assert small.get("deployments", "web")["status"]["availableReplicas"] == 3


def test_a_paused_deployment_waits_and_resumes() -> None:
    small = Small()
    small.deploy(OLD)
    small.run(60)
    small.change("deployments", "web", {"spec": {"paused": True}})
    small.image(NEW)
    small.run(60)
    assert sorted(sets(small)) == ["1"]
    assert condition(small.get("deployments", "web"), "Progressing")["reason"] == "DeploymentPaused"
    small.change("deployments", "web", {"spec": {"paused": False}})
    small.run(60)
    assert sets(small)["2"]["spec"]["replicas"] == 3


def test_scaling_in_the_middle_of_a_rollout_is_shared() -> None:
    small = Small()
    small.deploy(OLD, replicas=4)
    small.run(60)
    small.image(BAD)
    small.run(60)
    small.change("deployments", "web", {"spec": {"replicas": 8}})
    small.run(60)
    sizes = {rev: rs["spec"]["replicas"] for rev, rs in sets(small).items()}
    assert sum(sizes.values()) == 10
    assert sizes["1"] > 3
    assert sizes["2"] > 2


def test_old_sets_beyond_the_history_limit_go() -> None:
    small = Small()
    small.deploy(OLD, revisionHistoryLimit=1)
    for tag in ("1.4.0", "1.5.0", "1.5.1", "1.7.0"):
        small.run(60)
        small.image(f"{SHOP}/web:{tag}")
    small.run(60)
    assert sorted(sets(small)) == ["4", "5"]


def test_deleting_a_deployment_takes_its_sets_and_pods() -> None:
    small = Small()
    small.deploy(OLD)
    small.run(60)
    begin_deletion(small.store, "deployments", small.get("deployments", "web"), small.world.now())
    small.run(60)
    assert not list(small.store.all("replicasets", NS))
    assert not small.pods()


def test_orphaned_sets_stay() -> None:
    small = Small()
    small.deploy(OLD)
    small.run(60)
    deploy = small.get("deployments", "web")
    begin_deletion(small.store, "deployments", deploy, small.world.now(), policy="Orphan")
    small.run(60)
    assert len(list(small.store.all("replicasets", NS))) == 1
    assert len(small.pods()) == 3
