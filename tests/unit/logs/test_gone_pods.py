"""What is told of pods that are gone: what nobody can read any more is never passed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.targets import Role
from tests.unit.logs.fake_node import SECOND, FakeCluster, FakeContainer, Fault, now_ns
from tests.unit.logs.scene import Scene, play

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


def test_an_unreported_instance_that_is_found_late_is_followed_at_once() -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "first life")
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(3.0)
        _dies_again(scene)
        await asyncio.sleep(2.0)
        scene.write("last words")
        scene.container.die(137)
        await asyncio.sleep(1.0)
        scene.container.instances[-1].removed = True
        await asyncio.sleep(2.0)
        scene.cluster.report()
        await asyncio.sleep(5.0)
        asked = sum(scene.cluster.requests.values())
        await asyncio.sleep(10.0)
        assert sum(scene.cluster.requests.values()) <= asked + 10
        _ended(scene, lost=False)
        await asyncio.sleep(60.0)

    lines = play(script).everything()
    assert lines == ["first life", "── instance 1 ──", "second life", "last words"]


@pytest.mark.parametrize(
    ("forgets", "first"),
    [(False, "first life"), (True, "possible gap: the end of instance 0 is not available")],
)
def test_a_new_pod_that_had_died_before_it_was_told_of_is_read_from_its_first_life(
    forgets: bool, first: str
) -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        new = scene.cluster.add(FakeContainer("uid-new", "new", created=now_ns() // SECOND))
        scene.cluster.report()
        await asyncio.sleep(1.0)
        new.start()
        scene.write("first life", container=new)
        new.die(137)
        new.start()
        scene.write("second life", container=new)
        new.forgets = forgets
        scene.cluster.report()
        await asyncio.sleep(5.0)

    *told, divider, last = play(script).everything()
    assert (told, last) == ([first], "second life")
    assert divider.startswith("restarted")


def test_the_log_before_the_last_that_is_not_there_any_more_is_told() -> None:
    async def script(scene: Scene) -> None:
        cluster = scene.cluster
        scene.write("first life")
        await asyncio.sleep(1.0)
        cluster.live, cluster.down = False, True
        for words in ("second life", "third life"):
            scene.container.die(1)
            scene.container.start()
            scene.write(words)
        refusal = ApiError(400, "previous terminated container not found")
        cluster.open_error = lambda: refusal if "previous" in cluster.queries[-1][1] else None
        cluster.live, cluster.down = True, False
        cluster.report(lost=True)
        await asyncio.sleep(30.0)

    assert play(script).everything() == [
        "first life",
        "── instance 1 ──",
        "possible gap: the end of instance 1 is not available",
        "restarted, exit 1 Error, instance 2",
        "third life",
    ]


def test_a_log_that_is_deleted_is_asked_for_once_a_second_at_most() -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "first life")
        _dies_again(scene)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(2.0)
        scene.container.instances[-1].removed = True
        scene.cluster.report()
        asked = sum(scene.cluster.requests.values())
        await asyncio.sleep(20.0)
        assert sum(scene.cluster.requests.values()) <= asked + 22
        _ended(scene, lost=True)
        await asyncio.sleep(60.0)

    assert play(script).lines() == ["first life", "second life"]


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


def test_another_pod_of_the_same_name_is_not_read_as_the_one_that_is_gone() -> None:
    async def script(scene: Scene) -> None:
        cluster, silent = scene.cluster, scene.container
        cluster.fault = lambda: Fault("freeze", after_seconds=0.0)
        await asyncio.sleep(1.0)
        silent.die(1)
        cluster.report()
        await asyncio.sleep(5.0)
        _ended(scene, lost=False)
        new = cluster.add(FakeContainer("uid-new", silent.pod))
        new.start()
        scene.write("of the new pod", container=new)
        cluster.report()
        await asyncio.sleep(5.0)
        cluster.fault = Fault
        await asyncio.sleep(60.0)

    scene = play(script)
    ring = scene.tail.ring
    lines = [(line.stream, line.message) for _, line in ring.range(0, ring.end) if not line.mark]
    assert lines == [(1, b"of the new pod")]


def test_a_log_that_was_deleted_before_it_was_read_is_told_of() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("reset", after_seconds=0.0)
        scene.write("nobody saw this")
        scene.container.die(1)
        scene.container.instances[-1].removed = True
        scene.cluster.fault = Fault
        scene.cluster.report()
        await asyncio.sleep(60.0)

    assert play(script).everything() == [
        "possible gap: the log was deleted before its end was read"
    ]


@pytest.mark.parametrize(("removed", "most"), [(False, 35), (True, 5)])
def test_a_pod_that_is_slow_to_go_is_asked_for_once_a_second(removed: bool, most: int) -> None:
    async def script(scene: Scene) -> None:
        scene.write("last words")
        await asyncio.sleep(1.0)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(1.0)
        scene.container.die(137)
        await asyncio.sleep(0.15)
        scene.container.instances[-1].removed = removed
        await asyncio.sleep(30.0)
        assert sum(scene.cluster.requests.values()) < most
        _ended(scene, lost=False)
        await asyncio.sleep(20.0)

    assert play(script).everything() == ["last words"]


def test_a_node_that_takes_ten_seconds_to_answer_loses_nothing() -> None:
    async def script(scene: Scene) -> None:
        cluster, answer = scene.cluster, scene.cluster.stream

        @asynccontextmanager
        async def slow(
            path: str, params: Sequence[tuple[str, str]] = (), *, accept: str = ""
        ) -> AsyncIterator[AsyncIterator[bytes]]:
            async with answer(path, params, accept=accept) as chunks:
                yield _later(chunks)

        _out_of_reach(cluster)
        scene.write("nobody saw this yet")
        scene.container.die(1)
        cluster.report()
        await asyncio.sleep(5.0)
        cluster.stream = slow  # type: ignore[method-assign]
        cluster.open_error = lambda: None
        await asyncio.sleep(120.0)

    assert play(script).everything() == ["nobody saw this yet"]


async def _later(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    await asyncio.sleep(10.0)
    async for chunk in chunks:
        yield chunk


def test_half_a_line_of_a_pod_that_went_is_not_taken_for_a_whole_one() -> None:
    async def script(scene: Scene) -> None:
        scene.write("one", "two, of which a half came")
        scene.cluster.fault = lambda: Fault("eof", after_bytes=50)
        await asyncio.sleep(20.0)
        scene.container.die(137)
        _ended(scene, lost=False)
        await asyncio.sleep(60.0)

    assert play(script).everything() == [
        "one",
        "possible gap: the pod was deleted before the end of its log was read",
    ]


def test_a_log_that_does_not_fit_is_not_judged_while_nobody_can_be_asked() -> None:
    async def script(scene: Scene) -> None:
        cluster = scene.cluster
        scene.write("first life")
        await asyncio.sleep(1.0)
        scene.container.die(1)
        scene.container.start()
        scene.write("second life")
        cluster.pod_error = lambda: ConnectionFailed("no answer in time")
        await asyncio.sleep(30.0)
        cluster.pod_error = lambda: None
        cluster.report()
        await asyncio.sleep(30.0)

    assert play(script).everything() == [
        "first life",
        "restarted, exit 1 Error, instance 1",
        "second life",
    ]


def test_what_the_next_instance_said_is_not_taken_for_that_of_the_one_before() -> None:
    async def script(scene: Scene) -> None:
        _out_of_reach(scene.cluster)
        await asyncio.sleep(1.0)
        scene.container.die(1)
        await asyncio.sleep(10.0)
        scene.container.start()
        scene.write("second life")
        scene.cluster.report()
        await asyncio.sleep(1.0)
        scene.container.die(1)
        await asyncio.sleep(10.0)
        scene.container.start()
        scene.write("third life")
        scene.cluster.open_error = lambda: None
        await asyncio.sleep(8.0)
        scene.cluster.report()
        await asyncio.sleep(30.0)

    assert play(script).lines() == ["second life", "third life"]


@pytest.mark.parametrize(
    ("role", "code", "reason", "after", "told"),
    [
        pytest.param("regular", 1, "", 1.0, [_POSSIBLE], id="it may have been restarted"),
        pytest.param("regular", 1, "CrashLoopBackOff", 1.0, [], id="it had ten seconds to wait"),
        pytest.param("regular", 1, "CrashLoopBackOff", 5.0, [_POSSIBLE], id="they were over"),
        pytest.param("init", 0, "", 5.0, [], id="an init container that has done its work"),
    ],
)
def test_what_was_cleared_away_with_its_pod_was_the_last_where_that_is_known(
    role: Role, code: int, reason: str, after: float, told: list[str]
) -> None:
    async def script(scene: Scene) -> None:
        scene.container.role = role
        scene.write("one")
        await asyncio.sleep(1.0)
        scene.container.die(code)
        scene.container.waits_for = reason
        scene.cluster.report()
        await asyncio.sleep(after)
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(1.0)
        scene.container.instances[-1].removed = True
        scene.container.cleared = True
        scene.cluster.report()
        await asyncio.sleep(5.0)
        _ended(scene, lost=False)
        await asyncio.sleep(20.0)

    assert play(script).everything() == ["one", *told]


def test_a_pod_whose_end_is_told_while_its_log_is_found_deleted_leaves_no_silent_hole() -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "first life")
        scene.cluster.mark_deleted("uid-0")
        await asyncio.sleep(1.0)
        scene.container.instances[-1].removed = True
        stream = scene.cluster.stream

        @asynccontextmanager
        async def goes_meanwhile(
            path: str, params: Sequence[tuple[str, str]] = (), *, accept: str = ""
        ) -> AsyncIterator[AsyncIterator[bytes]]:
            async with stream(path, params, accept=accept) as chunks:
                yield chunks
            _ended(scene, lost=True)

        scene.cluster.stream = goes_meanwhile  # type: ignore[method-assign]
        await asyncio.sleep(20.0)

    assert play(script).everything() == ["first life", _POSSIBLE]


def test_a_pod_that_is_missed_before_its_end_is_told_leaves_no_silent_hole() -> None:
    async def script(scene: Scene) -> None:
        await _crash(scene, "first life")
        scene.cluster.news_lag = lambda: 0.1
        _ended(scene, lost=True)
        scene.tail.reconcile()  # As when the log of another container comes to its end.
        await asyncio.sleep(20.0)

    assert play(script).everything() == ["first life", _POSSIBLE]


def test_a_quick_crash_loop_gives_each_life_once_and_at_once() -> None:
    async def script(scene: Scene) -> None:
        scene.write("first life")
        scene.container.die(3)
        scene.cluster.report()
        await asyncio.sleep(1.0)
        scene.container.start()
        scene.write("second life")
        scene.container.die(3)
        scene.cluster.report()
        await asyncio.sleep(0.9)
        scene.container.waits_for = "CrashLoopBackOff"
        scene.cluster.report()
        await asyncio.sleep(3.0)
        assert scene.everything() == lives

    lives = ["first life", "restarted, exit 3 Error, instance 1", "second life"]
    assert play(script).everything() == lives
