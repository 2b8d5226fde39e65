"""Patterns find what they say, line by line, in linear time, and bad ones are refused."""

from __future__ import annotations

import pytest

from k8stui.errors import UsageError
from k8stui.logs.patterns import Filter, Pattern

LINES = [b"GET /a 200", b"", b"error: x", b"GET /b 500 error", b"ERROR y", b"a.b"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (Pattern("error"), {2, 3}),
        (Pattern("error", ignore_case=True), {2, 3, 4}),
        (Pattern("^GET.*200$"), {0}),
        (Pattern("a.b"), {5}),
        (Pattern(".b", literal=True), {5}),
        (Pattern("200[^x]*error"), set()),
        (Pattern("^$"), {1}),
        (Pattern("y$"), {4}),
        (Pattern(r"\d{3}"), {0, 3}),
        (Pattern("500|y"), {3, 4}),
    ],
)
def test_a_pattern_finds_the_same_lines_together_as_one_by_one(
    pattern: Pattern, expected: set[int]
) -> None:
    one_by_one = {at for at, line in enumerate(LINES) if pattern.search(line)}

    assert set(Filter(include=[pattern]).passing(LINES)) == expected == one_by_one


def test_excludes_go_first() -> None:
    both = Filter(include=[Pattern("error"), Pattern("ERROR")], exclude=[Pattern("500")])

    assert both.passing(LINES) == [2, 4]
    assert [both.takes(line) for line in LINES] == [False, False, True, False, True, False]


def test_no_filter_takes_all() -> None:
    assert Filter().passing(LINES) == list(range(len(LINES)))


@pytest.mark.parametrize("source", ["(", "a{5000}", r"(a)\1", "(?=x)", "[z-a]"])
def test_what_can_not_be_compiled_is_refused_with_a_reason(source: str) -> None:
    with pytest.raises(UsageError) as caught:
        Pattern(source)

    assert "not a regular expression" in caught.value.message


@pytest.mark.parametrize("source", [r"\pL{1,200}x", r"(a.?.?.?){900}b"])
def test_what_takes_too_long_for_one_line_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="too large an expression"):
        Pattern(source)


def test_a_pattern_that_hangs_backtracking_engines_answers() -> None:
    assert not Pattern("(a+)+$").search(b"a" * 10_000 + b"b")


def test_spans_count_characters_not_bytes() -> None:
    assert Pattern("ß").spans("Straße weiß") == [(4, 5), (10, 11)]
    assert Pattern("ß").spans("ßäß ßß") == [(0, 1), (2, 3), (4, 5), (5, 6)]
    assert Pattern("ß|$").spans("Straße weiß", 1) == [(4, 5)]


def test_equal_patterns_are_equal() -> None:
    assert Pattern("a") == Pattern("a") != Pattern("a", literal=True)
    assert len({Pattern("a"), Pattern("a")}) == 1
