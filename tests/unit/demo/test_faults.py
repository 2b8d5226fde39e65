"""Faults on demand, and that nobody gets them who did not ask."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.unit.demo.client import serving

PODS = "/api/v1/pods"


async def test_the_admin_path_is_off_unless_asked_for() -> None:
    async with serving() as client:
        code, _ = await client("POST", "/demo/faults", {"fault": "drop"})
        assert code == 404


async def test_an_unknown_fault_is_refused() -> None:
    async with serving(faults=True) as client:
        code, status = await client("POST", "/demo/faults", {"fault": "flood"})
        assert (code, status["message"]) == (400, "no such fault: flood")


@pytest.mark.parametrize("code", [401, 403, 410, 429, 500, 503])
async def test_answers_with_a_status(code: int) -> None:
    async with serving(faults=True) as client:
        order = {"fault": "status", "code": code, "count": 2, "path": PODS}
        await client("POST", "/demo/faults", order)
        assert (await client("GET", "/version"))[0] == 200
        got, status = await client("GET", PODS)
        assert (got, status["code"], status["kind"]) == (code, code, "Status")
        assert (await client("GET", PODS))[0] == code
        assert (await client("GET", PODS))[0] == 200


async def test_dropped_connections() -> None:
    async with (
        serving(faults=True) as client,
        client.session.get(f"{client.url}{PODS}?watch=1", headers=client.head()) as watch,
    ):
        await client("POST", "/demo/faults", {"fault": "drop"})
        with pytest.raises(aiohttp.ClientError):
            await watch.content.read()


async def test_frozen_then_thawed() -> None:
    async with serving(faults=True) as client:
        await client("POST", "/demo/faults", {"fault": "freeze"})
        asked = asyncio.create_task(client("GET", PODS))
        done, _ = await asyncio.wait({asked}, timeout=0.2)
        assert not done
        await client("POST", "/demo/faults", {"fault": "thaw"})
        assert (await asked)[0] == 200


async def test_compacted_history() -> None:
    async with serving(faults=True) as client:
        version = client.world.store.version
        await client("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
        await client("POST", "/demo/faults", {"fault": "compact"})
        async with client.watch(f"{PODS}?watch=1&resourceVersion={version}") as events:
            assert (await events.get())["object"]["reason"] == "Expired"


async def test_a_restart_comes_back_on_the_same_port() -> None:
    async with serving(faults=True) as client:
        await client("POST", "/demo/faults", {"fault": "restart", "seconds": 0.1})
        answers: list[int] = []
        async with asyncio.timeout(10):
            while not answers or answers[-1] != 200 or len(set(answers)) == 1:
                try:
                    answers.append((await client("GET", "/version"))[0])
                except aiohttp.ClientError:
                    answers.append(0)
                await asyncio.sleep(0.01)
        assert 0 in answers


async def test_slow_bytes() -> None:
    async with serving("shop", faults=True) as client:
        await client("POST", "/demo/faults", {"fault": "slow", "bytes_per_second": 1000})
        asked = asyncio.create_task(client("GET", PODS))
        done, _ = await asyncio.wait({asked}, timeout=0.3)
        assert not done
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await client("POST", "/demo/faults", {"fault": "clear"})
        assert (await client("GET", PODS))[0] == 200
