"""Faults on demand, for tests: an admin path on the same port, off unless asked for.

`POST /demo/faults` takes `{"fault": name, ...}`: `drop` (all connections, once), `status` (with
`code`, `count`, `path`), `freeze` and `thaw`, `cut` (log streams; `reset` true or false), `slow`
(`bytes_per_second`, 0 ends it), `restart` (`seconds` without a listener), `compact`, `clear`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from k8stui.demo.errors import ApiError
from k8stui.demo.model import Obj

PATH: Final = "/demo/faults"
STREAMING: Final = web.RequestKey("streaming", bool)
"""Set on a request whose answer has begun, so that nothing else can be answered."""
_REASONS: Final = {
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "forbidden: the demo was asked to refuse"),
    410: ("Expired", "The resourceVersion for the provided watch is too old."),
    429: ("TooManyRequests", "Too many requests, please try again later."),
    500: ("InternalError", "Internal error occurred: the demo was asked to fail"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
}


class Followed(NamedTuple):
    """A log stream that is being followed, and what ends it."""

    transport: asyncio.BaseTransport | None
    cut: asyncio.Event


class Faults:
    """Which faults are in force.

    Args:
        enabled: Whether the admin path answers at all.
    """

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled
        self.streams: list[Followed] = []
        """The log streams that are being followed."""
        self.transports: set[asyncio.Transport] = set()
        self.restart: Callable[[float], Coroutine[None, None, None]] | None = None
        self.compact: Callable[[], None] | None = None
        self._code, self._left, self._path = 0, 0, ""
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._background: set[asyncio.Task[None]] = set()
        self.bytes_per_second = 0

    async def before(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """Called for each request: the answer of the admin path, a fault, or None to go on."""
        if request.transport is not None and isinstance(request.transport, asyncio.Transport):
            self.transports.add(request.transport)
            self._forget_closed()
        if not self.enabled:
            return None
        if request.path == PATH:
            return await self._admin(request)
        await self._thawed.wait()
        if self._left and request.path.startswith(self._path):
            self._left -= 1
            reason, message = _REASONS.get(self._code, ("", "fault"))
            details: Obj | None = {"retryAfterSeconds": 1} if self._code in (429, 503) else None
            raise ApiError(self._code, reason, message, details)
        return None

    async def _admin(self, request: web.BaseRequest) -> web.Response:
        try:
            order = msgspec.json.decode(await request.read(), type=dict[str, object])
        except msgspec.DecodeError as error:
            raise ApiError(400, "BadRequest", str(error)) from error
        own = request.transport
        match order.get("fault"):
            case "drop":
                for transport in self._others(own):
                    _reset(transport)
            case "status":
                self._code = int(str(order.get("code", 500)))
                self._left = int(str(order.get("count", 1)))
                self._path = str(order.get("path", ""))
            case "freeze":
                self._thawed.clear()
                for transport in self._others(own):
                    if transport.is_reading():
                        transport.pause_reading()
            case "thaw":
                self._thaw()
            case "cut":
                self._cut(reset=bool(order.get("reset")))
            case "slow":
                self.bytes_per_second = int(str(order.get("bytes_per_second", 0)))
            case "compact":
                if self.compact is not None:
                    self.compact()
            case "restart":
                if self.restart is not None:
                    seconds = float(str(order.get("seconds", 1)))
                    task = asyncio.create_task(self.restart(seconds))
                    self._background.add(task)
                    task.add_done_callback(self._background.discard)
            case "clear":
                self._left, self.bytes_per_second = 0, 0
                self._thaw()
            case other:
                raise ApiError(400, "BadRequest", f"no such fault: {other}")
        return web.Response(body=b"{}", content_type="application/json")

    async def write(self, response: web.StreamResponse, data: bytes) -> None:
        """Send a part of a stream, as slowly as was asked for and not while frozen."""
        await self._thawed.wait()
        rate = self.bytes_per_second
        if not rate:
            await response.write(data)
            return
        step = max(1, rate // 10)
        for at in range(0, len(data), step):
            await response.write(data[at : at + step])
            await asyncio.sleep(0.1)

    async def slowed(
        self, request: web.BaseRequest, answer: web.StreamResponse
    ) -> web.StreamResponse:
        """The answer as it is, or sent byte by byte while bytes are slow."""
        if not self.bytes_per_second or not isinstance(answer, web.Response) or not answer.body:
            return answer
        body = answer.body if isinstance(answer.body, bytes) else b""
        stream = web.StreamResponse(
            status=answer.status, headers={"Content-Type": "application/json"}
        )
        await stream.prepare(request)
        await self.write(stream, body)
        return stream

    def _others(self, own: asyncio.BaseTransport | None) -> list[asyncio.Transport]:
        return [t for t in self.transports if t is not own and not t.is_closing()]

    def _forget_closed(self) -> None:
        self.transports = {t for t in self.transports if not t.is_closing()}

    def _thaw(self) -> None:
        self._thawed.set()
        for transport in self._others(None):
            if not transport.is_reading():
                transport.resume_reading()

    def _cut(self, *, reset: bool) -> None:
        """End the followed log streams: with a clean end of the body, or by a reset."""
        for stream in list(self.streams):
            if reset and isinstance(stream.transport, asyncio.Transport):
                _reset(stream.transport)
            else:
                stream.cut.set()


def _reset(transport: asyncio.Transport) -> None:
    """Close with a reset, not with an orderly end."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
