"""Where the command line, the pickers, the mouse, the help and the palette lead."""

from __future__ import annotations

import pytest
from rich.console import Console
from textual.command import CommandList
from textual.widgets import OptionList

from k8stui.actions.interface import Comparison
from k8stui.actions.registry import ACTIONS
from k8stui.errors import K8sTuiError
from k8stui.resources.kinds import ResourceType
from k8stui.resources.table import TableRow, columns_for
from k8stui.ui._textual_compat.screens import Palette
from k8stui.ui.screens.browse import BrowseScreen
from k8stui.ui.screens.cockpit import CockpitScreen
from k8stui.ui.screens.comparison import ComparisonScreen
from k8stui.ui.screens.help import HelpScreen, help_document
from k8stui.ui.screens.picker import Picker
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.viewmodels.live import ObjectRef
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, WIDE, Running, running

CERTIFICATE = ResourceType(
    group="cert.example", version="v1", plural="certificates", kind="Certificate"
)


@pytest.mark.parametrize(
    ("typed", "opened", "filtered"),
    [
        ("po", ("pods", "shop", ""), ""),
        ("svc -n web-team app=web /text", ("services", "web-team", "app=web"), '/"text"'),
        ("deploy -A", ("deployments.apps", "", ""), ""),
        ("top nodes", ("nodes", "shop", ""), ""),
    ],
)
async def test_a_kind_is_gone_to_with_its_namespace_selector_and_filter(
    typed: str, opened: tuple[str, str, str], filtered: str
) -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.command(typed)
        assert isinstance(run.app.screen, BrowseScreen)
        assert cluster.opened == [opened]
        assert opened[0] in run.text
        assert filtered in run.text
        if typed == "top nodes":
            assert run.app.screen.view.sort == ("cpu", True)
        await run.press("escape", "escape")
        assert run.cockpit
        assert cluster.tables[0].closed


async def test_an_unknown_kind_says_so_and_what_is_near() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.command("deploymnts")
        await run.sees("did you mean deployments")
        await run.press("escape")
        await run.command("zzz9")
        await run.sees("no kind 'zzz9'")
        assert run.focused == "prompt-input"
        await run.press("escape")
        assert run.focused == "workloads-table"
        assert not cluster.opened


async def test_completions_are_offered_and_taken() -> None:
    cluster = shop.shop()
    cluster.extra_kinds = [CERTIFICATE]
    async with running(cluster, MEDIUM) as run:
        await run.hit("colon")
        await run.sees("deployments")
        await run.type("cert")
        await run.sees("Certificate · cert.example")
        await run.hit("tab")
        await run.type("we")
        await run.sees("web-team")
        await run.hit("tab")
        await run.press("enter")
        assert cluster.opened == [("certificates.cert.example", "web-team", "")]


async def test_browsing_opens_details_below_and_escape_goes_back_step_by_step() -> None:
    cluster = shop.shop()
    cluster.documents["describe", ObjectRef("pods", "shop", "db-0")] = ["all about db-0"]
    async with running(cluster, MEDIUM) as run:
        await run.command("po /db-0")
        await run.press("d")
        await run.sees("all about db-0")
        await run.press("tab")
        assert run.focused == "browse-table"
        await run.press("z")
        assert "RESTARTS" not in run.text
        await run.press("escape")
        assert "RESTARTS" in run.text
        await run.press("escape")
        assert "all about" not in run.text
        await run.press("escape")
        assert "web-66d5c-abcde" in run.text
        await run.press("escape")
        assert run.cockpit


async def test_a_described_object_that_is_gone_says_so() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "tab", "d")
        await run.sees("not found")
        await run.press("y")
        await run.sees("not found")


async def test_another_namespace_by_command_and_back() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.command("ns web-team")
        assert run.cluster.namespace == "web-team"
        assert "nothing runs in web-team" in run.text
        await run.press("0")
        assert run.cluster.namespace == ""
        assert [each.closed for each in run.clusters.opened] == [True, True, False]


