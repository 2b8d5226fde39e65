"""exec and port-forward, over websocket channels, over SPDY, and over SPDY inside a websocket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import WSMsgType, web

from k8stui.demo.errors import ApiError, bad_request
from k8stui.demo.model import Obj, dig
from k8stui.demo.options import truth
from k8stui.demo.shell import STDERR, STDOUT, Input, Place, run
from k8stui.demo.spdy import Session, Stream
from k8stui.demo.world import World

_EXEC_PROTOCOLS: Final = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_TUNNEL: Final = "SPDY/3.1+portforward.k8s.io"
_ERROR, _RESIZE, _CLOSE = 3, 4, 255
_LINGER: Final = 3.0


async def serve_exec(world: World, pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    """Answer …/exec and …/attach.

    Raises:
        ApiError: 400, when there is no such container or no upgrade is asked for.
    """
    query = request.query
    place = Place(pod, _container(pod, query.get("container", "")), world.now())
    argv = query.getall("command", [])
    if request.path.endswith("/attach"):
        argv = ["cat"]
    elif not argv:
        raise bad_request("you must specify at least 1 command for the container")
    tty = truth(query, "tty")
    if _wants_spdy(request):
        return await _spdy(request, "v4.channel.k8s.io", lambda s: _exec_spdy(place, argv, s, tty))
    return await _exec_websocket(request, place, argv, tty)


def _container(pod: Obj, name: str) -> Obj:
    spec = pod["spec"]
    found = [*spec["containers"], *(spec.get("initContainers") or [])]
    for container in found:
        if container["name"] == (name or found[0]["name"]):
            entries = dig(pod, "status", "containerStatuses") or ()
            entries = [*entries, *(dig(pod, "status", "initContainerStatuses") or ())]
            state: Obj = next((e["state"] for e in entries if e["name"] == container["name"]), {})
            if "running" not in state:
                why = f'container not found ("{container["name"]}")'
                message = f"Internal error occurred: unable to upgrade connection: {why}"
                raise ApiError(500, "InternalError", message)
            return dict(container)
    raise bad_request(f"container {name} is not valid for pod {pod['metadata']['name']}")


def _wants_spdy(request: web.BaseRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "spdy/3.1"


def _result(code: int) -> bytes:
    """The Status that ends an exec."""
    if code == 0:
        return b'{"metadata":{},"status":"Success"}'
    message = f"command terminated with non-zero exit code: exit status {code}"
    causes = [{"reason": "ExitCode", "message": str(code)}]
    status = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode"}
    return msgspec.json.encode({**status, "message": message, "details": {"causes": causes}})


async def _exec_websocket(
    request: web.BaseRequest, place: Place, argv: list[str], tty: bool
) -> web.StreamResponse:
    socket = web.WebSocketResponse(protocols=_EXEC_PROTOCOLS, autoping=True)
    if not socket.can_prepare(request).ok:
        raise bad_request("Upgrade request required")
    await socket.prepare(request)
    stdin, outgoing = Input(), asyncio.Queue[bytes | None]()

    async def send() -> None:
        while (frame := await outgoing.get()) is not None:
            await socket.send_bytes(frame)

    def write(channel: int, data: bytes) -> None:
        if data:
            outgoing.put_nowait(bytes((STDOUT if tty else channel,)) + data)

    async def work() -> None:
        code = await run(place, argv, stdin, write, tty=tty)
        outgoing.put_nowait(bytes((_ERROR,)) + _result(code))
        outgoing.put_nowait(None)

    async def receive() -> None:
        async for message in socket:
            data = message.data if message.type == WSMsgType.BINARY else b""
            if data[:1] == b"\x00":
                stdin.queue.put_nowait(data[1:])
            elif data[:1] == bytes((_CLOSE,)) and data[1:2] == b"\x00":
                stdin.queue.put_nowait(None)
        stdin.queue.put_nowait(None)

    reader, worker = asyncio.create_task(receive()), asyncio.create_task(work())
    sender = asyncio.create_task(send())
    try:
        await asyncio.wait({reader, sender}, return_when=asyncio.FIRST_COMPLETED)
        with contextlib.suppress(ConnectionError):
            await socket.close()
    finally:
        for task in (reader, worker, sender):
            task.cancel()
        await asyncio.gather(reader, worker, sender, return_exceptions=True)
    return socket


class _Upgraded(asyncio.Protocol):
    """Takes a connection over from the HTTP server, and gives its end back to it."""

    def __init__(self, session: Session, before: asyncio.BaseProtocol) -> None:
        self._session = session
        self._before = before

    def data_received(self, data: bytes) -> None:
        self._session.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._session.close()
        self._before.connection_lost(exc)


class _Incoming:
    """The streams of a SPDY session as they are opened."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Stream] = asyncio.Queue()

    async def next(self, session: Session) -> Stream | None:
        """The next stream, None when the connection is gone."""
        opened = asyncio.create_task(self.queue.get())
        gone = asyncio.create_task(session.closed.wait())
        try:
            await asyncio.wait({opened, gone}, return_when=asyncio.FIRST_COMPLETED)
            return opened.result() if opened.done() else None
        finally:
            opened.cancel()
            gone.cancel()


_Serve = Callable[[tuple[Session, _Incoming]], Awaitable[None]]


async def _spdy(request: web.BaseRequest, protocol: str, serve: _Serve) -> web.StreamResponse:
    transport = request.transport
    if not isinstance(transport, asyncio.Transport):
        raise bad_request("Upgrade request required")
    incoming = _Incoming()
    session = Session(transport.write, incoming.queue.put_nowait)
    transport.set_protocol(_Upgraded(session, request.protocol))
    transport.write(
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
        + f"X-Stream-Protocol-Version: {protocol}\r\n\r\n".encode()
    )
    try:
        await serve((session, incoming))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                await session.closed.wait()
    finally:
        transport.close()
    return web.Response()


