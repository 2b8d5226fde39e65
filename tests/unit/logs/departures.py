"""Pods that are deleted while they restart, while the API server is away, while a kubelet is.

What nobody could read is lost to everyone: then the pod's log must say so.

`python -m tests.unit.logs.departures --streams 20 --faults 1000 --seeds 50` runs the whole of it.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass

from tests.unit.logs.fake_node import SECOND, FakeContainer, now_ns
from tests.unit.logs.storm import WHOLE, Damage, Storm, Weather, main
from tests.unit.logs.virtual_time import run_virtual

_CLEARING = (1.0, 4.0)
"""Seconds after the last container's end in which a kubelet takes down what is left of its pod."""


@dataclass
class Departing(Weather):
    """How pods and parts of the cluster come and go, in seconds."""

    life: tuple[float, float] = (5.0, 60.0)
    status_lag: float = 3.0
    pod_life: tuple[float, float] = (5.0, 120.0)
    outage_every: tuple[float, float] = (20.0, 90.0)
    outage: tuple[float, float] = (2.0, 20.0)


class Departures(Storm):
    """One run with one seed, over pods that are replaced by others.

    Losses count where the pod's log says nothing of a gap; marks where nothing was lost.
    """

    weather: Departing

    def __init__(self, seed: int, streams: int, weather: Departing) -> None:
        super().__init__(seed, streams, weather)
        self._restarted: dict[str, asyncio.Event] = {}
        self.cluster.news_lag = lambda: self.random.uniform(0.0, 0.1)

    # -- the pods ---------------------------------------------------------------------------

    async def _live(self, container: FakeContainer) -> None:
        for number in itertools.count(1):
            await self._pod(container)
            if self.over:
                return
            first, again = container.uid.partition(".")[0], self.random.random() < 0.3
            name = container.pod if again else f"{first}-{number}"
            await asyncio.sleep(self.random.uniform(0.0, 2.0))
            container = FakeContainer(
                f"{first}.{number}", name, node=container.node, created=now_ns() // SECOND
            )
            self.cluster.add(container)
            self.containers.append(container)

    async def _pod(self, container: FakeContainer) -> None:
        chance = self.random
        restarted = self._restarted[container.uid] = asyncio.Event()
        lives = asyncio.create_task(self._instances(container))
        try:
            if chance.random() < 0.5:
                await restarted.wait()
                await asyncio.sleep(chance.uniform(0.0, 3.0))
            else:
                await asyncio.sleep(chance.uniform(*self.weather.pod_life))
            if not self.over:
                await self._delete(container, lives)
            else:
                await lives
        finally:
            lives.cancel()

    async def _instances(self, container: FakeContainer) -> None:
        chance, restarted = self.random, self._restarted[container.uid]
        self._report(container)
        await asyncio.sleep(chance.uniform(0.5, 2.0))
        while True:
            container.start(known=chance.random() < 0.5)
            self._report_later(container)
            await self._write(container)
            restarted.set()
            if self.over:
                return
            container.die(chance.choice((0, 1, 137)))
            if chance.random() < 0.7:
                self._report_later(container)
            await asyncio.sleep(chance.choice((1.0, 1.0, 10.0)))

    async def _write(self, container: FakeContainer) -> None:
        """Numbered lines, for the life of one instance."""
        chance, instance = self.random, container.instances[-1]
        loop = asyncio.get_running_loop()
        dies, number = loop.time() + chance.uniform(*self.weather.life), 0
        while not self.over and loop.time() < dies:
            for _ in range(chance.choice((1, 1, 2, 40))):
                instance.write(f"{instance.id} {number}{WHOLE}".encode())
                number += 1
            await asyncio.sleep(chance.choice((0.01, 0.2, 1.0)))

    async def _delete(self, container: FakeContainer, lives: asyncio.Task[None]) -> None:
        """As a kubelet does; whether it tells of what it did last is up to chance."""
        chance, uid = self.random, container.uid
        await self._while_down()
        if uid in self.cluster.known:
            self.cluster.mark_deleted(uid)
        await self._while_down(container.node)
        await asyncio.sleep(chance.uniform(0.0, 2.0))
        lives.cancel()
        if container.instances and container.instances[-1].running:
            container.die(137)
        tells = chance.random() < 0.5
        if tells:
            self._report_later(container)
        await asyncio.sleep(chance.uniform(*_CLEARING))
        await self._while_down(container.node)
        for instance in container.instances:
            instance.removed = True
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        await self._while_down(container.node)
        container.gone = True
        if not self.cluster.down:
            self.cluster.report(uid, stale=not tells)

    # -- what is told ------------------------------------------------------------------------

    def _report_later(self, container: FakeContainer) -> None:
        lag = self.random.uniform(0.0, self.weather.status_lag)
        asyncio.get_running_loop().call_later(lag, self._report, container)

    def _report(self, container: FakeContainer) -> None:
        """The watch tells nothing of what was while it was away, but a list does of what is."""
        cluster = self.cluster
        if container.node not in cluster.nodes_down:
            container.unknown = False
        if not (cluster.down or container.gone or container.node in cluster.nodes_down):
            cluster.report(container.uid)

    async def _while_down(self, node: str = "") -> None:
        cluster = self.cluster
        while cluster.down or node in cluster.nodes_down:  # noqa: ASYNC110 - two conditions
            await asyncio.sleep(0.5)

    # -- outages -----------------------------------------------------------------------------

    async def _outages(self) -> None:
        chance, cluster = self.random, self.cluster
        while not self.over:
            await asyncio.sleep(chance.uniform(*self.weather.outage_every))
            node = f"node-{chance.randrange(4)}" if chance.random() < 0.5 else ""
            if node:
                cluster.nodes_down.add(node)
            else:
                cluster.down, cluster.live = True, False
            self.faults += 1
            await asyncio.sleep(chance.uniform(*self.weather.outage))
            if node:
                cluster.nodes_down.discard(node)
                await asyncio.sleep(chance.uniform(0.0, 2.0))
                for container in self.containers:
                    if container.node == node:
                        self._report_later(container)
            else:
                cluster.down, cluster.live = False, True
                cluster.report(lost=True)

    async def run(self) -> Damage:
        outages = asyncio.create_task(self._outages())
        try:
            return await super().run()
        finally:
            outages.cancel()


def departures(seed: int, streams: int, weather: Departing) -> Damage:
    """One run in virtual time."""
    return run_virtual(Departures(seed, streams, weather).run())


def _one(seed: int, streams: int, faults: int) -> Damage:
    return departures(seed, streams, Departing(faults=faults))


if __name__ == "__main__":
    raise SystemExit(main(_one, __doc__ or ""))
