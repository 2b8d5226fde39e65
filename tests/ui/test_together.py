"""An action on several marked rows, as it is asked for with keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from k8stui.actions.intents import Pause, Request, Restart, Resume, Rollback, Subject
from k8stui.actions.interface import Outcome, Possible, Preview, Step, Undo
from k8stui.actions.write_actions import WRITE_ACTIONS
from k8stui.cluster.writes import merge_patch
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.ui.widgets.resource_table import ResourceTable
from tests.ui import shop
from tests.ui.fake_cluster import FakeActions, FakeCluster
from tests.ui.running import MEDIUM, SMALL, running


class Asked(FakeActions):
    """Everything may be done; what is asked for is kept."""

    read_only = ""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def known(self, subjects: Sequence[object]) -> tuple[Possible, ...]:
        return tuple(Possible(spec, "") for spec in WRITE_ACTIONS)

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        self.requests = [*requests]
        return tuple(
            Preview(intent=intent, subject=subject, title=subject.text, refused="not now")
            for intent, subject in requests
        )


def asking() -> tuple[FakeCluster, Asked]:
    cluster, asked = shop.shop(), Asked()
    cluster.actions = asked
    return cluster, asked


@pytest.mark.parametrize(("keys", "names"), [("jj", {"web", "agent"}), ("jjj", {"web", "cart"})])
async def test_every_marked_row_has_its_part(keys: str, names: set[str]) -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", *keys[1:], "space", "r")
        await run.sees("Restart 2 objects")
        assert {one.subject.name for one in asked.requests} == names
        for name in names:
            assert f"/{name}" in run.text


async def test_pausing_goes_one_way_for_all() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "P")
        await run.until(lambda: bool(asked.requests))
        assert [type(one.intent) for one in asked.requests] == [Pause]
        assert Resume not in [type(one.intent) for one in asked.requests]


async def test_marks_out_of_sight_are_left_alone_and_told() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "j", "space", "slash")
        await run.type("web")
        await run.press("enter", "ctrl+d")
        await run.sees("1 marked row is filtered out of sight")
        assert [one.subject.name for one in asked.requests] == ["web"]


async def test_keys_that_come_faster_than_messages_act_on_what_is_marked_and_selected() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.burst("j", "space", "j", "space", "j", "space", "r")
        await run.sees("Restart 3 objects")
        assert len(asked.requests) == 3


@pytest.mark.parametrize("downs", [1, 2, 3])
async def test_an_action_is_for_the_row_that_the_cursor_stands_on(downs: int) -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.burst(*"j" * downs, "r")
        await run.until(lambda: bool(asked.requests))
        table = run.app.screen_stack[-2].query_one("#workloads-table", ResourceTable)
        assert [one.subject.uid for one in asked.requests] == [table.cursor_key]


async def test_a_pane_that_was_just_entered_is_where_an_action_is_for() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.burst("j", "tab", "ctrl+d")
        await run.until(lambda: bool(asked.requests))
        assert [one.subject.kind for one in asked.requests] == ["pods"]


class Doing(Asked):
    """Everything is accepted at once."""

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        self.requests = [*requests]
        return tuple(
            Preview(
                intent=intent, subject=subject, title=subject.text, write=merge_patch("/apis", {})
            )
            for intent, subject in requests
        )

    async def perform(self, preview: Preview) -> AsyncIterator[Step]:
        told = "the server has accepted it"
        # The object of before is gone: that ends it at once.
        yield Step("", Outcome(result="accepted", text=told, uid="gone"))

    def undo(self) -> Undo | None:
        (request,) = self.requests
        if isinstance(request.intent, Restart):
            return None
        return Undo((Request(Resume(), request.subject),), "resume it")


async def test_what_was_done_is_taken_back_from_its_own_dialog() -> None:
    cluster, doing = shop.shop(), Doing()
    cluster.actions = doing
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "P")
        await run.sees("Enter does it")
        await run.press("enter")
        await run.sees("Enter and Esc close · ^z resume it")
        await run.press("ctrl+z")
        await run.until(lambda: [type(one.intent) for one in doing.requests] == [Resume])
        await run.sees("Enter does it")


async def test_nothing_is_offered_where_nothing_takes_it_back() -> None:
    cluster, doing = shop.shop(), Doing()
    cluster.actions = doing
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "r")
        await run.sees("Enter does it")
        await run.press("ctrl+z")
        await run.sees("nothing is done yet that could be taken back")
        await run.press("enter")
        await run.sees("Enter and Esc close")
        assert "Enter and Esc close ·" not in run.text
        await run.press("ctrl+z")
        await run.sees("nothing takes this back")
        assert [type(one.intent) for one in doing.requests] == [Restart]


async def test_the_help_over_a_dialog_is_about_dialogs() -> None:
    cluster = shop.shop()
    cluster.actions = Doing()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "r")
        await run.sees("Enter does it")
        await run.hit("question_mark")
        await run.sees("In a preview: copy the kubectl command")
        await run.hit("question_mark")
        await run.sees("Enter does it")


class Barred(Asked):
    """Some things may not be done, as the server tells when it is asked."""

    asked = False

    async def possible(self, subjects: Sequence[Subject]) -> tuple[Possible, ...]:
        self.asked = True
        return self.known(subjects)

    def known(self, subjects: Sequence[object]) -> tuple[Possible, ...]:
        why = "you may not patch deployments.apps in namespace shop" if self.asked else ""
        barred = ("rollback", "restart")
        return tuple(Possible(spec, why if spec.id in barred else "") for spec in WRITE_ACTIONS)


async def test_what_one_may_not_do_is_dim_and_says_which_right_is_missing() -> None:
    cluster, barred = shop.shop(), Barred()
    cluster.actions = barred
    async with running(cluster, MEDIUM) as run:
        await run.press("j")
        bar = run.app.screen.query_one(KeyBar)
        dim = bar.get_component_rich_style("key-bar--refused")

        def dimmed() -> str:
            return "".join(each.text for each in bar.render_line(0) if each.style == dim)

        await run.until(lambda: "u Roll back  r Restart" in dimmed())
        assert "Logs" not in dimmed()
        await run.hit("ctrl+p")
        await run.type("restart")
        await run.sees("✗ you may not patch deployments.apps in namespace shop")
        await run.press("escape", "r")
        await run.sees("Restart: you may not patch deployments.apps")
        assert barred.requests == []


async def test_the_list_of_actions_tells_each_reason_to_its_end_where_there_is_little_room() -> (
    None
):
    cluster = shop.shop()
    cluster.actions = Barred()
    async with running(cluster, SMALL) as run:
        await run.press("j", "a")
        await run.sees("What to do with")
        why = "✗ you may not patch deployments.apps in namespace shop"
        await run.until(lambda: " ".join(run.text.replace("│", " ").split()).count(why) == 2)


async def test_escape_takes_the_marks_away_and_then_goes_back() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "j", "space", "escape", "r")
        await run.until(lambda: bool(asked.requests))
        assert len(asked.requests) == 1


class Slow(Doing):
    """The server takes its time with one of the objects, and one never comes to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = asyncio.Event()

    async def perform(self, preview: Preview) -> AsyncIterator[Step]:
        await self.answered.wait()
        told = "the server has accepted it"
        yield Step("", Outcome(result="accepted", text=told, uid=preview.subject.uid))


