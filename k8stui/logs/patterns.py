"""Regular expressions that can't hang the program: RE2 finds every match in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import Protocol

import re2

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

_MOST_MEMORY = 16 << 20
_MOST_STEPS = 5_000
"""Of RE2's program for a pattern. A larger one takes a tenth of a second for 10 kB of text, and may
need more states at once than the memory has room for."""
_PLAIN = re.compile(r"[\w ,:;/=\"'<>@#%&!~-]+")
"""Text that means itself as an expression."""


class _Match(Protocol):
    def start(self) -> int: ...

    def end(self) -> int: ...


class _Compiled(Protocol):
    @property
    def programsize(self) -> int: ...

    def finditer(self, text: bytes) -> Iterator[_Match]: ...


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    # Only where a match is counts, not what its groups hold: without them it is found faster.
    options.never_capture = True
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
        whole = (flags + f"(?:{body})").encode()
        try:
            self._compiled: _Compiled = re2.compile(whole, options=_options())
            if self._compiled.programsize > _MOST_STEPS:
                raise UsageError(
                    f"too large an expression: {clean_text(source)}",
                    "repeat less, or fewer kinds of characters",
                )
            # A set tells whether there is a match, not where: that takes a quarter of the time.
            self._set = re2.Set.SearchSet(_options())
            self._set.Add(whole)
            self._set.Compile()
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
        return bool(self._set.Match(raw))

    def spans(self, text: str, most: int | None = None) -> list[tuple[int, int]]:
        """Where it is found, in characters; empty matches are left out.

        Args:
            text: One line.
            most: How many places are wanted; None for all.
        """
        raw = text.encode("utf-8", "replace")
        places = ((m.start(), m.end()) for m in self._compiled.finditer(raw) if m.end() > m.start())
        found = list(islice(places, most))
        if len(raw) == len(text):
            return found
        ends = sorted({end for place in found for end in place})
        lengths = (len(raw[a:b].decode()) for a, b in pairwise((0, *ends)))
        characters = dict(zip(ends, accumulate(lengths), strict=True))
        return [(characters[a], characters[b]) for a, b in found]

    def lines(self, messages: Sequence[bytes]) -> set[int]:
        """The positions of the lines that hold a match."""
        if self._plain is not None:
            plain = self._plain
            return {at for at, message in enumerate(messages) if plain in message}
        found = self._set.Match
        return {at for at, message in enumerate(messages) if found(message)}


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
        shown = set(range(len(messages)))
        if self.include:
            shown = set().union(*(pattern.lines(messages) for pattern in self.include))
        for pattern in self.exclude:
            shown -= pattern.lines(messages)
        return sorted(shown)


def _reason(error: Exception) -> str:
    text = error.args[0] if error.args else ""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return clean_text(said.partition(":")[0])
