"""What is typed after `/` over logs: which lines stay."""

from __future__ import annotations

import re
from typing import NamedTuple

from k8stui.errors import UsageError
from k8stui.logs.patterns import Pattern
from k8stui.viewmodels.filter_error import FilterError

_EXCLUDE = re.compile(r"(?:^|(?<=\s))!(/(?:\\.|[^/\\])*/|\S+)")
_ALTERNATIVES = re.compile(r"\s\|\s")


class LogFilter(NamedTuple):
    """A line stays when one of `include` is in it (or there are none) and none of `exclude` is."""

    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()


def parse_log_filter(text: str) -> LogFilter:
    """The filter that a line means: `timeout | refused !health /5\\d\\d/`.

    Text is found as it stands, in either case; ` | ` stands between alternatives, `!` before
    what is not to be shown, and a regular expression (RE2) between slashes.

    Raises:
        FilterError: an expression can't be compiled.
    """
    exclude = tuple(_pattern(match[1]) for match in _EXCLUDE.finditer(text))
    rest = _EXCLUDE.sub("", text).strip()
    include = tuple(_pattern(part.strip()) for part in _ALTERNATIVES.split(rest) if part.strip())
    return LogFilter(include, exclude)


def _pattern(word: str) -> Pattern:
    try:
        if len(word) > 2 and word.startswith("/") and word.endswith("/"):
            return Pattern(word[1:-1])
        return Pattern(word.strip("\"'") or word, literal=True, ignore_case=True)
    except UsageError as error:
        raise FilterError(error.message, 0) from error
