"""What is told of pods that are gone: what nobody can read any more is never passed over."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.errors import ConnectionFailed
from k8stui.logs.pods import CollectionPods
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod, Termination
from k8stui.resources.pods import Pod
from k8stui.store.collection import Collection
from tests.unit.logs.fake_node import FakeCluster, Fault
from tests.unit.logs.test_tail import Scene, play

_POSSIBLE = "possible gap: the container may have run again before the pod went"


def _out_of_reach(cluster: FakeCluster) -> None:
    cluster.open_error = lambda: ConnectionFailed("connection refused")


def _ended(scene: Scene, lost: bool) -> None:
    scene.container.gone = True
    scene.cluster.report(lost=lost)


async def _crash(scene: Scene, words: str) -> None:
    """An instance that is read to its end, and of whose end the API tells."""
    scene.write(words)
    await asyncio.sleep(1.0)
    scene.container.die(1)
    scene.cluster.report()
    await asyncio.sleep(10.0)


@pytest.mark.parametrize(
    ("restarts", "lost", "told"),
    [
        pytest.param(0, False, [_POSSIBLE], id="its end was told, which kubelets tell late"),
        pytest.param(0, True, [_POSSIBLE], id="a list did not have it any more"),
        pytest.param(
            1,
            False,
            ["gap: instance 1 not available, the pod was deleted"],
            id="it had run again, as its end tells",
        ),
        pytest.param(
            3,
            False,
            ["gap: instances 1 to 3 not available, the pod was deleted"],
            id="it had run again three times",
        ),
        pytest.param(1, True, [_POSSIBLE], id="it had run again, which nobody told"),
    ],
)
def test_a_crash_looping_pod_that_goes_during_an_outage(
    restarts: int, lost: bool, told: list[str]
) -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "one")
        _out_of_reach(scene.cluster)
        for _ in range(restarts):
            scene.container.start()
            scene.write("nobody saw this")
            scene.container.die(1)
            await asyncio.sleep(1.0)
        _ended(scene, lost)
        await asyncio.sleep(60.0)

    assert play(script).everything() == ["one", *told]


def test_what_is_not_known_of_the_last_instance_is_told_once() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("reset", after_seconds=1.0)
        scene.write("one")
        await asyncio.sleep(0.9)
        _out_of_reach(scene.cluster)
        await asyncio.sleep(3.0)
        scene.container.die(1)
        _ended(scene, lost=True)
        await asyncio.sleep(60.0)

    gaps = play(script).everything()[1:]
    assert gaps == ["possible gap: the pod was deleted before the end of its log was read"]


def test_a_pod_that_was_being_deleted_starts_nothing_again() -> None:
    async def script(scene: Scene) -> None:
        scene.write("last words")
        await asyncio.sleep(1.0)
        scene.container.deleted = 1_700_000_000
        scene.container.die(0, "Completed")
        scene.cluster.report()
        await asyncio.sleep(10.0)
        _ended(scene, lost=True)
        await asyncio.sleep(60.0)

    assert play(script).everything() == ["last words"]


def _dies_again(scene: Scene) -> None:
    """Runs once more, of which the API is never told."""
    scene.container.start()
    scene.write("second life")


@pytest.mark.parametrize("told", [False, True])
def test_what_a_deleted_pod_ran_unreported_is_read(told: bool) -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "first life")
        _dies_again(scene)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(3.0)
        scene.write("last words")
        await asyncio.sleep(0.5)
        scene.container.die(137)
        if told:
            scene.cluster.report()
            await asyncio.sleep(2.0)
        _ended(scene, lost=not told)
        await asyncio.sleep(60.0)

    lines = play(script).everything()
    assert lines == ["first life", "── instance 1 ──", "second life", "last words"]


def test_a_log_of_another_instance_is_read_though_its_pod_is_gone_by_then() -> None:
    async def script(scene: Scene) -> None:
        scene.write("first life")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        scene.container.start()
        scene.write("second life")
        await asyncio.sleep(3.0)
        scene.container.die(137)
        scene.cluster.known.clear()
        scene.container.deleted = 1
        await asyncio.sleep(20.0)
        _ended(scene, lost=True)
        await asyncio.sleep(60.0)

    assert play(script).lines() == ["first life", "second life"]


_STATUS = ContainerStatus(name="app", state="running", instance="c0")
_ZERO = ContainerStatus(
    name="app", state="terminated", instance="c0", ended=Termination("c0", "Completed", 0)
)
_ONE = ContainerStatus(
    name="app", state="terminated", instance="c0", ended=Termination("c0", "Error", 1)
)
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
