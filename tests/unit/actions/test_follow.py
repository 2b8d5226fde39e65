"""How the verdict is told from what the watch brings."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.actions.follow import Following
from k8stui.actions.intents import Delete, Intent, Pause, Restart, Resume, Rollback, Scale, Subject
from k8stui.actions.interface import Facts, Outcome, Preview, Verdict
from k8stui.resources import (
    controllerrevisions,
    deployments,
    pods,
    replicasets,
    statefulsets,
)
from k8stui.resources.deployments import Deployment
from k8stui.resources.pods import Pod
from k8stui.resources.rollouts import (
    RevisionRow,
    revisions_of_deployment,
    revisions_of_statefulset,
)
from k8stui.resources.statefulsets import StatefulSet

from .objects import NOW, WEB

START = 1_700_000_000.0
UID = "uid-web"


def deployment(
    generation: int = 3,
    *,
    observed: int | None = None,
    revision: int = 3,
    counts: tuple[int, int, int, int] = (2, 2, 2, 2),
    desired: int = 2,
    reason: str = "NewReplicaSetAvailable",
    uid: str = UID,
    **spec: Any,
) -> Deployment:
    """`counts` are all, updated, ready and available pods."""
    replicas, updated, ready, available = counts
    condition = {
        "type": "Progressing",
        "status": "True",
        "reason": reason,
        "lastUpdateTime": "2023-11-14T22:13:20Z",
    }
    return deployments.decode(
        msgspec.json.encode(
            {
                "metadata": {
                    "name": "web",
                    "namespace": "shop",
                    "uid": uid,
                    "generation": generation,
                    "annotations": {"deployment.kubernetes.io/revision": str(revision)},
                },
                "spec": {"replicas": desired, "progressDeadlineSeconds": 600, **spec},
                "status": {
                    "observedGeneration": generation if observed is None else observed,
                    "replicas": replicas,
                    "updatedReplicas": updated,
                    "readyReplicas": ready,
                    "availableReplicas": available,
                    "conditions": [condition],
                },
            }
        )
    )


def revisions(deployment: Deployment, number: int = 3) -> tuple[RevisionRow, ...]:
    owner = {
        "uid": UID,
        "kind": "Deployment",
        "name": "web",
        "apiVersion": "apps/v1",
        "controller": True,
    }
    found = [
        replicasets.decode(
            msgspec.json.encode(
                {
                    "metadata": {
                        "name": f"web-{one}",
                        "namespace": "shop",
                        "uid": f"uid-{one}",
                        "labels": {"pod-template-hash": f"hash{one}"},
                        "annotations": {"deployment.kubernetes.io/revision": str(one)},
                        "ownerReferences": [owner],
                    },
                    "spec": {"replicas": 1},
                }
            )
        )
        for one in (number - 1, number)
    ]
    return revisions_of_deployment(deployment, found)


def following(intent: Intent, generation: int = 3, uid: str = UID, **after: Any) -> Following:
    preview = Preview(intent=intent, subject=WEB, title="", after=Facts(**after))
    outcome = Outcome(result="accepted", text="", at=START, uid=uid, generation=generation)
    return Following(preview, outcome)


def look(
    one: Following, record: Deployment | None, after: float, number: int = 3
) -> Verdict | None:
    rows = revisions(record, number) if record else ()
    return one.look(record, rows, (), START + after)


ROLLING = deployment(counts=(3, 1, 2, 2), reason="ReplicaSetUpdated")


def test_it_is_followed_to_its_end() -> None:
    one = following(Rollback())
    assert look(one, deployment(generation=2), 0) is None  # the watch has not brought it yet
    assert look(one, deployment(observed=2), 1) is None  # the controller has not seen it yet
    early = one.progress
    assert look(one, ROLLING, 2) is None
    assert early is None
    assert one.progress is not None
    assert one.progress.state == "progressing"
    assert look(one, deployment(), 41) == Verdict("done", "done in 41s")
    assert one.verdict is not None
    assert one.verdict.ok
    assert look(one, ROLLING, 50) == Verdict("done", "done in 41s")


def test_it_fails_at_the_deadline() -> None:
    one = following(Restart())
    late = deployment(counts=(3, 1, 2, 2), reason="ProgressDeadlineExceeded")
    assert look(one, late, 600) == Verdict("failed", "failed at the deadline after 10m")


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (Resume(), "had failed at the deadline before this"),
    ],
)
def test_what_had_failed_before_did_not_fail_after_a_second(intent: Intent, said: str) -> None:
    late = deployment(counts=(3, 1, 2, 2), reason="ProgressDeadlineExceeded")
    noted = late.conditions[0]._replace(last_update=int(START) - 60)
    late = msgspec.structs.replace(late, conditions=(noted,))
    assert look(following(intent), late, 1) == Verdict("failed", said)


def test_it_is_paused_on_the_way() -> None:
    one = following(Restart())
    held = deployment(counts=(3, 1, 2, 2), reason="DeploymentPaused", paused=True)
    verdict = look(one, held, 5)
    assert verdict is not None
    assert verdict.state == "paused"
    assert verdict.text.startswith("paused: pods are replaced no further")


def test_another_template_comes_in_between() -> None:
    one = following(Rollback())
    assert look(one, ROLLING, 2) is None
    other = deployment(4, revision=4, counts=(3, 1, 2, 2), reason="ReplicaSetUpdated")
    assert look(one, other, 9, number=4) == Verdict(
        "superseded", "superseded by revision 4 after 9s"
    )


def test_scaling_the_workload_meanwhile_does_not_supersede_it() -> None:
    one = following(Rollback())
    assert look(one, ROLLING, 2) is None
    more = deployment(5, desired=4, counts=(4, 4, 4, 4))
    assert look(one, more, 9) == Verdict("done", "done in 9s")


@pytest.mark.parametrize("uid", ["", "uid-other"])
def test_it_is_deleted_meanwhile(uid: str) -> None:
    record = deployment(uid=uid) if uid else None
    assert look(following(Restart()), record, 2) == Verdict("gone", "the object is gone")
    assert look(following(Delete()), record, 2) == Verdict("done", "gone after 2s")


def test_a_deletion_waits_until_it_is_gone() -> None:
    assert look(following(Delete()), deployment(), 2) is None


def test_scaling_ends_when_the_pods_are_there() -> None:
    one = following(Scale(4), replicas=4)
    assert look(one, deployment(desired=4), 1) is None
    assert one.waits == "2 of 4 available"
    assert look(one, deployment(desired=4, counts=(4, 4, 4, 3)), 2) is None
    assert look(one, deployment(desired=4, counts=(4, 4, 4, 4)), 3) == Verdict("done", "done in 3s")


def test_an_autoscaler_takes_the_scaling_back() -> None:
    one = following(Scale(9), replicas=9)
    verdict = look(one, deployment(4, desired=5, counts=(5, 5, 5, 5)), 3)
    assert verdict == Verdict("superseded", "superseded: scaled to 5 since")


def test_pausing_is_done_when_the_controller_has_seen_it() -> None:
    one = following(Pause())
    assert look(one, deployment(observed=2, paused=True), 0) is None
    assert look(one, deployment(paused=True), 1) == Verdict("done", "paused")


def test_a_pod_is_followed_until_another_has_its_place() -> None:
    subject = Subject("pods", "shop", "db-0")
    preview = Preview(intent=Delete(), subject=subject, title="")
    one = Following(preview, Outcome(result="accepted", text="", at=NOW, uid="a"))

    def pod(uid: str) -> Pod:
        meta = {"name": "db-0", "namespace": "shop", "uid": uid}
        return pods.decode(msgspec.json.encode({"metadata": meta, "spec": {}, "status": {}}))

    assert one.look(pod("a"), (), (), NOW + 1) is None
    assert one.look(pod("b"), (), (), NOW + 2) == Verdict("done", "gone after 2s")


def stopping(name: str) -> Pod:
    meta = {
        "name": name,
        "namespace": "shop",
        "uid": name,
        "deletionTimestamp": "2023-11-14T22:13:20Z",
        "deletionGracePeriodSeconds": 30,
    }
    return pods.decode(msgspec.json.encode({"metadata": meta, "spec": {}, "status": {}}))


def test_scaling_down_ends_when_the_pods_are_gone() -> None:
    preview = Preview(
        intent=Scale(1),
        subject=WEB,
        title="",
        before=Facts(replicas=3),
        after=Facts(replicas=1),
    )
    one = Following(preview, Outcome(result="accepted", text="", at=START, uid=UID, generation=3))
    record = deployment(desired=1, counts=(1, 1, 1, 1))
    rows = revisions(record)
    assert one.look(record, rows, (stopping("web-a"), stopping("web-b")), START + 1) is None
    assert one.waits == "2 pods still terminating: web-a and web-b"
    assert one.look(record, rows, (), START + 20) == Verdict("done", "done in 20s")


@pytest.mark.parametrize(
    ("intent", "said"),
    [
        (Delete(), "gone after 9s; its 2 pods are deleted next"),
        (Delete("Orphan"), "gone after 9s; its 2 pods stay"),
        (Delete("Foreground"), "gone after 9s"),
    ],
)
def test_what_becomes_of_the_pods_of_what_is_deleted(intent: Intent, said: str) -> None:
    one = following(intent)
    record = deployment()
    assert one.look(record, (), (stopping("web-a"), stopping("web-b")), START + 1) is None
    assert one.waits == "2 pods still terminating: web-a and web-b"
    assert one.look(None, (), (), START + 9) == Verdict("done", said)


def statefulset(ready: int, update: str = "db-1") -> StatefulSet:
    """A StatefulSet that went back to `db-1` before `db-2` was rolled out."""
    return statefulsets.decode(
        msgspec.json.encode(
            {
                "metadata": {"name": "db", "namespace": "shop", "uid": "uid-db", "generation": 3},
                "spec": {"replicas": 2, "updateStrategy": {"type": "RollingUpdate"}},
                "status": {
                    "observedGeneration": 3,
                    "replicas": 2,
                    "readyReplicas": ready,
                    "currentRevision": "db-1",
                    "updateRevision": update,
                    "updatedReplicas": ready,
                },
            }
        )
    )


def db_pod(number: int, revision: str, *, ready: bool) -> Pod:
    owner = {
        "uid": "uid-db",
        "kind": "StatefulSet",
        "name": "db",
        "apiVersion": "apps/v1",
        "controller": True,
    }
    return pods.decode(
        msgspec.json.encode(
            {
                "metadata": {
                    "name": f"db-{number}",
                    "namespace": "shop",
                    "uid": f"uid-{number}-{revision}",
                    "labels": {"controller-revision-hash": revision},
                    "ownerReferences": [owner],
                },
                "spec": {},
                "status": {
                    "phase": "Running" if ready else "Pending",
                    "conditions": [{"type": "Ready", "status": str(ready)}],
                },
            }
        )
    )


def test_a_statefulset_is_not_done_while_a_pod_of_the_other_revision_stands() -> None:
    owner = {"uid": "uid-db", "kind": "StatefulSet", "name": "db", "controller": True}
    found = [
        controllerrevisions.decode(
            msgspec.json.encode(
                {
                    "metadata": {
                        "name": f"db-{one}",
                        "namespace": "shop",
                        "uid": f"uid-cr-{one}",
                        "ownerReferences": [{**owner, "apiVersion": "apps/v1"}],
                    },
                    "revision": number,
                    "data": {},
                }
            )
        )
        for one, number in ((2, 2), (1, 3))
    ]
    one = following(Rollback(), uid="uid-db")

    def stands(ready: int, *own: Pod) -> Verdict | None:
        record = statefulset(ready)
        return one.look(record, revisions_of_statefulset(record, found, own), own, START + 5)

    first = db_pod(0, "db-1", ready=True)
    assert stands(1, first, db_pod(1, "db-2", ready=False)) is None
    assert one.progress is not None
    assert one.progress.old == 1
    assert stands(1, first, db_pod(1, "db-1", ready=False)) is None
    assert stands(2, first, db_pod(1, "db-1", ready=True)) == Verdict("done", "done in 5s")


def refused_pod() -> Pod:
    """The pod of the target whose image can't be pulled."""
    state = {"waiting": {"reason": "ErrImagePull", "message": "no such tag"}}
    status = {"phase": "Pending", "containerStatuses": [{"name": "app", "state": state}]}
    document = msgspec.json.decode(msgspec.json.encode({"spec": {}, "status": status}))
    document["spec"] = {"containers": [{"name": "app", "image": "db:9"}]}
    document["metadata"] = {
        "name": "db-1",
        "namespace": "shop",
        "uid": "uid-1",
        "labels": {"controller-revision-hash": "db-2"},
    }
    return pods.decode(msgspec.json.encode(document))


def test_where_nobody_gives_up_someone_says_that_nothing_moves() -> None:
    one = following(Restart(), uid="uid-db")
    stuck = statefulset(1, update="db-2")
    assert one.look(stuck, (), (refused_pod(),), START + 599) is None
    assert one.progress is not None
    assert one.progress.state == "stuck"
    assert one.look(stuck, (), (refused_pod(),), START + 600) == Verdict(
        "failed",
        "stuck: no progress for 10m: db-1: image db:9 can't be pulled (ErrImagePull): no such tag",
    )
