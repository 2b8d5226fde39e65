"""Clusters of a kubeconfig that are fake API servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides
from k8stui.session.session import Session
from tests.fake_api.api import FakeApi, Reply

VERSION = Reply({"gitVersion": "v1.30.1"}, forever=True)

Opener = Callable[..., Session]


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        api.on("/version", VERSION)
        yield api


@pytest.fixture
async def other_api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        api.on("/version", VERSION)
        yield api


@pytest.fixture
async def open_session(tmp_path: Path, api: FakeApi, other_api: FakeApi) -> AsyncIterator[Opener]:
    """Makes sessions of the contexts `eu` and `us`; at the end no task of them may be left."""
    before = asyncio.all_tasks()
    made: list[Session] = []
    config = tmp_path / "config"
    config.write_text(
        f"""
apiVersion: v1
kind: Config
current-context: eu
contexts:
- {{name: us, context: {{cluster: us, user: ann}}}}
- {{name: eu, context: {{cluster: eu, user: ann, namespace: shop}}}}
- {{name: prod-eu, context: {{cluster: eu, user: ann, namespace: shop}}}}
clusters:
- {{name: eu, cluster: {{server: "{api.url}"}}}}
- {{name: us, cluster: {{server: "{other_api.url}"}}}}
users:
- {{name: ann, user: {{token: t}}}}
"""
    )

    def opened(overrides: Overrides | None = None, **options: Any) -> Session:
        environ = {"HOME": str(tmp_path)}
        session = Session(load_kubeconfig([config]), overrides or Overrides(), environ, **options)
        made.append(session)
        return session

    yield opened
    for session in made:
        await session.close()
    known = before | {asyncio.current_task()}
    left = [task for task in asyncio.all_tasks() - known if "web_protocol" not in repr(task)]
    assert left == []
    await api.disconnected()
    await other_api.disconnected()
