"""Text is cut, padded and wrapped by cells, never in the middle of a wide character."""

from __future__ import annotations

import pytest

from k8stui.ui.widgets import cells


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("web", 3, "web"),
        ("web-1", 4, "web…"),
        ("web", 1, "…"),
        ("web", 0, ""),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("a🚀b", 3, "a…"),
    ],
)
def test_the_end_is_cut(text: str, width: int, expected: str) -> None:
    assert cells.cut_end(text, width) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("web-7f6d9c5b8d-abcde", 20, "web-7f6d9c5b8d-abcde"),
        ("web-7f6d9c5b8d-abcde", 11, "web-7…abcde"),
        ("web-7f6d9c5b8d-abcde", 10, "web-…abcde"),
        ("web-7f6d9c5b8d-abcde", 2, "de"),
        ("web-7f6d9c5b8d-abcde", 0, ""),
        ("日本語日本語", 7, "日…本語"),
        ("日本語日本語", 6, "日…語"),
    ],
)
def test_the_middle_is_cut(text: str, width: int, expected: str) -> None:
    assert cells.cut_middle(text, width) == expected


@pytest.mark.parametrize("width", range(12))
@pytest.mark.parametrize(
    "text", ["plain-name", "日本語日本語", "a🚀b🚀c🚀", "e\u0301e\u0301e\u0301e\u0301"]
)
def test_no_cut_is_wider_than_asked(text: str, width: int) -> None:
    assert cells.width_of(cells.cut_end(text, width)) <= width
    assert cells.width_of(cells.cut_middle(text, width)) <= width


def test_padding_counts_cells() -> None:
    assert cells.pad("日本", 6) == "日本  "
    assert cells.pad("12", 4, "right") == "  12"
    assert cells.pad("toolong", 3) == "toolong"


@pytest.mark.parametrize(
    ("text", "width", "hanging", "words", "expected"),
    [
        ("short", 10, 0, True, ["short"]),
        ("", 10, 0, True, [""]),
        ("one two three", 8, 0, True, ["one two", "three"]),
        ("one two three", 8, 4, True, ["one two", "thre", "e"]),
        ("a verylongwordthatnevends", 10, 0, True, ["a verylong", "wordthatne", "vends"]),
        ("one two three", 5, 0, False, ["one t", "wo th", "ree"]),
        ("日本語日本語", 5, 0, False, ["日本", "語日", "本語"]),
        ("日本", 1, 0, False, ["日", "本"]),
    ],
)
def test_wrapping(text: str, width: int, hanging: int, words: bool, expected: list[str]) -> None:
    lines = cells.wrap(text, width, hanging, words=words)
    assert [text[start:end] for start, end in lines] == expected


def test_lines_broken_at_the_edge_join_to_the_text() -> None:
    text = "GET /日本語/🚀 200 " * 40
    lines = cells.wrap(text, 17, words=False)
    assert "".join(text[start:end] for start, end in lines) == text
