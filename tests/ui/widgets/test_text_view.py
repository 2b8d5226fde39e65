"""What a user sees in a text: sections, wrapping, place, search; and what a change costs."""

from __future__ import annotations

import pytest

from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui.widgets.line_view import LineView
from k8stui.ui.widgets.text_view import TextView
from tests.ui.widgets.stage import Stage, staged

POD = Document(
    "shop/web-1",
    (
        Line("Pod", kind="heading"),
        Line("web-1", label="Name", kind="field"),
        Line("Running", label="Status", kind="field", tone=Tone.OK),
        Line("node-1", label="Node", kind="field"),
        Line("Containers", kind="heading"),
        Line("web:1", label="Image", kind="field", indent=1),
        Line("3", label="Restart count", kind="field", indent=1),
        Line("NAME     READY", kind="columns", indent=1),
        Line("just text", indent=1),
    ),
)


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(count)]


async def shown(stage: Stage[TextView]) -> list[str]:
    await stage.settle()
    return stage.lines()


async def test_values_are_aligned_within_their_section() -> None:
    async with staged(TextView(), size=(60, 12)) as stage:
        stage.widget.show_document(POD)
        assert await shown(stage) == [
            "Pod",
            "Name:   web-1",
            "Status: Running",
            "Node:   node-1",
            "Containers",
            "  Image:         web:1",
            "  Restart count: 3",
            "  NAME     READY",
            "  just text",
            "",
            "",
            "",
        ]


async def test_a_long_value_wraps_under_itself() -> None:
    message = "Back-off pulling image, the registry says that it is not there"
    document = Document("x", (Line(message, label="Message", kind="field"), Line("end")))
    async with staged(TextView(), size=(40, 6)) as stage:
        stage.widget.show_document(document)
        assert (await shown(stage))[1] == "end"
        await stage.press("w")
        assert stage.lines()[:4] == [
            "Message: Back-off pulling image, the",
            "         registry says that it is not",
            "         there",
            "end",
        ]
        await stage.press("w")
        assert stage.lines()[1] == "end"


async def test_a_table_line_never_wraps() -> None:
    document = Document("x", (Line("NAME " * 20, kind="columns"), Line("end")))
    async with staged(TextView(), size=(40, 6)) as stage:
        stage.widget.wrap = True
        stage.widget.show_document(document)
        assert (await shown(stage))[1] == "end"


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        (["down", "j"], 2),
        (["down", "down", "k", "up"], 0),
        (["pagedown"], 9),
        (["ctrl+f", "ctrl+f", "ctrl+b"], 9),
        (["G"], 19_990),
        (["end", "home"], 0),
        (["G", "g"], 0),
        (["G", "pageup"], 19_981),
        (["up"], 0),
    ],
)
async def test_keys_move_through_twenty_thousand_lines(keys: list[str], top: int) -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(numbered(20_000))
        await stage.press(*keys)
        assert stage.lines()[0] == f"line {top}"


async def test_left_and_right_reach_the_end_of_a_long_line() -> None:
    async with staged(TextView(), size=(40, 4)) as stage:
        stage.widget.show_lines(["日本" * 12 + "end" + "x" * 20, "short"])
        await stage.press(*["right"] * 20)
        assert stage.lines()[0].endswith("x" * 20)
        assert stage.lines()[1] == ""
        await stage.press("left", "w")
        assert stage.lines()[0].startswith("日本")


async def test_a_newer_version_keeps_the_place() -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(numbered(500), key="pod")
        await stage.press("pagedown", "pagedown")
        assert stage.lines()[0] == "line 18"
        stage.reset()
        stage.widget.show_lines(["new at the top", *numbered(500)], key="pod")
        await stage.settle()
        assert stage.drawn == []
        assert stage.lines()[0] == "line 18"
        stage.widget.show_lines(numbered(3), key="pod")
        assert (await shown(stage))[0] == "line 0"


async def test_another_text_begins_at_its_top() -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(numbered(500), key="pod")
        await stage.press("G")
        stage.widget.show_lines(numbered(400), key="other")
        assert (await shown(stage))[0] == "line 0"


