"""A demo server in the test's own process, and a small client of it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import ssl
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from k8stui.demo.scenarios import build
from k8stui.demo.serve import tokens_for
from k8stui.demo.server import Server
from k8stui.demo.world import World
from tests.unit.demo.worlds import NOW

Json = Any


class Client:
    """Speaks to a server as one of its users."""

    def __init__(
        self, server: Server, session: aiohttp.ClientSession, tokens: dict[str, str], user: str
    ) -> None:
        self.server = server
        self.world: World = server.world
        self.session = session
        self.tokens = tokens
        """By user."""
        self.token = tokens.get(user, "")
        self.url = f"https://127.0.0.1:{server.port}"

    async def __call__(
        self, method: str, path: str, body: Json = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Json]:
        """(status, JSON body) of a request; `body` is sent as JSON, bytes as they are."""
        data = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        sent = {"Content-Type": "application/json", **self.head(), **(headers or {})}
        content = None if data is None else io.BytesIO(data)
        async with self.session.request(
            method, self.url + path, data=content, headers=sent
        ) as answer:
            raw = await answer.read()
            try:
                return answer.status, msgspec.json.decode(raw)
            except msgspec.DecodeError:
                return answer.status, raw.decode()

    def head(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def patch(self, path: str, kind: str, body: Json) -> tuple[int, Json]:
        media = {"Content-Type": f"application/{kind}"}
        return await self("PATCH", path, body, headers=media)

    @contextlib.asynccontextmanager
    async def watch(self, path: str) -> AsyncIterator[asyncio.Queue[Json]]:
        """The events of a watch as they come; None at its end."""
        events: asyncio.Queue[Json] = asyncio.Queue()

        async def read() -> None:
            async with self.session.get(self.url + path, headers=self.head()) as answer:
                async for line in answer.content:
                    events.put_nowait(msgspec.json.decode(line))
            events.put_nowait(None)

        task = asyncio.create_task(read())
        try:
            yield events
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def serving(
    scenario: str = "empty",
    user: str = "admin",
    *,
    faults: bool = False,
    speed: float = 1.0,
    pods: int = 0,
) -> AsyncIterator[Client]:
    """A running server with a scenario, and a client of it."""
    tokens = tokens_for()
    world = build(scenario, speed=speed, now=NOW, pods=pods)
    server = Server(world, tokens, faults=faults)
    await server.start()
    context = ssl.create_default_context(cadata=server.certificate.certificate)
    connector = aiohttp.TCPConnector(ssl=context, force_close=False)
    by_user = {name: token for token, name in tokens.items()}
    try:
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Client(server, session, by_user, user)
    finally:
        await server.stop()
