"""Logs of the demo cluster: the same lines for the same moment, cut as the kubelet cuts them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import aiohttp
import pytest

from k8stui.demo.logs import Source, lines
from k8stui.demo.model import seconds_of
from k8stui.demo.programs import Program
from tests.unit.demo.client import Client, serving

NS = "/api/v1/namespaces/shop/pods"


async def first(client: Client, app: str, namespace: str = "shop") -> str:
    path = f"/api/v1/namespaces/{namespace}/pods"
    _, found = await client("GET", f"{path}?labelSelector=app%3D{app}")
    return f"{path}/{found['items'][0]['metadata']['name']}"


async def log(client: Client, path: str, query: str) -> list[str]:
    _, text = await client("GET", f"{path}/log?{query}")
    return str(text).splitlines()


@pytest.mark.parametrize("style", ["json", "logfmt", "plain", "trace", "ansi", "burst", "redis"])
def test_lines_come_in_order_and_again_the_same(style: str) -> None:
    source = Source(Program(log=style, rate=3.0), "seed", 1000.0, None)
    all_ = lines(source, 2000.0)
    assert all(a.when <= b.when for a, b in pairwise(all_))
    assert lines(source, 1500.0) == [line for line in all_ if line.when <= 1500.0]
    assert lines(source, 2000.0, tail=10) == all_[-10:]
    assert lines(source, 2000.0, since=1700.0) == [line for line in all_ if line.when >= 1700.0]


def test_a_run_within_one_second_has_said_its_first_lines() -> None:
    program = Program(log="silent", runs=0.4, exit_code=3, first=("cannot read", "bye"))
    source = Source(program, "seed", 1000.0, 1000.0)
    assert [line.text for line in lines(source, 1001.0)] == ["cannot read", "bye"]


def test_last_words_end_a_run() -> None:
    program = Program(log="plain", rate=1.0, runs=20.0, exit_code=1, last=("bye",))
    assert lines(Source(program, "seed", 1000.0, 1020.0), 5000.0)[-1].text == "bye"


async def test_tail_since_timestamps_and_limit() -> None:
    async with serving("shop") as client:
        path = await first(client, "web")
        stamped = await log(client, path, "container=web&tailLines=50&timestamps=true")
        plain = await log(client, path, "container=web&tailLines=50")
        assert [line.partition(" ")[2] for line in stamped] == plain
        moment = stamped[-10].partition(" ")[0]
        since = await log(client, path, f"container=web&sinceTime={moment}&timestamps=true")
        assert all(seconds_of(line.partition(" ")[0]) >= seconds_of(moment) for line in since)
        assert since[0] == stamped[-10]
        _, cut = await client("GET", f"{path}/log?container=web&limitBytes=100")
        assert len(cut) == 100


async def test_the_previous_run_tells_why_it_ended() -> None:
    async with serving("crash-loop") as client:
        path = await first(client, "payments-worker", "payments")
        text = await log(client, path, "previous=true")
        assert text[-1] == "settings.SettingsError: PAYMENT_API_KEY is not set"


@pytest.mark.parametrize(
    ("app", "query", "text"),
    [
        ("web", "", "a container name must be specified for pod web-"),
        ("web", "container=nope", "container nope is not valid for pod web-"),
        ("web", "container=web&previous=true", 'previous terminated container "web" in pod'),
        ("web", "container=web&tailLines=x", "invalid syntax"),
    ],
)
async def test_refusals(app: str, query: str, text: str) -> None:
    async with serving("shop") as client:
        code, status = await client("GET", f"{await first(client, app)}/log?{query}")
        assert code == 400
        assert text in status["message"]


async def test_an_image_that_is_not_there_has_no_log() -> None:
    async with serving("stuck-rollout") as client:
        _, found = await client("GET", f"{NS}?labelSelector=app%3Dweb")
        stuck = [p for p in found["items"] if p["status"]["phase"] == "Pending"]
        path = f"{NS}/{stuck[0]['metadata']['name']}"
        code, status = await client("GET", f"{path}/log?container=web")
        assert code == 400
        assert "trying and failing to pull image" in status["message"]


async def test_following_loses_and_doubles_nothing() -> None:
    async with serving("shop", speed=40.0) as client:
        path = await first(client, "web")
        query = "container=web&follow=true&timestamps=true&tailLines=0"
        got: list[str] = []
        url = f"{client.url}{path}/log?{query}"
        async with client.session.get(url, headers=client.head()) as answer:
            async for line in answer.content:
                got.append(line.decode().rstrip("\n"))
                if len(got) == 40:
                    break
        moment = got[0].partition(" ")[0]
        whole = await log(client, path, f"container=web&timestamps=true&sinceTime={moment}")
        assert whole[:40] == got


async def test_a_followed_log_ends_with_its_run() -> None:
    async with serving("shop") as client:
        path = await first(client, "cart-cache")
        url = f"{client.url}{path}/log?follow=true"
        async with client.session.get(url, headers=client.head()) as answer:
            await client("DELETE", path)
            async with asyncio.timeout(20):
                await answer.content.read()


@pytest.mark.parametrize("reset", [True, False])
async def test_a_cut_stream_ends_as_asked(reset: bool) -> None:
    async with serving("shop", faults=True) as client:
        path = await first(client, "cart-cache")
        url = f"{client.url}{path}/log?follow=true"
        async with client.session.get(url, headers=client.head()) as answer:
            await answer.content.readany()
            order = {"fault": "cut", "reset": reset}
            assert client.server.faults.streams
            await client("POST", "/demo/faults", order)
            if reset:
                with pytest.raises(aiohttp.ClientError):
                    await answer.content.read()
            else:
                await answer.content.read()
