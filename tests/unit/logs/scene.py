"""A fake cluster with a working log engine beside it, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from k8stui.logs.engine import Limits
from k8stui.logs.feed import StreamState
from k8stui.logs.ring import KIND_MASK, LINE
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from tests.unit.logs.fake_node import FakeCluster, FakeContainer, now_ns
from tests.unit.logs.virtual_time import run_virtual

EVERYTHING = Selection(start=Start())


class Scene:
    """A cluster with pods, and an engine that tails them."""

    def __init__(self, pods: int = 1) -> None:
        self.cluster = FakeCluster()
        self.containers = [
            self.cluster.add(FakeContainer(f"uid-{n}", f"pod-{n}", created=n)) for n in range(pods)
        ]
        self.tail = LogTail(
            self.cluster,
            self.cluster,
            random_source=random.Random(1),
            wall=lambda: now_ns() / 1e9,
        )

    @property
    def container(self) -> FakeContainer:
        return self.containers[0]

    def lines(self, kind: int = LINE) -> list[str]:
        return [
            line.message.decode()
            for _, line in self.tail.ring.range(0, self.tail.ring.end)
            if line.mark & KIND_MASK == kind
        ]

    def everything(self) -> list[str]:
        ring = self.tail.ring
        return [line.message.decode() for _, line in ring.range(0, ring.end)]

    def states(self) -> list[StreamState]:
        return [stream.state for stream in self.tail.streams()]

    def write(self, *texts: str, container: FakeContainer | None = None) -> None:
        for text in texts:
            (container or self.container).instances[-1].write(text.encode())


def play(
    script: Callable[[Scene], Awaitable[None]],
    selection: Selection = EVERYTHING,
    pods: int = 1,
    limits: Limits | None = None,
) -> Scene:
    """Runs a script in virtual time beside a working engine."""
    scene = Scene(pods)
    if limits is not None:
        scene.tail.set_limits(limits)

    async def work() -> None:
        for container in scene.containers:
            container.start()
        scene.cluster.report()
        scene.tail.select(selection)
        task = asyncio.create_task(scene.tail.run())
        try:
            await script(scene)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert len(asyncio.all_tasks()) == 1, "a closed engine leaves no task behind"

    run_virtual(work())
    assert scene.cluster.open_now == 0, "a closed engine leaves no stream open"
    return scene
