"""How `k8stui rollout status` ends, and what it says of the progress until then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from k8stui.actions.interface import Verdict
from k8stui.actions.status_follow import StatusFollowing
from k8stui.resources.pods import Pod
from k8stui.resources.rollouts import RevisionRow
from k8stui.resources.statefulsets import StatefulSet

from .test_follow import ROLLING, START, db_pod, deployment, refused_pod, revisions, statefulset

CRASHED = deployment(counts=(2, 2, 0, 0))
"""The controller noted the end as the pods ran for a moment."""


def _partitioned(ready: int = 2) -> StatefulSet:
    found = statefulset(ready, update="db-2")
    return msgspec.structs.replace(found, updated=1, partition=1)


def _row(revision: str, *, target: bool) -> RevisionRow:
    made: RevisionRow = revisions(deployment())[0]
    return msgspec.structs.replace(made, uid=revision, pod_hash=revision, is_target=target)


_ROWS = (_row("db-2", target=True), _row("db-1", target=False))


@pytest.mark.parametrize(
    ("record", "rows", "pods", "verdict"),
    [
        (deployment(), None, (), Verdict("done", "rolled out")),
        (CRASHED, None, (), None),
        (ROLLING, None, (), None),
        (deployment(observed=2), None, (), None),
        (
            deployment(counts=(3, 1, 2, 2), reason="ProgressDeadlineExceeded"),
            None,
            (),
            Verdict("failed", "failed at the deadline"),
        ),
        (
            deployment(counts=(3, 1, 2, 2), reason="DeploymentPaused", paused=True),
            None,
            (),
            Verdict("paused", "paused: pods are replaced no further until it is resumed"),
        ),
        (
            _partitioned(),
            _ROWS,
            (db_pod(0, "db-1", ready=True), db_pod(1, "db-2", ready=True)),
            Verdict(
                "done",
                "partitioned rollout complete: 1 new pod; partition 1: db-0 keeps the old revision",
            ),
        ),
        (
            _partitioned(ready=1),
            _ROWS,
            (db_pod(0, "db-1", ready=False), db_pod(1, "db-2", ready=True)),
            None,
        ),
        (
            msgspec.structs.replace(statefulset(2, update="db-2"), strategy="OnDelete"),
            _ROWS,
            (db_pod(0, "db-1", ready=True), db_pod(1, "db-2", ready=True)),
            Verdict(
                "failed",
                "rollout status is only for the strategy RollingUpdate, not OnDelete: "
                "OnDelete: db-0 keeps the old revision until deleted",
            ),
        ),
        (None, (), (), Verdict("gone", "the object is gone")),
    ],
)
def test_it_ends_as_kubectl_does(
    record: Any,
    rows: Sequence[RevisionRow] | None,
    pods: tuple[Pod, ...],
    verdict: Verdict | None,
) -> None:
    one = StatusFollowing()
    found = revisions(record) if rows is None else rows
    assert one.look(record, found, pods, START) == verdict
    done = verdict is not None and verdict.ok
    progress = one.progress
    assert progress is None or done == (progress.state == "done") == (progress.percent == 100)


def test_what_crashed_after_its_end_is_waited_for() -> None:
    one = StatusFollowing()
    assert one.look(CRASHED, revisions(CRASHED), (), START) is None
    assert one.waits == "0 of 2 updated pods available"
    assert one.progress is not None
    assert (one.progress.state, one.progress.waits) == ("progressing", (one.waits,))
    assert one.look(deployment(), revisions(deployment()), (), START) is not None


def test_a_rollout_that_begins_on_the_way_is_followed_too() -> None:
    one = StatusFollowing()
    assert one.look(ROLLING, revisions(ROLLING), (), START) is None
    newer = deployment(4, counts=(3, 1, 2, 2), revision=4, reason="ReplicaSetUpdated")
    assert one.look(newer, revisions(newer, 4), (), START + 5) is None
    done = deployment(4, revision=4)
    assert one.look(done, revisions(done, 4), (), START + 9) == Verdict("done", "rolled out")


def test_another_object_with_the_name_is_not_the_one_that_was_followed() -> None:
    one = StatusFollowing()
    assert one.look(ROLLING, revisions(ROLLING), (), START) is None
    other = deployment(uid="uid-other")
    assert one.look(other, (), (), START) == Verdict("gone", "the object is gone")


def test_only_the_cluster_can_tell_since_when_nothing_moves() -> None:
    stuck = statefulset(1, update="db-2")
    found = StatusFollowing().look(stuck, (), (refused_pod(),), START)
    assert found is not None
    assert found.state == "failed"
    assert "stuck: no progress for" in found.text
