"""Several clusters in one view: every line says where it is from, none is lost to another."""

from __future__ import annotations

import asyncio
import random

from k8stui.logs.book import StreamBook
from k8stui.logs.feed import StreamState
from k8stui.logs.joined import JoinedTail
from k8stui.logs.previous import read_previous
from k8stui.logs.ring import Ring
from k8stui.logs.selection import NOTHING, Selection, Start
from k8stui.logs.tail import LogTail
from tests.unit.logs.fake_node import SECOND, FakeCluster, FakeContainer, now_ns
from tests.unit.logs.virtual_time import run_virtual


class Two:
    """Two clusters that have a pod of the same name and uid each, and one engine over both."""

    def __init__(self) -> None:
        self.ring, self.book = Ring(), StreamBook()
        self.clusters = [FakeCluster(), FakeCluster()]
        self.containers = [cluster.add(FakeContainer("uid", "web")) for cluster in self.clusters]
        tails = [
            LogTail(
                cluster,
                cluster,
                ring=self.ring,
                book=self.book,
                context=context,
                random_source=random.Random(1),
                wall=lambda: now_ns() / SECOND,
            )
            for cluster, context in zip(self.clusters, ("east", "west"), strict=True)
        ]
        self.joined = JoinedTail(tails, self.ring, self.book)

    def lines(self) -> list[tuple[str, str]]:
        ring = self.ring
        return [
            (self.joined.name_of(line.stream).context, line.message.decode())
            for _, line in ring.range(ring.first, ring.end)
        ]

    async def play(self) -> None:
        for number, (cluster, container) in enumerate(
            zip(self.clusters, self.containers, strict=True)
        ):
            container.start()
            for line in range(10):
                container.instances[-1].write(f"{number} {line}".encode())
            cluster.report()
        self.joined.select(Selection(start=Start(tail=1)))
        calls: list[int] = []
        self.joined.on_lines(calls.append)
        tasks = [asyncio.create_task(tail.run()) for tail in self.joined.tails]
        await asyncio.sleep(1.0)
        try:
            assert sorted(self.lines()) == [("east", "0 9"), ("west", "1 9")]
            assert sorted(calls) == [0, 1]
            assert self.joined.state_counts()[StreamState.LIVE] == 2
            assert {stream.context for stream in self.joined.streams()} == {"east", "west"}
            older = await self.joined.load_older(100)
            assert (older.lines, older.complete) == (18, True)
            assert len(self.lines()) == 20
            await self.look_before()
            await self.lose_one()
            self.joined.tails[0].select(NOTHING)
            await asyncio.sleep(1.0)
            assert len(self.lines()) == 24, "an engine without streams leaves the others' lines"
            self.joined.select(NOTHING)
            await asyncio.sleep(1.0)
            assert self.joined.streams() == []
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert [cluster.open_now for cluster in self.clusters] == [0, 0]

    async def look_before(self) -> None:
        """The instances before are read where they ran, though all else of them is equal."""
        for number, container in enumerate(self.containers):
            container.instances[-1].write(f"last words {number}".encode())
            container.die()
            container.start()
            self.clusters[number].report()
        await asyncio.sleep(5.0)
        before = await read_previous(
            self.book.transport_of, self.joined.streams(), self.book.colour_of
        )
        lines = [line for _, line in before.ring.range(0, before.ring.end)]
        ends = {before.name_of(line.stream).context: line.message for line in lines}
        assert ends == {"east": b"last words 0", "west": b"last words 1"}
        assert before.found == 2

    async def lose_one(self) -> None:
        """A pod that goes in one cluster is no matter of the other."""
        self.containers[0].die(0)
        self.containers[0].gone = True
        self.clusters[0].report()
        await asyncio.sleep(20.0)
        states = {stream.context: stream.state for stream in self.joined.streams()}
        assert states == {"east": StreamState.ENDED, "west": StreamState.LIVE}


def test_two_clusters_share_a_view() -> None:
    run_virtual(Two().play())


def test_an_engine_joins_in_and_leaves() -> None:
    async def play() -> None:
        two = Two()
        for number, (cluster, container) in enumerate(
            zip(two.clusters, two.containers, strict=True)
        ):
            container.start()
            container.instances[-1].write(f"{number} first".encode())
            cluster.report()
        east, west = two.joined.tails
        joined = JoinedTail([east], two.ring, two.book)
        told: list[None] = []
        lines: list[int] = []
        end = joined.subscribe(lambda: told.append(None))
        joined.on_lines(lines.append)
        joined.select(Selection(start=Start()))
        tasks = [asyncio.create_task(tail.run()) for tail in (east, west)]
        try:
            await asyncio.sleep(1.0)
            assert two.lines() == [("east", "0 first")]
            joined.join(west)
            told.clear()
            await asyncio.sleep(1.0)
            assert two.lines() == [("east", "0 first"), ("west", "1 first")]
            assert {stream.context for stream in joined.streams()} == {"east", "west"}
            assert (len(lines), bool(told)) == (2, True)
            before = joined.generation
            joined.leave(west)
            await asyncio.sleep(1.0)
            assert [stream.context for stream in joined.streams()] == ["east"]
            assert two.clusters[1].open_now == 0
            assert joined.generation > before, "its lines are not shown any more"
            end()
            told.clear()
            two.containers[0].instances[-1].write(b"0 second")
            await asyncio.sleep(1.0)
            assert two.lines()[-1] == ("east", "0 second")
            assert not told
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    run_virtual(play())
