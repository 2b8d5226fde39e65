"""Containers that die again before anybody has read what they said the first time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from k8stui.errors import ConnectionFailed
from k8stui.logs.engine import Limits
from tests.unit.logs.fake_node import FakeCluster, FakeContainer, Fault, now_ns
from tests.unit.logs.scene import Scene, play

_NO_END = "possible gap: the end of instance 0 is not available"


def _out_of_reach(cluster: FakeCluster) -> None:
    cluster.open_error = lambda: ConnectionFailed("connection refused")


def _in_reach(cluster: FakeCluster) -> None:
    cluster.open_error = lambda: None


def _waits(container: FakeContainer) -> None:
    container.die(1)
    container.waits_for = "CrashLoopBackOff"


def test_the_log_of_a_container_that_waits_is_not_taken_for_that_before_it() -> None:
    async def script(scene: Scene) -> None:
        _out_of_reach(scene.cluster)
        scene.write("first life")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        scene.container.start()
        scene.write("second life")
        _waits(scene.container)
        scene.cluster.report()
        _in_reach(scene.cluster)
        await asyncio.sleep(30.0)

    gap, divider, *lines = play(script).everything()
    assert (gap, lines) == (_NO_END, ["second life"])
    assert divider.startswith("restarted")


def test_a_new_pod_that_is_first_seen_while_it_waits_gives_its_log_once() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        new = scene.cluster.add(FakeContainer("uid-new", "new", created=now_ns() // 10**9))
        new.start()
        scene.write("first life", container=new)
        new.die(1)
        new.start()
        scene.write("second life", container=new)
        _waits(new)
        scene.cluster.report()
        await asyncio.sleep(30.0)

    assert play(script).everything() == ["gap: instance 0 not available", "second life"]


@pytest.mark.parametrize("silent", [False, True])
def test_a_container_that_began_to_wait_untold_leaves_no_silent_hole(silent: bool) -> None:
    async def script(scene: Scene) -> None:
        _out_of_reach(scene.cluster)
        await asyncio.sleep(0.1)
        if silent:
            scene.write("first life")
        scene.container.die(1)
        scene.container.start()
        if not silent:
            scene.write("second life")
        scene.container.die(1)
        scene.cluster.report()
        scene.container.waits_for = "CrashLoopBackOff"  # Which the API is told later.
        _in_reach(scene.cluster)
        await asyncio.sleep(20.0)
        scene.cluster.report()
        await asyncio.sleep(10.0)

    scene = play(script)
    assert scene.lines() == ([] if silent else ["second life"])
    assert _NO_END in scene.everything()


def test_an_empty_log_of_the_next_instance_does_not_prove_that_the_one_before_was_silent() -> None:
    async def script(scene: Scene) -> None:
        _out_of_reach(scene.cluster)
        await asyncio.sleep(0.1)
        scene.write("first life")
        scene.container.die(1)
        scene.cluster.report()
        await asyncio.sleep(0.5)
        scene.container.start()
        _in_reach(scene.cluster)
        await asyncio.sleep(5.0)
        scene.cluster.report()
        await asyncio.sleep(5.0)
        scene.write("second life")
        await asyncio.sleep(5.0)

    assert play(script).everything() == [
        "first life",
        "restarted, exit 1 Error, instance 1",
        "second life",
    ]


def test_what_was_read_as_an_older_instance_is_not_read_again_as_the_previous_one() -> None:
    async def script(scene: Scene) -> None:
        cluster = scene.cluster
        _out_of_reach(cluster)
        await asyncio.sleep(0.1)
        scene.container.die(1)
        cluster.report()
        await asyncio.sleep(1.0)
        scene.container.start()
        scene.write("second life")
        scene.container.die(1)
        _in_reach(cluster)
        await asyncio.sleep(6.0)
        scene.container.start()
        scene.write("third life")
        cluster.report()
        await asyncio.sleep(30.0)

    assert play(script).lines() == ["second life", "third life"]


def test_an_instance_that_talks_without_end_does_not_hold_up_the_end_of_the_one_before() -> None:
    async def script(scene: Scene) -> None:
        _out_of_reach(scene.cluster)
        scene.write("first life")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        await asyncio.sleep(2.0)
        scene.container.start()
        scene.write("second life")
        _in_reach(scene.cluster)
        for number in range(200):
            if number == 80:
                scene.cluster.report()
            scene.write(str(number))
            await asyncio.sleep(0.1)
        assert "first life" in scene.lines()

    lines = play(script).lines()
    assert sorted(lines) == sorted(["first life", "second life", *map(str, range(200))])


def test_a_stream_that_a_proxy_ended_is_not_taken_for_the_end_of_a_life() -> None:
    async def script(scene: Scene) -> None:
        cluster = scene.cluster
        scene.write("first life")
        cluster.fault = lambda: Fault("eof", after_seconds=0.0)
        await asyncio.sleep(20.0)
        # The next try is seconds away.
        cluster.fault = Fault
        scene.write("nobody saw this")
        await asyncio.sleep(3.0)
        for _ in range(2):
            scene.container.die(1)
            scene.container.start()
            await asyncio.sleep(1.0)
        cluster.report()
        await asyncio.sleep(20.0)

    scene = play(script)
    assert "nobody saw this" in scene.lines() or _NO_END in scene.everything()


def _one_at_a_time(scene: Scene) -> FakeContainer:
    """The second pod, which waits for its turn."""
    scene.tail.set_limits(Limits(streams=1))
    return scene.containers[0]


def test_what_lived_and_died_while_its_stream_waited_for_its_turn_is_read_or_told_of() -> None:
    async def script(scene: Scene) -> None:
        waiting = _one_at_a_time(scene)
        scene.write("first life", container=waiting)
        await asyncio.sleep(1.0)
        for words in ("second life", "third life"):
            waiting.die(1)
            waiting.start()
            scene.write(words, container=waiting)
            scene.cluster.report()
            await asyncio.sleep(1.0)
        scene.tail.set_limits(Limits())
        await asyncio.sleep(10.0)

    assert play(script, pods=2).everything() == [
        "gap: instance 0 not available",
        "second life",
        "restarted, exit 1 Error, instance 2",
        "third life",
    ]


@pytest.mark.parametrize("cleared", [False, True])
def test_a_pod_that_goes_while_its_stream_waits_for_its_turn_is_told_of(cleared: bool) -> None:
    async def script(scene: Scene) -> None:
        waiting = _one_at_a_time(scene)
        scene.write("nobody saw this", container=waiting)
        await asyncio.sleep(1.0)
        waiting.die(0)
        waiting.cleared = cleared
        scene.cluster.report()
        await asyncio.sleep(1.0)
        waiting.gone = True
        scene.cluster.report()
        await asyncio.sleep(20.0)

    assert play(script, pods=2).everything() == [
        "gap: instance 0 not available, the pod was deleted"
    ]


@pytest.mark.parametrize("phase", ["Pending", "Failed"])
def test_a_pod_that_goes_before_its_container_was_ever_told_of_is_told_of(phase: str) -> None:
    async def script(scene: Scene) -> None:
        new = scene.cluster.add(FakeContainer("uid-new", "new", node="node-1", phase="Pending"))
        scene.cluster.report()
        await asyncio.sleep(1.0)
        new.start()
        scene.write("nobody saw this", container=new)
        new.phase = phase
        if phase == "Failed":  # Its kubelet took it down while the watch was away.
            new.die(1)
            new.deleted, new.cleared = now_ns() // 10**9, True
            new.gone = True
            scene.cluster.report()
        else:
            new.gone = True
            scene.cluster.report(stale=True)
        await asyncio.sleep(20.0)

    told = "possible gap: the container may have run before the pod went"
    assert play(script).everything() == [told]


def test_a_pod_that_goes_while_two_instances_are_put_in_order_is_told_of() -> None:
    async def script(scene: Scene) -> None:
        cluster, stream = scene.cluster, scene.cluster.stream
        _out_of_reach(cluster)
        await asyncio.sleep(0.1)
        scene.write("first life")
        scene.container.die(1)
        await asyncio.sleep(2.0)
        scene.container.start()
        _in_reach(cluster)
        scene.write("second life")
        await asyncio.sleep(5.0)

        @asynccontextmanager
        async def goes_meanwhile(
            path: str, params: Sequence[tuple[str, str]] = (), *, accept: str = ""
        ) -> AsyncIterator[AsyncIterator[bytes]]:
            if ("previous", "true") in params and len(cluster.queries) > asked:
                scene.write("nobody saw this")
                scene.container.die(137)
                scene.container.gone = True
                cluster.report(lost=True)
            async with stream(path, params, accept=accept) as chunks:
                yield chunks

        cluster.stream = goes_meanwhile  # type: ignore[method-assign]
        asked = len(cluster.queries) + 1
        cluster.report()
        await asyncio.sleep(60.0)

    scene = play(script)
    assert "nobody saw this" not in scene.lines()
    gap = "possible gap: the pod was deleted before the end of its log was read"
    assert gap in scene.everything()


def test_a_log_that_is_rotated_while_its_pod_goes_is_told_of() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_seconds=1.0)
        scene.write("one")
        await asyncio.sleep(0.9)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(0.3)
        scene.cluster.fault = Fault
        scene.write("nobody saw this")
        scene.container.instances[-1].rotate()
        scene.write("two")
        await asyncio.sleep(20.0)

    scene = play(script)
    assert scene.lines() == ["one", "two"]
    assert any(text.startswith("possible gap") for text in scene.everything())


def test_half_a_line_is_no_last_one_when_the_log_is_deleted_next() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_bytes=80)
        scene.write("one")
        await asyncio.sleep(1.0)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(1.0)
        scene.write("two, of which a half comes")
        scene.container.die(137)
        scene.container.instances[-1].removed = True
        await asyncio.sleep(5.0)
        scene.container.gone = True
        scene.cluster.report()
        await asyncio.sleep(20.0)

    scene = play(script)
    assert scene.lines() == ["one"]
    assert any(text.startswith("possible gap") for text in scene.everything())


def test_another_pod_of_the_same_name_is_not_read_while_the_watch_is_away() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        cluster, old = scene.cluster, scene.container
        stale = cluster.known.pop(old.uid)
        cluster.live = False
        cluster.pods = lambda _selection: [stale]  # type: ignore[method-assign]
        cluster.has = lambda uid: bool(uid)  # type: ignore[method-assign]
        old.gone = True
        old.die(0)
        new = cluster.add(FakeContainer("uid-new", old.pod))
        new.start()
        scene.write("of the new pod", container=new)
        cluster.report("uid-new")
        await asyncio.sleep(20.0)

    assert play(script).lines() == []


def test_what_was_read_as_the_life_before_the_told_one_does_not_come_again() -> None:
    async def script(scene: Scene) -> None:
        scene.tail.set_limits(Limits(0, 0))
        for words in ("first life", "second life"):
            scene.write(words)
            await asyncio.sleep(1.0)
            scene.container.die(1)
            scene.container.start()
            if words == "first life":
                scene.cluster.report()
        scene.write("third life")
        scene.tail.set_limits(Limits())
        await asyncio.sleep(5.0)
        scene.cluster.report()
        await asyncio.sleep(10.0)

    scene = play(script)
    assert scene.lines() == ["second life", "third life"]
    assert any("gap" in words for words in scene.everything())
