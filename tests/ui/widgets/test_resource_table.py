"""What a user sees and does in a table: cursor, order, marks, columns, mouse, hostile text."""

from __future__ import annotations

import pytest
from textual import events

from k8stui.resources.record import Tone
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.viewmodels.table_source import ColumnLayout
from tests.ui.widgets.pods_source import Pod, PodsSource, pods
from tests.ui.widgets.stage import Stage, staged


def keys_of(stage: Stage[ResourceTable]) -> list[str | None]:
    """The keys that the cursor was reported on."""
    messages = stage.posted(ResourceTable.RowHighlighted)
    return [m.key for m in messages if isinstance(m, ResourceTable.RowHighlighted)]


def cursor_line(stage: Stage[ResourceTable]) -> int:
    return next(y for y, line in enumerate(stage.lines()) if line.startswith("▸"))


async def test_header_rows_and_cursor_are_shown() -> None:
    async with staged(ResourceTable(PodsSource(pods(3))), size=(120, 10)) as stage:
        lines = stage.lines()
        assert lines[0].split()[:4] == ["NAME", "READY", "STATUS", "RESTARTS"]
        assert lines[1].startswith("▸ web-7f6d9c5b8d-00000  1/1    Running")
        assert lines[2].startswith("  web-7f6d9c5b8d-00001")
        assert lines[4:] == [""] * 6


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["down"], 1),
        (["j", "j", "k"], 1),
        (["up"], 0),
        (["end"], 99),
        (["G", "home"], 0),
        (["G", "g"], 0),
        (["pagedown"], 9),
        (["ctrl+f", "ctrl+f", "ctrl+b"], 9),
        (["G", "down"], 99),
    ],
)
async def test_keys_move_the_cursor(keys: list[str], expected: int) -> None:
    async with staged(ResourceTable(PodsSource(pods(100))), size=(100, 10)) as stage:
        await stage.press(*keys)
        assert stage.widget.cursor_key == f"uid-{expected}"
        assert stage.lines()[cursor_line(stage)].split()[1].endswith(f"{expected:05}")


async def test_the_cursor_is_reported_only_when_its_row_is_another() -> None:
    source = PodsSource(pods(10))
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        await stage.press("down")
        source.change(1, restarts=1)
        stage.widget.refresh_rows()
        await stage.press("home", "home")
        assert keys_of(stage) == ["uid-0"]


async def test_the_cursor_stays_with_its_row_when_rows_are_sorted_anew() -> None:
    source = PodsSource(pods(100))
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        await stage.press("down", "down", "down")
        stage.reset()
        source.pods.reverse()
        stage.widget.refresh_rows()
        await stage.settle()
        assert stage.widget.cursor_key == "uid-3"
        assert "00003" in stage.lines()[cursor_line(stage)]
        assert keys_of(stage) == []


async def test_the_cursor_row_stays_on_its_line_when_rows_come_above() -> None:
    source = PodsSource(pods(200))
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        await stage.press("pagedown", "pagedown", "down", "down")
        line = cursor_line(stage)
        source.pods[:0] = [Pod(f"above-{i}", f"above-{i}") for i in range(7)]
        source.pods.insert(45, Pod("near", "near"))
        stage.widget.refresh_rows()
        await stage.settle()
        assert cursor_line(stage) == line
        assert stage.widget.cursor_key == "uid-40"


async def test_at_the_top_new_rows_are_seen() -> None:
    source = PodsSource(pods(200))
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        source.pods.insert(0, Pod("new", "aaa-new"))
        stage.widget.refresh_rows()
        await stage.settle()
        assert "aaa-new" in stage.lines()[1]
        assert stage.widget.cursor_key == "uid-0"


async def test_a_removed_row_hands_the_cursor_to_its_neighbour() -> None:
    source = PodsSource(pods(5))
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        await stage.press("down", "down")
        stage.reset()
        for left in (slice(2, 3), slice(2, None), slice(None)):
            del source.pods[left]
            stage.widget.refresh_rows()
            await stage.settle()
        assert keys_of(stage) == ["uid-3", "uid-1", None]


