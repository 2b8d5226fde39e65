"""The one door to the API server: every connection of the program is opened here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from k8stui import __version__
from k8stui.cluster.api_error import ApiError, error_from_body, error_from_redirect
from k8stui.cluster.connection_error import connection_failed
from k8stui.cluster.credential import Credential, Credentials
from k8stui.cluster.door import admit, admit_write
from k8stui.cluster.http_sessions import HttpSession, HttpSessions
from k8stui.cluster.proxy import proxy_for
from k8stui.cluster.target import Target
from k8stui.cluster.ticket import WriteTicket
from k8stui.errors import (
    ConnectionFailed,
    K8sTuiError,
    LoginFailed,
    OutcomeUnknown,
    WriteRefused,
)

logger = logging.getLogger(__name__)

JSON = "application/json"
Params = Sequence[tuple[str, str]]

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_WRITE_SECONDS = 60.0
"""Webhooks may take 30 seconds each; who hangs up before the answer knows nothing."""
_MOST_OF_AN_ERROR = 2**16
_PLAIN_IN_PATHS = "/:@!$&'()*+,=~"


class _Request(NamedTuple):
    method: str
    path: str
    params: Params
    accept: str
    timeout: aiohttp.ClientTimeout
    head_seconds: float | None = None
    """How long the answer's head may take, where the whole answer has no limit."""
    compress: bool = True
    body: bytes | None = None
    content_type: str = JSON


