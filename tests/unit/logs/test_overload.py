"""More lines than can be read: they wait with the server, none is lost, and that is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.logs.feed import Stream
from k8stui.logs.requests import log_path
from k8stui.session.connection import Connection
from tests.unit.logs.pod_server import write_kubeconfig
from tests.unit.logs.scene import Scene, play
from tests.unit.logs.virtual_time import VirtualLoop

PER_SECOND = 1_000
"""Lines that can be read a second."""


def slow_down(scene: Scene) -> None:
    """Lets time pass with each line that is taken, so that more can't be taken."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)

    def take(first: int) -> None:
        loop.spend((scene.tail.ring.end - first) / PER_SECOND)

    scene.tail.on_lines(take)


def write_for(scene: Scene, seconds: int, rate: int) -> asyncio.Task[None]:
    """Writes so many lines a second, numbered, whatever happens to those before."""

    async def work() -> None:
        loop = asyncio.get_running_loop()
        began, written = loop.time(), 0
        while written < seconds * rate:
            due = min(seconds, loop.time() - began) * rate
            while written < due:
                scene.write(f"{written}")
                written += 1
            await asyncio.sleep(0.05)

    return asyncio.create_task(work())


def test_what_comes_too_fast_is_read_later_and_nothing_is_lost() -> None:
    async def script(scene: Scene) -> None:
        def stream() -> Stream:
            return scene.tail.streams()[0]

        scene.cluster.chunk = 2_000
        slow_down(scene)
        await asyncio.sleep(5.0)
        writer = write_for(scene, 30, 1_500)
        await asyncio.sleep(10.0)
        first = stream().behind
        await asyncio.sleep(15.0)
        assert 2.0 < first < stream().behind
        assert stream().skew == 0.0, "it is not taken for a clock that is behind"

        await writer
        await asyncio.sleep(30.0)
        assert stream().behind == 0.0
        assert stream().reconnects == 0

    scene = play(script)
    assert scene.lines() == [f"{number}" for number in range(45_000)]


async def test_what_is_not_read_stays_with_the_server(tmp_path: Path) -> None:
    chunk, chunks = b"x" * 65_536, 1_024
    sent = 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _number in range(chunks):
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
            sent += len(chunk)
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    config = write_kubeconfig(tmp_path, server.sockets[0].getsockname()[1])
    overrides = Overrides(context="", namespace="", as_user="", as_groups=(), as_uid="")
    connection = Connection(resolve_target(load_kubeconfig([config]), overrides, {}), {})
    async with server, connection.log_transport.stream(log_path("d", "web")) as answer:
        read = len(await anext(answer))
        await asyncio.sleep(0.5)
        waiting = sent
        await asyncio.sleep(0.5)
        assert sent == waiting < len(chunk) * chunks / 2

        async for part in answer:
            read += len(part)
    assert read == sent == len(chunk) * chunks
    await connection.close()
