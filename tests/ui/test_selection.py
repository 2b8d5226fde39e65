"""What is selected decides what every other pane is about."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.resources.document import Document
from k8stui.viewmodels.live import ObjectRef, View
from tests.ui import objects as make
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, SMALL, WIDE, running


async def test_selecting_a_workload_scopes_pods_rollout_logs_and_events() -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        cluster.tail.put(shop.CRASHER, "panic: no database")
        cluster.tail.put(shop.WEB_PODS[0], "GET / 200")
        await run.settle()
        # What is wrong comes first, and is what the cursor stands on.
        assert run.cursor_in("workloads") == make.uid_of("Deployment", "crasher")
        await run.sees("panic: no database")
        assert "GET / 200" not in run.text

        await run.press("j")
        await run.sees("GET / 200")
        text = run.text
        assert "Pods of web  3" in text
        assert "Rollout of web  2" in text
        assert "crasher-bbbb2-zzz" not in text
        assert "panic" not in text
        assert cluster.tail.selection.uids == frozenset(pod.uid for pod in shop.WEB_PODS)

        await run.press("e")
        text = run.text
        assert "manifest unknown" in text
        assert "Scaled up web-7f8b9" in text
        assert "Back-off restarting" not in text


async def test_enter_goes_down_to_the_containers_and_escape_back_up() -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        await run.press("j", "enter")
        assert run.focused == "pods-table"
        await run.press("j", "enter")
        chosen = run.cockpit.model.open_pod
        assert chosen is not None
        assert f"Containers of {chosen.name}" in run.text
        assert "sidecar" in run.text
        await run.press("j")
        assert cluster.tail.selection.uids == frozenset((chosen.uid,))
        only = cluster.tail.selection.container
        assert only is not None
        assert only.search("sidecar")
        await run.press("enter")
        assert run.focused == "detail-logs"
        await run.press("escape")
        assert run.focused == "pods-table"
        await run.press("escape")
        assert "Pods of web" in run.text
        assert run.cursor_in("pods") == chosen.uid
        await run.press("escape")
        assert run.focused == "workloads-table"


async def test_a_selected_pod_narrows_the_detail_pane() -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        await run.press("j", "tab", "j")
        assert cluster.tail.selection.uids == frozenset((run.cursor_in("pods"),))
        await run.press("tab", "G")
        hashed = frozenset(pod.uid for pod in shop.WEB_PODS if shop.WEB_NEW in pod.name)
        await run.until(lambda: cluster.tail.selection.uids in (hashed, _old_pods()))
        await run.press("escape")
        await run.until(lambda: len(cluster.tail.selection.uids or ()) == 3)


def _old_pods() -> frozenset[str]:
    return frozenset(pod.uid for pod in shop.WEB_PODS if shop.WEB_OLD in pod.name)


async def test_tab_goes_round_the_panes_in_both_ways() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        seen = [run.focused]
        for _ in range(4):
            await run.press("tab")
            seen.append(run.focused)
        ring = ["workloads-table", "pods-table", "rollout-table", "detail-logs"]
        assert seen == [*ring, ring[0]]
        await run.press("shift+tab")
        assert run.focused == "detail-logs"


@pytest.mark.parametrize("size", [WIDE, MEDIUM])
async def test_zoom_gives_one_pane_the_screen_and_takes_it_back(size: tuple[int, int]) -> None:
    async with running(shop.shop(), size) as run:
        await run.press("j", "tab", "z")
        text = run.text
        assert "Pods of web" in text
        assert "WORKLOAD" not in text
        assert "Rollout of" not in text
        assert run.cockpit.pods.size.width == size[0]
        await run.press("tab")
        assert "Rollout of web" in run.text
        assert "Pods of" not in run.text
        await run.press("escape")
        assert "WORKLOAD" in run.text
        await run.press("z", "z")
        assert "WORKLOAD" in run.text


async def test_a_small_terminal_shows_one_pane_with_the_others_one_key_away() -> None:
    async with running(shop.shop(), SMALL) as run:
        shown = []
        for _ in range(4):
            text = run.text
            shown.append(
                [mark in text for mark in ("[Workloads]", "[Pods]", "[Rollout]", "[Detail]")].index(
                    True
                )
            )
            titles = ("Workloads  6", "Pods of crasher", "Rollout of crasher", "[Logs]")
            assert sum(title in text for title in titles) == 1
            await run.press("tab")
        assert shown == [0, 1, 2, 3]
        assert "Workloads  6" in run.text
        await run.press("d")
        assert "[Describe]" in run.text


async def test_resizing_keeps_selection_focus_and_what_is_shown() -> None:
    async with running(shop.shop()) as run:
        await run.press("j", "tab", "j")
        before = run.cursor_in("workloads"), run.cursor_in("pods"), run.focused
        for size in (SMALL, MEDIUM, (101, 20), (40, 10), WIDE):
            await run.pilot.resize_terminal(*size)
            await run.settle()
            assert (run.cursor_in("workloads"), run.cursor_in("pods"), run.focused) == before
            name = next(pod.name for pod in shop.WEB_PODS if pod.uid == before[1])
            assert name[-5:] in run.text, size


async def test_a_workload_that_goes_leaves_the_cursor_on_its_neighbour() -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        await run.press("j")
        cluster.remove(shop.WEB)
        cluster.remove(*shop.WEB_PODS)
        await run.settle()
        assert run.cursor_in("workloads") not in (None, shop.WEB.uid)
        assert "Pods of web" not in run.text
        model = run.cockpit.model
        assert model.workload is not None
        assert f"Pods of {model.workload.name}" in run.text


async def test_a_pod_that_goes_while_its_containers_are_shown_can_still_be_read() -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        await run.press("j", "enter", "enter")
        pod = run.cockpit.model.open_pod
        assert pod is not None
        cluster.remove(pod)
        await run.settle()
        assert f"Containers of {pod.name}" in run.text
        assert "sidecar" in run.text
        await run.press("escape")
        assert "Pods of web  2" in run.text


async def test_a_namespace_without_anything_says_so() -> None:
    cluster = FakeCluster()
    async with running(cluster) as run:
        assert "nothing runs in shop" in run.text
        await run.press("j", "enter", "enter", "d", "y", "e", "l", "o", "escape", "escape")
        cluster.apply(shop.CART, make.replicaset("cart", "aaaa1"), *shop.CART_PODS)
        await run.settle()
        assert run.cursor_in("workloads") == shop.CART.uid
        assert "Pods of cart  2" in run.text


async def test_names_in_all_namespaces_say_where() -> None:
    cluster = FakeCluster(namespace="")
    cluster.apply(make.deployment("web", namespace="a"), make.deployment("web", namespace="b"))
    async with running(cluster) as run:
        assert "all namespaces" in run.text
        assert "NAMESPACE" in run.text


class Slow(FakeCluster):
    """Answers for a document when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()

    async def document(self, view: View, ref: ObjectRef, reveal: bool) -> Document:
        found = await super().document(view, ref, reveal)
        await self.may_answer.wait()
        return found


async def test_a_document_is_read_to_its_end_while_its_object_changes() -> None:
    cluster = Slow()
    shop.fill(cluster)
    web = ObjectRef("deployments.apps", "shop", "web")
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "d")
        await run.until(lambda: cluster.asked.count(("describe", web, False)) == 1)
        for version in (2, 3, 4):
            cluster.apply(
                make.deployment(
                    "web", desired=3, ready=2, revision=7, deadline_in=461, version=version
                )
            )
            await run.settle()
        assert cluster.asked.count(("describe", web, False)) == 1
        cluster.may_answer.set()
        await run.sees("describe line 0")
        # The last of the changes is read after that.
        await run.until(lambda: cluster.asked.count(("describe", web, False)) == 2)
        await run.settle()
        assert cluster.asked.count(("describe", web, False)) == 2
