"""What is watched to follow a rollout without a screen, and what is asked for beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from k8stui.actions.feed import RolloutFeed
from k8stui.actions.intents import DEPLOYMENTS, Subject
from k8stui.cluster.transport import Transport
from k8stui.resources.deployments import Deployment
from k8stui.resources.pods import Pod
from k8stui.resources.replicasets import ReplicaSet
from tests.fake_api.api import FakeApi, Reply, status
from tests.ui import objects as make
from tests.ui.objects import NOW

from .objects import transport_to

APPS = "/apis/apps/v1/namespaces/shop"
LOG = "/api/v1/namespaces/shop/pods/web-h1-abc/log"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


@pytest.fixture
async def transport(api: FakeApi) -> AsyncIterator[Transport]:
    made = transport_to(api, "t1")
    yield made
    await made.close()


async def test_a_last_line_that_was_not_had_at_once_is_asked_for_again(
    api: FakeApi, transport: Transport
) -> None:
    now = NOW
    feed = RolloutFeed(transport, Subject(DEPLOYMENTS, "shop", "web"), {}, lambda: now)
    crashing = make.of_deployment("web", "h1", "abc", waiting="CrashLoopBackOff", restarts=3)
    web, replicaset = make.deployment("web", ready=0), make.replicaset("web", "h1", ready=0)
    assert isinstance(web, Deployment)
    assert isinstance(replicaset, ReplicaSet)
    assert isinstance(crashing, Pod)
    feed._workloads.upsert([web])
    feed._replicasets.upsert([replicaset])
    feed._pods.upsert([crashing])
    api.on(LOG, Reply(status(500, message="the node does not answer"), 500), Reply(b"no config\n"))
    assert not (await feed.evidence()).last_lines
    assert not (await feed.evidence()).last_lines
    now += 3
    assert [*(await feed.evidence()).last_lines.values()] == ["no config"]
    assert len([one for one in api.requests if one.path == LOG]) == 2