async def test_of_a_dialog_that_was_left_each_verdict_is_told_when_it_comes() -> None:
    cluster, slow = shop.shop(), Slow()
    cluster.actions = slow
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "j", "j", "space", "r")
        await run.sees("Enter does it")
        await run.press("enter")
        await run.sees("under way")
        await run.press("escape")
        await run.loses("under way")
        slow.answered.set()
        await run.sees("deploy/cart: done in")
        assert "deploy/web: " not in run.text


async def test_what_became_of_each_of_several_is_in_sight_together() -> None:
    cluster, slow = shop.shop(), Slow()
    cluster.actions = slow
    slow.answered.set()
    async with running(cluster, SMALL) as run:
        await run.press("j", "space", "j", "j", "space", "r")
        await run.sees("Enter does it")
        await run.press("enter")
        for line in ("deploy/web", "! stuck", "blocked: web-7f8b9-klmno", "deploy/cart", "✓ done"):
            await run.sees(line)
        assert "surge" not in run.text


async def test_a_rollback_goes_to_the_revision_selected_unless_that_is_there_already() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "tab", "tab", "u")
        await run.until(lambda: [one.intent for one in asked.requests] == [Rollback(0)])
        await run.press("escape", "j", "u")
        await run.until(lambda: [one.intent for one in asked.requests] == [Rollback(6)])


@pytest.mark.parametrize(
    ("keys", "focused"),
    [(("tab", "tab", "escape"), "workloads-table"), (("tab", "tab", "shift+tab"), "pods-table")],
)
async def test_panes_follow_keys_that_come_fast(keys: tuple[str, ...], focused: str) -> None:
    async with running(shop.shop(), SMALL) as run:
        await run.burst(*keys)
        await run.until(lambda: run.focused == focused)
        assert f"[{focused.partition('-')[0].title()}]" in run.text
