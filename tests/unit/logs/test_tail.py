"""What the engine does in single situations: drops, refusals, limits, selections."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.engine import Limits
from k8stui.logs.feed import StreamState
from k8stui.logs.patterns import Pattern
from k8stui.logs.selection import NOTHING, Selection, Start
from tests.unit.logs.fake_node import FakeContainer, Fault
from tests.unit.logs.scene import EVERYTHING, Scene, play
from tests.unit.logs.virtual_time import run_virtual


def test_news_in_the_moment_in_which_a_dead_stream_is_ended_does_no_harm() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("freeze", after_seconds=1.0)
        scene.write("one")
        await asyncio.sleep(2.0)
        scene.write("two")
        scene.container.die(1)
        scene.cluster.fault = Fault
        for _ in range(1000):
            scene.cluster.report()
            await asyncio.sleep(0)
            scene.cluster.report()
            await asyncio.sleep(0.01)

    assert play(script).lines() == ["one", "two"]


def test_a_clean_end_while_the_container_runs_is_resumed_within_two_seconds() -> None:
    async def script(scene: Scene) -> None:
        scene.write("one")
        scene.cluster.fault = lambda: Fault("eof", after_seconds=5.0)
        await asyncio.sleep(6.0)
        scene.cluster.fault = Fault
        scene.write("two")
        await asyncio.sleep(2.0)
        assert scene.lines() == ["one", "two"]

    assert play(script).states() == [StreamState.QUEUED]


def test_equal_lines_of_one_moment_come_as_often_as_they_were_written() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("reset", after_bytes=70)
        scene.write(*["same"] * 5)
        await asyncio.sleep(1.0)
        scene.cluster.fault = Fault
        await asyncio.sleep(20.0)

    assert play(script).lines() == ["same"] * 5


def test_rotation_during_an_outage_is_told_as_a_possible_gap() -> None:
    async def script(scene: Scene) -> None:
        scene.write("old")
        scene.cluster.fault = lambda: Fault("eof", after_seconds=4.0)
        await asyncio.sleep(4.2)
        scene.cluster.fault = Fault
        scene.container.instances[-1].rotate()
        scene.write("new")
        await asyncio.sleep(15.0)

    scene = play(script)
    assert scene.everything() == [
        "old",
        "possible gap: the log was rotated while the connection was down",
        "new",
    ]


@pytest.mark.parametrize("tail", [0, 2])
def test_what_was_left_out_at_first_stays_out_after_a_drop(tail: int) -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_seconds=1.0)
        await asyncio.sleep(3.0)
        scene.cluster.fault = Fault
        scene.write("new")
        await asyncio.sleep(20.0)

    scene = Scene()

    async def work() -> None:
        scene.container.start()
        scene.write("1", "2", "3", "4")
        scene.cluster.report()
        scene.tail.select(Selection(start=Start(tail=tail)))
        task = asyncio.create_task(scene.tail.run())
        await script(scene)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(work())
    assert scene.lines() == (["new"] if tail == 0 else ["3", "4", "new"])


def test_a_tail_that_begins_inside_a_long_line_is_no_gap_at_the_containers_end() -> None:
    scene = Scene()

    async def work() -> None:
        scene.container.start()
        scene.write("x" * 40_000, "after")
        scene.cluster.report()
        scene.tail.select(Selection(start=Start(tail=2)))
        task = asyncio.create_task(scene.tail.run())
        await asyncio.sleep(0.5)
        scene.container.die()
        scene.cluster.report()
        await asyncio.sleep(30.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(work())
    assert [len(text) for text in scene.everything()] == [40_000 % 16_384, 5]


def test_nothing_new_is_lost_behind_a_long_line_that_was_not_wanted() -> None:
    scene = Scene()

    async def work() -> None:
        scene.container.start()
        scene.write("x" * 40_000)
        scene.cluster.report()
        scene.tail.select(Selection(start=Start(tail=0)))
        task = asyncio.create_task(scene.tail.run())
        await asyncio.sleep(0.1)
        scene.write("in the same second")
        await asyncio.sleep(5.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(work())
    assert scene.lines() == ["in the same second"]


def test_a_clock_that_is_off_is_told_with_its_stream() -> None:
    async def script(scene: Scene) -> None:
        for _ in range(10):
            scene.container.instances[-1].write(b"x", jitter=30 * 10**9)
            await asyncio.sleep(1.0)
        assert scene.tail.streams()[0].skew == pytest.approx(30.0, abs=0.2)

    play(script)


def test_a_frozen_connection_is_found_out_within_a_minute() -> None:
    async def script(scene: Scene) -> None:
        scene.write("before")
        scene.cluster.fault = lambda: Fault("freeze", after_seconds=3.0)
        await asyncio.sleep(2.9)
        scene.cluster.fault = Fault
        await asyncio.sleep(0.2)
        scene.write("behind the freeze")
        await asyncio.sleep(60.0)

    assert play(script).lines() == ["before", "behind the freeze"]


def test_eight_cuts_of_four_hours_lose_nothing() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_seconds=4 * 3600.0)
        for number in range(8 * 4 * 6):
            scene.write(str(number))
            await asyncio.sleep(600.0)
        await asyncio.sleep(60.0)

    scene = play(script)
    assert scene.lines() == [str(number) for number in range(8 * 4 * 6)]


def test_a_node_without_watchers_is_polled() -> None:
    error = b"failed to create fsnotify watcher: too many open files"

    async def script(scene: Scene) -> None:
        scene.cluster.body_error = lambda follow: error if follow else b""
        for number in range(20):
            scene.write(str(number))
            await asyncio.sleep(1.0)
        await asyncio.sleep(5.0)
        assert scene.states() == [StreamState.POLLING]
        assert "too many open files" in scene.tail.streams()[0].last_error

    assert play(script).lines() == [str(number) for number in range(20)]


def test_a_refused_stream_says_so_and_the_others_live() -> None:
    async def script(scene: Scene) -> None:
        real = scene.cluster._find

        def find(name: str, query: dict[str, str]) -> object:
            if name == "pod-0":
                raise ApiError(403, "pods/log is forbidden", reason="Forbidden")
            return real(name, query)

        scene.cluster._find = find  # type: ignore[assignment, method-assign]
        scene.write("seen", container=scene.containers[1])
        await asyncio.sleep(3.0)
        assert scene.states() == [StreamState.FORBIDDEN, StreamState.LIVE]

    assert play(script, pods=2).lines() == ["seen"]


def test_a_pod_that_waits_for_its_container_has_no_request_made() -> None:
    async def script(scene: Scene) -> None:
        late = scene.cluster.add(FakeContainer("uid-late", "late"))
        scene.cluster.report()
        await asyncio.sleep(5.0)
        assert scene.states() == [StreamState.LIVE, StreamState.WAITING]
        assert not scene.cluster.requests["late", "follow"]
        late.start()
        scene.write("first line", container=late)
        scene.cluster.report()
        await asyncio.sleep(1.0)

    assert play(script).lines() == ["first line"]


def test_more_streams_than_allowed_wait_and_none_fails() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(2.0)
        counts = scene.tail.state_counts()
        assert (counts[StreamState.LIVE], counts[StreamState.QUEUED]) == (3, 2)
        live = {stream.pod for stream in scene.tail.streams() if stream.state == StreamState.LIVE}
        assert live == {"pod-2", "pod-3", "pod-4"}, "the newest pods go first"
        scene.containers[4].die(0, "Completed")
        scene.cluster.report()
        await asyncio.sleep(5.0)
        assert scene.tail.state_counts()[StreamState.QUEUED] == 1
        assert scene.cluster.most_open <= 5

    play(script, pods=5, limits=Limits(streams=3, per_node=10))


def test_a_changed_selection_touches_only_the_streams_that_differ() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        scene.tail.select(Selection(name=Pattern("pod-[01]"), start=Start()))
        await asyncio.sleep(1.0)
        assert scene.cluster.open_now == 2
        scene.tail.select(Selection(name=Pattern("pod-[012]"), start=Start()))
        await asyncio.sleep(1.0)
        assert scene.cluster.open_now == 3
        counts = [scene.cluster.requests[f"pod-{n}", "follow"] for n in range(3)]
        assert counts == [1, 1, 2]

    play(script, pods=3)


def test_an_emptied_selection_forgets_the_lines() -> None:
    async def script(scene: Scene) -> None:
        scene.write("x")
        await asyncio.sleep(1.0)
        scene.tail.select(Selection(uids=frozenset()))
        await asyncio.sleep(1.0)
        assert scene.lines() == []

    play(script)


def test_after_an_api_loss_all_streams_are_back_within_five_seconds() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(1.0)
        scene.cluster.fault = lambda: Fault("reset", after_seconds=0.0)
        scene.cluster.open_error = lambda: ConnectionFailed("connection refused")
        scene.tail.select(NOTHING)
        await asyncio.sleep(1.0)
        scene.tail.select(EVERYTHING)
        scene.cluster.live = False
        scene.cluster.report()
        for container in scene.containers:
            scene.write("during", container=container)
        await asyncio.sleep(300.0)
        assert scene.lines() == []
        assert set(scene.states()) == {StreamState.RECONNECTING}
        scene.cluster.fault, scene.cluster.open_error = Fault, lambda: None
        scene.cluster.live = True
        scene.cluster.report()
        await asyncio.sleep(5.0)
        assert scene.lines() == ["during"] * 4
        assert set(scene.states()) == {StreamState.LIVE}

    play(script, pods=4)


def test_a_pod_deleted_while_the_watch_was_down_is_not_asked_for_again() -> None:
    async def script(scene: Scene) -> None:
        scene.write("x")
        await asyncio.sleep(1.0)
        scene.container.gone = True
        await asyncio.sleep(20.0)
        scene.cluster.report()
        await asyncio.sleep(30.0)
        before = scene.cluster.requests.total()
        await asyncio.sleep(600.0)
        assert scene.cluster.requests.total() == before

    assert play(script).lines() == ["x"]


def test_a_pod_of_the_same_name_with_a_new_uid_is_a_new_stream() -> None:
    async def script(scene: Scene) -> None:
        scene.write("old")
        await asyncio.sleep(1.0)
        scene.container.die(0, "Completed")
        scene.container.gone = True
        scene.cluster.report()
        await asyncio.sleep(1.0)
        new = scene.cluster.add(FakeContainer("uid-new", "pod-0"))
        new.start()
        scene.write("new", container=new)
        scene.cluster.report()
        await asyncio.sleep(15.0)
        assert [stream.state for stream in scene.tail.streams()] == [
            StreamState.ENDED,
            StreamState.LIVE,
        ]

    assert play(script).lines() == ["old", "new"]


def test_a_server_that_asks_to_wait_is_not_asked_before() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.fault = lambda: Fault("eof", after_seconds=2.0)
        scene.cluster.open_error = lambda: None
        await asyncio.sleep(1.0)
        scene.cluster.open_error = lambda: ApiError(429, "slow down", retry_after=20.0)
        await asyncio.sleep(4.0)
        before = scene.cluster.requests.total()
        await asyncio.sleep(15.0)
        assert scene.cluster.requests.total() == before

    play(script)


def test_history_that_is_not_wanted_of_old_pods_is_read_of_new_ones() -> None:
    async def script(scene: Scene) -> None:
        await asyncio.sleep(2.0)
        new = scene.cluster.add(FakeContainer("uid-new", "new"))
        new.start()
        scene.write("n1", "n2", "n3", container=new)
        scene.cluster.report()
        await asyncio.sleep(2.0)

    assert play(script, Selection(start=Start(tail=1))).lines() == ["n1", "n2", "n3"]


def test_a_line_of_many_records_stays_one_line() -> None:
    async def script(scene: Scene) -> None:
        scene.write("x" * 100_000, "after")
        await asyncio.sleep(1.0)

    lines = play(script).lines()
    assert [len(line) for line in lines] == [100_000, 5]
