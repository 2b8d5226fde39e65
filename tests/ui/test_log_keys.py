"""The keys of the log pane: what a person sees of them, and that none of them asks the server."""

from __future__ import annotations

import re

from k8stui.logs.selection import Selection
from k8stui.ui.screens.browse import BrowseScreen
from k8stui.ui.widgets.log_header import LogHeader
from k8stui.ui.widgets.log_view import LogView
from tests.ui import objects as make
from tests.ui import shop
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, Running, running

CORPUS = (
    "\x1b[2J\x1b[1;1Hgone",
    "\x1b[?1049haltscreen",
    "\x1b]0;owned\x07title",
    "\x1b]52;c;b3duZWQ=\x07clip",
    "\x1bPq#0;2;0;0;0\x1b\\sixel",
    "\x1b_apc\x1b\\",
    "\x1b^pm\x1b\\",
    "\x1b[cda\x1b[6n",
    "\x9b31mC1",
    "lone\x1b",
    "bell\x07back\x08",
    "progress 1%\rprogress 2%",
    "[red]red[/] [@click=app.quit]x[/] [/b] [YELLOW]",
    "a\u202egnp.exe\u2066\u200b",
    "z" + "\u0301" * 40,
    "日本語🚀 wide",
    "nul\x00here\ttab",
)
_OWN = re.compile(
    r"\x1b\[[0-9;]*[mH]|\x1b\[[0-9]+[CX]|\x1b\[\?\d+[hl]|\x1b\]22;[a-z-]*\x07|\x1b\[[<>=][0-9;]*u"
    r"|\x1b\]52;c;[\w+/=]*\x07"
)
_FOREIGN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


class Counted:
    """Counts what is asked of the engine."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.asked = 0
        select, older = cluster.tail.select, cluster.tail.load_older

        def selecting(selection: Selection, *, history: bool = True) -> None:
            self.asked += 1
            select(selection, history=history)

        async def loading(*args: object, **named: object) -> object:
            self.asked += 1
            return await older(*args, **named)  # type: ignore[arg-type]

        cluster.tail.select = selecting  # type: ignore[method-assign]
        cluster.tail.load_older = loading  # type: ignore[method-assign,assignment]


async def opened(run: Running, *lines: str) -> LogView:
    """The log pane over the whole screen, with these lines."""
    await run.press("l", "z")
    pod = run.cluster.collection("pods").get(sorted(run.cluster.tail.selection.uids or ())[0])
    assert pod is not None
    run.cluster.tail.put(pod, *lines)
    await run.settle()
    view = run.cockpit.detail.logs
    assert view.has_focus
    return view


async def test_no_filter_search_or_look_asks_for_anything() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, *[f"line {n} level=info msg=x" for n in range(100)])
        counted = Counted(run.cluster)
        for key in ("f", "f", "w", "w", "A", "X", "T", "J", "J", "J", "O", "O", "M", "m"):
            await run.press(key)
        await run.press("slash", *"line 7", "enter")
        assert "line 70" in run.text
        assert "line 60" not in run.text
        assert counted.asked == 0


async def test_escape_shows_all_lines_again_before_it_leaves_the_log() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.command("deploy")
        await run.press("l", "slash", *"ERROR !x", "enter")
        browse = run.screen
        assert isinstance(browse, BrowseScreen)
        assert browse.logs.filter_text == "ERROR !x"
        await run.press("escape")
        assert browse.logs.filter_text == ""
        assert run.focused == "detail-logs"


async def test_escape_brings_the_lines_back_that_a_filter_hid() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, "a line", "an ERROR")
        await run.press("slash", *"ERROR", "enter")
        await run.loses("a line")
        await run.press("escape")
        await run.sees("a line")
        assert view.has_focus
        await run.press("escape", "escape")
        assert run.focused == "workloads-table"


async def test_the_bar_of_keys_and_help_name_the_pane_s_own() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        assert "t Timeline" not in run.text
        await opened(run, "x")
        assert "t Timeline" in run.text
        assert "? Help" in run.text


async def test_events_and_state_changes_come_among_the_lines_with_t() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await opened(run, "a line of the log")
        await run.press("t")
        await run.sees("timeline")
        uids = cluster.tail.selection.uids or frozenset()
        pod = cluster.collection("pods").get(sorted(uids)[0])
        assert pod is not None
        cluster.apply(make.event("late", pod, "BackOff", "Back-off restarting"))
        await run.settle()
        await run.sees("event: BackOff")
        assert "a line of the log" in run.text
        await run.press("t")
        await run.loses("event: BackOff")


async def test_streams_are_a_table_and_one_can_be_chosen() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, "x")
        await run.hit("S")
        await run.until(lambda: type(run.app.screen).__name__ == "StreamsScreen")
        await run.until(lambda: "live" in run.text)
        assert "CONTAINER" in run.text
        await run.hit("escape")


async def test_the_corpus_reaches_the_terminal_as_text_only() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await opened(run, *CORPUS)
        await run.press("slash", *"[red]", "escape", "w", "J", "J", "J", "T", "space", "k", "c")
        rest = _OWN.sub("", run.driver.data)
        found = _FOREIGN.search(rest)
        assert found is None, rest[max(0, found.start() - 40) : found.end() + 20]
        assert "[red]red[/] [@click=app.quit]x[/]" in run.text


async def test_the_line_over_the_log_is_painted_in_the_frame_of_the_lines() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        view = await opened(run, *[f"line {number}" for number in range(90)])
        header = run.screen.query_one(LogHeader)

        def told() -> str:
            return "".join(segment.text for segment in header.render_line(0))

        view.action_toggle_follow()
        assert "▼" not in told()
        view.action_toggle_follow()
        # Nothing has had a turn since: a message would come after the next frame.
        assert "▼" in told()
