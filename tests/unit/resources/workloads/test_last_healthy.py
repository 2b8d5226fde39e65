"""Which revision last ran fully healthy, and how far a rollout may go at a time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources.conditions import Condition
from k8stui.resources.controllerrevisions import ControllerRevision
from k8stui.resources.daemonsets import DaemonSet
from k8stui.resources.deployments import Deployment
from k8stui.resources.pods import Pod
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.revisions import revisions_of_deployment, revisions_of_statefulset
from k8stui.resources.rollout_strategy import budget_text
from k8stui.resources.statefulsets import StatefulSet


def replicaset(number: int, pods: int, ready: int, history: str = "") -> ReplicaSet:
    return ReplicaSet(
        uid=f"r{number}",
        name=f"web-{number}",
        owner_uid="d",
        revision=number,
        revision_history=history,
        created=number,
        desired=pods,
        replicas=pods,
        ready=ready,
        available=ready,
    )


def progressing(reason: str, message: str = "") -> tuple[Condition, ...]:
    return (Condition("Progressing", "True", reason, message, 100, 100),)


ROLLING = progressing("ReplicaSetUpdated")


@pytest.mark.parametrize(
    ("conditions", "replicasets", "healthy"),
    [
        # Under way, or stuck: the oldest that has pods is the last that came to its end.
        (ROLLING, [replicaset(1, 0, 0), replicaset(2, 3, 3), replicaset(3, 2, 0)], 2),
        (ROLLING, [replicaset(1, 2, 2), replicaset(2, 1, 1), replicaset(3, 1, 0)], 1),
        # Back out of a bad revision half-way: what is left of that one is not healthy.
        (ROLLING, [replicaset(2, 1, 0), replicaset(3, 3, 3, "1")], 3),
        # At its end: by the controller's own note, also when pods fail later.
        (
            progressing(
                "NewReplicaSetAvailable", 'ReplicaSet "web-3" has successfully progressed.'
            ),
            [replicaset(2, 0, 0), replicaset(3, 3, 1)],
            3,
        ),
        # Scaled up from 0, where the note tells of an end that had no pods.
        (
            progressing(
                "NewReplicaSetAvailable", 'ReplicaSet "web-3" has successfully progressed.'
            ),
            [replicaset(2, 0, 0), replicaset(3, 3, 0)],
            0,
        ),
        (
            progressing(
                "NewReplicaSetAvailable", 'ReplicaSet "web-3" has successfully progressed.'
            ),
            [replicaset(3, 0, 0)],
            0,
        ),
        # What is left is not well: it may never have been.
        (ROLLING, [replicaset(1, 3, 0), replicaset(2, 1, 0)], 0),
        (ROLLING, [replicaset(1, 0, 0), replicaset(2, 3, 2), replicaset(3, 1, 0)], 0),
        # Back to what is not well either, or not yet.
        (ROLLING, [replicaset(2, 1, 0), replicaset(3, 3, 2, "1")], 0),
        (ROLLING, [replicaset(2, 1, 0), replicaset(3, 0, 0, "1")], 0),
        # Nobody can tell.
        (ROLLING, [replicaset(1, 3, 0)], 0),
        (ROLLING, [replicaset(1, 0, 0), replicaset(2, 3, 0)], 0),
    ],
)
def test_the_last_healthy_revision_of_a_deployment(
    conditions: tuple[Condition, ...], replicasets: list[ReplicaSet], healthy: int
) -> None:
    newest = max(one.revision for one in replicasets)
    deployment = Deployment(
        uid="d", name="web", desired=4, updated=1, revision=newest, conditions=conditions
    )
    rows = revisions_of_deployment(deployment, replicasets)
    assert [row.revision for row in rows if row.last_healthy] == ([healthy] if healthy else [])


@pytest.mark.parametrize(
    ("revisions", "current", "pods", "healthy"),
    [
        # The first one is named from the beginning: its pods must tell that it ran.
        ([1, 2], "db-1", {"db-1": [True]}, ["db-1"]),
        ([1, 2], "db-1", {"db-1": [True], "db-2": [False]}, ["db-1"]),
        ([1, 2], "db-1", {"db-1": [False], "db-2": [False]}, []),
        ([1, 2], "db-1", {}, []),
        ([1], "db-1", {"db-1": [True, True]}, ["db-1"]),
        ([1], "db-1", {"db-1": [True, False]}, []),
        # A later one was rolled out to its end, or it would not be named.
        ([1, 2, 3], "db-2", {"db-2": [True, False]}, ["db-2"]),
        ([1, 2], "db-2", {"db-2": [False, False]}, ["db-2"]),
    ],
)
def test_a_statefulsets_status_names_it(
    revisions: list[int], current: str, pods: dict[str, list[bool]], healthy: list[str]
) -> None:
    sts = StatefulSet(
        uid="s",
        name="db",
        desired=2,
        current_revision=current,
        update_revision=f"db-{revisions[-1]}",
    )
    history = [
        ControllerRevision(
            uid=f"c{one}", name=f"db-{one}", owner_uid="s", revision=one, created=one
        )
        for one in revisions
    ]
    running = [
        Pod(
            uid=f"{name}-{at}",
            name=f"db-{at}",
            owner_uid="s",
            phase="Running",
            is_ready=ready,
            labels=(f"controller-revision-hash={name}",),
        )
        for name, found in pods.items()
        for at, ready in enumerate(found)
    ]
    rows = revisions_of_statefulset(sts, history, running)
    assert [row.name for row in rows if row.last_healthy] == healthy


WEB = Deployment(
    uid="d",
    name="web",
    desired=4,
    replicas=5,
    available=3,
    max_surge=1,
    max_surge_text="25%",
    max_unavailable=1,
    max_unavailable_text="1",
)
DB = StatefulSet(uid="s", name="db", desired=3)
AGENT = DaemonSet(
    uid="a", name="agent", desired=3, available=2, max_unavailable=1, max_unavailable_text="1"
)


@pytest.mark.parametrize(
    ("workload", "changes", "text"),
    [
        (WEB, {}, "surge 1 of max 1 (25%) · unavailable 1 of max 1"),
        (WEB, {"strategy": "Recreate"}, "Recreate: all old pods stop before new ones start"),
        (DB, {}, "one pod at a time, the highest number first"),
        (
            DB,
            {"partition": 2},
            "one pod at a time, the highest number first · partition 2: pods below 2 stay",
        ),
        (
            DB,
            {"max_unavailable_text": "2"},
            "at most 2 unavailable at a time, the highest number first",
        ),
        (DB, {"strategy": "OnDelete"}, "OnDelete: a pod is replaced when someone deletes it"),
        (AGENT, {}, "unavailable 1 of max 1"),
    ],
)
def test_the_budget_in_words(
    workload: Deployment | StatefulSet | DaemonSet, changes: dict[str, Any], text: str
) -> None:
    assert budget_text(msgspec.structs.replace(workload, **changes)) == text