async def test_one_changed_line_costs_one_line() -> None:
    async with staged(TextView()) as stage:
        lines = numbered(20_000)
        stage.widget.show_lines(lines, key="pod")
        await stage.settle()
        stage.reset()
        lines = [*lines]
        lines[5] = "another"
        lines[9_000] = "not seen"
        stage.widget.show_lines(lines, key="pod")
        await stage.settle()
        assert stage.drawn == [5]
        assert 0 < stage.bytes <= 700


async def test_an_unchanged_text_costs_nothing() -> None:
    async with staged(TextView()) as stage:
        stage.widget.show_document(POD)
        await stage.settle()
        stage.reset()
        stage.widget.show_document(POD)
        await stage.settle()
        assert stage.bytes == 0


def states(stage: Stage[TextView]) -> list[tuple[int, int]]:
    messages = stage.posted(LineView.SearchChanged)
    return [
        (m.state.current, m.state.total) for m in messages if isinstance(m, LineView.SearchChanged)
    ]


async def test_search_counts_and_walks_round() -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(["apple", "Pear", *numbered(50), "an apple a day", "PEAR"])
        await stage.settle()
        stage.reset()
        stage.widget.search("pear")
        await stage.settle()
        assert states(stage) == [(1, 2)]
        await stage.press("n")
        assert states(stage) == [(2, 2)]
        assert "PEAR" in stage.lines()
        await stage.press("n", "N", "N")
        assert stage.widget.search_state.current == 1
        stage.widget.search("Pear")
        assert stage.widget.search_state.total == 1
        stage.widget.search("quince")
        assert stage.widget.search_state.total == 0
        stage.widget.search("")
        assert stage.widget.search_state.query == ""


async def test_matches_are_styled_and_nothing_else() -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(["one apple, two apples", "pear", "apple"])
        stage.widget.search("apple")
        await stage.settle()
        first = stage.widget.render_line(0)
        found = [s.text for s in first if s.style and (s.style.reverse or s.style.underline)]
        assert found == ["apple", "apple"]
        assert all(s.style and not s.style.reverse for s in stage.widget.render_line(2))
        assert all(s.style and not s.style.underline for s in stage.widget.render_line(1))


async def test_a_search_lives_on_in_a_newer_version() -> None:
    async with staged(TextView(), size=(60, 10)) as stage:
        stage.widget.show_lines(["apple", "pear"], key="pod")
        stage.widget.search("apple")
        stage.widget.show_lines(["apple", "apple", "pear"], key="pod")
        assert stage.widget.search_state.total == 2
        assert stage.widget.search_state.current == 1


async def test_a_match_in_a_wrapped_line_is_shown() -> None:
    async with staged(TextView(), size=(20, 6)) as stage:
        stage.widget.wrap = True
        stage.widget.show_lines([*["filler words here"] * 9, "word " * 40 + "needle", "last"])
        await stage.settle()
        stage.widget.search("needle")
        await stage.settle()
        assert any("needle" in line for line in stage.lines())


@pytest.mark.parametrize(
    "text", ["[red]x[/]", "[@click=app.quit]x[/]", "pod[/b]x", "[/]", "{}: [x"]
)
async def test_text_is_shown_as_it_is(text: str) -> None:
    document = Document("x", (Line(text, label=text, kind="field"), Line(text, kind="heading")))
    async with staged(TextView(), size=(80, 6)) as stage:
        stage.widget.show_lines([text], syntax="yaml")
        assert (await shown(stage))[0] == text
        stage.widget.search(text)
        assert stage.widget.search_state.total == 1
        stage.widget.show_document(document)
        assert (await shown(stage))[:2] == [f"{text}: {text}", text]


async def test_a_match_far_to_the_right_is_shown() -> None:
    async with staged(TextView(), size=(20, 6)) as stage:
        stage.widget.show_lines(["x" * 100 + "needle" + "x" * 100])
        await stage.settle()
        stage.widget.search("needle")
        await stage.settle()
        assert "needle" in stage.lines()[0]


async def test_an_empty_text_takes_keys() -> None:
    async with staged(TextView(), size=(80, 6)) as stage:
        await stage.press("down", "G", "g", "w", "n", "right", "pagedown")
        stage.widget.search("x")
        assert stage.lines() == [""] * 6