async def _exec_spdy(
    place: Place, argv: list[str], connection: tuple[Session, _Incoming], tty: bool
) -> None:
    session, incoming = connection
    streams: dict[str, Stream] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            wanted = {"error", "stdout"} if tty else {"error", "stdout", "stderr"}
            while not wanted <= streams.keys():
                stream = await incoming.next(session)
                if stream is None:
                    return
                streams[stream.headers.get("streamtype", "")] = stream
    while not incoming.queue.empty():
        stream = incoming.queue.get_nowait()
        streams[stream.headers.get("streamtype", "")] = stream
    stdin = Input()
    if "stdin" in streams:
        stdin.queue = streams["stdin"].received
    names = {STDOUT: "stdout", STDERR: "stdout" if tty else "stderr"}

    def write(channel: int, data: bytes) -> None:
        if data and names[channel] in streams:
            streams[names[channel]].write(data)

    worker = asyncio.create_task(run(place, argv, stdin, write, tty=tty))
    gone = asyncio.create_task(session.closed.wait())
    try:
        await asyncio.wait({worker, gone}, return_when=asyncio.FIRST_COMPLETED)
        if worker.done() and "error" in streams:
            streams["error"].write(_result(worker.result()))
    finally:
        worker.cancel()
        gone.cancel()
        for stream in streams.values():
            stream.end()


async def serve_portforward(world: World, pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    """Answer …/portforward; behind every open port is a little HTTP server.

    Raises:
        ApiError: 400, when no upgrade is asked for.
    """
    if dig(pod, "status", "phase") != "Running":
        raise bad_request("unable to forward port because pod is not running")
    if _wants_spdy(request):
        return await _spdy(request, "portforward.k8s.io", lambda c: _forward_spdy(pod, c))
    offered = request.headers.get("Sec-WebSocket-Protocol", "")
    if _TUNNEL in offered:
        return await _tunnel(pod, request)
    return await _forward_websocket(pod, request)


async def _tunnel(pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    socket = web.WebSocketResponse(protocols=(_TUNNEL,))
    await socket.prepare(request)
    outgoing, incoming = asyncio.Queue[bytes](), _Incoming()
    session = Session(outgoing.put_nowait, incoming.queue.put_nowait)

    async def send() -> None:
        while True:
            await socket.send_bytes(await outgoing.get())

    tasks = [
        asyncio.create_task(send()),
        asyncio.create_task(_forward_spdy(pod, (session, incoming))),
    ]
    try:
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                session.feed(message.data)
    finally:
        session.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return socket


async def _forward_spdy(pod: Obj, connection: tuple[Session, _Incoming]) -> None:
    session, incoming = connection
    errors: dict[str, Stream] = {}
    async with asyncio.TaskGroup() as tasks:
        while (stream := await incoming.next(session)) is not None:
            number = stream.headers.get("requestid", "")
            if stream.headers.get("streamtype") == "error":
                errors[number] = stream
            else:
                tasks.create_task(_forward_one(pod, stream, errors.pop(number, None)))


async def _forward_one(pod: Obj, data: Stream, error: Stream | None) -> None:
    port = int(data.headers.get("port", "0") or 0)
    if port not in _ports(pod):
        if error is not None:
            error.write(_refused(pod, port).encode())
            error.end()
        data.end()
        return
    request = b""
    while b"\r\n\r\n" not in request and (part := await data.received.get()) is not None:
        request += part
    if request:
        data.write(_http_answer(pod, port, request))
    data.end()
    if error is not None:
        error.end()


def _ports(pod: Obj) -> set[int]:
    containers = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or [])]
    return {p["containerPort"] for c in containers for p in c.get("ports") or ()}


def _refused(pod: Obj, port: int) -> str:
    return (
        f"error forwarding port {port} to pod {pod['metadata']['uid']}, uid : failed to execute "
        f"portforward in network namespace: failed to connect to localhost:{port}: "
        "connection refused"
    )


def _http_answer(pod: Obj, port: int, request: bytes) -> bytes:
    line = request.partition(b"\r\n")[0].decode(errors="replace")
    body = f"{pod['metadata']['name']}:{port} answers {line}\n".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


async def _forward_websocket(pod: Obj, request: web.BaseRequest) -> web.StreamResponse:
    """The older form: channels 2n and 2n+1 are the data and errors of the nth asked port."""
    ports = [int(p) for text in request.query.getall("ports", []) for p in text.split(",")]
    socket = web.WebSocketResponse(protocols=("v4.channel.k8s.io", "portforward.k8s.io"))
    if not ports or not socket.can_prepare(request).ok:
        raise bad_request("Upgrade request required")
    await socket.prepare(request)
    for at, port in enumerate(ports):
        for channel in (2 * at, 2 * at + 1):
            await socket.send_bytes(bytes((channel,)) + port.to_bytes(2, "little"))
        if port not in _ports(pod):
            await socket.send_bytes(bytes((2 * at + 1,)) + _refused(pod, port).encode())
    pending: dict[int, bytes] = {}
    async for message in socket:
        if message.type != WSMsgType.BINARY or not message.data:
            continue
        channel = message.data[0]
        if channel % 2 or channel // 2 >= len(ports) or ports[channel // 2] not in _ports(pod):
            continue
        pending[channel] = pending.get(channel, b"") + message.data[1:]
        if b"\r\n\r\n" in pending[channel]:
            answer = _http_answer(pod, ports[channel // 2], pending.pop(channel))
            await socket.send_bytes(bytes((channel,)) + answer)
    return socket
