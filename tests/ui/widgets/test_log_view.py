"""What a user sees in a log: it follows, stands still, counts; and what a feed costs."""

from __future__ import annotations

import pytest

from k8stui.ui.widgets.log_view import LogView
from k8stui.viewmodels.log_source import LogLine
from tests.ui.widgets.feed_source import FeedSource
from tests.ui.widgets.stage import Stage, staged

LogStage = Stage[LogView]


async def arrived(stage: LogStage) -> list[str]:
    """Tells the view of new lines and waits until it has taken them up."""
    stage.widget.source_changed()
    while stage.widget.resting:
        await stage.pilot.pause(0.01)
    await stage.settle()
    return stage.lines()


def follows(stage: LogStage) -> bool:
    return stage.widget.follow


def numbers(lines: list[str]) -> list[int]:
    """The numbers of the shown lines."""
    return [int(line.split(" line ")[1].split()[0]) for line in lines if " line " in line]


async def test_a_line_shows_stream_time_and_text() -> None:
    source = FeedSource()
    source.add(
        LogLine("hello", "web-1 app", 1, "10:04:11"),
        LogLine("world", "db-0 postgres", 2, "10:04:12"),
        LogLine("no stream"),
    )
    async with staged(LogView(source), size=(60, 6)) as stage:
        assert stage.lines()[:3] == [
            "web-1 app     10:04:11 hello",
            "db-0 postgres 10:04:12 world",
            "no stream",
        ]
        stage.widget.show_times = False
        stage.widget.show_streams = False
        await stage.settle()
        assert stage.lines()[:3] == ["hello", "world", "no stream"]


async def test_streams_keep_their_colour() -> None:
    source = FeedSource()
    source.feed(6)
    async with staged(LogView(source), size=(60, 6)) as stage:
        colours = [next(iter(stage.widget.render_line(y))).style for y in range(6)]
        assert colours[:3] == colours[3:]
        assert len({str(colour) for colour in colours}) == 3


async def test_it_follows_the_end() -> None:
    source = FeedSource()
    async with staged(LogView(source), size=(60, 10)) as stage:
        source.feed(5)
        assert numbers(await arrived(stage)) == [0, 1, 2, 3, 4]
        source.feed(100)
        assert numbers(await arrived(stage)) == list(range(95, 105))
        assert stage.widget.new_lines == 0


async def test_scrolled_up_it_stands_still_and_counts() -> None:
    source = FeedSource(capacity=1_000)
    source.feed(1_000)
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("pageup")
        assert not follows(stage)
        before = stage.lines()
        for _ in range(5):
            source.feed(100)
            assert await arrived(stage) == before
        assert stage.widget.new_lines == 500
        await stage.press("end")
        assert follows(stage)
        assert stage.widget.new_lines == 0
        assert numbers(stage.lines())[-1] == 1_499


async def test_standing_still_costs_nothing_at_all() -> None:
    source = FeedSource(capacity=2_000)
    source.feed(2_000)
    async with staged(LogView(source)) as stage:
        await stage.press("pageup")
        stage.reset()
        source.asked.clear()
        for _ in range(10):
            source.feed(100)
            stage.widget.source_changed()
        await arrived(stage)
        assert stage.driver.bytes_written == 0
        assert source.asked == []


@pytest.mark.parametrize("wrap", [False, True])
async def test_lines_that_are_gone_stay_until_the_user_moves(wrap: bool) -> None:
    source = FeedSource(capacity=100)
    source.feed(100)
    async with staged(LogView(source), size=(60, 10)) as stage:
        stage.widget.wrap = wrap
        await stage.press("home")
        before = stage.lines()
        stage.reset()
        source.feed(1_000)
        assert await arrived(stage) == before
        assert stage.bytes == 0
        await stage.press("down")
        assert numbers(stage.lines()) == list(range(1_001, 1_011))
        source.feed(1_000)
        await arrived(stage)
        await stage.pilot.resize_terminal(60, 12)
        await stage.settle()
        assert numbers(stage.lines()) == list(range(2_000, 2_012))


async def test_reaching_the_end_follows_again() -> None:
    source = FeedSource()
    source.feed(100)
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("up", "up")
        assert not follows(stage)
        await stage.press("down", "down")
        assert follows(stage)


async def test_f_stops_and_goes_on() -> None:
    source = FeedSource()
    source.feed(100)
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("f")
        assert [
            m.follow
            for m in stage.posted(LogView.FollowChanged)
            if isinstance(m, LogView.FollowChanged)
        ] == [False]
        source.feed(7)
        assert numbers(await arrived(stage))[-1] == 99
        assert stage.widget.new_lines == 7
        await stage.press("f")
        assert numbers(stage.lines())[-1] == 106


