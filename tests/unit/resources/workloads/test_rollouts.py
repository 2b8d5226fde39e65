"""Revisions and the progress of rollouts, as recorded from a real cluster and as made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from k8stui.resources.conditions import Condition
from k8stui.resources.controllerrevisions import ControllerRevision
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.pods import Pod
from k8stui.resources.record import Context, NoUsage, Record
from k8stui.resources.registry import TYPED
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.revision_images import image_delta, short_image
from k8stui.resources.rollouts import (
    REVISION_COLUMNS,
    RevisionRow,
    RolloutProgress,
    revisions_of_daemonset,
    revisions_of_deployment,
    revisions_of_statefulset,
    rollout_progress,
)
from k8stui.resources.statefulsets import StatefulSet

Recorded = Callable[[str], tuple[float, list[Record]]]
DATA = Path(__file__).parents[3] / "data" / "workloads"


def rollout(
    records: list[Record], kind: type[Record], name: str, now: float
) -> tuple[tuple[RevisionRow, ...], RolloutProgress]:
    workload = next(one for one in records if isinstance(one, kind) and one.name == name)
    owners = {workload.uid} | {one.uid for one in records if one.owner_uid == workload.uid}
    pods = [one for one in records if isinstance(one, Pod) and one.owner_uid in owners]
    revisions = [one for one in records if isinstance(one, ControllerRevision)]
    if isinstance(workload, Deployment):
        replicasets = [one for one in records if isinstance(one, ReplicaSet)]
        rows = revisions_of_deployment(workload, replicasets, pods)
        return rows, rollout_progress(workload, rows, pods, now)
    if isinstance(workload, StatefulSet):
        rows = revisions_of_statefulset(workload, revisions, pods)
        return rows, rollout_progress(workload, rows, pods, now)
    assert isinstance(workload, DaemonSet)
    rows = revisions_of_daemonset(workload, revisions, pods)
    return rows, rollout_progress(workload, rows, pods, now)


@pytest.mark.parametrize(
    ("kind", "name", "lines"),
    [
        (
            Deployment,
            "web",
            [
                "✓3 2/2 busybox:3 (was 2), busybox:2 (was 1)",
                "2 0 busybox:2 (was 1), busybox:1",
                "1 0 busybox:1",
            ],
        ),
        (Deployment, "nopull", ["▶2 0/2 absent:1 (was busybox:1)", "✓1 2/2 busybox:1"]),
        (Deployment, "paused", ["✓1 2/2 busybox:1"]),
        (Deployment, "zero", ["✓1 0 busybox:1"]),
        (StatefulSet, "db", ["✓2 3/3 busybox:2 (was 1)", "1 0 busybox:1"]),
        (StatefulSet, "stsbad", ["▶2 0/3 absent:1 (was busybox:1)", "✓1 2/2 busybox:1"]),
        (StatefulSet, "part", ["▶2 1/1 busybox:2 (was 1)", "✓1 2/2 busybox:1"]),
        (StatefulSet, "ondelete", ["▶2 0/3 busybox:2 (was 1)", "✓1 3/3 busybox:1"]),
        (DaemonSet, "agent", ["✓2 1/1 busybox:2 (was 1)", "1 0 busybox:1"]),
        (DaemonSet, "dsod", ["▶2 0/1 busybox:2 (was 1)", "✓1 1/1 busybox:1"]),
        (DaemonSet, "dsbad", ["▶2 0/1 absent:1 (was busybox:1)", "1 0 busybox:1"]),
    ],
)
def test_revisions_newest_first_with_their_pods(
    recorded: Recorded, kind: type[Record], name: str, lines: list[str]
) -> None:
    now, records = recorded("rollouts")
    rows, _ = rollout(records, kind, name, now)
    cells = {column.id: column.text for column in REVISION_COLUMNS}
    context = Context(now, NoUsage())
    got = [
        " ".join(cells[one](row, context).strip() for one in ("revision", "pods", "image"))
        for row in rows
    ]
    assert got == lines


def test_history_is_numbered_as_kubectl_numbers_it() -> None:
    bag: dict[str, Any] = json.loads((DATA / "columns-1.20.json").read_text())
    kinds = {kind.kind: kind for kind in TYPED.values()}
    records = [
        kinds[kind].decode(json.dumps(item).encode())
        for kind, items in bag["objects"].items()
        for item in items
    ]
    types: dict[str, type[Record]] = {
        "deployment": Deployment,
        "statefulset": StatefulSet,
        "daemonset": DaemonSet,
    }
    for what, history in bag["history"].items():
        kind, _, name = what.partition("/")
        rows, _ = rollout(records, types[kind], name, 0)
        got = [[str(row.revision), row.change_cause or "<none>"] for row in reversed(rows)]
        assert got == history


NEVER = (
    "image localhost/absent:1 can't be pulled (ErrImageNeverPull): "
    'Container image "localhost/absent:1" is not present with pull policy of Never'
)


@pytest.mark.parametrize(
    ("kind", "name", "state", "percent", "blocked"),
    [
        (Deployment, "web", "done", 100, []),
        (Deployment, "zero", "done", 100, []),
        (Deployment, "nopull", "stuck", 0, [f"nopull-c9f8c5d6-cs5fq: {NEVER}"]),
        (Deployment, "nodeadline", "stuck", 0, [f"nodeadline-6499fdf8bc-xjj88: {NEVER}"]),
        (
            Deployment,
            "deadline",
            "deadline exceeded",
            0,
            [f"deadline-5ff454ffc8-sr7df: {NEVER}"],
        ),
        (
            Deployment,
            "crash",
            "stuck",
            0,
            ["crash-86b447f8d-ws2gh: container app keeps crashing (exit code 3, 6 restarts)"],
        ),
        (
            Deployment,
            "probe",
            "stuck",
            0,
            [
                "probe-5cc4574b59-xbbbt: container app has been running for 6m47s "
                "but is not ready: its probe does not pass"
            ],
        ),
        (
            Deployment,
            "big",
            "stuck",
            0,
            [
                "big-685ff9657c-p4ttd: can't be scheduled: "
                "0/1 nodes are available: 1 Insufficient cpu."
            ],
        ),
        (
            Deployment,
            "paused",
            "paused",
            0,
            ["paused: the changed template is not rolled out until it is resumed"],
        ),
        (StatefulSet, "db", "done", 100, []),
        (
            StatefulSet,
            "part",
            "paused",
            33,
            ["partition 2: part-0 and part-1 keep the old revision"],
        ),
        (
            StatefulSet,
            "ondelete",
            "paused",
            0,
            ["OnDelete: ondelete-0, ondelete-1 and ondelete-2 keep the old revision until deleted"],
        ),
        (StatefulSet, "stsbad", "stuck", 0, [f"stsbad-2: {NEVER}"]),
        (DaemonSet, "agent", "done", 100, []),
        (
            DaemonSet,
            "dsod",
            "paused",
            0,
            ["OnDelete: dsod-l6klz keeps the old revision until deleted"],
        ),
        (DaemonSet, "dsbad", "stuck", 0, [f"dsbad-ldg56: {NEVER}"]),
        (DaemonSet, "nowhere", "done", 100, []),
    ],
)
def test_progress_and_what_blocks_it(
    recorded: Recorded,
    kind: type[Record],
    name: str,
    state: str,
    percent: int,
    blocked: list[str],
) -> None:
    now, records = recorded("rollouts")
    _, progress = rollout(records, kind, name, now)
    assert (progress.state, progress.percent, list(progress.blocked)) == (state, percent, blocked)


def test_a_quota_that_refuses_pods_blocks_in_the_servers_own_words(recorded: Recorded) -> None:
    now, records = recorded("quota")
    _, progress = rollout(records, Deployment, "quota", now)
    assert progress.state == "stuck"
    (sentence,) = progress.blocked
    assert sentence.startswith("pods can't be created: ")
    assert "exceeded quota: mem, requested: pods=1" in sentence


def test_recreate_is_rolling_while_it_has_no_pods_though_an_old_end_is_noted(
    recorded: Recorded,
) -> None:
    now, records = recorded("recreate")
    rows, progress = rollout(records, Deployment, "recreate", now)
    assert progress.state == "progressing"
    assert progress.deadline_left is None
    assert rows[0].rolling_to


def test_a_revision_that_was_given_up_is_not_rolled_to_any_more(recorded: Recorded) -> None:
    now, records = recorded("rollouts")
    rows, _ = rollout(records, Deployment, "deadline", now)
    assert [(row.glyph, row.word) for row in rows[:2]] == [("✗", "failed"), ("✓", "current")]


@pytest.mark.parametrize(("ordered", "told"), [(True, True), (False, False)])
def test_a_broken_pod_that_going_back_does_not_replace(
    recorded: Recorded, ordered: bool, told: bool
) -> None:
    now, records = recorded("rollouts")
    back = [
        msgspec.structs.replace(one, update_revision=one.current_revision, ordered=ordered)
        if isinstance(one, StatefulSet) and one.name == "stsbad"
        else one
        for one in records
    ]
    _, progress = rollout(back, StatefulSet, "stsbad", now)
    said = "stsbad-2 is of another revision and not ready: a StatefulSet waits for it and does not "
    assert progress.state == "stuck"
    assert (f"{said}replace it: delete it" in progress.blocked) == told


@pytest.mark.parametrize(("updated", "changed", "ended"), [(900, 500, 900), (900, 900, 0)])
def test_an_end_that_resuming_has_noted_anew_is_not_told(
    updated: int, changed: int, ended: int
) -> None:
    noted = Condition("Progressing", "True", "NewReplicaSetAvailable", "", updated, changed)
    web = Deployment(
        uid="d", name="web", desired=1, replicas=1, updated=1, available=1, conditions=(noted,)
    )
    assert rollout_progress(web, (), (), 1000.0).ended == ended


def test_why_pods_of_a_rollout_that_is_done_are_missing(recorded: Recorded) -> None:
    now, records = recorded("rollouts")
    done = [
        msgspec.structs.replace(
            one, conditions=note("NewReplicaSetAvailable"), updated=one.replicas
        )
        if isinstance(one, Deployment)
        else one
        for one in records
    ]
    _, progress = rollout(done, Deployment, "crash", now)
    assert (progress.state, progress.blocked) == ("done", ())
    assert progress.ailing == (
        "crash-86b447f8d-ws2gh: container app keeps crashing (exit code 3, 6 restarts)",
    )
    assert rollout(done, Deployment, "web", now)[1].ailing == ()


def test_before_the_revisions_are_read_old_pods_do_not_count_as_new_ones() -> None:
    web = Deployment(uid="d", name="web", desired=3, replicas=4, updated=1, ready=3, available=3)
    progress = rollout_progress(web, (), (), 0.0)
    assert (progress.available, progress.percent) == (0, 0)


@pytest.mark.parametrize(("later", "left"), [(0, 193), (100, 93), (1000, 0)])
def test_the_deadline_counts_down_and_not_below_zero(
    recorded: Recorded, later: int, left: int
) -> None:
    now, records = recorded("rollouts")
    _, progress = rollout(records, Deployment, "nopull", now + later)
    assert progress.deadline_left == left


@pytest.mark.parametrize("name", ["web", "nodeadline", "deadline", "paused"])
def test_no_countdown_where_nothing_runs_towards_a_deadline(recorded: Recorded, name: str) -> None:
    now, records = recorded("rollouts")
    _, progress = rollout(records, Deployment, name, now)
    assert (progress.deadline, progress.deadline_left) == (0, None)


def note(reason: str) -> tuple[Condition, ...]:
    return (Condition("Progressing", "True", reason, "", 100, 100),)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "done"),
        ({"observed_generation": 0}, "progressing"),
        ({"updated": 2, "conditions": note("ReplicaSetUpdated")}, "progressing"),
        ({"replicas": 5, "conditions": note("ReplicaSetUpdated")}, "progressing"),
        ({"available": 3, "conditions": note("ReplicaSetUpdated")}, "progressing"),
        ({"available": 3, "conditions": ()}, "progressing"),
        # Scaling up, or pods that fail later, are no rollout.
        ({"available": 1, "ready": 1}, "done"),
        ({"desired": 9}, "done"),
        ({"paused": True, "conditions": note("DeploymentPaused")}, "done"),
        ({"paused": True, "replicas": 5, "conditions": note("DeploymentPaused")}, "paused"),
        ({"updated": 1, "conditions": note("ProgressDeadlineExceeded")}, "deadline exceeded"),
    ],
)
def test_what_counts_as_a_rollout_of_a_deployment(changes: dict[str, Any], state: str) -> None:
    deployment = Deployment(
        uid="d",
        name="web",
        generation=1,
        observed_generation=1,
        desired=4,
        replicas=4,
        updated=4,
        ready=4,
        available=4,
        revision=1,
        conditions=note("NewReplicaSetAvailable"),
    )
    deployment = msgspec.structs.replace(deployment, **changes)
    replicaset = ReplicaSet(uid="r", name="web-1", owner_uid="d", revision=1, replicas=4)
    rows = revisions_of_deployment(deployment, [replicaset])
    assert rollout_progress(deployment, rows, (), 200.0).state == state


def test_replicasets_of_other_deployments_are_left_out() -> None:
    deployment = Deployment(uid="d", name="web", revision=1)
    others = [
        ReplicaSet(uid="r1", name="web-1", owner_uid="d", revision=1),
        ReplicaSet(uid="r2", name="cart-1", owner_uid="e", revision=1),
        ReplicaSet(uid="r3", name="orphan"),
    ]
    assert [row.name for row in revisions_of_deployment(deployment, others)] == ["web-1"]


@pytest.mark.parametrize(
    ("image", "short"),
    [
        ("web", "web"),
        ("web:1.8", "web:1.8"),
        ("registry.example:5000/team/web:1.8", "web:1.8"),
        ("registry.example:5000/team/web", "web"),
        ("gcr.io/x/web:1.8@sha256:0123456789abcdef", "web@0123456"),
    ],
)
def test_short_image_names(image: str, short: str) -> None:
    assert short_image(image) == short


@pytest.mark.parametrize(
    ("images", "init", "before", "text"),
    [
        ((("a", "x:1"), ("b", "y:1")), (), (), "x:1, y:1"),
        ((("a", "x:1"), ("b", "y:2")), (), (("a", "x:1"), ("b", "y:1")), "y:2 (was 1), x:1"),
        ((("a", "x:1"),), (("i", "m:2"),), (("a", "x:1"), ("i", "m:1")), "m:2 (was 1), x:1"),
        ((("a", "x:1"),), (("i", "m:1"),), (("a", "x:1"), ("i", "m:1")), "x:1"),
        ((("a", "x:1"), ("b", "x:1")), (), (), "x:1"),
        ((("a", "x:1"), ("b", "y:1")), (), (("a", "x:1"),), "+y:1, x:1"),
        ((("a", "eu/x:1"),), (), (("a", "us/x:1"),), "eu/x:1 (was us/x:1)"),
        ((("a", "r:5000/x:2"),), (), (("a", "r:5000/x:1"),), "x:2 (was 1)"),
    ],
)
def test_changed_images_come_first(
    images: tuple[tuple[str, str], ...],
    init: tuple[tuple[str, str], ...],
    before: tuple[tuple[str, str], ...],
    text: str,
) -> None:
    assert image_delta(images, init, before) == text
