"""STATUS, READY and RESTARTS where the recorded v1.20 cluster can't bring a pod into the state."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources.pod_status import Summary, readiness_gates, summary
from k8stui.resources.pod_wire import WirePod

Json = dict[str, Any]
ENDED = "2026-01-02T03:04:05Z"
ENDED_EPOCH = 1767323045


def waiting(name: str, reason: str = "", **status: Any) -> Json:
    return {"name": name, "state": {"waiting": {"reason": reason}}, **status}


def running(name: str, ready: bool = True, **status: Any) -> Json:
    return {"name": name, "ready": ready, "state": {"running": {}}, **status}


def ended(name: str, code: int = 0, reason: str = "", signal: int = 0, **status: Any) -> Json:
    terminated = {"exitCode": code, "reason": reason, "signal": signal}
    return {"name": name, "state": {"terminated": terminated}, **status}


def pod(
    main: list[Json],
    init: list[Json] | None = None,
    *,
    sidecars: tuple[str, ...] = (),
    phase: str = "Running",
    deleted: bool = False,
    **status: Any,
) -> WirePod:
    def specs(statuses: list[Json]) -> list[Json]:
        return [
            {
                "name": one["name"],
                **({"restartPolicy": "Always"} if one["name"] in sidecars else {}),
            }
            for one in statuses
        ]

    document = {
        "metadata": {"name": "p", **({"deletionTimestamp": ENDED} if deleted else {})},
        "spec": {"containers": specs(main), "initContainers": specs(init or [])},
        "status": {
            "phase": phase,
            "containerStatuses": main,
            "initContainerStatuses": init or [],
            **status,
        },
    }
    return msgspec.convert(document, WirePod)


def condition(kind: str, status: str = "True", reason: str = "") -> list[Json]:
    return [{"type": kind, "status": status, "reason": reason}]


BEFORE: Json = {"lastState": {"terminated": {"exitCode": 1, "finishedAt": ENDED}}}


@pytest.mark.parametrize(
    ("wire", "line"),
    [
        pytest.param(
            pod([running("a")], [running("s", started=True)], sidecars=("s",)),
            Summary("Running", 2, 2, 0, 0),
            id="sidecar counts as a container",
        ),
        pytest.param(
            pod([waiting("a", "PodInitializing")], [running("s", started=False)], sidecars=("s",)),
            Summary("Init:0/1", 0, 2, 0, 0),
            id="sidecar not started yet",
        ),
        pytest.param(
            pod(
                [waiting("a", "PodInitializing")],
                [running("s", started=True), running("i", ready=False)],
                sidecars=("s",),
                phase="Pending",
            ),
            Summary("Init:1/2", 1, 2, 0, 0),
            id="init container after a started sidecar",
        ),
        pytest.param(
            pod(
                [running("a", restartCount=2)],
                [
                    ended("i", restartCount=5, **BEFORE),
                    running("s", ready=False, started=True, restartCount=3, **BEFORE),
                ],
                sidecars=("s",),
            ),
            Summary("Running", 1, 2, 5, ENDED_EPOCH),
            id="restarts of sidecars count, those of finished init containers don't",
        ),
        pytest.param(
            pod(
                [running("a")],
                [waiting("s", "CrashLoopBackOff", started=False, restartCount=4)],
                sidecars=("s",),
                conditions=condition("Initialized"),
            ),
            Summary("Init:CrashLoopBackOff", 1, 2, 4, 0),
            id="sidecar that fails after the pod was initialized",
        ),
        pytest.param(
            pod([waiting("a", "PodInitializing")], [ended("i", 2)], phase="Pending"),
            Summary("Init:ExitCode:2", 0, 1, 0, 0),
            id="init exit code without a reason",
        ),
        pytest.param(
            pod([waiting("a", "PodInitializing")], [ended("i", 137, signal=9)], phase="Pending"),
            Summary("Init:Signal:9", 0, 1, 0, 0),
            id="init signal without a reason",
        ),
        pytest.param(
            pod([waiting("a")], [waiting("i", "PodInitializing")], phase="Pending"),
            Summary("Init:0/1", 0, 1, 0, 0),
            id="PodInitializing is progress",
        ),
        pytest.param(
            pod([ended("a", 3)], phase="Failed"), Summary("ExitCode:3", 0, 1, 0, 0), id="exit code"
        ),
        pytest.param(
            pod([ended("a", 137, signal=9)], phase="Failed"),
            Summary("Signal:9", 0, 1, 0, 0),
            id="signal",
        ),
        pytest.param(
            pod([ended("a", 0, "Completed"), running("b")], conditions=condition("Ready")),
            Summary("Running", 1, 2, 0, 0),
            id="one completed beside a running one, pod ready",
        ),
        pytest.param(
            pod([ended("a", 0, "Completed"), running("b")], conditions=condition("Ready", "False")),
            Summary("NotReady", 1, 2, 0, 0),
            id="one completed beside a running one, pod not ready",
        ),
        pytest.param(
            pod([waiting("a", "CrashLoopBackOff", restartCount=3, **BEFORE), ended("b", 0, "X")]),
            Summary("CrashLoopBackOff", 0, 2, 3, ENDED_EPOCH),
            id="the first container's reason wins",
        ),
        pytest.param(
            pod(
                [],
                phase="Pending",
                conditions=condition("PodScheduled", "False", "SchedulingGated"),
            ),
            Summary("SchedulingGated", 0, 0, 0, 0),
            id="scheduling gates",
        ),
        pytest.param(
            pod([running("a")], deleted=True, reason="NodeLost"),
            Summary("Unknown", 1, 1, 0, 0),
            id="deleted on a lost node",
        ),
        pytest.param(
            pod([running("a")], reason="NodeLost"), Summary("NodeLost", 1, 1, 0, 0), id="lost node"
        ),
        pytest.param(
            pod([waiting("a")], [running("i")], phase="Pending", deleted=True),
            Summary("Terminating", 0, 1, 0, 0),
            id="deleted while initializing",
        ),
        pytest.param(
            pod([ended("a", 0, "Completed")], phase="Succeeded", deleted=True),
            Summary("Completed", 0, 1, 0, 0),
            id="deleted after it had ended",
        ),
        pytest.param(
            pod([], phase="Failed", reason="Evicted"), Summary("Evicted", 0, 0, 0, 0), id="evicted"
        ),
        pytest.param(
            msgspec.convert({"metadata": {"name": "p"}}, WirePod),
            Summary("", 0, 0, 0, 0),
            id="no status at all",
        ),
    ],
)
def test_a_pods_line(wire: WirePod, line: Summary) -> None:
    assert summary(wire) == line


@pytest.mark.parametrize(
    ("gates", "conditions", "text"),
    [
        ([], [], "<none>"),
        (["a"], [], "0/1"),
        (["a", "b"], condition("a") + condition("b", "False"), "1/2"),
        (["a"], condition("a", "False") + condition("a"), "0/1"),
    ],
)
def test_readiness_gates(gates: list[str], conditions: list[Json], text: str) -> None:
    wire = msgspec.convert(
        {
            "metadata": {"name": "p"},
            "spec": {"readinessGates": [{"conditionType": gate} for gate in gates]},
            "status": {"conditions": conditions},
        },
        WirePod,
    )
    assert readiness_gates(wire.spec, wire.status) == text
