"""The line to a real API server breaks between the confirmation and the answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
import yaml

from k8stui.actions.intents import Restart, Subject
from k8stui.actions.interface import Outcome
from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides
from k8stui.session.session import Session
from tests.cluster.kube import Kubectl, eventually, with_server

_LINE = Literal["whole", "lose the request", "lose the answer", "dead"]


class Line:
    """A TCP line to the API server that a test breaks.

    It can't look into TLS: what a client sends after its hello is the end of the handshake and
    its request, and a write is the only request that has a connection of its own.
    """

    def __init__(self, host: str, port: int, done: Callable[[], object]) -> None:
        self.state: _LINE = "whole"
        self.broken = 0
        self._to = (host, port)
        self._done = done
        """True once the server has done what was asked."""

    async def carry(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        state = self.state
        if state != "dead":
            self.state = "whole"  # only the first connection is broken
        if state == "dead":
            answers.transport.abort()
            return
        server, requests = await asyncio.open_connection(*self._to)
        back = asyncio.create_task(self._pass(server, answers))
        cut: asyncio.Task[None] | None = None
        try:
            flights = 0
            while data := await client.read(2**16):
                flights += 1
                if state == "lose the request" and flights == 2:
                    break
                if state == "lose the answer" and flights == 2:
                    back.cancel()
                    cut = asyncio.create_task(self._cut_when_done(answers))
                requests.write(data)
                await requests.drain()
        except ConnectionError:
            pass
        finally:
            if state != "whole":
                self.broken += 1
            for task in (back, cut):
                if task is not None:
                    task.cancel()
            answers.transport.abort()
            requests.transport.abort()

    async def _cut_when_done(self, answers: asyncio.StreamWriter) -> None:
        await asyncio.to_thread(eventually, self._done, 10, "the server does it")
        answers.transport.abort()

    async def _pass(self, server: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        while data := await server.read(2**16):
            answers.write(data)
            await answers.drain()


def _server(kubeconfig: Path) -> str:
    """Its address."""
    config = yaml.safe_load(kubeconfig.read_text())
    return str(config["clusters"][0]["cluster"]["server"])


@asynccontextmanager
async def _line(kubeconfig: Path, done: Callable[[], object]) -> AsyncIterator[tuple[Line, str]]:
    url = urlsplit(_server(kubeconfig))
    line = Line(url.hostname or "", url.port or 443, done)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield line, f"{url.scheme}://127.0.0.1:{port}"
    finally:
        server.close()


@pytest.fixture
def namespace(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    name = make_namespace("lost")
    kubectl("create", "deployment", "app", f"--image={image}", "--replicas=0", "-n", name)
    return name


@pytest.mark.parametrize(
    ("state", "result", "end", "restarts"),
    [
        ("lose the answer", "accepted", "but the change is there", 1),
        ("lose the request", "failed", "the object is unchanged: it was not done", 0),
    ],
)
async def test_what_became_of_it_is_looked_up_and_it_is_not_repeated(
    state: _LINE,
    result: str,
    end: str,
    restarts: int,
    kubeconfig: Path,
    kubectl: Kubectl,
    namespace: str,
    tmp_path: Path,
) -> None:
    def restarted() -> bool:
        found = kubectl.json("get", "deployment", "app", "-n", namespace)
        return bool(found["spec"]["template"]["metadata"].get("annotations"))

    def settled() -> bool:
        found = kubectl.json("get", "deployment", "app", "-n", namespace)
        return bool(found.get("status", {}).get("observedGeneration") == 1)

    eventually(settled, 20, "the Deployment is observed")
    overrides = Overrides(context="", namespace="", as_user="", as_groups=(), as_uid="")
    async with _line(kubeconfig, restarted) as (line, server):
        config = load_kubeconfig([with_server(kubeconfig, server, tmp_path / "config")])
        session = Session(config, overrides, os.environ)
        try:
            scope = await session.open(None, namespace)
            preview = await scope.actions.preview(
                Restart(), Subject("deployments.apps", namespace, "app")
            )
            assert preview.can_go, preview.refused
            outcome: Outcome | None = None
            async for step in scope.actions.perform(preview):
                outcome = step.outcome
                if step.text == "sending":
                    line.state = state
            assert outcome is not None
            assert (outcome.result, outcome.text.rpartition("; ")[2]) == (result, end)
            assert line.broken == 1
        finally:
            await session.close()
    after = kubectl.json("get", "deployment", "app", "-n", namespace)
    assert after["metadata"]["generation"] == 1 + restarts


async def test_the_server_stays_away(
    kubeconfig: Path, kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    overrides = Overrides(context="", namespace="", as_user="", as_groups=(), as_uid="")
    async with _line(kubeconfig, lambda: True) as (line, server):
        config = load_kubeconfig([with_server(kubeconfig, server, tmp_path / "config")])
        session = Session(config, overrides, os.environ)
        try:
            scope = await session.open(None, namespace)
            preview = await scope.actions.preview(
                Restart(), Subject("deployments.apps", namespace, "app")
            )
            assert preview.can_go, preview.refused
            outcome: Outcome | None = None
            async for step in scope.actions.perform(preview):
                outcome = step.outcome
                if step.text == "sending":
                    line.state = "dead"
            assert outcome is not None
            # The line was dead before the connection was made, or as it was made.
            assert outcome.result in ("failed", "unknown")
            assert outcome.text.startswith(("nothing was sent", "the outcome is unknown")) or (
                outcome.text.endswith("it was not done")
            )
        finally:
            await session.close()
    after = kubectl.json("get", "deployment", "app", "-n", namespace)
    assert "annotations" not in after["spec"]["template"]["metadata"]
