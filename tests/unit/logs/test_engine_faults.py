"""What is told when the engine itself has a fault."""

from __future__ import annotations

import asyncio

from k8stui.logs.feed import StreamState
from k8stui.logs.selection import Selection
from k8stui.logs.targets import Farewell, LogPod
from tests.unit.logs.fake_node import Fault
from tests.unit.logs.scene import Scene, play


def test_a_fault_of_ours_ends_the_stream_and_is_not_tried_without_end() -> None:
    def fails() -> Exception:
        return ValueError("a fault of ours")

    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_seconds=2.0)
        scene.write("one")
        await asyncio.sleep(1.0)
        scene.cluster.open_error = fails
        await asyncio.sleep(600.0)

    scene = play(script)
    assert scene.everything() == [
        "one",
        "possible gap: k8stui failed to read on, its own log tells why",
    ]
    assert scene.states() == [StreamState.ENDED]
    assert sum(scene.cluster.requests.values()) < 5


def test_a_fault_of_ours_in_the_engine_is_told_in_every_stream() -> None:
    def fails(_selection: Selection) -> list[LogPod]:
        raise ValueError("a fault of ours")

    async def script(scene: Scene) -> None:
        scene.write("one")
        await asyncio.sleep(1.0)
        scene.cluster.pods = fails  # type: ignore[method-assign]
        scene.cluster.report()
        await asyncio.sleep(1.0)

    scene = play(script)
    assert scene.everything() == [
        "one",
        "possible gap: k8stui failed to read on, its own log tells why",
    ]
    assert scene.states() == [StreamState.ENDED]


def test_a_fault_of_ours_at_one_pods_end_keeps_the_news_from_no_other() -> None:
    def fails(farewell: Farewell) -> None:
        raise ValueError("a fault of ours")

    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        scene.tail.tail_of(0).gone = fails  # type: ignore[method-assign]
        for container in scene.containers:
            container.die(1)
        scene.cluster.report()
        await asyncio.sleep(10.0)
        for container in scene.containers:
            container.start()
            container.gone = True
        scene.cluster.report()
        await asyncio.sleep(20.0)

    assert play(script, pods=2).everything() == [
        "possible gap: k8stui failed to read on, its own log tells why",
        "gap: instance 1 not available, the pod was deleted",
    ]
