"""A reflector against the fake API server, for the tests of its rules."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from k8stui.cluster.codec import Codec
from k8stui.cluster.pace import Clock, Pace
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.transport import Transport
from tests.fake_api.api import FakeApi, Stream
from tests.fake_api.things import CODEC, PATH, HeldRecovery, Shelf, Thing, transport_for


class Hands:
    """Two clocks that a test moves."""

    def __init__(self) -> None:
        self.wall = 1000.0
        self.steady = 0.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)


class Rig:
    """One reflector of things with all that it touches.

    By default no time passes: a watch that ends at once was short.
    """

    def __init__(self, api: FakeApi) -> None:
        self.api = api
        self.hands = Hands()
        self.shelf = Shelf()
        self.recovery = HeldRecovery()
        self.reflector: Reflector[Thing]

    def stream(self) -> Stream:
        """The next watch."""
        stream = Stream()
        self.api.on(PATH, stream, watch=True)
        return stream

    def watched_from(self) -> list[str]:
        """The resourceVersion of each watch so far."""
        return [seen.query["resourceVersion"] for seen in self.api.asked(PATH, watch=True)]

    def lists(self) -> int:
        return len(self.api.asked(PATH, watch=False))


@asynccontextmanager
async def reflecting(
    api: FakeApi,
    *tokens: str,
    paths: tuple[str, ...] = (PATH,),
    params: tuple[tuple[str, str], ...] = (),
    pace: Pace | None = None,
    codec: Codec[Thing] = CODEC,
    transport: Transport | None = None,
) -> AsyncIterator[Rig]:
    """Runs a reflector; at the end no task of it and no connection may be left."""
    rig = Rig(api)
    door = transport or transport_for(api, *tokens)
    rig.reflector = Reflector(
        door,
        Source(paths, params),
        codec,
        rig.shelf,
        rig.recovery,
        random.Random(1),
        rig.hands.clock(),
        pace,
    )
    before = asyncio.all_tasks()
    task = asyncio.create_task(rig.reflector.run(), name="reflector")
    try:
        yield rig
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        left = {
            each.get_name()
            for each in asyncio.all_tasks() - before
            if "web_protocol" not in repr(each)
        }
        await door.close()
        await api.disconnected()
        assert not left
