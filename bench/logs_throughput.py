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
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from aiohttp import web

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.logs.patterns import Pattern
from k8stui.logs.selection import Selection, Start
from k8stui.logs.tail import LogTail
from k8stui.logs.targets import ContainerStatus, LogPod
from k8stui.session.connection import Connection
from k8stui.viewmodels.log_pane import LogPane, Order, Shown

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

    def subscribe(self, _callback: Callable[[], None], /) -> Callable[[], None]:
        return lambda: None


def _rss() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


async def _run(port: int, streams: int, seconds: float, total: int, order: Order) -> None:
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
    tail = LogTail(connection.log_transport, StaticPods(streams))
    pane = LogPane(tail, Shown(order=order))
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

    async def watch_loop() -> None:
        nonlocal worst
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - before - 0.005)

    tasks = [asyncio.create_task(tail.run()), asyncio.create_task(watch_loop())]
    await asyncio.sleep(1.5 if not total else 0.0)
    cpu, wall, lines = time.process_time(), time.perf_counter(), tail.ring.end
    worst = 0.0
    if total:
        while tail.ring.end < total * streams and time.perf_counter() - wall < 60:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    else:
        await asyncio.sleep(seconds)
    took = time.perf_counter() - wall
    used = time.process_time() - cpu
    got = tail.ring.end - lines
    print(
        f"{streams} streams: {got} lines in {took:.1f} s = {got / took:,.0f}/s, "
        f"cpu {used / took:.1%} of a core, longest turn of the loop {worst * 1000:.0f} ms, "
        f"{looks} looks, ring {tail.ring.size >> 20} MiB, rss {_rss()} MiB"
    )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if len(tail.ring) >= 100_000:
        for source in ("GET /api/v1/items 2", "(?i)timeout|fatal", r"trace\":\"(\w+)"):
            before = time.perf_counter()
            pane.show(Shown(include=(Pattern(source),)))
            first = time.perf_counter() - before
            while pane._seen < tail.ring.end:
                _ = pane.version
            whole = time.perf_counter() - before
            print(
                f"  filter {source!r}: first {first * 1000:.0f} ms, all of {len(tail.ring)} lines "
                f"{whole * 1000:.0f} ms, {pane.line_count} shown"
            )
    await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=18471)
    parser.add_argument("--order", choices=("arrival", "time"), default="time")
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    port, seconds, order = arguments.port, arguments.seconds, arguments.order
    for streams, rate, total in ((20, 2500, 0), (1, 0, 1_000_000), (50, 0, 10)):
        server = multiprocessing.Process(target=serve, args=(port, rate, total), daemon=True)
        server.start()
        time.sleep(1.0)
        asyncio.run(_run(port, streams, seconds, total if total >= 1000 else 0, order))
        server.terminate()
        server.join()
        port += 1


if __name__ == "__main__":
    main()