async def test_a_flood_is_painted_in_few_frames_and_asks_for_few_lines() -> None:
    source = FeedSource()
    async with staged(LogView(source)) as stage:
        stage.reset()
        source.asked.clear()
        for _ in range(1_000):
            source.feed(10)
            stage.widget.source_changed()
        assert len(source.asked) <= 2 * 10
        await arrived(stage)
        assert len(source.asked) <= 4 * 52
        assert len(stage.drawn) <= 3 * 52
        assert numbers(stage.lines())[-1] == 9_999


async def test_wrapping_keeps_the_first_visible_line() -> None:
    source = FeedSource()
    source.feed(100, "word " * 30)
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("home", "down", "down", "down")
        assert numbers(stage.lines())[0] == 3
        await stage.press("w")
        lines = stage.lines()
        assert numbers(lines)[0] == 3
        assert lines[1].startswith(" " * 19)
        await stage.press("w")
        assert numbers(stage.lines())[0] == 3


async def test_wrapped_it_follows_to_the_very_last_row() -> None:
    source = FeedSource()
    source.feed(20, "word " * 30 + "last")
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("w")
        assert follows(stage)
        assert "word last".endswith(stage.lines()[-1].strip())
        await stage.press("up")
        assert not follows(stage)
        await stage.press("down")
        assert follows(stage)
        assert "word last".endswith(stage.lines()[-1].strip())


async def test_left_and_right_move_sideways() -> None:
    source = FeedSource()
    source.feed(3, "x" * 100 + "end")
    async with staged(LogView(source), size=(60, 5)) as stage:
        await stage.press(*["right"] * 20)
        assert stage.lines()[0].endswith("end")


async def test_dividers_and_notices() -> None:
    source = FeedSource()
    source.feed(1)
    source.add(
        LogLine("web-1 app restarted (OOMKilled, exit 137)", kind="divider"),
        LogLine("12 lines were dropped", kind="notice"),
    )
    async with staged(LogView(source), size=(60, 5)) as stage:
        lines = stage.lines()
        assert lines[1].startswith("── web-1 app restarted (OOMKilled, exit 137) ──")
        assert lines[1].endswith("─")
        assert lines[2] == "12 lines were dropped"


async def test_a_search_looks_at_messages_and_goes_to_the_latest() -> None:
    source = FeedSource()
    source.feed(40)
    source.add(LogLine("PANIC one", "web-1 app"), LogLine("fine", "panic-0 app"))
    source.feed(40)
    async with staged(LogView(source), size=(60, 10)) as stage:
        stage.widget.search("panic")
        await stage.settle()
        assert stage.widget.search_state.total == 1
        assert any("PANIC one" in line for line in stage.lines())
        assert not follows(stage)
        source.add(LogLine("panic two", "web-1 app"))
        await arrived(stage)
        assert stage.widget.search_state.total == 2
        assert stage.widget.search_state.current == 1
        await stage.press("n")
        assert any("panic two" in line for line in stage.lines())
        await stage.press("N")
        assert any("PANIC one" in line for line in stage.lines())


async def test_matches_that_are_gone_are_not_counted() -> None:
    source = FeedSource(capacity=100)
    source.add(LogLine("panic"))
    source.feed(99)
    async with staged(LogView(source), size=(60, 10)) as stage:
        stage.widget.search("panic")
        assert stage.widget.search_state.total == 1
        source.feed(200)
        await arrived(stage)
        assert stage.widget.search_state.total == 0


async def test_another_source_is_shown_at_its_end() -> None:
    source = FeedSource()
    source.feed(100)
    async with staged(LogView(source), size=(60, 10)) as stage:
        await stage.press("home")
        other = FeedSource()
        other.feed(30, "other")
        stage.widget.show_source(other)
        await stage.settle()
        assert follows(stage)
        assert numbers(stage.lines())[-1] == 29


@pytest.mark.parametrize(
    "text", ["[red]x[/]", "[@click=app.quit]x[/]", "pod[/b]x", "^[[2J", "日本語🚀"]
)
async def test_lines_are_shown_as_they_are(text: str) -> None:
    source = FeedSource()
    source.add(LogLine(text, text), LogLine(text, kind="divider"), LogLine(text, kind="notice"))
    async with staged(LogView(source), size=(80, 6)) as stage:
        lines = stage.lines()
        assert lines[0] == f"{text} {text}"
        assert text in lines[1]
        assert lines[2] == text
