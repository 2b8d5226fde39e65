"""The demo cluster behind a port: the HTTP server and the clock that drives its world."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod
from aiohttp.web_protocol import RequestHandler

from k8stui.demo.api import Api
from k8stui.demo.bodies import JSON
from k8stui.demo.certificate import Certificate, make, server_context
from k8stui.demo.errors import no_such_method
from k8stui.demo.faults import Faults
from k8stui.demo.loopback import listen
from k8stui.demo.world import World


class _Connection(RequestHandler):
    """A connection whose unknown methods are refused as an API server refuses them."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, BadHttpMethod):
            return super().handle_error(request, status, exc, message)
        refused = no_such_method()
        body, headers = json.dumps(refused.status()).encode(), {"Content-Type": JSON}
        answer = web.Response(body=body, status=refused.code, headers=headers)
        answer.force_close()
        return answer


class _Listener(web.Server):
    """Makes the connections."""

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class Server:
    """The demo cluster behind a port.

    Args:
        tokens: Bearer token to user name.
        certificate: What to show; one made for this server by default.
    """

    def __init__(
        self,
        world: World,
        tokens: dict[str, str],
        *,
        faults: bool = False,
        certificate: Certificate | None = None,
    ) -> None:
        self.world = world
        self.faults = Faults(enabled=faults)
        self.faults.restart = self._restart
        self.faults.compact = world.store.compact
        self._api = Api(world, tokens, self.faults)
        self._runner: web.ServerRunner | None = None
        self._clock: asyncio.Task[None] | None = None
        self.certificate = certificate or make()
        self._tls = server_context(self.certificate)
        self.port = 0

    async def start(self, port: int = 0, listener: socket.socket | None = None) -> int:
        """Listen on loopback and let time run.

        Args:
            listener: What listens already, see `listen`.

        Returns:
            The port.

        Raises:
            OSError: when the port is taken.
        """
        await self._accept(listener or listen(port))
        self._clock = asyncio.create_task(self.world.run())
        return self.port

    async def stop(self) -> None:
        """End everything that was started."""
        if self._clock is not None:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
        await self._close()

    async def _accept(self, listener: socket.socket) -> None:
        server = _Listener(self._api.handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.2)
        await self._runner.setup()
        self.port = listener.getsockname()[1]
        await web.SockSite(self._runner, listener, ssl_context=self._tls).start()

    async def _close(self) -> None:
        for transport in self.faults.transports:
            # Python 3.11.2, Debian's, can't abort a TLS transport that is closed already.
            with contextlib.suppress(AttributeError):
                transport.abort()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _restart(self, seconds: float) -> None:
        """No listener for a while, then the same one again with an empty history."""
        await asyncio.sleep(0.05)
        await self._close()
        await asyncio.sleep(seconds)
        self.world.store.compact()
        await self._accept(listen(self.port))