async def test_the_namespace_picker_has_the_recent_ones_first() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("n")
        assert _choices(run) == ["all namespaces", "web-team recent", "default", "● shop"]
        await run.type("defx")
        assert _choices(run) == ["nothing matches"]
        await run.press("down", "enter")
        assert _choices(run) == ["nothing matches"]
        await run.press("backspace", "enter")
        assert run.cluster.namespace == "default"
        assert run.cockpit


async def test_a_namespace_can_be_typed_where_they_can_not_be_listed() -> None:
    cluster = shop.shop()
    cluster.listed = ((), "namespaces is forbidden for [red]alice[/]")
    async with running(cluster, MEDIUM) as run:
        await run.press("n")
        assert "forbidden for [red]alice[/]; type a name" in run.text
        await run.type("secret-place")
        assert _choices(run) == ["Enter takes it as typed"]
        await run.press("enter")
        assert run.cluster.namespace == "secret-place"


async def test_contexts_are_picked_and_a_bad_one_leaves_everything_as_it_is() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.clusters.refused = K8sTuiError("no such [red]user[/]", "check the kubeconfig")
        await run.press("x")
        assert "staging-eu · alice · ns default" in run.text
        await run.press("down", "enter")
        await run.sees("no such [red]user[/]")
        assert run.cluster.context == "prod"
        assert not run.cluster.closed
        run.clusters.refused = None
        await run.command("ctx staging")
        assert run.cluster.context == "staging"


def _choices(run: Running) -> list[str]:
    assert isinstance(run.app.screen, Picker)
    console = Console(width=100, color_system=None)
    shown = []
    for option in run.app.screen.query_one(OptionList).options:
        with console.capture() as drawn:
            console.print(option.prompt, markup=False)
        shown.append(" ".join(drawn.get().split()))
    return shown


async def test_secrets_are_revealed_one_at_a_time() -> None:
    cluster = FakeCluster()
    kind = ResourceType(group="", version="v1", plural="secrets", kind="Secret")
    cluster.extra_kinds = [kind]
    async with running(cluster, MEDIUM) as run:
        await run.command("secrets")
        table = cluster.tables[0]
        table.given = columns_for(())
        rows = [
            TableRow(uid=name, namespace="shop", name=name, resource_version="1")
            for name in ("first", "second")
        ]
        for row in rows:
            cluster.documents["yaml", ObjectRef("secrets", "shop", row.name)] = [
                f"{row.name}: ******"
            ]
        table.collection.upsert(rows)
        await run.settle()
        await run.press("y")
        await run.sees("first: ******")
        await run.press("R")
        await run.sees("first: hunter2")
        assert "revealed" in run.text
        await run.press("tab", "j")
        await run.sees("second: ******")
        await run.press("k")
        await run.sees("first:")
        assert "hunter2" not in run.text


async def test_c_copies_the_name_of_what_is_selected() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("c")
        assert run.app.clipboard == "crasher"
        await run.press("tab", "c")
        assert run.app.clipboard == shop.CRASHER.name


async def test_brackets_step_through_the_tabs() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        seen = []
        for _ in range(4):
            await run.press("right_square_bracket")
            seen.append(run.cockpit.detail.tab)
        assert seen == ["events", "describe", "yaml", "logs"]
        await run.press("left_square_bracket")
        assert run.cockpit.detail.tab == "yaml"
        assert run.focused == "workloads-table"


async def test_the_mouse_selects_opens_and_presses() -> None:
    async with running(shop.shop(), WIDE) as run:
        workloads, pods = run.cockpit.workloads.table, run.cockpit.pods.table
        await run.click(workloads, 5, 2)
        assert run.cursor_in("workloads") == shop.WEB.uid
        await run.click(pods, 5, 2)
        assert run.focused == "pods-table"
        await run.click(pods, 5, 2, times=2)
        assert "Containers of" in run.text
        await run.click(run.cockpit.detail.strip, 10, 0)
        assert run.cockpit.detail.tab == "events"
        bar = run.app.screen.query_one(KeyBar)
        await run.click(bar, run.text.splitlines()[-1].index("Help"), 0)
        await run.until(lambda: isinstance(run.app.screen, HelpScreen))