class Transport:
    """Sends requests to one cluster as one user, and lets no write out without a ticket.

    Args:
        target: Where to, and how to be sure of it.
        credentials: Who as; asked before each request and after each 401.
        environ: The environment, for proxies.
        request_timeout: Seconds for one answer, None for the defaults, 0 for no limit; never
            for streams.
        writes: False lets no write out, whatever its ticket.

    Raises:
        UsageError: the proxy can't be used.
    """

    def __init__(
        self,
        target: Target,
        credentials: Credentials,
        environ: Mapping[str, str],
        request_timeout: float | None = None,
        *,
        writes: bool = False,
    ) -> None:
        self.target = target
        self.requests = 0
        """How many requests have been sent, for tests and the log."""
        self._credentials = credentials
        self._timeout = request_timeout
        self._writes = writes
        self._proxy = proxy_for(target.server, target.proxy_url, environ)
        self._base = URL(target.server)
        self._sessions = HttpSessions(target)

    async def get(
        self,
        path: str,
        params: Params = (),
        *,
        accept: str = JSON,
        seconds: float | None = None,
        silence: float | None = None,
    ) -> bytes:
        """The whole body of a GET.

        Args:
            path: The API path, beginning with a slash, not percent-encoded.
            params: Query parameters, in order.
            accept: The media type asked for.
            seconds: How long the whole answer may take, None for the default.
            silence: How long the server may send nothing, for big answers; instead of `seconds`.

        Raises:
            ApiError: the server answered with an error status, or sends elsewhere.
            ConnectionFailed: it could not be reached or did not answer in time.
            LoginFailed: the credentials can't be had.
            WriteRefused: the path is none that is only read.
        """
        timeout = self._limits(seconds or _ANSWER_SECONDS)
        if silence is not None and self._timeout is None:
            timeout = aiohttp.ClientTimeout(
                total=None, sock_connect=_CONNECT_SECONDS, sock_read=silence
            )
        request = _Request("GET", path, params, accept, timeout)
        async with self._send(request) as response:
            return await self._body(response, timeout)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        params: Params = (),
        *,
        accept: str = JSON,
        head_seconds: float | None = None,
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """A GET whose body is read as it comes: an iterator over its chunks.

        The connection is closed when the block is left. Raises as `get`; a connection lost
        while reading is ConnectionFailed, a clean end just ends the iteration.

        Args:
            head_seconds: How long the server may take to begin its answer, None for ever: the
                log of a container that is silent begins with its first line.
        """
        # Not compressed: a compressed watch keeps events back until its buffer is full.
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        request = _Request("GET", path, params, accept, timeout, head_seconds, compress=False)
        async with self._send(request) as response:
            chunks = self._chunks(response)
            try:
                yield chunks
            finally:
                await chunks.aclose()
                response.close()

    async def self_review(self, path: str, body: bytes, *, content_type: str = JSON) -> bytes:
        """The answer to a self-review (what am I, what may I), the only POST that goes free.

        Raises as `get`, and WriteRefused for any other path.
        """
        timeout = self._limits(10.0)
        request = _Request("POST", path, (), JSON, timeout, body=body, content_type=content_type)
        async with self._send(request) as response:
            return await self._body(response, timeout)

    async def write(
        self,
        ticket: WriteTicket,
        method: str,
        path: str,
        body: bytes,
        *,
        content_type: str = JSON,
        params: Params = (),
    ) -> bytes:
        """The answer to a write, which is sent once and never again, whatever happens.

        Raises:
            WriteRefused: it was not let out.
            ApiError: the server answered with an error status. After a 401 the credentials are
                renewed, but the write is not repeated.
            OutcomeUnknown: it was sent, or partly, and the answer did not come.
            ConnectionFailed, LoginFailed: it was not sent.
        """
        if not self._writes:
            raise WriteRefused(f"refused to send {method} {path!r}: read-only")
        admit_write(ticket, method, path)
        credential = await self._credentials.get()
        timeout = self._limits(_WRITE_SECONDS)
        request = _Request(
            method, path, params, JSON, timeout, body=body, content_type=content_type
        )
        async with self._sessions.single(credential.certificate) as (client, shot):
            self.requests += 1
            try:
                response = await self._request(request, credential, client)
                if response.status == 401:
                    await self._login_again(credential)
                if response.status >= 300:
                    raise await self._refusal(response)
                return await response.read()
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                failed = connection_failed(error, self.target, self._proxy, timeout.total)
                if shot.sent:
                    raise OutcomeUnknown(failed.message, failed.hint) from None
                raise failed from None

    async def _login_again(self, credential: Credential) -> None:
        try:
            await self._renewed(credential)
        except LoginFailed as error:
            logger.info("after a write's 401 the credentials can't be renewed: %s", error)

    async def close(self) -> None:
        """Closes every connection; what is asked later fails."""
        await self._sessions.close()

    def _limits(self, seconds: float) -> aiohttp.ClientTimeout:
        total = seconds if self._timeout is None else self._timeout
        connect = min(total, _CONNECT_SECONDS) if total else _CONNECT_SECONDS
        return aiohttp.ClientTimeout(total=total or None, sock_connect=connect)

    @asynccontextmanager
    async def _send(self, request: _Request) -> AsyncIterator[aiohttp.ClientResponse]:
        admit(request.method, request.path)
        response, session = await self._answer(request)
        try:
            if response.status >= 300:
                raise await self._refusal(response)
            yield response
        finally:
            # A connection whose answer was not read to its end is closed by this, not kept.
            response.release()
            await self._sessions.give_back(session)

    async def _answer(self, request: _Request) -> tuple[aiohttp.ClientResponse, HttpSession]:
        """The response's head, after at most one renewal of the credentials."""
        credential = await self._credentials.get()
        response, session = await self._attempt(request, credential)
        if response.status != 401:
            return response, session
        response.release()
        await self._sessions.give_back(session)
        logger.info("401: the credentials are renewed (generation %d)", credential.generation)
        credential = await self._renewed(credential)
        return await self._attempt(request, credential)

    async def _attempt(
        self, request: _Request, credential: Credential
    ) -> tuple[aiohttp.ClientResponse, HttpSession]:
        session = await self._sessions.borrow(credential.certificate)
        self.requests += 1
        try:
            async with asyncio.timeout(request.head_seconds):
                return await self._request(request, credential, session.client), session
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            await self._sessions.give_back(session)
            limits = request.timeout
            limit = limits.total or request.head_seconds or limits.sock_read
            # The error and its causes hold the request's headers: a log must not show them.
            raise connection_failed(error, self.target, self._proxy, limit) from None
        except BaseException:
            await self._sessions.give_back(session)
            raise

    async def _request(
        self, request: _Request, credential: Credential, client: aiohttp.ClientSession
    ) -> aiohttp.ClientResponse:
        path = self._base.raw_path.rstrip("/") + quote(request.path, safe=_PLAIN_IN_PATHS)
        return await client.request(
            request.method,
            self._base.with_path(path, encoded=True).with_query(list(request.params)),
            headers=self._headers(request, credential),
            data=request.body,
            proxy=self._proxy,
            server_hostname=self.target.tls.server_name,
            allow_redirects=False,
            timeout=request.timeout,
        )

    async def _renewed(self, credential: Credential) -> Credential:
        try:
            return await self._credentials.refresh(credential.generation)
        except LoginFailed:
            raise
        except K8sTuiError as error:
            raise LoginFailed(error.message, error.hint) from error

    async def _refusal(self, response: aiohttp.ClientResponse) -> ApiError:
        if response.status < 400:
            return error_from_redirect(response.status, response.headers.get("Location", ""))
        body = b""
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                while len(body) < _MOST_OF_AN_ERROR and (chunk := await response.content.readany()):
                    body += chunk
        except (aiohttp.ClientError, OSError, TimeoutError):
            logger.info("the text of an error %d was cut short", response.status)
        retry_after = response.headers.get("Retry-After")
        return error_from_body(response.status, response.reason or "", body, retry_after)

    async def _body(self, response: aiohttp.ClientResponse, limits: aiohttp.ClientTimeout) -> bytes:
        try:
            return await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._lost(error, limits.total or limits.sock_read) from None

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._lost(error, None) from None

    def _lost(self, error: Exception, seconds: float | None) -> ConnectionFailed:
        return connection_failed(error, self.target, self._proxy, seconds)

    def _headers(self, request: _Request, credential: Credential) -> CIMultiDict[str]:
        near = self._sessions.near
        compress = request.compress and not near and not self.target.disable_compression
        headers = CIMultiDict(
            {
                "Accept": request.accept,
                "Accept-Encoding": "gzip" if compress else "identity",
                "User-Agent": f"k8stui/{__version__}",
            }
        )
        if credential.authorization:
            headers["Authorization"] = credential.authorization
        if request.body is not None:
            headers["Content-Type"] = request.content_type
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


__all__ = ["JSON", "ApiError", "Params", "Transport"]
