"""Many streams under many faults, and the count of what was lost or doubled.

`python -m tests.unit.logs.storm --streams 20 --faults 1000 --seeds 50` runs the whole of it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from k8stui.cluster.api_error import ApiError
from k8stui.errors import ConnectionFailed
from k8stui.logs.ring import KIND_MASK, LINE, NOTICE, Ring
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from tests.unit.logs.fake_node import SECOND, FakeCluster, FakeContainer, Fault, now_ns
from tests.unit.logs.virtual_time import run_virtual

WHOLE = " ."
"""Ends each line, so that a part of one is told from a whole one."""


@dataclass
class Damage:
    """What a run did to the lines, in all container instances together."""

    lines: int = 0
    lost: int = 0
    told: int = 0
    """Lines that nobody could read, in logs that say so."""
    doubled: int = 0
    torn: int = 0
    """Lines of which a part is missing, or which are parts of two."""
    displaced: int = 0
    """Lines that stand before an earlier one of their instance."""
    gaps: int = 0
    """Markers of a possible gap."""
    most_open: int = 0
    """Streams open at once on one container, at most."""
    faults: int = 0
    seconds: float = 0.0

    def add(self, other: Damage) -> None:
        """Counts another run in."""
        self.lines += other.lines
        self.lost += other.lost
        self.told += other.told
        self.doubled += other.doubled
        self.torn += other.torn
        self.displaced += other.displaced
        self.gaps += other.gaps
        self.most_open = max(self.most_open, other.most_open)
        self.faults += other.faults
        self.seconds += other.seconds


@dataclass
class Weather:
    """What goes wrong, and how often."""

    faults: int = 1000
    restarts: bool = True
    life: tuple[float, float] = (100.0, 200.0)
    """Seconds that an instance lives; what dies twice within an outage can't be read by anyone."""
    jitter: int = SECOND // 2
    status_lag: float = 2.0
    kinds: tuple[str, ...] = ("eof", "eof", "reset", "reset", "freeze")