def test_the_help_lists_every_action_of_the_registry() -> None:
    text = "\n".join(line.text for line in help_document().lines)
    assert not [spec.title for spec in ACTIONS if spec.keys and spec.help not in text]


async def test_the_help_opens_scrolls_and_closes() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("question_mark")
        assert "Esc closes" in run.text
        await run.press("G")
        await run.press("escape")
        assert run.cockpit


@pytest.mark.parametrize(
    ("pane", "heading", "key"),
    [
        ("workloads-table", "Go", "All namespaces"),
        ("rollout-table", "Change", "Roll back"),
        ("detail-logs", "Logs", "newest line"),
    ],
)
async def test_the_help_opens_at_the_keys_of_what_has_the_focus(
    pane: str, heading: str, key: str
) -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.cockpit.query_one(f"#{pane}").focus()
        await run.until(lambda: run.focused == pane)
        await run.hit("question_mark")
        await run.sees("Esc closes")
        lines = [line.strip(" │▌▏┃") for line in run.text.splitlines()]
        assert lines[lines.index(heading) - 1].endswith("╮"), run.text
        assert key.lower() in run.text.lower()


async def test_the_help_opens_over_a_text_that_is_read_and_gives_it_back() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        sides = Comparison(
            before_title="now", after_title="revision 6", changes=(), before={}, after={"a": 2}
        )
        run.app.push_screen(ComparisonScreen("deploy/web", sides))
        await run.sees("v beside each other")
        for key in ("question_mark", "f1"):
            await run.hit(key)
            await run.sees("In a diff: beside each other")
            await run.hit(key)
            await run.sees("v beside each other")


async def test_the_palette_lists_every_action_and_runs_it() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        commands = {each.title: each for each in run.app.get_system_commands(run.app.screen)}
        assert not [
            spec.title
            for spec in ACTIONS
            if not any(title.startswith(spec.title) for title in commands)
        ]
        await run.press("ctrl+p")
        await run.type("next tab")
        await run.until(lambda: "Next tab" in run.text)
        await run.hit("enter")
        await run.until(
            lambda: isinstance(run.app.screen, CockpitScreen) and run.cockpit.detail.tab == "events"
        )


async def test_a_palette_that_is_left_at_once_ends_nothing() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        run.app.action_command_palette()
        palette = run.app.screen
        assert isinstance(palette, Palette)
        await run.until(lambda: bool(palette.query(CommandList)))
        await palette.query_one(CommandList).remove()
        await palette._gather_commands("logs").wait()
        await run.press("escape")
        assert run.cockpit
        assert run.app.crash is None


async def test_two_keys_at_once_leave_a_dialog_and_not_what_is_below() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        for key in ("question_mark", "n"):
            await run.press(key)
            await run.until(lambda: not isinstance(run.app.screen, CockpitScreen))
            run.send("escape", "escape")
            await run.handled()
            await run.until(lambda: isinstance(run.app.screen, CockpitScreen))
        await run.command("svc")
        await run.until(lambda: not isinstance(run.app.screen, CockpitScreen))
        run.send("escape", "escape", "escape")
        await run.handled()
        await run.until(lambda: isinstance(run.app.screen, CockpitScreen))
        assert run.app.crash is None


async def test_two_enters_at_once_run_a_command_of_the_palette_once() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("ctrl+p")
        await run.type("next tab")
        await run.until(lambda: "Next tab" in run.text)
        run.send("enter", "enter", "enter")
        await run.handled()
        await run.until(
            lambda: isinstance(run.app.screen, CockpitScreen) and run.cockpit.detail.tab == "events"
        )
        await run.settle()
        assert run.cockpit.detail.tab == "events"
        assert run.app.crash is None


async def test_try_now_wakes_the_cluster() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("ctrl+r")
        assert run.cluster.woken == 1


async def test_a_list_that_is_left_before_it_is_there_does_no_harm() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        picker = Picker("Namespaces", ())
        run.app.push_screen(picker)
        await picker.dismiss(None)
        await run.handled()
        assert run.app.crash is None
        assert isinstance(run.app.screen, CockpitScreen)
