"""The filter over logs: what stays, what goes."""

from __future__ import annotations

import pytest

from k8stui.logs.patterns import Filter
from k8stui.viewmodels.filter_error import FilterError
from k8stui.viewmodels.log_filter import parse_log_filter

LINES = [b"GET /health 200", b"GET /cart 500 Timeout", b"connection refused", b"[INFO] ready"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", [0, 1, 2, 3]),
        ("timeout", [1]),
        ("GET /", [0, 1]),
        ("timeout | refused", [1, 2]),
        ("!health", [1, 2, 3]),
        ("get !health", [1]),
        ("/5\\d\\d/", [1]),
        ("!/\\d{3}/", [2, 3]),
        ("[INFO]", [3]),
        ("nothing like it", []),
    ],
)
def test_a_filter_keeps_the_lines_that_it_names(text: str, kept: list[int]) -> None:
    wanted = Filter(*parse_log_filter(text))
    assert [index for index, line in enumerate(LINES) if wanted.takes(line)] == kept


def test_a_broken_expression_is_said_and_not_applied() -> None:
    with pytest.raises(FilterError, match="missing"):
        parse_log_filter("/(unclosed/")
