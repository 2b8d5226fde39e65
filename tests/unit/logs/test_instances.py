"""A container's instances one after the other: each to its end, and what of it can't be read."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.errors import ConnectionFailed
from k8stui.logs.feed import StreamState
from k8stui.logs.ring import DIVIDER, NOTICE
from k8stui.logs.selection import Selection, Start
from tests.unit.logs.fake_node import FakeContainer, Fault
from tests.unit.logs.scene import Scene, play


def test_a_restart_shows_the_end_then_a_divider_then_the_first_line() -> None:
    async def script(scene: Scene) -> None:
        scene.write("a1")
        await asyncio.sleep(3.0)
        scene.write("a2")
        scene.container.die(137, "OOMKilled")
        scene.container.start()
        scene.write("b1", "b2")
        await asyncio.sleep(2.0)
        scene.cluster.report()
        await asyncio.sleep(10.0)

    scene = play(script, Selection(start=Start(tail=1)))
    assert scene.everything() == [
        "a1",
        "a2",
        "restarted, exit 137 OOMKilled, instance 1",
        "b1",
        "b2",
    ]
    assert scene.lines(DIVIDER) == ["restarted, exit 137 OOMKilled, instance 1"]


def test_instances_that_nobody_can_read_any_more_are_told_of() -> None:
    async def script(scene: Scene) -> None:
        scene.write("first")
        await asyncio.sleep(3.0)
        scene.cluster.open_error = lambda: ConnectionFailed("no route")
        scene.cluster.fault = lambda: Fault("reset", after_seconds=0.0)
        for _ in range(4):
            scene.container.die()
            scene.container.start()
            scene.write(f"instance {scene.container.restarts}")
        await asyncio.sleep(30.0)
        scene.cluster.open_error = lambda: None
        scene.cluster.fault = Fault
        scene.cluster.report()
        await asyncio.sleep(60.0)

    scene = play(script)
    assert scene.lines() == ["first", "instance 3", "instance 4"]
    assert "gap: instances 1 to 2 not available" in scene.lines(NOTICE)


def test_a_deleted_pod_drains_and_is_not_asked_for_again() -> None:
    async def script(scene: Scene) -> None:
        scene.write("last words")
        await asyncio.sleep(1.0)
        scene.container.die(0, "Completed")
        scene.container.gone = True
        scene.cluster.report()
        await asyncio.sleep(300.0)
        assert scene.cluster.requests.total() == 1
        assert scene.states() == [StreamState.ENDED]

    assert play(script).everything() == ["last words"]


def test_the_end_of_an_instance_is_proven_by_its_stream_and_one_request() -> None:
    async def script(scene: Scene) -> None:
        scene.write("last words")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        scene.cluster.report()
        await asyncio.sleep(30.0)
        assert scene.cluster.requests == {("pod-0", "follow"): 1, ("pod-0", "read"): 1}
        assert scene.states() == [StreamState.ENDED]

    assert play(script).everything() == ["last words"]


def test_a_log_that_is_deleted_with_its_container_is_no_gap_when_its_stream_had_ended() -> None:
    async def script(scene: Scene) -> None:
        scene.write("last words")
        await asyncio.sleep(1.0)
        scene.container.die(137)
        await asyncio.sleep(0.3)
        scene.container.instances[-1].removed = True
        scene.cluster.report()
        await asyncio.sleep(30.0)
        assert scene.cluster.requests["pod-0", "read"] <= 1
        assert [stream.last_error for stream in scene.tail.streams()] == [""]

    assert play(script).everything() == ["last words"]


@pytest.mark.parametrize("whole_pod", [False, True])
def test_a_log_that_is_deleted_after_its_stream_was_cut_is_a_possible_gap(whole_pod: bool) -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("reset", after_seconds=1.0)
        scene.write("one")
        await asyncio.sleep(0.9)
        scene.cluster.open_error = lambda: ConnectionFailed("connection refused")
        await asyncio.sleep(2.0)
        scene.write("nobody saw this")
        scene.container.die(137)
        scene.container.instances[-1].removed, scene.container.gone = True, whole_pod
        scene.cluster.open_error, scene.cluster.fault = lambda: None, Fault
        scene.cluster.report()
        await asyncio.sleep(30.0)
        assert scene.states() == [StreamState.ENDED]

    lines = play(script).everything()
    assert len(lines) == 2
    assert lines[1].startswith("possible gap: ")


def test_the_empty_log_of_a_new_instance_is_not_taken_for_a_rotated_one() -> None:
    async def script(scene: Scene) -> None:
        scene.write("one")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        scene.cluster.report()
        await asyncio.sleep(0.3)
        scene.container.start()  # It says nothing, and the watch tells of it late.
        await asyncio.sleep(15.0)
        scene.cluster.report()
        await asyncio.sleep(15.0)
        scene.write("two")
        await asyncio.sleep(2.0)

    assert play(script).everything() == ["one", "restarted, exit 1 Error, instance 1", "two"]


def test_a_restart_that_is_told_of_late_loses_nothing_when_requests_fail_meanwhile() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("freeze", after_bytes=0)
        await asyncio.sleep(1.0)
        scene.write("old 1", "old 2")
        scene.container.die(1)
        scene.cluster.report()
        await asyncio.sleep(1.0)
        scene.cluster.fault = Fault
        scene.container.start()
        scene.write("new")
        await asyncio.sleep(8.0)
        assert scene.everything() == ["new"]
        # Whose the lines are is asked first, then the log of the instance before.
        faults = [Fault("eof", after_bytes=10), Fault(), Fault("reset", after_bytes=50)]
        scene.cluster.fault = lambda: faults.pop(0) if faults else Fault()
        scene.cluster.report()
        await asyncio.sleep(20.0)
        scene.write("newer")
        await asyncio.sleep(3.0)

    assert play(script).everything() == [
        "new",
        "instance 0 ended before, it said:",
        "old 1",
        "old 2",
        "restarted, exit 1 Error, instance 1",
        "newer",
    ]


@pytest.mark.parametrize("seen_waiting", [True, False])
def test_an_instance_that_died_before_its_new_pod_was_seen_is_read_too(seen_waiting: bool) -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(2.0)
        new = scene.cluster.add(FakeContainer("uid-new", "new"))
        if seen_waiting:
            scene.cluster.report()
            await asyncio.sleep(1.0)
        new.start()
        scene.write("at once", "dead", container=new)
        new.die(2)
        new.start()
        scene.write("again", container=new)
        scene.cluster.report()
        await asyncio.sleep(10.0)

    assert play(script).everything() == [
        "at once",
        "dead",
        "restarted, exit 2 Error, instance 1",
        "again",
    ]


def test_a_last_line_without_a_line_feed_is_shown_when_the_container_has_ended() -> None:
    async def script(scene: Scene) -> None:
        scene.write("whole", "cut off")
        scene.container.instances[-1].records[-1].full = False
        await asyncio.sleep(2.0)
        scene.container.die(1)
        scene.cluster.report()
        await asyncio.sleep(10.0)

    assert play(script).lines() == ["whole", "cut off"]


def test_the_end_of_the_instance_before_is_shown_first_where_that_is_asked_for() -> None:
    async def script(scene: Scene) -> None:
        scene.write("died of this")
        scene.container.die(1)
        scene.container.start()
        scene.write("fresh")
        scene.cluster.report()
        scene.tail.select(Selection(start=Start(previous=True)))
        await asyncio.sleep(2.0)

    scene = play(script, Selection(uids=frozenset()))
    assert scene.everything() == ["died of this", "restarted, exit 1 Error, instance 1", "fresh"]
