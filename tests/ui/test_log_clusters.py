"""Logs of the same object in another cluster, among those of the present one."""

from __future__ import annotations

from k8stui.errors import UsageError
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, running


def _staging(context: str, namespace: str) -> FakeCluster:
    cluster = shop.shop()
    cluster.context, cluster.namespace = context, namespace
    return cluster


async def test_a_cluster_is_added_named_and_taken_away() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = _staging
        await run.press("l", "z")
        await run.settle()
        own = run.cluster.tail.selection.uids
        assert own
        await run.press("K")
        await run.sees("Add the logs of another cluster")
        assert "prod-eu" not in run.text, "one is there already"
        await run.press("enter")
        await run.sees("+ staging")
        (staging,) = run.clusters.beside
        assert staging.joined == [run.cluster.tail]
        assert staging.namespace == run.cluster.namespace
        # Uids are the same here as there: what is asked for holds both.
        assert run.cluster.tail.selection.uids == own

        await run.press("K")
        await run.sees("● staging")
        await run.press("enter")
        await run.loses("+ staging")
        assert staging.joined == []
        await run.until(lambda: staging.closed)


async def test_a_cluster_without_the_object_says_so() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = FakeCluster
        await run.press("l", "z", "K", "enter")
        await run.sees("+ staging: no such pods")


async def test_a_context_that_can_not_be_used_is_told() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("l", "z")
        run.clusters.refused = UsageError("context staging: there is no user nobody")
        await run.press("K", "enter")
        await run.sees("there is no user nobody")
