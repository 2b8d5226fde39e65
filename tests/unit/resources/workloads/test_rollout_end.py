"""When a rollout has ended: as kubectl's DeploymentStatusViewer and its siblings have it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources import daemonsets, deployments, statefulsets
from k8stui.resources.rollout_end import rollout_end


def _document(spec: dict[str, Any], status: dict[str, Any], observed: int) -> bytes:
    meta = {"name": "web", "namespace": "shop", "uid": "uid-web", "generation": 3}
    made = {"metadata": meta, "spec": spec, "status": {"observedGeneration": observed, **status}}
    return msgspec.json.encode(made)


@pytest.mark.parametrize(
    ("counts", "reason", "observed", "state", "text"),
    [
        ((2, 2, 2), "NewReplicaSetAvailable", 3, "done", "rolled out"),
        ((2, 2, 0), "NewReplicaSetAvailable", 3, "waiting", "0 of 2 updated pods available"),
        ((3, 1, 2), "ReplicaSetUpdated", 3, "waiting", "1 of 2 new pods updated"),
        ((3, 2, 2), "ReplicaSetUpdated", 3, "waiting", "1 old pod still to terminate"),
        ((2, 2, 2), "ProgressDeadlineExceeded", 3, "failed", "failed at the deadline"),
        ((2, 2, 2), "", 3, "done", "rolled out"),
        (
            (2, 2, 2),
            "NewReplicaSetAvailable",
            2,
            "waiting",
            "the controller has not seen the new template yet",
        ),
    ],
)
def test_of_a_deployment(
    counts: tuple[int, int, int], reason: str, observed: int, state: str, text: str
) -> None:
    replicas, updated, available = counts
    status = {
        "replicas": replicas,
        "updatedReplicas": updated,
        "availableReplicas": available,
        "conditions": [{"type": "Progressing", "status": "True", "reason": reason}],
    }
    made = deployments.decode(_document({"replicas": 2}, status, observed))
    assert rollout_end(made) == (state, text)


@pytest.mark.parametrize(
    ("partition", "ready", "updated", "revision", "state", "text"),
    [
        (0, 2, 2, "db-2", "done", "rolled out"),
        # The status may name the old revision a moment longer; kubectl does not ask for it.
        (0, 2, 2, "db-1", "done", "rolled out"),
        (0, 1, 2, "db-2", "waiting", "1 of 2 pods ready"),
        (0, 2, 1, "db-1", "waiting", "1 of 2 new pods updated"),
        (1, 2, 1, "db-1", "done", "partitioned rollout complete: 1 new pod"),
        (1, 2, 0, "db-1", "waiting", "0 of 1 new pods updated"),
        (1, 1, 1, "db-1", "waiting", "1 of 2 pods ready"),
        (5, 2, 0, "db-1", "done", "partitioned rollout complete: 0 new pods"),
    ],
)
def test_of_a_statefulset(
    partition: int, ready: int, updated: int, revision: str, state: str, text: str
) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    status = {
        "replicas": 2,
        "readyReplicas": ready,
        "updatedReplicas": updated,
        "currentRevision": revision,
        "updateRevision": "db-2",
    }
    spec = {"replicas": 2, "updateStrategy": strategy}
    assert rollout_end(statefulsets.decode(_document(spec, status, 3))) == (state, text)


@pytest.mark.parametrize(
    ("updated", "available", "state", "text"),
    [
        (2, 2, "done", "rolled out"),
        (1, 2, "waiting", "1 of 2 new pods updated"),
        (2, 1, "waiting", "1 of 2 updated pods available"),
        (2, 0, "waiting", "0 of 2 updated pods available"),
    ],
)
def test_of_a_daemonset(updated: int, available: int, state: str, text: str) -> None:
    status = {
        "desiredNumberScheduled": 2,
        "updatedNumberScheduled": updated,
        "numberAvailable": available,
    }
    assert rollout_end(daemonsets.decode(_document({}, status, 3))) == (state, text)


@pytest.mark.parametrize("decode", [statefulsets.decode, daemonsets.decode])
def test_nobody_knows_when_what_is_replaced_by_hand_has_ended(decode: Any) -> None:
    made = decode(_document({"replicas": 0, "updateStrategy": {"type": "OnDelete"}}, {}, 3))
    text = "rollout status is only for the strategy RollingUpdate, not OnDelete"
    assert rollout_end(made) == ("failed", text)