class Storm:
    """One run with one seed."""

    def __init__(self, seed: int, streams: int, weather: Weather) -> None:
        self.random = random.Random(seed)
        self.cluster = FakeCluster(seed)
        self.weather = weather
        self.faults = 0
        self.stopping = False
        self._engine: asyncio.Task[None] | None = None
        self.cluster.fault = self._fault
        self.cluster.open_error = self._open_error
        self.containers = [
            self.cluster.add(FakeContainer(f"uid-{n}", f"pod-{n}", node=f"node-{n % 4}"))
            for n in range(streams)
        ]

    @property
    def over(self) -> bool:
        dead = self._engine is not None and self._engine.done()
        return dead or self.stopping or self.faults >= self.weather.faults

    def _fault(self) -> Fault:
        chance = self.random
        if self.over or chance.random() < 0.1:
            return Fault()
        self.faults += 1
        kind = chance.choice(self.weather.kinds)
        if chance.random() < 0.5:
            return Fault(kind, after_bytes=int(10 ** chance.uniform(0, 4)))
        return Fault(kind, after_seconds=chance.uniform(0, 8))

    def _open_error(self) -> Exception | None:
        if self.over or self.random.random() > 0.1:
            return None
        self.faults += 1
        if self.random.random() < 0.5:
            return ConnectionFailed("connection refused")
        status = self.random.choice((410, 429, 500, 503))
        return ApiError(status, "try again", retry_after=1.0 if status == 429 else None)

    async def _live(self, container: FakeContainer) -> None:
        """Writes numbered lines, and dies and starts again now and then."""
        chance = self.random
        await asyncio.sleep(chance.uniform(0, 2))
        instance = container.start()
        self._report_later(container)
        number = 0
        loop = asyncio.get_running_loop()
        dies = loop.time() + chance.uniform(*self.weather.life)
        while not self.over:
            for _ in range(chance.choice((1, 1, 2, 40))):
                jitter = -chance.randrange(self.weather.jitter + 1)
                jitter = jitter if chance.random() < 0.2 else 0
                text = f"{instance.id} {number} "
                text += "x" * (40_000 if chance.random() < 0.002 else chance.randrange(60)) + WHOLE
                instance.write(text.encode(), jitter)
                number += 1
            await asyncio.sleep(chance.choice((0.01, 0.2, 1.0)))
            if loop.time() > dies and self.weather.restarts:
                container.die(chance.choice((0, 1, 137)))
                self._report_later(container)
                # The kubelet sees an end a moment before it starts the next one.
                await asyncio.sleep(chance.uniform(1.0, 20.0))
                instance, number = container.start(), 0
                dies = loop.time() + chance.uniform(*self.weather.life)
                self._report_later(container)

    def _report_later(self, container: FakeContainer) -> None:
        loop = asyncio.get_running_loop()
        lag = self.random.uniform(0, self.weather.status_lag)
        loop.call_later(lag, self.cluster.report, container.uid)

    async def run(self) -> Damage:
        ring = Ring(1 << 40, 1 << 60)
        tail = LogTail(
            self.cluster,
            self.cluster,
            ring=ring,
            random_source=random.Random(self.faults),
            wall=lambda: now_ns() / SECOND,
        )
        tail.select(Selection(start=Start()))
        task = self._engine = asyncio.create_task(tail.run())
        try:
            async with asyncio.TaskGroup() as lives:
                for container in self.containers:
                    lives.create_task(self._live(container))
            self.cluster.report()
            await asyncio.sleep(400.0)
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return self._damage(tail, ring)

    def _damage(self, tail: LogTail, ring: Ring) -> Damage:
        """Losses count where the pod's log says nothing of a gap; marks where nothing was lost."""
        damage = Damage(faults=self.faults, seconds=asyncio.get_running_loop().time())
        seen: dict[str, list[int]] = defaultdict(list)
        marks: Counter[str] = Counter()
        for _, line in ring.range(0, ring.end):
            if line.mark & KIND_MASK == LINE:
                instance, _, rest = line.message.decode().partition(" ")
                if rest.endswith(WHOLE):
                    seen[instance].append(int(rest.partition(" ")[0]))
                else:
                    damage.torn += 1
            elif line.mark & KIND_MASK == NOTICE and b"gap" in line.message:
                marks[tail.tail_of(line.stream).key.uid] += 1
        for container in self.containers:
            damage.most_open = max(damage.most_open, container.most_open)
            lost = 0
            for instance_ in container.instances:
                written = sum(record.full for record in instance_.records)
                got = seen[instance_.id]
                damage.lines += written
                lost += written - len(set(got))
                damage.doubled += len(got) - len(set(got))
                damage.displaced += sum(a >= b for a, b in itertools.pairwise(got))
            told = marks[container.uid]
            damage.told += lost if told else 0
            damage.lost += 0 if told else lost
            damage.gaps += 0 if lost else told
        return damage


def storm(seed: int, streams: int, weather: Weather) -> Damage:
    """One run in virtual time."""
    return run_virtual(Storm(seed, streams, weather).run())


def _one(seed: int, streams: int, faults: int) -> Damage:
    return storm(seed, streams, Weather(faults=faults))


def main(one: Callable[[int, int, int], Damage], about: str) -> int:
    """Runs seeds and tells what they did.

    Args:
        one: Runs one, given its seed and how many streams and faults there are.
        about: What it is, for `--help`.

    Returns:
        1 where a line was lost of which nothing is told, came twice, or out of order.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--faults", type=int, default=1000, help="of all streams of a seed")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    run = partial(_numbered, one, arguments.streams, arguments.faults)
    total = Damage()
    with multiprocessing.Pool(arguments.jobs) as pool:
        for seed, damage in pool.imap(run, seeds):
            print(f"seed {seed}: {damage}", flush=True)  # noqa: T201 - a command's output
            total.add(damage)
    print(  # noqa: T201 - a command's output
        f"{arguments.seeds} seeds, {total.faults:,} faults, {total.lines:,} lines: "
        f"{total.lost} lost, {total.told} lost and told of, {total.doubled} doubled, "
        f"{total.torn} torn, {total.displaced} out of order, {total.gaps} needless gap marks"
    )
    return 1 if total.lost or total.doubled or total.torn or total.displaced else 0


def _numbered(
    one: Callable[[int, int, int], Damage], streams: int, faults: int, seed: int
) -> tuple[int, Damage]:
    return seed, one(seed, streams, faults)


if __name__ == "__main__":
    raise SystemExit(main(_one, __doc__ or ""))
