"""Regular expressions that can't hang the program: RE2 finds every match in linear time."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Protocol

import re2

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

_MOST_MEMORY = 16 << 20
_PLAIN = re.compile(r"[\w ,:;/=\"'<>@#%&!~-]+")
"""Text that means itself as an expression."""


class _Match(Protocol):
    def start(self) -> int: ...

    def end(self) -> int: ...


class _Compiled(Protocol):
    def search(self, text: bytes, pos: int = 0) -> _Match | None: ...

    def finditer(self, text: bytes) -> Iterator[_Match]: ...


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    # Lines are searched many at a time: no part of a pattern may reach over a line's end.
    options.never_nl = True
    return options


class Pattern:
    """A regular expression (RE2's syntax, as stern's and Go's) or a literal text.

    Args:
        source: What the user wrote.
        literal: Whether it is no expression but text to be found as it is.
        ignore_case: Whether upper and lower case count as equal.

    Raises:
        UsageError: it can't be compiled; the message says why.
    """

    def __init__(self, source: str, *, literal: bool = False, ignore_case: bool = False) -> None:
        self.source = source
        self.literal = literal
        self.ignore_case = ignore_case
        plain = literal or _PLAIN.fullmatch(source)
        self._plain = source.encode() if plain and source and not ignore_case else None
        body = re2.escape(source) if literal else source
        flags = "(?mi)" if ignore_case else "(?m)"
        try:
            self._compiled: _Compiled = re2.compile(
                (flags + f"(?:{body})").encode(), options=_options()
            )
        except re2.error as error:
            raise UsageError(
                f"not a regular expression: {clean_text(source)}: {_reason(error)}",
                "look-around and back-references are not supported",
            ) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, bool, bool]:
        return self.source, self.literal, self.ignore_case

    def search(self, text: str | bytes) -> bool:
        """Whether it is found anywhere in the text."""
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        return self._compiled.search(raw) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is found, in characters; empty matches are left out."""
        raw = text.encode("utf-8", "replace")
        found = [(m.start(), m.end()) for m in self._compiled.finditer(raw) if m.end() > m.start()]
        if len(raw) == len(text):
            return found
        return [(len(raw[:a].decode()), len(raw[:b].decode())) for a, b in found]

    def lines(self, block: Lines) -> set[int]:
        """The positions of the lines that hold a match."""
        if self._plain is not None:
            plain = self._plain
            return {at for at, message in enumerate(block.messages) if plain in message}
        found: set[int] = set()
        text, starts = block.text, block.starts
        search, position, last = self._compiled.search, 0, len(text)
        while position <= last:
            match = search(text, position)
            if match is None:
                break
            line = bisect_right(starts, match.start()) - 1
            found.add(line)
            if line + 1 >= len(starts):
                break
            position = starts[line + 1]
        return found


class Lines:
    """Lines put together so that all of them are searched in one go."""

    def __init__(self, messages: Sequence[bytes]) -> None:
        self.messages = messages

    @cached_property
    def text(self) -> bytes:
        return b"\n".join(self.messages)

    @cached_property
    def starts(self) -> list[int]:
        """Where in the text each line begins."""
        return [0, *accumulate(len(message) + 1 for message in self.messages)][:-1]


class Filter:
    """Which lines are shown: none that an exclude finds, and of the rest those an include finds.

    Args:
        include: One of them must be found; empty takes all.
        exclude: None of them may be found; they go first.
    """

    def __init__(self, include: Sequence[Pattern] = (), exclude: Sequence[Pattern] = ()) -> None:
        self.include = tuple(include)
        self.exclude = tuple(exclude)

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def takes(self, message: bytes) -> bool:
        """Whether this line is shown."""
        return not any(pattern.search(message) for pattern in self.exclude) and (
            not self.include or any(pattern.search(message) for pattern in self.include)
        )

    def passing(self, messages: Sequence[bytes]) -> list[int]:
        """The positions of the lines that are shown, in order."""
        if not self or not messages:
            return list(range(len(messages)))
        block = Lines(messages)
        shown = set(range(len(messages)))
        if self.include:
            shown = set().union(*(pattern.lines(block) for pattern in self.include))
        for pattern in self.exclude:
            shown -= pattern.lines(block)
        return sorted(shown)


def _reason(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return clean_text(said.partition(":")[0])
