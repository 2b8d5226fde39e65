"""Filters, searches, sorting and marks."""

from __future__ import annotations

from textual.widgets import Static

from tests.ui import objects as make
from tests.ui import shop
from tests.ui.running import MEDIUM, running


async def test_a_filter_works_while_it_is_typed_and_escape_takes_it_away() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.hit("slash")
        await run.type("car")
        await run.sees("1 of 6")
        assert "deploy/crasher" not in run.text
        await run.press("enter")
        assert run.focused == "workloads-table"
        assert '/"car"' in run.text
        assert "Pods of cart" in run.text
        # It is there to be changed when asked for again.
        await run.hit("slash")
        await run.sees("car")
        await run.press("escape")
        assert "deploy/crasher" in run.text
        assert run.focused == "workloads-table"
        await run.hit("slash")
        await run.type("web")
        await run.press("enter")
        assert "1 of 6" in run.text
        await run.press("escape")
        assert "deploy/crasher" in run.text


async def test_a_filter_that_means_nothing_says_why_and_keeps_the_last_good_one() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.hit("slash")
        await run.type("restarts>1")
        await run.sees("2 of 6")
        await run.type("x")
        await run.handled()
        error = run.app.screen.query_one("#prompt-error", Static)
        assert str(error.render())
        assert "2 of 6" in run.text
        await run.press("enter")
        assert run.focused == "prompt-input"
        await run.press("backspace")
        assert not str(error.render())
        await run.press("enter")
        assert "2 of 6" in run.text


async def test_each_pane_has_a_filter_of_its_own() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("j")
        await run.hit("slash")
        await run.type("web")
        await run.press("enter", "tab")
        await run.hit("slash")
        await run.type("ImagePull")
        await run.press("enter")
        assert "1 of 6" in run.text
        assert "1 of 3" in run.text
        await run.press("escape")
        assert "1 of 6" in run.text
        assert "1 of 3" not in run.text


async def test_a_text_is_searched_with_n_for_the_next_match() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "d")
        await run.sees("describe line 0")
        await run.hit("slash")
        await run.type("line 5")
        await run.press("enter")
        assert run.focused == "detail-describe"
        assert "describe line 5" in run.text
        await run.press("n")
        await run.sees("describe line 50")
        await run.press("n")
        await run.press("N")
        assert "describe line 50" in run.text


async def test_logs_are_filtered_and_the_rest_comes_back() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        cluster.tail.put(shop.CRASHER, *[f"entry {n}" for n in range(30)])
        await run.press("l")
        await run.sees("entry 29")
        await run.hit("slash")
        await run.type("entry 2")
        await run.press("enter")
        await run.loses("entry 19")
        assert "/entry 2" in run.text
        assert "entry 29" in run.text
        await run.press("escape")
        await run.until(lambda: "entry 19" in run.text or run.focused != "detail-logs")


async def test_rows_are_sorted_by_the_menu_by_a_title_and_round_again() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        view = run.cockpit.model.workloads
        await run.hit("o")
        await run.type("RESTARTS")
        await run.press("enter")
        assert view.sort == ("restarts", True)
        assert view.record_at(0).name == "crasher"
        table = run.cockpit.workloads.table
        await run.click(table, 4, 0)
        assert view.sort == ("workload", False)
        await run.click(table, 4, 0)
        assert view.sort == ("workload", True)
        assert "WORKLOAD↓" in run.text


async def test_marks_are_set_and_stay_with_their_rows() -> None:
    cluster = shop.shop()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space")
        view = run.cockpit.model.workloads
        assert [each.name for each in view.marked_records()] == ["web"]
        cluster.apply(make.deployment("aaa", ready=0))
        await run.settle()
        assert [each.name for each in view.marked_records()] == ["web"]
        await run.press("space")
        assert not view.marked_records()


async def test_a_filter_that_hides_all_says_so() -> None:
    async with running(shop.shop(), MEDIUM) as run:
        await run.hit("slash")
        await run.type("nowhere")
        await run.sees("no row matches the filter · Esc clears it")
        await run.press("escape")
        await run.sees("deploy/crasher")
