"""Lines from before the first one that is held: each one once, in its place, to the beginning."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from k8stui.errors import ConnectionFailed
from k8stui.logs.ring import DIVIDER, KIND_MASK, LINE, Ring
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from tests.unit.logs.fake_node import FakeCluster, FakeContainer
from tests.unit.logs.virtual_time import run_virtual


class Scene:
    """Pods that have written before an engine with a short tail looks at them."""

    def __init__(self, pods: int = 1, ring: Ring | None = None) -> None:
        self.cluster = FakeCluster()
        self.containers = [
            self.cluster.add(FakeContainer(f"uid-{n}", f"pod-{n}")) for n in range(pods)
        ]
        for container in self.containers:
            container.start()
        self.tail = LogTail(self.cluster, self.cluster, ring=ring, random_source=random.Random(1))

    def write(self, first: int, count: int, pod: int = 0) -> None:
        for number in range(first, first + count):
            self.containers[pod].instances[-1].write(f"{pod} {number}".encode())

    def lines(self) -> list[str]:
        ring = self.tail.ring
        return [
            line.message.decode()
            for _, line in ring.range(ring.first, ring.end)
            if line.mark & KIND_MASK == LINE
        ]

    def texts(self) -> list[str]:
        ring = self.tail.ring
        return [
            "--" if line.mark & KIND_MASK == DIVIDER else line.message.decode()
            for _, line in ring.range(ring.first, ring.end)
        ]


Script = Callable[[Scene], Awaitable[None]]


def play(scene: Scene, prepare: Script, script: Script, tail: int = 3) -> Scene:
    async def work() -> None:
        await prepare(scene)
        scene.cluster.report()
        scene.tail.select(Selection(start=Start(tail=tail)))
        task = asyncio.create_task(scene.tail.run())
        await asyncio.sleep(1.0)
        try:
            await script(scene)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run_virtual(work())
    assert scene.cluster.open_now == 0
    return scene


def numbers(first: int, end: int, pod: int = 0) -> list[str]:
    return [f"{pod} {number}" for number in range(first, end)]


async def hundred(scene: Scene) -> None:
    scene.write(0, 100)


def test_older_lines_stand_before_those_that_are_held_and_indexes_stay() -> None:
    async def script(scene: Scene) -> None:
        ring = scene.tail.ring
        held = dict(ring.range(ring.first, ring.end))
        older = await scene.tail.load_older(10)
        assert (older.lines, older.complete, older.message) == (10, False, "")
        assert scene.lines() == numbers(87, 100)
        assert ring.prepended == 10
        assert all(ring[index] == line for index, line in held.items())
        scene.write(100, 2)
        await asyncio.sleep(1.0)
        assert (await scene.tail.load_older(50)).lines == 50
        assert scene.lines() == numbers(37, 102)
        assert scene.tail.streams()[0].older

    play(Scene(), hundred, script)


def test_at_the_beginning_of_the_file_that_is_said() -> None:
    async def script(scene: Scene) -> None:
        older = await scene.tail.load_older(1000)
        assert (older.lines, older.complete) == (97, True)
        assert older.message.startswith("start of the current log file")
        assert scene.lines() == numbers(0, 100)
        before = scene.cluster.requests.total()
        assert (await scene.tail.load_older(1000)).lines == 0
        assert scene.cluster.requests.total() == before, "nothing is asked twice"
        assert not scene.tail.streams()[0].older

    play(Scene(), hundred, script)


def test_what_the_ring_pushed_out_can_be_read_again() -> None:
    async def script(scene: Scene) -> None:
        for start in range(100, 5000, 100):
            scene.write(start, 100)
            await asyncio.sleep(0.2)
        assert scene.lines() == numbers(4000, 5000)
        assert (await scene.tail.load_older(500)).lines == 500
        assert scene.lines() == numbers(3500, 5000)
        scene.write(5000, 10)
        await asyncio.sleep(1.0)
        assert scene.lines()[-1] == "0 5009"
        assert len(scene.lines()) == 1500, "older lines have room of their own"
        scene.tail.ring.drop_older()
        assert scene.lines() == numbers(4010, 5010)
        assert (await scene.tail.load_older(5)).lines == 5
        assert scene.lines() == numbers(4005, 5010)

    play(Scene(ring=Ring(lines=1000)), hundred, script)


def test_there_is_a_bound_to_older_lines() -> None:
    async def script(scene: Scene) -> None:
        assert (await scene.tail.load_older(1000)).lines == 20
        older = await scene.tail.load_older(1000)
        assert (older.lines, older.complete) == (0, False)
        assert "no room" in older.message
        assert scene.lines() == numbers(77, 100)

    play(Scene(ring=Ring(lines=20)), hundred, script)


def test_a_moment_in_time_instead_of_a_number() -> None:
    async def prepare(scene: Scene) -> None:
        for number in range(100):
            scene.write(number, 1)
            await asyncio.sleep(1.0)

    async def script(scene: Scene) -> None:
        oldest = scene.tail.ring[scene.tail.ring.first].time // 10**9
        older = await scene.tail.load_older(since=oldest - 20)
        assert (older.lines, older.complete) == (20, False)
        assert scene.lines() == numbers(77, 100)
        assert (await scene.tail.load_older(since=oldest)).lines == 0
        assert (await scene.tail.load_older(since=oldest - 1000)).complete
        assert scene.lines() == numbers(0, 100)

    play(Scene(), prepare, script)


def test_several_streams_come_in_the_order_of_time() -> None:
    async def prepare(scene: Scene) -> None:
        for number in range(40):
            scene.write(number, 1, pod=number % 2)
            await asyncio.sleep(0.01)

    async def script(scene: Scene) -> None:
        held = len(scene.lines())
        assert (await scene.tail.load_older(5)).lines == 10
        loaded = scene.lines()[: len(scene.lines()) - held]
        assert [int(one.split()[1]) for one in loaded] == list(range(24, 34))
        assert (await scene.tail.load_older(5, streams=[1])).lines == 5
        assert all(one.startswith("1 ") for one in scene.lines()[:5])

    play(Scene(pods=2), prepare, script)


def test_before_the_first_line_of_an_instance_comes_the_one_before() -> None:
    async def prepare(scene: Scene) -> None:
        scene.write(0, 20)
        scene.containers[0].die(137, "OOMKilled")
        await asyncio.sleep(1.0)
        scene.containers[0].start()
        scene.write(20, 10)

    async def script(scene: Scene) -> None:
        assert (await scene.tail.load_older(100)).lines == 7
        assert scene.texts() == numbers(20, 30)
        assert (await scene.tail.load_older(5)).lines == 6
        assert scene.texts() == [*numbers(15, 20), "--", *numbers(20, 30)]
        older = await scene.tail.load_older(100)
        assert (older.lines, older.complete) == (15, True)
        assert scene.texts() == [*numbers(0, 20), "--", *numbers(20, 30)]

    play(Scene(), prepare, script)


def test_after_a_restart_before_our_eyes_the_older_part_is_of_the_dead_instance() -> None:
    async def script(scene: Scene) -> None:
        scene.containers[0].die()
        scene.cluster.report()
        await asyncio.sleep(5.0)
        scene.containers[0].start()
        scene.cluster.report()
        await asyncio.sleep(1.0)
        scene.write(100, 5)
        await asyncio.sleep(1.0)
        assert (await scene.tail.load_older(10)).lines == 10
        assert scene.texts() == [*numbers(87, 100), "--", *numbers(100, 105)]
        assert (await scene.tail.load_older(1000)).complete
        assert scene.texts() == [*numbers(0, 100), "--", *numbers(100, 105)]

    play(Scene(), hundred, script)


def test_equal_lines_of_one_moment_come_as_often_as_they_were_written() -> None:
    async def prepare(scene: Scene) -> None:
        scene.write(0, 1)
        for _ in range(6):
            scene.write(7, 1)
        scene.write(8, 1)

    async def script(scene: Scene) -> None:
        await scene.tail.load_older(2)
        assert scene.lines() == ["0 7"] * 4 + ["0 8"]
        await scene.tail.load_older(100)
        assert scene.lines() == ["0 0", *["0 7"] * 6, "0 8"]

    play(Scene(), prepare, script)


def test_a_rotated_file_is_not_readable_and_that_is_said() -> None:
    async def script(scene: Scene) -> None:
        scene.containers[0].instances[-1].rotate()
        scene.write(100, 50)
        await asyncio.sleep(1.0)
        older = await scene.tail.load_older(10)
        assert (older.lines, older.complete) == (0, True)

    play(Scene(), hundred, script)


def test_a_failure_is_told_and_loading_can_be_tried_again() -> None:
    async def script(scene: Scene) -> None:
        scene.cluster.open_error = lambda: ConnectionFailed("no route to host")
        older = await scene.tail.load_older(10)
        assert (older.lines, older.complete, older.message) == (0, False, "no route to host")
        scene.cluster.open_error = lambda: None
        assert (await scene.tail.load_older(10)).lines == 10

    play(Scene(), hundred, script)


def test_a_quiet_stream_is_kept_and_takes_its_place_again() -> None:
    async def prepare(scene: Scene) -> None:
        scene.write(0, 8, pod=1)

    async def script(scene: Scene) -> None:
        for start in range(0, 1000, 100):
            scene.write(start, 100, pod=0)
            await asyncio.sleep(0.2)
        ring = scene.tail.ring
        assert [line.message for _, line in ring.kept()] == [b"1 5", b"1 6", b"1 7"]
        assert (await scene.tail.load_older(4)).lines == 8
        quiet = [text for text in scene.lines() if text.startswith("1 ")]
        assert quiet == numbers(1, 8, pod=1)
        assert ring.kept() == []
        assert (await scene.tail.load_older(4, streams=[1])).lines == 1

    scene = play(Scene(pods=2, ring=Ring(lines=100, quota=5)), prepare, script)
    assert [text for text in scene.lines() if text.startswith("1 ")] == numbers(0, 8, pod=1)


@pytest.mark.parametrize("seed", [*range(12), 52, 55, 56])
def test_whatever_is_loaded_nothing_is_lost_or_doubled(seed: int) -> None:
    chance = random.Random(seed)
    scene = Scene(pods=3, ring=Ring(lines=chance.choice((50, 500, 5000)), quota=7))
    written: dict[int, list[str]] = {0: [], 1: [], 2: []}

    async def some(scene: Scene) -> None:
        for _ in range(chance.randrange(40)):
            pod = chance.choice((0, 0, 0, 1, 2))
            text = f"{pod} {len(written[pod])} "
            text += "x" * chance.choice((0, 5, 5, 5, 40_000))
            scene.containers[pod].instances[-1].write(text.encode())
            written[pod].append(text)
            await asyncio.sleep(chance.choice((0.0, 0.001, 0.5)))

    async def script(scene: Scene) -> None:
        for _ in range(25):
            await some(scene)
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            await scene.tail.load_older(chance.choice((1, 5, 30)))
            if chance.random() < 0.2:
                scene.tail.ring.drop_older()
            for pod in written:
                got = [one for one in scene.lines() if one.startswith(f"{pod} ")]
                end = len(written[pod])
                if len(got) > 1:
                    # The first may be the rest of a line whose beginning was not asked for.
                    assert got[1:] == written[pod][end - len(got) + 1 :]

    play(scene, some, script, tail=chance.choice((0, 1, 10)))
