"""Only cells that differ are sent, and the terminal shows what was meant."""

from __future__ import annotations

import random

import pyte
import pytest
from pyte.screens import Char
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from k8stui.ui.terminal_cells import Piece, TerminalCells, erases_in_colour

WIDTH, HEIGHT = 40, 6
STYLES = [
    Style.parse(text)
    for text in (
        "#d5dbe5 on #10151c",
        "#7fd88f on #10151c",
        "bold #ff7b72 on #10151c",
        "italic underline #ff7b72 on #27405f",
        "reverse",
        "none",
    )
]


class Screen:
    """A terminal that is fed with what `TerminalCells` sends."""

    def __init__(self, *, erases: bool = False) -> None:
        self.pyte = pyte.Screen(WIDTH, HEIGHT)
        self.stream = pyte.Stream(self.pyte)
        self.cells = TerminalCells(erases=erases)
        self.sent = ""

    def show(self, *pieces: Piece, colours: ColorSystem = ColorSystem.TRUECOLOR) -> str:
        self.sent = self.cells.take(pieces, colours)
        self.stream.feed(self.sent)
        return self.sent

    def looks(self) -> list[list[object]]:
        return [[_seen(self.pyte.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def _seen(cell: Char) -> Char:
    """The cell without what does not show on a blank."""
    if cell.data != " " or cell.reverse:
        return cell
    if cell.underscore:
        return cell._replace(bold=False, italics=False)
    return cell._replace(fg="default", bold=False, italics=False)


def line(*parts: tuple[str, int]) -> list[Segment]:
    return [Segment(text, STYLES[style]) for text, style in parts]


def test_what_is_shown_already_costs_nothing() -> None:
    screen = Screen()
    screen.show(Piece(0, 0, line(("Running   1/1", 0))))
    assert screen.show(Piece(0, 0, line(("Running", 0), ("   1/1", 0)))) == ""


def test_one_changed_word_costs_that_word() -> None:
    screen = Screen()
    screen.show(Piece(2, 3, line(("web-1   ", 0), ("Running", 1), ("  0   ", 0))))
    sent = screen.show(Piece(2, 3, line(("web-1   ", 0), ("Running", 1), ("  7   ", 0))))
    assert sent == "\x1b[3;21H\x1b[38;2;213;219;229;48;2;16;21;28m7\x1b[m"


def test_of_a_style_only_what_differs_is_sent() -> None:
    sent = Screen().show(Piece(0, 0, line(("ab", 0), ("cd", 1), ("ef", 2), ("gh", 0))))
    assert sent == (
        "\x1b[1;1H\x1b[38;2;213;219;229;48;2;16;21;28mab\x1b[38;2;127;216;143mcd"
        "\x1b[1;38;2;255;123;114mef\x1b[0;38;2;213;219;229;48;2;16;21;28mgh\x1b[m"
    )


def test_sixteen_colours_are_short() -> None:
    screen = Screen()
    sent = screen.show(Piece(0, 0, line(("ab", 0))), colours=ColorSystem.STANDARD)
    assert len(sent) <= len("\x1b[1;1H\x1b[97;100mab\x1b[m")


def test_a_forgotten_screen_is_sent_again() -> None:
    screen = Screen()
    first = screen.show(Piece(0, 0, line(("abc", 0))))
    screen.cells.forget()
    assert screen.show(Piece(0, 0, line(("abc", 0)))) == first


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("日本語", "日x語"),
        ("a日本b", "日本ab"),
        ("日本", "x本y"),
        ("x本y", "日本"),
        ("e\u0301x", "e\u0301y"),
    ],
)
def test_wide_characters_are_never_cut(before: str, after: str) -> None:
    screen, fresh = Screen(), Screen()
    for text in (before, after):
        screen.show(Piece(1, 0, line((f"{text}   ", 0))))
    fresh.show(Piece(1, 0, line((f"{after}   ", 0))))
    assert screen.pyte.display[1].rstrip() == fresh.pyte.display[1].rstrip()


@pytest.mark.parametrize("seed", range(8))
def test_after_any_changes_the_terminal_shows_what_was_meant(seed: int) -> None:
    dice = random.Random(seed)
    screen = Screen()
    meant = [[(" ", 0)] * WIDTH for _ in range(HEIGHT)]
    for _ in range(60):
        y, x = dice.randrange(HEIGHT), dice.randrange(WIDTH)
        end = dice.randint(x, WIDTH)
        for place in range(x, end):
            if dice.random() < 0.4:
                meant[y][place] = (dice.choice("ab▸─ "), dice.randrange(len(STYLES)))
        screen.show(Piece(y, x, line(*meant[y][x:end])))
    screen.show(*(Piece(y, 0, line(*row)) for y, row in enumerate(meant)))
    fresh = Screen()
    fresh.show(*(Piece(y, 0, line(*row)) for y, row in enumerate(meant)))
    assert screen.looks() == fresh.looks()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_erased_looks_as_if_blanks_were_sent(seed: int) -> None:
    dice = random.Random(seed)
    sent, erased = Screen(), Screen(erases=True)
    for _ in range(60):
        y, x = dice.randrange(HEIGHT), dice.randrange(WIDTH)
        room = WIDTH - x
        parts: list[tuple[str, int]] = []
        while room:
            count = dice.randint(1, room)
            text = dice.choice((" " * count, "web-1"[:count]))
            parts.append((text, dice.randrange(len(STYLES))))
            room -= len(text)
        for screen in (sent, erased):
            screen.show(Piece(y, x, line(*parts)))
    assert erased.looks() == sent.looks()


def test_an_empty_line_is_sent_without_blanks() -> None:
    screen = Screen(erases=True)
    assert " " not in screen.show(Piece(0, 0, line((" " * WIDTH, 0))))
    assert screen.show(Piece(0, 0, line((" " * WIDTH, 0)))) == ""


def test_the_colour_of_a_blank_is_nobodys_business() -> None:
    screen = Screen()
    sent = screen.show(Piece(0, 0, line(("ab", 0), ("  ", 1), ("cd", 0))))
    assert sent == "\x1b[1;1H\x1b[38;2;213;219;229;48;2;16;21;28mab  cd\x1b[m"
    assert screen.show(Piece(0, 2, line(("  ", 0)))) == ""


@pytest.mark.parametrize(
    ("term", "erases"),
    [("xterm-256color", True), ("tmux-256color", True), ("screen", False), ("", False)],
)
def test_only_terminals_that_erase_in_colour_are_asked_to(term: str, erases: bool) -> None:
    assert erases_in_colour(term) is erases


@pytest.mark.parametrize(
    "odd",
    ["👍🏽", "❤️", "1️⃣", "🇩🇪", "🧿", "\u1112\u1161\u11ab", "e\u0301\u0302\u0303"],
    ids=lambda odd: ascii(odd),
)
@pytest.mark.parametrize("erases", [False, True])
def test_where_a_terminal_takes_a_character_for_wider_or_narrower_nothing_is_left(
    odd: str, erases: bool
) -> None:
    screen = Screen(erases=erases)
    where = WIDTH - 4
    room = " " * (where - cell_len(odd) - 1)
    screen.show(Piece(0, 0, line(("x" * WIDTH, 0))))
    screen.show(Piece(0, 0, line((f"{odd}|{room}end|", 0))))
    assert screen.pyte.display[0].endswith("end|")
    assert "x" not in screen.pyte.display[0]
    assert screen.pyte.buffer[0][cell_len(odd)].data == "|"

    screen.show(Piece(0, 0, line((" " * WIDTH, 0))))
    assert screen.pyte.display[0].strip() == ""
