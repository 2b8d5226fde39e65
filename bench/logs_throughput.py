"""How fast the log engine takes lines in, and what it costs: `python -m bench.logs_throughput`.

A server process on the loopback writes lines as a kubelet does; the engine and the pane's model
read them through the real transport. Figures are of this process alone.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.logs.ring import Ring
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from k8stui.logs.targets import ContainerStatus, Farewell, LogPod
from k8stui.session.connection import Connection
from k8stui.viewmodels.log_order import Order
from k8stui.viewmodels.log_pane import LogPane
from k8stui.viewmodels.log_text import Shown

_TEXT = (
    b' {"level":"info","msg":"GET /api/v1/items 200","latency":"12ms","trace":"abcdef01"} %08d\n'
)


def _chunk(first: int, count: int) -> bytes:
    now = time.time_ns()
    head = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9)).encode()
    base = now % 10**9
    return b"".join(
        head + b".%09dZ" % min(999_999_999, base + n) + _TEXT % (first + n) for n in range(count)
    )


def serve(port: int, rate: int, total: int) -> None:
    """Each stream gets `rate` lines a second, or as many as it takes up to `total` in one go."""

    async def log(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        if "follow" not in request.query:
            await answer.write_eof()
            return answer
        sent = 0
        began = time.monotonic()
        if total:
            block = _chunk(0, 1000)
            for _ in range(total // 1000):
                await answer.write(block)
        while rate:
            due = int((time.monotonic() - began) * rate) - sent
            if due:
                await answer.write(_chunk(sent, due))
                sent += due
            await asyncio.sleep(0.05)
        await asyncio.sleep(3600)
        return answer

    logging.disable()  # Connections that the engine closes are no news here.
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/d/pods/{pod}/log", log)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


class StaticPods:
    """Pods that don't change."""

    synced = True
    live = True

    def __init__(self, count: int) -> None:
        status = ContainerStatus(name="app", state="running", instance="x")
        self._pods = [
            LogPod(f"u{n}", "d", f"pod-{n}", node=f"n{n % 5}", containers=(status,))
            for n in range(count)
        ]

    def pods(self, _selection: Selection) -> Iterable[LogPod]:
        return self._pods

    def has(self, _uid: str) -> bool:
        return True

    def subscribe(self, _callback: Callable[[Sequence[Farewell]], None], /) -> Callable[[], None]:
        return lambda: None


class Load(NamedTuple):
    """What the server writes."""

    streams: int
    rate: int = 0
    """Lines a second of each stream."""
    total: int = 0
    """Lines of each stream at once."""
    seconds: float = 10.0
    order: Order = "time"


class Taken(NamedTuple):
    """What came of it."""

    lines: int
    took: float
    cpu: float
    """Seconds of this process."""
    longest: float
    """Seconds of the longest turn of the loop."""
    looks: int
    ring: int
    """Bytes."""
    missing: int
    """Numbers that are not in the ring between two of one stream that are."""

    @property
    def rate(self) -> float:
        return self.lines / self.took

    @property
    def share(self) -> float:
        """Of a core."""
        return self.cpu / self.took


def measured(load: Load, port: int = 0) -> Taken:
    """One load, with a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    server = multiprocessing.Process(target=serve, args=(port, load.rate, load.total), daemon=True)
    server.start()
    time.sleep(1.0)
    try:
        return asyncio.run(_run(port, load))
    finally:
        server.kill()  # Asked kindly it waits a minute for its streams to end.
        server.join()


def _missing(ring: Ring) -> int:
    last: dict[int, int] = {}
    missing = 0
    for _, line in ring.range(ring.first, ring.end):
        number = int(line.message.rpartition(b" ")[2])
        missing += number - last.get(line.stream, number - 1) - 1
        last[line.stream] = number
    return missing


async def _run(port: int, load: Load) -> Taken:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
            f"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\n"
            "users: [{name: u, user: {}}]\n"
            "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
        )
        file.flush()
        target = resolve_target(
            load_kubeconfig([Path(file.name)]),
            Overrides(context="", namespace="", as_user="", as_groups=(), as_uid=""),
            os.environ,
        )
    connection = Connection(target, os.environ)
    tail = LogTail(connection.log_transport, StaticPods(load.streams))
    pane = LogPane(tail, Shown(order=load.order))
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1
        version, first = pane.version, pane.first_index
        for index in range(max(first, first + pane.line_count - 50), first + pane.line_count):
            pane.line(index)
        assert version >= 0

    pane.subscribe(look)
    tail.select(Selection(start=Start()))
    worst = 0.0
    # Where nothing is to be done, looking would be all that is measured.
    pause = 0.005 if load.rate or load.total >= 1000 else 5.0

    async def watch_loop() -> None:
        nonlocal worst
        while True:
            before = time.perf_counter()
            await asyncio.sleep(pause)
            worst = max(worst, time.perf_counter() - before - pause)

    tasks = [asyncio.create_task(tail.run()), asyncio.create_task(watch_loop())]
    burst = load.total >= 1000
    await asyncio.sleep(0.0 if burst else 1.5)
    cpu, wall, lines = time.process_time(), time.perf_counter(), tail.ring.end
    worst = 0.0
    if burst:
        while tail.ring.end < load.total * load.streams and time.perf_counter() - wall < 60:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    else:
        await asyncio.sleep(load.seconds)
    took = time.perf_counter() - wall
    used = time.process_time() - cpu
    taken = Taken(
        tail.ring.end - lines,
        took,
        used,
        worst,
        looks,
        tail.ring.size,
        0 if burst else _missing(tail.ring),
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await connection.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--order", choices=("arrival", "time"), default="time")
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    for streams, rate, total in ((20, 2500, 0), (1, 0, 1_000_000), (50, 0, 10)):
        taken = measured(Load(streams, rate, total, arguments.seconds, arguments.order))
        print(
            f"{streams} streams: {taken.lines} lines in {taken.took:.1f} s = {taken.rate:,.0f}/s, "
            f"cpu {taken.share:.1%} of a core, longest turn of the loop "
            f"{taken.longest * 1000:.0f} ms, {taken.looks} looks, ring {taken.ring >> 20} MiB, "
            f"{taken.missing} missing"
        )


if __name__ == "__main__":
    main()
