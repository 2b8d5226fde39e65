"""Workload kinds: the cells that kubectl prints, and decoding of what is odd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from k8stui.resources import controllerrevisions, daemonsets, deployments, replicasets, statefulsets
from k8stui.resources.record import Context, NoUsage
from k8stui.resources.registry import TYPED

DATA = Path(__file__).parents[3] / "data" / "workloads"
RECORDED: dict[str, Any] = json.loads((DATA / "columns-1.20.json").read_text())
KINDS = {kind.kind: kind for kind in TYPED.values()}


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("kind", sorted(RECORDED["wide"]))
def test_cells_are_those_of_kubectl_get_wide(kind: str) -> None:
    typed, wide = KINDS[kind], RECORDED["wide"][kind]
    assert [column.title for column in typed.columns] == wide["titles"]
    context = Context(0.0, NoUsage())
    for item, cells in zip(RECORDED["objects"][kind], wide["rows"], strict=True):
        record = typed.decode(raw(item))
        got = {c.title: c.text(record, context) for c in typed.columns if c.title != "AGE"}
        want = {t: c for t, c in zip(wide["titles"], cells, strict=True) if t != "AGE"}
        assert got == want


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "resolved"),
    [
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        ("25%", "25%", 1, (1, 0)),
        (0, "10%", 3, (0, 1)),
        (2, 1, 10, (2, 1)),
        ("100%", 0, 5, (5, 0)),
        ("nonsense", "x%", 5, (0, 1)),
        (None, None, 5, (0, 1)),
    ],
)
def test_limits_of_a_rolling_update_resolve_as_the_controller_does(
    surge: int | str | None, unavailable: int | str | None, replicas: int, resolved: tuple[int, int]
) -> None:
    strategy = {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable},
    }
    record = deployments.decode(
        raw({"metadata": {"name": "a"}, "spec": {"replicas": replicas, "strategy": strategy}})
    )
    assert (record.max_surge, record.max_unavailable) == resolved


def test_a_deployment_keeps_what_the_cockpit_needs() -> None:
    items = {item["metadata"]["name"]: item for item in RECORDED["objects"]["Deployment"]}
    web = deployments.decode(raw(items["web"]))
    assert (web.revision, web.change_cause) == (4, "release 3")
    assert web.containers == (("app", "localhost/busybox:1"), ("side", "localhost/busybox:2"))
    assert web.init_containers == (("warm", "localhost/busybox:1"),)
    assert web.unprobed == ("app", "side")
    assert web.progress_deadline == 600
    progressing = web.condition("Progressing")
    assert progressing is not None
    assert progressing.reason == "NewReplicaSetAvailable"
    assert progressing.last_update >= progressing.last_transition > 1_700_000_000


def test_a_deadline_of_the_largest_number_is_none() -> None:
    spec = {"progressDeadlineSeconds": 2147483647}
    record = deployments.decode(raw({"metadata": {"name": "a"}, "spec": spec}))
    assert record.progress_deadline == 0


def test_a_replicaset_knows_its_revision_and_hash_and_a_bare_one_has_none() -> None:
    records = {
        record.name: record
        for record in (replicasets.decode(raw(one)) for one in RECORDED["objects"]["ReplicaSet"])
    }
    mine = [record for record in records.values() if record.owner_name == "web"]
    assert sorted(record.revision for record in mine) == [1, 2, 3, 4][-len(mine) :]
    assert all(record.name == f"web-{record.template_hash}" for record in mine)
    assert (records["bare"].revision, records["bare"].template_hash) == (0, "")


@pytest.mark.parametrize(
    ("status", "available"),
    [({"readyReplicas": 2}, 2), ({"readyReplicas": 2, "availableReplicas": 1}, 1)],
    ids=["before-1.22", "since-1.22"],
)
def test_available_pods_of_a_statefulset(status: dict[str, int], available: int) -> None:
    record = statefulsets.decode(raw({"metadata": {"name": "db"}, "status": status}))
    assert record.available == available


def test_a_statefulset_and_a_daemonset_tell_how_they_update() -> None:
    sts = statefulsets.decode(
        raw(
            {
                "metadata": {"name": "db"},
                "spec": {
                    "podManagementPolicy": "Parallel",
                    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}},
                },
            }
        )
    )
    assert (sts.strategy, sts.partition, sts.ordered) == ("RollingUpdate", 2, False)
    ds = daemonsets.decode(
        raw(
            {
                "metadata": {"name": "agent"},
                "spec": {"updateStrategy": {"rollingUpdate": {"maxUnavailable": "10%"}}},
                "status": {"desiredNumberScheduled": 11},
            }
        )
    )
    assert (ds.max_unavailable, ds.max_unavailable_text) == (2, "10%")


@pytest.mark.parametrize("data", [None, {"blob": [1, 2]}, {"spec": {"template": "text"}}, 7])
def test_a_foreign_controllers_revision_has_no_images(data: object) -> None:
    item = {"metadata": {"name": "x"}, "revision": 3, "data": data}
    record = controllerrevisions.decode(raw(item))
    assert (record.revision, record.containers, record.controller) == (3, (), "<none>")


@pytest.mark.parametrize("kind", sorted(RECORDED["wide"]))
def test_text_of_the_cluster_is_made_safe(kind: str) -> None:
    hostile = "a\x1b[2Jb\u202e"
    item = {
        "metadata": {
            "name": hostile,
            "annotations": {"kubernetes.io/change-cause": hostile},
            "labels": {"pod-template-hash": hostile},
        },
        "spec": {
            "selector": {"matchLabels": {"app": hostile}},
            "template": {"spec": {"containers": [{"name": hostile, "image": hostile}]}},
        },
        "status": {"conditions": [{"type": "ReplicaFailure", "message": hostile}]},
    }
    text = repr(msgspec.structs.asdict(KINDS[kind].decode(raw(item))))
    assert "^[[2J" in text
    assert "\\x1b" not in text
    assert "\\u202e" not in text


@pytest.mark.parametrize("kind", sorted(RECORDED["wide"]))
def test_what_is_no_object_is_refused_and_odd_fields_count_as_absent(kind: str) -> None:
    decode = KINDS[kind].decode
    with pytest.raises(msgspec.MsgspecError):
        decode(b"[]")
    odd = {"metadata": {"name": "a"}, "spec": {"replicas": "many"}, "status": 3}
    assert decode(raw(odd)).name == "a"
