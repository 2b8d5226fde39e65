"""What the first list, a relist and a watch cost: CPU, memory, and the longest turn of the loop.

    python -m bench.sync [PODS]

The server runs in a process of its own, on loopback; pods are of the usual 8 kB. Turns of the
loop are measured one by one, in CPU time so that other programs do not count.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection as Pipe
from typing import Any

import msgspec
from aiohttp import web

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import Codec, TypedCodec
from k8stui.cluster.credentials import credentials_for
from k8stui.cluster.kubeconfig_spec import UserSpec
from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.table_codec import TableCodec
from k8stui.cluster.target import Target, Tls
from k8stui.cluster.transport import Transport
from k8stui.resources.phase import Live
from k8stui.resources.registry import TYPED
from k8stui.store.collection import Collection

PATH = "/api/v1/pods"
PAGE = 500
EVENTS = 20_000


def pod(number: int) -> dict[str, Any]:
    """A pod as a ReplicaSet's is, managedFields included."""
    dice = random.Random(number)
    app = f"app-{number % 200}"
    fields: dict[str, object] = {
        f"f:field-{each}": {f"f:k{inner}": {} for inner in range(12)} for each in range(14)
    }
    container = {
        "name": "main",
        "image": f"registry.example/{app}:v{number % 7}",
        "env": [{"name": f"VARIABLE_{each}", "value": "x" * 40} for each in range(16)],
        "resources": {
            "requests": {"cpu": "100m", "memory": "128Mi"},
            "limits": {"memory": "256Mi"},
        },
        "volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets", "readOnly": True}],
    }
    state = {
        "name": "main",
        "ready": True,
        "restartCount": number % 3,
        "image": container["image"],
        "imageID": "sha256:" + "a" * 64,
        "containerID": "containerd://" + "b" * 64,
        "state": {"running": {"startedAt": "2026-01-02T03:04:05Z"}},
    }
    return {
        "metadata": {
            "name": f"{app}-{number:06d}",
            "namespace": f"ns-{number % 40}",
            "uid": f"{dice.getrandbits(128):032x}",
            "resourceVersion": str(1000 + number),
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": {"app": app, "pod-template-hash": f"{number % 400:x}", "team": "a"},
            "ownerReferences": [
                {"kind": "ReplicaSet", "name": app, "uid": app, "controller": True}
            ],
            "managedFields": [
                {"manager": "kubelet", "operation": "Update", "time": "x", "fieldsV1": fields}
            ],
        },
        "spec": {"nodeName": f"node-{number % 50}", "containers": [container]},
        "status": {
            "phase": "Running",
            "podIP": f"10.0.{number % 250}.{number % 199}",
            "qosClass": "Burstable",
            "conditions": [
                {"type": kind, "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}
                for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
            ],
            "containerStatuses": [state],
        },
    }


def table_row(item: dict[str, Any]) -> dict[str, Any]:
    cells = [item["metadata"]["name"], "1/1", "Running", 0, "4d"]
    return {"cells": cells, "object": {"kind": "PartialObjectMetadata", **item}}


def bodies(count: int, table: bool) -> list[bytes]:
    """The pages of the list."""
    pages = []
    for start in range(0, count, PAGE):
        items = [pod(number) for number in range(start, min(start + PAGE, count))]
        end = start + PAGE
        more = {"continue": str(end), "remainingItemCount": count - end} if end < count else {}
        meta = {"resourceVersion": "999999", **more}
        if table:
            columns = [
                {"name": name, "type": "string"}
                for name in ("Name", "Ready", "Status", "Restarts", "Age")
            ]
            rows = [table_row({"metadata": item["metadata"]}) for item in items]
            body: dict[str, Any] = {"kind": "Table", "columnDefinitions": columns, "rows": rows}
        else:
            body = {"kind": "PodList", "items": items}
        pages.append(msgspec.json.encode(body | {"metadata": meta}))
    return pages


def serve(count: int, pipe: Pipe) -> None:
    lists = {table: bodies(count, table) for table in (False, True)}
    chosen = [pod(number) for number in range(0, count, 7)]
    lines = []
    for number in range(EVENTS):
        item = chosen[number % len(chosen)]
        item["metadata"]["resourceVersion"] = str(10_000_000 + number)
        item["status"]["containerStatuses"][0]["restartCount"] = number
        lines.append(msgspec.json.encode({"type": "MODIFIED", "object": item}) + b"\n")

    async def answer(request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            response = web.StreamResponse()
            await response.prepare(request)
            if request.query["resourceVersion"] == "999999" and "events" in request.query:
                for start in range(0, len(lines), 20):
                    await response.write(b"".join(lines[start : start + 20]))
            await asyncio.Event().wait()
            return response
        place = int(request.query.get("continue", 0)) // PAGE
        body = lists["as=Table" in request.headers["Accept"]][place]
        return web.Response(body=body, content_type="application/json")

    async def run() -> None:
        app = web.Application()
        app.router.add_get(PATH, answer)
        runner = web.AppRunner(app, shutdown_timeout=0.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


class Turns:
    """The longest turn of the event loop, and the longest pause of the collector."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.pause = 0.0
        self.pauses = 0.0

    @contextmanager
    def measured(self) -> Iterator[None]:
        handles: Any = asyncio.Handle
        run = handles._run
        began = 0.0

        def timed(handle: asyncio.Handle) -> None:
            start = time.thread_time()
            run(handle)
            self.longest = max(self.longest, time.thread_time() - start)

        def collected(phase: str, _: dict[str, int]) -> None:
            nonlocal began
            if phase == "start":
                began = time.perf_counter()
            else:
                took = time.perf_counter() - began
                self.pause = max(self.pause, took)
                self.pauses += took

        handles._run = timed
        gc.callbacks.append(collected)
        try:
            yield
        finally:
            handles._run = run
            gc.callbacks.remove(collected)


def rss() -> float:
    """MB of memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


@asynccontextmanager
async def report(name: str) -> AsyncIterator[None]:
    turns = Turns()
    wall, cpu = time.perf_counter(), time.process_time()
    with turns.measured():
        yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{name:<28} {wall:5.2f} s wall {cpu:5.2f} s CPU",
        f"longest turn {turns.longest * 1e3:5.1f} ms",
        f"collector {turns.pauses * 1e3:4.0f} ms, at most {turns.pause * 1e3:5.1f} ms",
        f"RSS {rss():4.0f} MB",
        sep="   ",
    )


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - a benchmark may poll
        await asyncio.sleep(0.005)


async def run(port: int) -> None:
    target = Target("b", "b", f"http://127.0.0.1:{port}", "", "", Tls(), UserSpec(""))

    async def sync(name: str, codec: Codec[Any], params: tuple[tuple[str, str], ...]) -> None:
        transport = Transport(target, credentials_for(target, environ={}), {})
        collection: Collection[Any] = Collection()
        collection.subscribe(lambda _: None)
        source = Source((PATH,), params)
        reflector = Reflector(transport, source, codec, collection, Recovery())
        async with report(f"{name}, list"):
            task = asyncio.create_task(reflector.run())
            await until(lambda: isinstance(collection.phase, Live))
        if params:
            async with report(f"{name}, events"):
                await until(lambda: reflector._version == str(10_000_000 + EVENTS - 1))
        if not params:
            async with report(f"{name}, relist"):
                await reflector._list()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await transport.close()

    pods = TYPED["pods"]
    await sync("pods", TypedCodec(pods.decode), ())
    await sync(f"pods and {EVENTS:,} events", TypedCodec(pods.decode), (("events", "1"),))
    await sync("tables", TableCodec(lambda _: None), ())


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(count, theirs))
    server.start()
    try:
        port = ours.recv()
        for calm in (False, True):
            if calm:
                gc.freeze()
                gc.set_threshold(50_000, 20, 50)
            print(f"{count:,} pods, collector {'calmed' if calm else 'as it is'}")
            asyncio.run(run(port))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