async def test_a_filter_that_matches_nothing_does_not_lose_the_row() -> None:
    source = PodsSource(pods(50))
    everything = list(source.pods)
    async with staged(ResourceTable(source), size=(100, 20)) as stage:
        await stage.press("pagedown")
        key = stage.widget.cursor_key
        source.pods = []
        stage.widget.refresh_rows()
        source.pods = everything
        stage.widget.refresh_rows()
        await stage.settle()
        assert stage.widget.cursor_key == key
        assert cursor_line(stage)


async def test_no_rows_show_why() -> None:
    source = PodsSource([])
    async with staged(ResourceTable(source), size=(60, 8)) as stage:
        stage.widget.set_empty("no pods in shop")
        await stage.settle()
        assert stage.lines()[1] == "  no pods in shop"
        stage.reset()
        stage.widget.set_empty("forbidden: list pods in shop", Tone.ERROR)
        await stage.settle()
        assert stage.drawn == [1]
        source.pods = pods(1)
        stage.widget.refresh_rows()
        await stage.settle()
        assert "forbidden" not in "".join(stage.lines())


async def test_marks_are_told_by_a_glyph() -> None:
    source = PodsSource(pods(5))
    async with staged(ResourceTable(source), size=(100, 10)) as stage:
        await stage.press("down")
        stage.reset()
        source.marks.add("uid-1")
        stage.widget.refresh_rows()
        await stage.settle()
        assert stage.drawn == [2]
        assert stage.lines()[2].startswith("▸*web-")
        await stage.press("down")
        assert stage.lines()[2].startswith(" *web-")


async def test_the_cursor_tells_by_a_glyph_whether_keys_come_here() -> None:
    async with staged(ResourceTable(PodsSource(pods(3))), size=(100, 10)) as stage:
        assert stage.lines()[1].startswith("▸ ")
        stage.pilot.app.set_focus(None)
        await stage.settle()
        assert stage.lines()[1].startswith("› ")


async def test_enter_opens_the_row() -> None:
    async with staged(ResourceTable(PodsSource(pods(3))), size=(100, 10)) as stage:
        await stage.press("down", "enter")
        (message,) = stage.posted(ResourceTable.RowActivated)
        assert isinstance(message, ResourceTable.RowActivated)
        assert message.key == "uid-1"


async def test_a_click_moves_the_cursor_and_a_second_one_opens() -> None:
    async with staged(ResourceTable(PodsSource(pods(30))), size=(100, 10)) as stage:
        await stage.pilot.click(ResourceTable, offset=(5, 4))
        assert stage.widget.cursor_key == "uid-3"
        assert not stage.posted(ResourceTable.RowActivated)
        await stage.pilot.double_click(ResourceTable, offset=(5, 5))
        (message,) = stage.posted(ResourceTable.RowActivated)
        assert isinstance(message, ResourceTable.RowActivated)
        assert message.key == "uid-4"


async def test_a_click_below_the_rows_does_nothing() -> None:
    async with staged(ResourceTable(PodsSource(pods(2))), size=(100, 10)) as stage:
        await stage.pilot.click(ResourceTable, offset=(5, 8))
        assert stage.widget.cursor_key == "uid-0"


async def test_a_click_on_a_title_asks_for_the_order() -> None:
    source = PodsSource(pods(3))
    async with staged(ResourceTable(source), size=(100, 10)) as stage:
        x = stage.lines()[0].index("STATUS")
        await stage.pilot.click(ResourceTable, offset=(x + 1, 0))
        (message,) = stage.posted(ResourceTable.HeaderSelected)
        assert isinstance(message, ResourceTable.HeaderSelected)
        assert message.column_id == "status"
        source.sorted["status"] = "desc"
        stage.widget.refresh_rows()
        await stage.settle()
        assert "STATUS↓" in stage.lines()[0]


