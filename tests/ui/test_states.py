"""How the connection and the user's rights stand is said in words, wherever it matters."""

from __future__ import annotations

import pytest

from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from tests.ui import objects as make
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.objects import NOW
from tests.ui.running import MEDIUM, SMALL, WIDE, running

STALE = Stale(NOW - 75, "connection refused by 10.0.0.1:6443", NOW + 9)
UNREAD = Stale(NOW - 75, "can't reach https://kube.example:6443", NOW + 9, read=False)
REFUSED = Unauthorized("the server has asked for the client to provide credentials")


@pytest.mark.parametrize(
    ("phase", "filled", "words"),
    [
        (Syncing(1500, 10_000), True, ("… reading", "1,500 of 10,000")),
        (Syncing(), False, ("… reading",)),
        (STALE, True, ("! stale", "75s", "next try in 9 s", "connection refused", "deploy/web")),
        (UNREAD, False, ("! nothing read yet ·", "next try in 9 s", "! nothing read yet: can't")),
        (Forbidden("pods is forbidden"), False, ("✗ no right to list pods in shop", "n: another")),
        (REFUSED, True, ("✗ login refused", "credentials", "deploy/web")),
        (Missing(), False, ("the cluster serves no pods",)),
    ],
)
async def test_a_state_is_said_in_words(phase: Phase, filled: bool, words: tuple[str, ...]) -> None:
    cluster = shop.shop() if filled else FakeCluster()
    async with running(cluster) as run:
        cluster.set_phase(phase)
        await run.settle()
        run.screen.tick()
        await run.settle()
        text = run.text
        assert not [word for word in words if word not in text], text


async def test_a_stale_header_counts_on_and_is_live_again_at_once() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        cluster.set_phase(STALE)
        await run.settle()
        run.clock.now += 5
        run.screen.tick()
        await run.settle()
        assert "80s" in run.text
        assert "next try in 4 s" in run.text
        cluster.set_phase(Live(NOW + 5))
        await run.settle()
        assert "● live" in run.text
        assert "stale" not in run.text


async def test_a_small_header_keeps_the_state() -> None:
    cluster = shop.shop()
    cluster.read_only = True
    async with running(cluster, SMALL) as run:
        cluster.set_phase(STALE)
        await run.settle()
        first = run.text.splitlines()[0]
        assert "! stale" in first
        assert "RO" in first or "READ-ONLY" in first


async def test_missing_metrics_are_explained_where_they_are_missing() -> None:
    cluster = FakeCluster()
    cluster.apply(shop.CART, make.replicaset("cart", "aaaa1"), *shop.CART_PODS)
    cluster.usage.unavailable("no metrics: is metrics-server installed?")
    async with running(cluster, WIDE) as run:
        assert "no metrics" in run.text


async def test_the_first_list_comes_kind_by_kind_and_the_worst_is_selected() -> None:
    cluster = FakeCluster()
    cluster.set_phase(Syncing())
    async with running(cluster, MEDIUM) as run:
        cluster.apply(shop.CART)
        await run.settle()
        shop.fill(cluster)
        cluster.set_phase(Live(NOW))
        for key, _ in cluster.phases():
            cluster.collection(key).keep_only(cluster.collection(key).rows)
        await run.settle()
        assert run.cursor_in("workloads") == make.uid_of("Deployment", "crasher")
        # From now on the cursor stays where it is put.
        await run.press("G")
        chosen = run.cursor_in("workloads")
        cluster.apply(make.deployment("aaa", ready=0))
        await run.settle()
        assert run.cursor_in("workloads") == chosen


async def test_two_thousand_workloads_are_moved_through() -> None:
    cluster = FakeCluster()
    cluster.apply(*[make.deployment(f"d{number}") for number in range(2000)])
    async with running(cluster, MEDIUM) as run:
        await run.sees("Workloads  2000")
        await run.press("G")
        assert "deploy/d1999" in run.text
        await run.press("g")
        assert "deploy/d0" in run.text


async def test_long_reasons_push_neither_each_other_nor_the_revisions_out_of_sight() -> None:
    cluster = shop.shop()
    said = "pull access denied, repository does not exist or may require authorization " * 6
    for suffix, image in (("klmno", "web:1.8"), ("pqrst", "sidecar:9")):
        cluster.apply(
            make.of_deployment(
                "web",
                shop.WEB_NEW,
                suffix,
                image=f"registry.example/{image}",
                waiting="ErrImagePull",
                message=f"{image}: {said}",
                phase="Pending",
                age=120,
            )
        )
    async with running(cluster, MEDIUM) as run:
        await run.press("j")
        for line in (
            "blocked: web-7f8b9-klmno: image",
            "blocked: web-7f8b9-pqrst: image",
            "last fully healthy: revision 6",
            "unavailable 1 of max",
            "▶7",
            "✓6",
        ):
            await run.sees(line)


async def test_why_pods_are_pending_stands_over_them_in_a_small_window() -> None:
    cluster = shop.shop()
    said = "0/4 nodes are available: 2 had taint {a: b}, 2 Insufficient cpu."
    for suffix in ("klmno", "pqrst"):
        pod = make.of_deployment("web", shop.WEB_NEW, suffix, unschedulable=said)
        cluster.apply(pod)
    async with running(cluster, SMALL) as run:
        await run.press("j", "tab")
        await run.sees("! 2 unschedulable: 2 had taint {a: b}, 2 Insufficient")


async def test_what_a_revision_is_stands_beside_an_image_that_has_no_room() -> None:
    image = "registry.example/a-service-with-a-rather-long-name-that-someone-chose:1.8.0-rc.1"
    cluster = shop.shop()
    cluster.apply(make.replicaset("web", shop.WEB_OLD, revision=6, desired=2, image=image))
    async with running(cluster, WIDE) as run:
        await run.press("j")
        assert run.cursor_in("workloads") == shop.WEB.uid
        await run.sees("Rollout of web")
        newest = next(line for line in run.text.splitlines() if "▶7" in line)
        assert "web:1.8 (was a-" in newest
        assert "… rolling to" in newest


@pytest.mark.parametrize(("phase", "words"), [(None, "● live"), (STALE, "! stale 75s")])
async def test_the_smallest_window_still_says_whether_it_is_true(
    phase: Phase | None, words: str
) -> None:
    cluster = shop.shop()
    async with running(cluster, (40, 10)) as run:
        if phase is not None:
            cluster.set_phase(phase, "pods")
            await run.settle()
        assert words in run.text.splitlines()[0]


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (
            Stale(NOW - 4, "can't reach https://kube.example:6443: Connection refused", NOW + 2),
            ("Connection refused", "^r tries now"),
        ),
        (
            Unauthorized('the cluster does not accept the token of user "jo" in /home/jo/.kube/it'),
            ('user "jo" in', "/home/jo/.kube/it", "log in anew"),
        ),
    ],
)
async def test_why_nothing_could_be_read_has_room_in_a_small_window(
    phase: Phase, words: tuple[str, ...]
) -> None:
    cluster = FakeCluster()
    cluster.set_phase(phase)
    async with running(cluster, (60, 16)) as run:
        for word in words:
            assert word in run.text
