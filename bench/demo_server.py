"""The demo cluster with changes and log lines at a given rate: `python -m bench.demo_server PODS`.

Prints the path of its kubeconfig when it is ready. Takes one JSON object a line on stdin:
`{"churn": 100}` status changes a second, `{"logs": 1000}` lines a second of every log that is
followed, `{"compact": true}` makes every watch end and begin with 410, `{"requests": true}` prints
how often each path was asked for since the last time. Ends with its stdin.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from k8stui.demo.model import Obj
from k8stui.demo.scenarios import build
from k8stui.demo.serve import kubeconfig, tokens_for, write_private
from k8stui.demo.server import Server
from k8stui.demo.world import World

_TURN = 0.02
_MANY = 5000
_BUSY = 0.1
"""Seconds of CPU in one, by which a cluster does more than to wait."""
_CALM = 4
"""Seconds without that: its pods take their time to start."""
_TEXT = b'{"level":"info","msg":"GET /api/v1/items 200","latency":"12ms","trace":"abcdef01"} %08d\n'


class Load:
    """What the server does by itself."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.churn = 0.0
        self.logs = 0.0
        self._dice = random.Random(1)
        self._pods = [
            pod
            for pod in world.store.all("pods")
            if pod["metadata"]["namespace"].startswith("fleet-")
        ]
        self._restarts = 0

    async def run(self) -> None:
        """Changes pods, a fiftieth of a second's at a time."""
        due, then = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(_TURN)
            now = time.monotonic()
            # What could not be done in time is left out: the rate is what is promised.
            due = min(due + self.churn * (now - then), self.churn * 5 * _TURN)
            then = now
            # The controllers would look at a Deployment's pods after each of them.
            self.world.quiet = True
            while due >= 1:
                self._restart()
                due -= 1
            self.world.quiet = False

    def _restart(self) -> None:
        place = self._dice.randrange(len(self._pods))
        pod = self._pods[place]
        self._restarts += 1
        moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ended: Obj = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": moment}
        one = pod["status"]["containerStatuses"][0]
        changed = {
            **one,
            "restartCount": one["restartCount"] + 1,
            "state": {"running": {"startedAt": moment}},
            "lastState": {"terminated": ended},
        }
        status = {**pod["status"], "containerStatuses": [changed]}
        self._pods[place] = self.world.store.merge("pods", pod, status=status)

    async def log(self, request: web.BaseRequest) -> web.StreamResponse:
        """A log that is followed, at the present rate."""
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        stamped = request.query.get("timestamps") == "true"
        number, due, then = 0, 0.0, time.monotonic()
        while True:
            now = time.monotonic()
            due = min(due + self.logs * (now - then), self.logs)
            then = now
            if count := int(due):
                due -= count
                await response.write(_lines(number, count, stamped))
                number += count
            await asyncio.sleep(_TURN)


def _lines(first: int, count: int, stamped: bool) -> bytes:
    if not stamped:
        return b"".join(_TEXT % (first + n) for n in range(count))
    now = time.time_ns()
    head = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9)).encode()
    base = now % 10**9
    return b"".join(
        head + b".%09dZ " % min(999_999_999, base + n) + _TEXT % (first + n) for n in range(count)
    )


class BenchServer(Server):
    """A demo server whose followed logs come from `Load`, and that counts what it is asked for."""

    def load_with(self, load: Load) -> None:
        self.asked: dict[str, Counter[str]] = {}
        usual = self._api.handle

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            self._count(request)
            if load.logs and request.path.endswith("/log") and "follow" in request.query:
                return await load.log(request)
            return await usual(request)

        self._api.handle = handle  # type: ignore[method-assign]

    def _count(self, request: web.BaseRequest) -> None:
        query, path = request.query, request.path
        if "continue" in query:  # a page of a list that is counted already
            return
        if "metrics.k8s.io/" in path:
            purpose = "metrics"
        elif "authorization.k8s.io/" in path:
            purpose = "rights"  # of one namespace after the other, as the cursor comes to it
        elif "watch" in query:
            purpose = "watch"
        else:
            purpose = "list" if "limit" in query else "read"
        narrowed = [query[name] for name in ("labelSelector", "fieldSelector") if name in query]
        if "as=Table" in request.headers.get("Accept", ""):
            narrowed.append("as a table")
        what = " ".join((request.method, path, *narrowed))
        self.asked.setdefault(purpose, Counter())[what] += 1


async def _rest() -> None:
    """Waits until DaemonSets have their pods, which keeps whoever connects before that waiting."""
    calm = 0
    while calm < _CALM:
        before = time.process_time()
        await asyncio.sleep(1.0)
        calm = calm + 1 if time.process_time() - before < _BUSY else 0


async def serve(pods: int, scenario: str) -> None:
    """Serves until stdin ends."""
    # Looking for garbage in what is being made, and stays, would double the time.
    gc.disable()
    world = build(scenario, pods=pods)
    load = Load(world)
    tokens = tokens_for()
    server = BenchServer(world, tokens, faults=True)
    server.load_with(load)
    await server.start()
    gc.freeze()
    path = write_private("", kubeconfig(server.port, tokens, server.certificate.certificate))
    if pods >= _MANY:
        await _rest()
    print(path, flush=True)
    task = asyncio.create_task(load.run())
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = msgspec.json.decode(line, type=dict[str, float])
        load.churn = order.get("churn", load.churn)
        load.logs = order.get("logs", load.logs)
        if "compact" in order:
            world.store.compact()
            for transport in list(server.faults.transports):
                transport.abort()
        if "requests" in order:
            print(json.dumps(server.asked), flush=True)
            server.asked = {}
    task.cancel()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "default"))