async def test_the_wheel_scrolls_and_leaves_the_cursor() -> None:
    async with staged(ResourceTable(PodsSource(pods(100))), size=(100, 10)) as stage:
        wheel = events.MouseScrollDown(stage.widget, 5, 5, 0, 0, 0, False, False, False)
        stage.widget.post_message(wheel)
        await stage.settle()
        assert stage.widget.scroll_offset.y > 0
        assert stage.widget.cursor_key == "uid-0"


@pytest.mark.parametrize("width", [24, 40, 60, 80, 160])
async def test_states_are_never_cut(width: int) -> None:
    source = PodsSource([Pod("a", "web-7f6d9c5b8d-abcde", "CrashLoopBackOff", Tone.ERROR)])
    async with staged(ResourceTable(source), size=(width, 5)) as stage:
        row = stage.lines()[1]
        assert "CrashLoopBackOff" in row or "Crash" not in row
        assert row.strip("▸ ").split()[0].endswith("de")


async def test_left_and_right_reach_columns_for_which_there_is_no_room() -> None:
    async with staged(ResourceTable(PodsSource(pods(3))), size=(60, 6)) as stage:
        assert "QOS" not in stage.lines()[0]
        assert stage.lines()[0].endswith("›")
        await stage.press(*["right"] * 9)
        assert "Burstable" in stage.lines()[1]
        assert "web-" in stage.lines()[1]
        assert stage.lines()[0].startswith("‹")
        await stage.press(*["left"] * 9)
        assert "QOS" not in stage.lines()[0]


async def test_a_wider_state_makes_its_column_wider() -> None:
    source = PodsSource(pods(3))
    async with staged(ResourceTable(source), size=(120, 6)) as stage:
        source.change(1, status="CreateContainerConfigError")
        stage.widget.refresh_rows()
        await stage.settle()
        lines = stage.lines()
        assert "CreateContainerConfigError" in lines[2]
        assert len({line.index("12m") for line in lines[1:4]}) == 1


async def test_resizing_keeps_the_cursor_in_sight() -> None:
    async with staged(ResourceTable(PodsSource(pods(100))), size=(120, 40)) as stage:
        await stage.press("pagedown")
        await stage.pilot.resize_terminal(60, 10)
        await stage.settle()
        assert stage.widget.cursor_key == "uid-39"
        assert "00039" in stage.lines()[cursor_line(stage)]


async def test_another_kind_of_rows_has_its_own_columns() -> None:
    async with staged(ResourceTable(PodsSource(pods(100))), size=(120, 10)) as stage:
        await stage.press("end")
        columns = (ColumnLayout("name", "NAME"), ColumnLayout("ready", "READY"))
        stage.widget.show_source(PodsSource(pods(4), columns))
        await stage.settle()
        assert stage.lines()[0].split() == ["NAME", "READY"]
        assert stage.widget.cursor_key == "uid-0"
        assert stage.widget.scroll_offset.y == 0


@pytest.mark.parametrize(
    "name",
    ["[red]x[/]", "[@click=app.quit]x[/]", "pod[/b]x", "[", r"\[x]", "^[[31mred", "日本語🚀"],
)
async def test_names_are_shown_as_they_are(name: str) -> None:
    source = PodsSource([Pod("a", name), Pod("b", "next")])
    async with staged(ResourceTable(source), size=(120, 5)) as stage:
        stage.widget.set_empty(name)
        lines = stage.lines()
        assert name in lines[1]
        assert stage.widget.render_line(1).cell_length == stage.widget.render_line(2).cell_length
        await stage.pilot.click(ResourceTable, offset=(4, 1))
        assert stage.pilot.app.is_running
        source.pods.clear()
        stage.widget.refresh_rows()
        await stage.settle()
        assert stage.lines()[1] == f"  {name}"


async def test_no_escape_of_a_cell_reaches_the_terminal_as_one() -> None:
    source = PodsSource([Pod("a", "[@click=app.quit]x[/]")])
    async with staged(ResourceTable(source), size=(120, 5)) as stage:
        stage.reset()
        source.change(0, name="[link=http://x]y[/link]")
        stage.widget.refresh_rows()
        await stage.settle()
        assert "\x1b]8" not in stage.driver.data
        assert "[link=http://x]y[/link]" in stage.driver.data
