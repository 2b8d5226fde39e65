"""Another cluster's logs of the same kind, namespace and name, among those of the present one."""

from __future__ import annotations

from k8stui.errors import UsageError
from tests.ui import objects as make
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


async def test_what_happens_in_another_cluster_stands_on_the_timeline_with_its_name() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = _staging
        await run.press("l", "z", "K", "enter")
        await run.sees("+ staging")
        await run.press("t")
        await run.sees("timeline")
        (staging,) = run.clusters.beside
        for cluster in (run.cluster, staging):
            pod = cluster.collection("pods").get(sorted(run.cluster.tail.selection.uids or ())[0])
            assert pod is not None
            cluster.apply(make.event("late", pod, "BackOff", f"again in {cluster.context}"))
            cluster.tell()
        await run.settle()
        line = next(line for line in run.text.splitlines() if "BackOff: again in staging" in line)
        assert "◆ staging/pod/" in line
        line = next(line for line in run.text.splitlines() if "BackOff: again in prod" in line)
        assert "◆ prod/pod/" in line

        await run.press("t")
        await run.loses("again in staging")
        await run.press("t")
        await run.sees("again in staging")
        await run.press("K", "enter")
        await run.loses("again in staging")
        assert "again in prod" in run.text
        assert staging.subscriptions() == 0


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


def _other_pods(context: str, namespace: str) -> FakeCluster:
    """The same workloads with pods of their own."""
    cluster = _staging(context, namespace)
    cluster.apply(
        make.of_deployment("web", shop.WEB_NEW, "there"),
        make.of_deployment("crasher", "bbbb2", "there"),
        make.of_deployment("cart", "aaaa1", "there"),
    )
    return cluster


async def test_of_marked_workloads_all_are_joined() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = _other_pods
        view = run.cockpit.model.workloads
        await run.press("space", "j", "space")
        marked = {each.name for each in view.marked_records()}
        assert marked == {"crasher", "web"}
        await run.press("l", "z", "K", "enter")
        await run.sees("+ staging")
        (staging,) = run.clusters.beside
        pods = staging.collection("pods")
        names = {pods.rows[uid].name for uid in run.cluster.tail.selection.uids or ()}
        assert {name for name in names if name.endswith("there")} == {
            "crasher-bbbb2-there",
            f"web-{shop.WEB_NEW}-there",
        }


async def test_of_marked_rows_of_any_kind_all_are_joined() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.make = _other_pods
        await run.command("deployments")
        await run.sees("crasher")
        await run.press("space", "j", "space", "j", "space", "l", "K", "enter")
        await run.sees("+ staging")
        (staging,) = run.clusters.beside
        pods = staging.collection("pods")
        names = {pods.rows[uid].name for uid in run.cluster.tail.selection.uids or ()}
        assert {name.partition("-")[0] for name in names if name.endswith("there")} == {
            "cart",
            "crasher",
            "web",
        }
