"""Colours that lines bring: shown where they are readable, and never in the text itself."""

from __future__ import annotations

import pytest

from k8stui.logs.content import LONGEST_SHOWN, level_of, own_colours, plain_text
from k8stui.logs.sgr import ROLES, Painted, painted_text


@pytest.mark.parametrize(
    ("text", "clean", "painted"),
    [
        ("plain", "plain", []),
        ("\x1b[31mERROR\x1b[0m down", "ERROR down", [(0, 5, "own-red")]),
        ("\x1b[1;32mok\x1b[m x", "ok x", [(0, 2, "own-green-bold")]),
        ("\x1b[1mloud\x1b[22m soft", "loud soft", [(0, 4, "own-bold")]),
        ("\x1b[2mfaint\x1b[0m", "faint", [(0, 5, "own-grey")]),
        ("\x1b[90mgrey\x1b[39m x", "grey x", [(0, 4, "own-grey")]),
        ("\x1b[97mwhite", "white", []),
        ("\x1b[38;5;196mred\x1b[38;5;21mblue", "redblue", [(0, 3, "own-red"), (3, 7, "own-blue")]),
        ("\x1b[38;2;250;240;10myes", "yes", [(0, 3, "own-yellow")]),
        ("\x1b[38:2:0:200:200mcold", "cold", [(0, 4, "own-cyan")]),
        ("\x1b[" + "9" * 5000 + "mx", "x", []),
        ("\x1b[38;5;244mg\x1b[38;5;255mw", "gw", [(0, 1, "own-grey")]),
        # What hides text is left out: background, reverse, concealed, black on black.
        ("\x1b[8mhidden\x1b[0m", "hidden", []),
        ("\x1b[7;41mx", "x", []),
        ("\x1b[30;40mblack", "black", [(0, 5, "own-grey")]),
        ("\x1b[48;5;31mx", "x", []),
        ("\x1b[38;5mcut", "cut", []),
        ("\x1b[38mcut\x1b[99999999mx", "cutx", []),
        # Other sequences stay visible, and do not move what is coloured.
        ("\x1b[31ma\x1b[2Jb\x1b[0mc", "a^[[2Jbc", [(0, 7, "own-red")]),
        ("\x1b[31ma\tb\x1b[0mc", "a        bc", [(0, 10, "own-red")]),
    ],
)
def test_the_parts_of_a_line_and_their_colours(
    text: str, clean: str, painted: list[tuple[int, int, str]]
) -> None:
    assert painted_text(text, LONGEST_SHOWN) == (clean, tuple(Painted(*one) for one in painted))
    assert all(role in ROLES for _, _, role in painted)


@pytest.mark.parametrize(
    "message",
    [
        b"\x1b[31mred\x1b[0m",
        b"progress 1%\r\x1b[32mprogress 2%\x1b[0m\r",
        b"\x1b[31m" + b"x" * (LONGEST_SHOWN + 10) + b"\x1b[0m tail",
        b"\xff\xfe\x1b[33mnot utf-8",
        b"\x1b[31m\x1b[2J\x1b]0;t\x07\x1b[0m end",
        "\x1b[36m日本語🚀\x1b[0m wide".encode(),
        b"",
    ],
)
def test_the_text_is_the_same_with_and_without_them(message: bytes) -> None:
    text, painted = own_colours(message)
    assert text == plain_text(message)
    assert all(0 <= start < end <= len(text) for start, end, _ in painted)


@pytest.mark.parametrize(
    ("message", "level"),
    [(b"\x1b[31mERROR\x1b[0m down", "error"), (b"[\x1b[1;33mwarn\x1b[0m] slow", "warn")],
)
def test_a_level_is_seen_whatever_its_colour(message: bytes, level: str) -> None:
    assert level_of(message) == level
