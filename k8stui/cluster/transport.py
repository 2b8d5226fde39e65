"""The one door to the API server: every connection of the program is opened here."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from k8stui import __version__
from k8stui.cluster.api_error import ApiError, error_from_body
from k8stui.cluster.credential import ClientCertificate, Credential, Credentials
from k8stui.cluster.door import admit
from k8stui.cluster.proxy import proxy_for
from k8stui.cluster.target import Target
from k8stui.cluster.tls import ssl_context
from k8stui.errors import ConnectionFailed, K8sTuiError, LoginFailed
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

JSON = "application/json"
Params = Sequence[tuple[str, str]]

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_NEAR_SECONDS = 0.03
"""A connection made (TLS included) within this time is near: not worth compressing for."""
_READ_BUFFER = 2**18


def _keepalive_socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """A socket that finds out within about a minute that its peer is gone."""
    family, kind, protocol, _, _ = info
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", 30),
        ("TCP_KEEPINTVL", 10),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 30_000),
    ):
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Transport:
    """Sends requests to one cluster as one user, and lets no write out.

    Args:
        target: Where to, and how to be sure of it.
        credentials: Who as; asked before each request and after each 401.
        environ: The environment, for proxies.
        request_timeout: Seconds for one answer, None for the defaults; never for streams.
    """

    def __init__(
        self,
        target: Target,
        credentials: Credentials,
        environ: Mapping[str, str],
        request_timeout: float | None = None,
    ) -> None:
        self.target = target
        self.requests = 0
        """How many requests have been sent, for tests and the log."""
        self._credentials = credentials
        self._timeout = request_timeout
        self._proxy = proxy_for(target.server, target.proxy_url, environ)
        self._base = URL(target.server)
        self._near = _is_loopback(urlsplit(target.server).hostname or "")
        self._session: aiohttp.ClientSession | None = None
        self._session_certificate: ClientCertificate | None = None
        self._opening = asyncio.Lock()
        self._retired: list[aiohttp.ClientSession] = []

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        accept: str = JSON,
        seconds: float | None = None,
    ) -> bytes:
        """The whole body of a GET.

        Args:
            path: The API path, beginning with a slash.
            params: Query parameters, in order.
            accept: The media type asked for.
            seconds: How long the whole answer may take, None for the default.

        Raises:
            ApiError: the server answered with an error status.
            ConnectionFailed: it could not be reached or did not answer in time.
            LoginFailed: the credentials can't be had.
        """
        most = self._timeout if self._timeout is not None else (seconds or _ANSWER_SECONDS)
        async with self._send("GET", path, params, accept=accept, seconds=most) as response:
            return await self._body(response)

    @asynccontextmanager
    async def stream(
        self, path: str, params: Params = (), *, accept: str = JSON
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A GET whose body is read as it comes: an iterator over its chunks.

        The connection is closed when the block is left. Raises as `get`; a connection lost
        while reading is ConnectionFailed, a clean end just ends the iteration.
        """
        # Not compressed: a compressed watch keeps events back until its buffer is full.
        async with self._send(
            "GET", path, params, accept=accept, seconds=None, compress=False
        ) as response:
            try:
                yield self._chunks(response)
            finally:
                response.close()

    async def self_review(self, path: str, body: bytes) -> bytes:
        """The answer to a self-review (what am I, what may I), the only POST that goes free.

        Raises as `get`, and WriteRefused for any other path.
        """
        async with self._send(
            "POST", path, (), accept=JSON, seconds=self._timeout or 10.0, body=body
        ) as response:
            return await self._body(response)

    async def close(self) -> None:
        """Closes every connection."""
        sessions = [*self._retired, *([self._session] if self._session else [])]
        self._session, self._retired = None, []
        for session in sessions:
            await session.close()

    @asynccontextmanager
    async def _send(
        self,
        method: str,
        path: str,
        params: Params,
        *,
        accept: str,
        seconds: float | None,
        compress: bool = True,
        body: bytes | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        admit(method, path)
        # URL.joinpath would decode and encode again; the path is made of clean API names.
        url = self._base.with_path(self._base.path.rstrip("/") + path).with_query(list(params))
        response = await self._answer(method, url, accept, seconds, compress, body)
        try:
            if response.status >= 400:
                raise error_from_body(
                    response.status,
                    response.reason or "",
                    await self._body(response),
                    response.headers.get("Retry-After"),
                )
            yield response
        finally:
            response.release()

    async def _answer(
        self,
        method: str,
        url: URL,
        accept: str,
        seconds: float | None,
        compress: bool,
        body: bytes | None,
    ) -> aiohttp.ClientResponse:
        """The response's head, after at most one renewal of the credentials."""
        credential = await self._credentials.get()
        for last_try in (False, True):
            session = await self._session_for(credential)
            self.requests += 1
            try:
                response = await session.request(
                    method,
                    url,
                    headers=self._headers(credential, accept, compress, body),
                    data=body,
                    proxy=self._proxy,
                    server_hostname=self.target.tls.server_name,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        total=seconds, sock_connect=min(seconds or 60.0, _CONNECT_SECONDS)
                    ),
                )
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                raise self._connection_failed(error, seconds) from error
            if response.status != 401 or last_try:
                return response
            response.release()
            credential = await self._renewed(credential)
        raise AssertionError("the second try returns")

    async def _renewed(self, credential: Credential) -> Credential:
        logger.info("401: the credentials are renewed (generation %d)", credential.generation)
        try:
            return await self._credentials.refresh(credential.generation)
        except LoginFailed:
            raise
        except K8sTuiError as error:
            raise LoginFailed(error.message, error.hint) from error

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._connection_failed(error, None) from error

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._connection_failed(error, None) from error

    async def _session_for(self, credential: Credential) -> aiohttp.ClientSession:
        """The session that shows this credential's certificate; an older one drains its streams."""
        async with self._opening:
            if self._session and self._session_certificate == credential.certificate:
                return self._session
            context = await self._ssl_context(credential)
            if self._session:
                self._retired.append(self._session)
            self._session_certificate = credential.certificate
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, ssl=context, socket_factory=_keepalive_socket, ttl_dns_cache=30
                ),
                # trust_env would send credentials from ~/.netrc to the API server.
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                read_bufsize=_READ_BUFFER,
                timeout=aiohttp.ClientTimeout(total=None),
                trace_configs=[self._connect_trace()],
            )
            return self._session

    async def _ssl_context(self, credential: Credential) -> ssl.SSLContext | bool:
        if self._base.scheme != "https":
            return True
        return await asyncio.to_thread(ssl_context, self.target, credential.certificate)

    def _connect_trace(self) -> aiohttp.TraceConfig:
        async def started(_: object, context: SimpleNamespace, __: object) -> None:
            context.started = time.monotonic()

        async def ended(_: object, context: SimpleNamespace, __: object) -> None:
            self._near = time.monotonic() - context.started < _NEAR_SECONDS

        trace = aiohttp.TraceConfig()
        trace.on_connection_create_start.append(started)
        trace.on_connection_create_end.append(ended)
        return trace

    def _headers(
        self, credential: Credential, accept: str, compress: bool, body: bytes | None
    ) -> CIMultiDict[str]:
        compress = compress and not self._near and not self.target.disable_compression
        headers = CIMultiDict(
            {
                "Accept": accept,
                "Accept-Encoding": "gzip" if compress else "identity",
                "User-Agent": f"k8stui/{__version__}",
            }
        )
        if credential.authorization:
            headers["Authorization"] = credential.authorization
        if body is not None:
            headers["Content-Type"] = JSON
        who = self.target.impersonation
        if who.user:
            headers["Impersonate-User"] = who.user
        if who.uid:
            headers["Impersonate-Uid"] = who.uid
        for group in who.groups:
            headers.add("Impersonate-Group", group)
        for key, values in who.extra:
            for value in values:
                headers.add(f"Impersonate-Extra-{key}", value)
        return headers

    def _connection_failed(self, error: Exception, seconds: float | None) -> ConnectionFailed:
        server = self.target.server
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return ConnectionFailed(
                f"{server} shows a certificate that can't be trusted: {_reason(error)}",
                f"check certificate-authority of cluster {self.target.cluster} in the kubeconfig",
            )
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return ConnectionFailed(
                f"the proxy {_without_password(self._proxy)} refused to connect to {server}: "
                f"{error.status} {clean_text(error.message)}",
                "check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY",
            )
        if isinstance(error, TimeoutError):
            within = f" within {seconds:g} s" if seconds else " in time"
            return ConnectionFailed(f"{server} did not answer{within}", _REACH_HINT)
        if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError)):
            return ConnectionFailed(f"can't reach {server}: {_reason(error)}", _REACH_HINT)
        if isinstance(error, ValueError):
            return ConnectionFailed(f"can't send a request to {server}: {_reason(error)}")
        return ConnectionFailed(f"the connection to {server} was lost: {_reason(error)}")


_REACH_HINT = "is the cluster up, and the VPN or proxy to it?"


def _without_password(url: str | None) -> str:
    return str(URL(url).with_user(None)) if url else ""


def _reason(error: BaseException) -> str:
    """The operating system's or library's words for what went wrong, on one line."""
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return clean_text(inner.verify_message or str(inner))
    if isinstance(inner, OSError) and inner.strerror:
        # asyncio's own words for a refused connection are "Connect call failed ('10.0.0.1', 443)".
        is_plain = not isinstance(inner, (ssl.SSLError, socket.gaierror)) and inner.errno
        return os.strerror(inner.errno).lower() if is_plain else clean_text(inner.strerror)
    text = str(inner or error) or type(error).__name__
    return clean_text(" ".join(text.split()))


__all__ = ["JSON", "ApiError", "Params", "Transport"]
