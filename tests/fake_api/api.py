"""A scripted API server on loopback: each request takes the next step of its route.

Nothing in it waits by time: streams send what a test feeds them, and a test awaits what it wants
to see. A request that no step is left for is answered with 500.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import struct
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple, Self

import msgspec
from aiohttp import web

LIMIT = 10.0
"""Seconds after which a test that waits in vain fails."""


class Seen(NamedTuple):
    """One request as the server got it."""

    method: str
    path: str
    """As on the wire, percent-encoded."""
    query: dict[str, str]
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Reply(NamedTuple):
    """A whole answer."""

    body: object = b""
    """bytes as they are, anything else as JSON."""
    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - never written to
    gzip: bool = False
    forever: bool = False
    """It is the answer to every request from now on."""

    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


class Gate:
    """An answer that is given when the test opens it; until then the server is silent."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()


class Reset:
    """The connection is reset before anything is answered."""


class Frozen:
    """Nothing is ever answered."""


class Stream:
    """A watch stream (or any body) that the test feeds."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.opened = asyncio.Event()
        self.closed = asyncio.Event()
        self._out: asyncio.Queue[bytes | str] = asyncio.Queue()

    def event(self, kind: str, obj: object) -> None:
        self.raw(msgspec.json.encode({"type": kind, "object": obj}) + b"\n")

    def raw(self, data: bytes) -> None:
        self._out.put_nowait(data)

    def end(self) -> None:
        """A clean end."""
        self._out.put_nowait("end")

    def reset(self) -> None:
        """The connection breaks."""
        self._out.put_nowait("reset")

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(
            status=self.status, headers={"Content-Type": "application/json"}
        )
        await response.prepare(request)
        self.opened.set()
        try:
            while True:
                out = await self._out.get()
                if isinstance(out, bytes):
                    await response.write(out)
                    continue
                if out == "reset":
                    abort(request)
                return response
        finally:
            self.closed.set()


Step = Reply | Gate | Reset | Frozen | Stream


def abort(request: web.BaseRequest) -> None:
    """Resets the connection of a request."""
    transport = request.transport
    assert transport is not None
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class FakeApi:
    """The server. `async with` starts and stops it."""

    def __init__(self, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.requests: list[Seen] = []
        self.host = host
        self.port = 0
        self.unscripted: list[str] = []
        self._context = context
        self._routes: dict[tuple[str, bool], list[Step]] = defaultdict(list)
        self._news = asyncio.Condition()
        self._server = web.Server(self._serve, handler_cancellation=True)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.0)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._context else 'http'}://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected now."""
        return len(self._server.connections)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def listen(self) -> None:
        """Takes connections (again, on the same port)."""
        site = web.TCPSite(
            self._runner,
            self.host,
            self.port,
            ssl_context=self._context,
            reuse_address=True,
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def refuse(self) -> None:
        """From now on connections are refused, and those that are open are gone."""
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    def on(self, path: str, *steps: Step, watch: bool = False) -> None:
        """Adds steps to a route: its path as on the wire, and whether it is a watch."""
        self._routes[path, watch] += steps

    def asked(self, path: str, *, watch: bool | None = None) -> list[Seen]:
        """The requests of a route so far."""
        return [
            seen
            for seen in self.requests
            if seen.path == path and watch in (None, "watch" in seen.query)
        ]

    async def until(self, true: Callable[[], Any]) -> None:
        """Waits until something holds; it is looked at after each request."""
        async with asyncio.timeout(LIMIT), self._news:
            await self._news.wait_for(true)

    async def disconnected(self) -> None:
        """Waits until no client is connected."""
        async with asyncio.timeout(LIMIT):
            while self.connections:  # noqa: ASYNC110 - the server tells nobody
                await asyncio.sleep(0)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        raw_path = request.raw_path.partition("?")[0]
        headers = [(key.decode(), value.decode()) for key, value in request.raw_headers]
        body = await request.read()
        self.requests.append(Seen(request.method, raw_path, dict(request.query), headers, body))
        async with self._news:
            self._news.notify_all()
        steps = self._routes[raw_path, "watch" in request.query]
        if not steps:
            self.unscripted.append(f"{request.method} {request.raw_path}")
            return web.Response(status=500, text=f"no step for {raw_path}")
        step = steps[0]
        if not (isinstance(step, Reply) and step.forever):
            steps.pop(0)
        return await self._take(step, request)

    async def _take(self, step: Step, request: web.BaseRequest) -> web.StreamResponse:
        if isinstance(step, Stream):
            return await step.serve(request)
        if isinstance(step, Gate):
            step.asked.set()
            await step.opened.wait()
            return _response(step.reply)
        if isinstance(step, Reply):
            return _response(step)
        if isinstance(step, Frozen):
            await asyncio.Event().wait()
        abort(request)
        return web.Response()


def _response(reply: Reply) -> web.Response:
    headers = {"Content-Type": "application/json", **reply.headers}
    body = reply.payload()
    if reply.gzip:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body)
    return web.Response(status=reply.status, body=body, headers=headers)


def status(code: int, reason: str = "", message: str = "", **fields: object) -> dict[str, object]:
    """A Status object."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message or reason,
        **fields,
    }
