"""What a pod's own state tells of the end of its containers."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.logs.pods import CollectionPods, log_pod
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod, Termination
from k8stui.resources.containers import Container
from k8stui.resources.pods import Pod
from k8stui.store.collection import Collection

_STATUS = ContainerStatus(name="app", state="running", instance="c0")
_ZERO = ContainerStatus(
    name="app", state="terminated", instance="c0", ended=Termination("Completed", 0)
)
_ONE = ContainerStatus(name="app", state="terminated", instance="c0", ended=Termination("Error", 1))
_UNBORN = ContainerStatus(name="app")


@pytest.mark.parametrize(
    ("status", "policy", "phase", "may"),
    [
        (_STATUS, "Always", "Running", True),
        (_ZERO, "Always", "Running", True),
        (_STATUS, "OnFailure", "Running", True),
        (_ONE, "OnFailure", "Running", True),
        (_ZERO, "OnFailure", "Running", False),
        (_STATUS, "Never", "Running", False),
        (_UNBORN, "Never", "Pending", True),
        (_ONE, "Always", "Failed", False),
        (_ZERO, "OnFailure", "Succeeded", False),
    ],
)
def test_whether_a_container_may_start_again(
    status: ContainerStatus, policy: str, phase: str, may: bool
) -> None:
    pod = LogPod("u", "ns", "web", phase=phase, restart_policy=policy)
    assert pod.may_start(status) is may


@pytest.mark.parametrize(
    ("reason", "message", "seconds"),
    [
        ("CrashLoopBackOff", "back-off 10s restarting failed container=app pod=web_ns(1)", 10),
        ("CrashLoopBackOff", "back-off 2m40s restarting failed container=app pod=web_ns(1)", 160),
        ("CrashLoopBackOff", "back-off 5m0s restarting failed container=app pod=web_ns(1)", 300),
        ("CrashLoopBackOff", "other words", 0),
        ("CrashLoopBackOff", "", 0),
        ("ImagePullBackOff", "back-off 10s restarting failed container=app", 0),
    ],
)
def test_how_long_a_kubelet_says_it_waits(reason: str, message: str, seconds: int) -> None:
    waiting = Container(
        name="app",
        image="web",
        state="waiting",
        reason=reason,
        message=message,
        last_reason="Error",
        last_finished=1_700_000_000,
    )
    pod = log_pod(Pod(uid="1", name="web", containers=(waiting,)))
    assert [one.backoff for one in pod.containers] == [seconds]


async def test_the_last_state_of_a_pod_comes_with_its_end() -> None:
    collection: Collection[Pod] = Collection()
    told: list[Farewell] = []
    CollectionPods(collection).subscribe(told.extend)
    collection.upsert([Pod(uid="1", name="a", phase="Running"), Pod(uid="2", name="b")])
    collection.keep_only({"1", "2"})
    await asyncio.sleep(0.2)
    collection.remove(["1"], {"1": Pod(uid="1", name="a", phase="Failed")})
    collection.keep_only(set())
    await asyncio.sleep(0.2)
    assert {(one.pod.name, one.pod.phase, one.lost) for one in told} == {
        ("a", "Failed", False),
        ("b", "", True),
    }
