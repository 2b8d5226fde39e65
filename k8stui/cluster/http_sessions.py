"""The HTTP sessions of one cluster: one for each client certificate that is in use."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp

from k8stui.cluster.credential import ClientCertificate
from k8stui.cluster.target import Target
from k8stui.cluster.tls import ssl_context
from k8stui.errors import ConnectionFailed

_NEAR_SECONDS = 0.03
"""A connection made (TLS included) within this time is near: not worth compressing for."""
_READ_BUFFER = 2**18
_KEEPALIVE = (
    ("TCP_KEEPIDLE", 30),
    ("TCP_KEEPINTVL", 10),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", 30_000),
)


def _keepalive_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """A socket that finds out within about a minute that its peer is gone."""
    family, kind, protocol, _, _ = info
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


class HttpSession:
    """A session, and how many requests are under way on it."""

    def __init__(
        self, client: aiohttp.ClientSession, certificate: ClientCertificate | None
    ) -> None:
        self.client = client
        self.certificate = certificate
        self.users = 0


class SingleShot:
    """A session for one request, on a connection of its own, which is sent at most once.

    The HTTP library repeats a DELETE whose connection was lost; and it can't be told whether a
    kept connection, which the server may just have closed, has carried a request.

    Attributes:
        sent: Whether something may have gone out: a connection was made.
    """

    def __init__(self) -> None:
        self.sent = False

    def trace(self) -> aiohttp.TraceConfig:
        async def starts(*_: object) -> None:
            if self.sent:
                raise ConnectionResetError("a write is not repeated")

        async def ended(*_: object) -> None:
            self.sent = True

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_start.append(starts)
        trace.on_connection_create_end.append(ended)
        return trace


class HttpSessions:
    """Lends sessions; one whose certificate was replaced is closed when its last user is done.

    Attributes:
        near: Whether the server is so near that compressing costs more than it saves.
    """

    def __init__(self, target: Target) -> None:
        parts = urlsplit(target.server)
        self.near = parts.hostname in ("localhost", "127.0.0.1", "::1")
        self._target = target
        self._https = parts.scheme == "https"
        self._present: HttpSession | None = None
        self._retired: list[HttpSession] = []
        self._opening = asyncio.Lock()
        self._closed = False

    async def borrow(self, certificate: ClientCertificate | None) -> HttpSession:
        """The session that shows this certificate; give it back with `give_back`.

        Raises:
            UsageError, LoginFailed: the certificate or the authority can't be used.
            ConnectionFailed: the sessions are closed.
        """
        async with self._opening:
            present = self._present
            if present is None or present.certificate != certificate:
                context = await self._context(certificate)
                if self._closed:
                    raise ConnectionFailed("the connection is closed")
                if present is not None:
                    self._retired.append(present)
                present = self._present = HttpSession(
                    self._client(context, self._trace()), certificate
                )
                await self._close_unused()
            present.users += 1
            return present

    async def give_back(self, session: HttpSession) -> None:
        """Ends one use of a session."""
        session.users -= 1
        if self._retired:
            await self._close_unused()

    @asynccontextmanager
    async def single(
        self, certificate: ClientCertificate | None
    ) -> AsyncIterator[tuple[aiohttp.ClientSession, SingleShot]]:
        """A session for one request; its connection is closed with the block.

        Raises as `borrow`.
        """
        shot = SingleShot()
        context = await self._context(certificate)
        if self._closed:
            raise ConnectionFailed("the connection is closed")
        async with self._client(context, shot.trace(), force_close=True) as client:
            yield client, shot

    async def close(self) -> None:
        """Closes every connection, whoever uses it."""
        self._closed = True
        sessions = [*self._retired, *([self._present] if self._present else [])]
        self._present, self._retired = None, []
        for session in sessions:
            await session.client.close()

    async def _close_unused(self) -> None:
        unused = [session for session in self._retired if not session.users]
        self._retired = [session for session in self._retired if session.users]
        for session in unused:
            await session.client.close()

    async def _context(self, certificate: ClientCertificate | None) -> ssl.SSLContext | bool:
        if self._closed or not self._https:
            return True
        return await asyncio.to_thread(ssl_context, self._target, certificate)

    def _client(
        self,
        context: ssl.SSLContext | bool,
        trace: aiohttp.TraceConfig,
        *,
        force_close: bool = False,
    ) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                ssl=context,
                socket_factory=_keepalive_socket,
                ttl_dns_cache=30,
                force_close=force_close,
            ),
            # trust_env would send credentials from ~/.netrc to the API server.
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_READ_BUFFER,
            timeout=aiohttp.ClientTimeout(total=None),
            trace_configs=[trace],
        )

    def _trace(self) -> aiohttp.TraceConfig:
        async def started(_: object, context: SimpleNamespace, __: object) -> None:
            context.started = time.monotonic()

        async def ended(_: object, context: SimpleNamespace, __: object) -> None:
            # The fastest one counts: a busy moment makes no line long.
            self.near = self.near or time.monotonic() - context.started < _NEAR_SECONDS

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_start.append(started)
        trace.on_connection_create_end.append(ended)
        return trace
