"""What is typed over logs: which lines stay, which are marked, which containers are read."""

from __future__ import annotations

import re
from typing import NamedTuple

from k8stui.errors import UsageError
from k8stui.logs.patterns import Pattern
from k8stui.viewmodels.filter_error import FilterError

_EXCLUDE = re.compile(r"(?:^|(?<=\s))!(/(?:\\.|[^/\\])*/|\"[^\"]*\"|\S+)")
_ALTERNATIVES = re.compile(r"\s\|\s")


class LogFilter(NamedTuple):
    """A line stays when one of `include` is in it (or there are none) and none of `exclude` is."""

    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()


class ContainerFilter(NamedTuple):
    """Which containers are read, by their names."""

    include: Pattern | None = None
    exclude: tuple[Pattern, ...] = ()


def parse_log_filter(text: str, ignore_case: bool | None = None) -> LogFilter:
    """The filter that a line means: `timeout | refused !health /5\\d\\d/`.

    ` | ` stands between alternatives, `!` before what is not to be shown, and a regular expression
    (RE2) between slashes; other text is found as it stands.

    Args:
        text: What was typed.
        ignore_case: None ignores the case of text, and takes expressions as they are written.

    Raises:
        FilterError: an expression can't be compiled.
    """
    exclude = tuple(_pattern(match[1], ignore_case) for match in _EXCLUDE.finditer(text))
    return LogFilter(parse_patterns(_EXCLUDE.sub("", text), ignore_case), exclude)


def parse_patterns(text: str, ignore_case: bool | None = None) -> tuple[Pattern, ...]:
    """The alternatives of a line like `timeout | /5\\d\\d/`; arguments and errors as above."""
    parts = [part.strip() for part in _ALTERNATIVES.split(text.strip())]
    return tuple(_pattern(part, ignore_case) for part in parts if part)


def parse_containers(text: str) -> ContainerFilter:
    """The containers that a line means: `app worker !istio-proxy /^web-\\d/`.

    A word is found anywhere in the name; of several words one has to be.

    Raises:
        FilterError: an expression can't be compiled.
    """
    exclude = tuple(_pattern(match[1], False) for match in _EXCLUDE.finditer(text))
    words = _EXCLUDE.sub("", text).split()
    if not words:
        return ContainerFilter(None, exclude)
    # Each by itself, so that the message names the one that is wrong.
    sources = [_pattern(word, False) for word in words]
    joined = "|".join(
        f"(?:{re.escape(one.source) if one.literal else one.source})" for one in sources
    )
    return ContainerFilter(_pattern(f"/{joined}/", False), exclude)


def _pattern(word: str, ignore_case: bool | None) -> Pattern:
    try:
        if len(word) > 2 and word.startswith("/") and word.endswith("/"):
            return Pattern(word[1:-1], ignore_case=bool(ignore_case))
        ignore = ignore_case is not False
        return Pattern(word.strip("\"'") or word, literal=True, ignore_case=ignore)
    except UsageError as error:
        raise FilterError(error.message, 0) from error
