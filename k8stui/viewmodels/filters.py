"""The filter language that is typed after `/`.

    web                 text in any column, whatever its case; "not ready" in quotes
    !web                rows without it; before any term
    web|db              either; `!web|db` is neither
    /^web-\\d/ re:^web   regular expression (RE2's), `^` and `$` are the ends of a cell
    ~wbf                characters of the name in this order
    app=web,tier!=db    labels, also `tier in (a,b)`; `l:app` or `-l !app` for a key alone
    restarts>3 age<2h   columns: > >= < <= = !=, with `*` in texts: status=Err*

Terms with spaces between them must all match. A column's name goes before a label's: write
`l:status=x` for a label of that name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from k8stui.errors import UsageError
from k8stui.logs.patterns import Pattern
from k8stui.resources.record import Column, Context, Record
from k8stui.resources.text import clean_text
from k8stui.viewmodels.filter_error import FilterError
from k8stui.viewmodels.filter_terms import (
    AmountTerm,
    FuzzyTerm,
    LabelTerm,
    RegexTerm,
    Term,
    TextTerm,
    equal_term,
)
from k8stui.viewmodels.filter_values import EXAMPLES, parse_value
from k8stui.viewmodels.label_selector import KEY, parse_selector

__all__ = ["Filter", "FilterError", "parse_filter"]

_WORD = re.compile(r"[^\s|]*")
_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r"\"((?:\\.|[^\"\\])*)\"?|'([^']*)'?", re.DOTALL)
_ENCLOSED_REGEX = re.compile(r"/((?:\\.|[^/\\]|/(?![\s|]|$))*)/?", re.DOTALL)
_SELECTOR = re.compile(r"(?:l:|-l(?:\s+|$))")
_MEMBERSHIP = re.compile(rf"{KEY}\s+(?:in|notin)\s*\(", re.ASCII)
_COMPARISON = re.compile(r"([A-Za-z%_][\w%./-]*)(\s*)(>=|<=|==|!=|>|<|=)(\s*)")
_LABEL = re.compile(rf"{KEY}(?:==|!=|=)", re.ASCII)
_LEAST_PREFIX = 3


class Group(NamedTuple):
    """Alternatives, of which one has to match, or with `inverse` none may."""

    terms: tuple[tuple[bool, Term], ...]
    """(whether it is to match, the term)."""
    inverse: bool = False

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        for wanted, term in self.terms:
            if term.matches(record, context, haystack) == wanted:
                return not self.inverse
        return self.inverse

    def describe(self) -> str:
        texts = [
            term.describe() if wanted else f"not {term.describe()}" for wanted, term in self.terms
        ]
        text = " or ".join(texts)
        if not self.inverse:
            return text
        return f"not {text}" if len(texts) == 1 else f"neither {' nor '.join(texts)}"


class Filter:
    """What a table shows; true when it hides anything at all.

    Args:
        text: What was typed.
        groups: All have to match.
    """

    def __init__(self, text: str, groups: Sequence[Group]) -> None:
        self.text = text
        self._groups = tuple(groups)
        terms = [term for group in groups for _, term in group.terms]
        self.needs_haystack = any(term.needs_haystack for term in terms)
        """False when `matches` does not look at the haystack."""
        self.live = any(term.live for term in terms)
        """True when time alone may change what matches."""

    @property
    def only_text(self) -> str | None:
        """What the haystack has to hold (lower-case), where that is all; None where it isn't."""
        if len(self._groups) != 1 or self._groups[0].inverse or len(self._groups[0].terms) != 1:
            return None
        wanted, term = self._groups[0].terms[0]
        return term.needle if wanted and isinstance(term, TextTerm) else None

    def __bool__(self) -> bool:
        return bool(self._groups)

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        """Whether a row is to be shown.

        Args:
            haystack: The texts of the row's columns in lower case, a line each.
        """
        return all(group.matches(record, context, haystack) for group in self._groups)

    def describe(self) -> str:
        """The filter in a few words, for the pane's header: `"web" · RESTARTS > 3`."""
        return clean_text(" · ".join(group.describe() for group in self._groups))


def parse_filter(text: str, columns: Sequence[Column[Any]]) -> Filter:
    """Reads what was typed.

    What is still being typed reads as far as it goes: quotes and `/` need not be closed, and a
    `|` at the end waits for its right side.

    Args:
        columns: The table's; their ids and titles may be compared.

    Raises:
        FilterError: with a sentence and the place.
    """
    return Filter(text, _Parser(text, columns).groups())


class _Parser:
    def __init__(self, text: str, columns: Sequence[Column[Any]]) -> None:
        self._text = text
        self._at = 0
        self._columns: dict[str, Column[Any]] = {}
        for column in columns:
            self._columns.setdefault(column.title.lower().replace(" ", ""), column)
        self._columns.update({column.id.lower(): column for column in columns})

    def groups(self) -> list[Group]:
        groups = []
        while not self._ended():
            groups.append(self._group())
        return groups

    def _ended(self) -> bool:
        self._take(_SPACE)
        return self._at >= len(self._text)

    def _group(self) -> Group:
        inverse = self._not()
        terms = [(True, self._term())]
        while not self._ended() and self._text[self._at] == "|":
            while not self._ended() and self._text[self._at] == "|":
                self._at += 1
            if not self._ended():
                wanted = not self._not()
                terms.append((wanted, self._term()))
        return Group(tuple(terms), inverse)

    def _not(self) -> bool:
        if not self._text.startswith("!", self._at):
            return False
        self._at += 1
        return True

    def _term(self) -> Term:
        text, at = self._text, self._at
        if text.startswith(('"', "'"), at):
            return TextTerm(self._some(self._quoted(), at).lower())
        if text.startswith("/", at):
            return self._regex(self._take(_ENCLOSED_REGEX)[1].replace("\\/", "/"), at)
        if text.startswith("re:", at):
            self._at += 3
            return self._regex(self._value(), at)
        if text.startswith("~", at):
            self._at += 1
            return FuzzyTerm(self._some(self._value(), at).lower())
        selector = _SELECTOR.match(text, at)
        if selector:
            return self._labels(selector.end())
        if _MEMBERSHIP.match(text, at):
            return self._labels(at)
        return self._comparison() or TextTerm(self._some(self._take(_WORD)[0], at).lower())

    def _comparison(self) -> Term | None:
        start = self._at
        match = _COMPARISON.match(self._text, start)
        if match is None:
            return None
        name, before, sign, after = match.groups()
        ordering = sign in (">", "<", ">=", "<=")
        column = self._column(name, ordering)
        if column is None and (before or not ordering):
            # Spaces belong to a comparison only where a column's name leaves no doubt.
            return None if before or not _LABEL.match(self._text, start) else self._labels(start)
        if column is None:
            raise FilterError(self._unknown(name), start)
        self._at = match.end()
        if after and not before:
            self._take(_SPACE)
        at = self._at
        if at >= len(self._text):
            example = EXAMPLES[column.measure]
            raise FilterError(f"{name} needs a value to compare with, as {example}", at)
        return self._compared(column, "=" if sign == "==" else sign, self._value(), at)

    def _compared(self, column: Column[Any], sign: str, typed: str, at: int) -> Term:
        equality = sign in ("=", "!=")
        by_text = column.value is None or (equality and column.measure in ("text", "seconds"))
        amount = None if by_text else parse_value(typed, column.measure)
        if amount is not None:
            return AmountTerm(column, sign, amount, typed)
        if equality:
            return equal_term(column, typed, sign == "=")
        if column.value is None:
            raise FilterError(f"{column.title} is a text: compare it with = or !=", at)
        example = EXAMPLES["number" if column.measure == "text" else column.measure]
        raise FilterError(
            f"{column.title} can't be compared with {typed}: write it as {example}", at
        )

    def _column(self, name: str, ordering: bool) -> Column[Any] | None:
        known = self._columns.get(name.lower())
        if known is not None or not ordering or len(name) < _LEAST_PREFIX:
            return known
        # mem for memory; only with < and >, as the same word before = may well be a label.
        found = {
            each.id: each for key, each in self._columns.items() if key.startswith(name.lower())
        }
        return next(iter(found.values())) if len(found) == 1 else None

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(name.lower(), self._columns, n=1, cutoff=0.5)
        if near:
            return f"there is no column {name}; did you mean {near[0]}?"
        return f"there is no column {name}; put it in quotes to look for the text"

    def _labels(self, start: int) -> LabelTerm:
        selector, self._at = parse_selector(self._text, start)
        if self._at < len(self._text) and not re.match(r"[\s|]", self._text[self._at]):
            raise FilterError("this can't be in a label selector", self._at)
        return LabelTerm(selector)

    def _regex(self, source: str, at: int) -> RegexTerm:
        try:
            return RegexTerm(Pattern(self._some(source, at), ignore_case=True))
        except FilterError:
            raise
        except UsageError as error:
            raise FilterError(error.message, at) from None

    def _value(self) -> str:
        """A word, or a text in quotes."""
        if self._text.startswith(('"', "'"), self._at):
            return self._quoted()
        return self._take(_WORD)[0]

    def _quoted(self) -> str:
        match = self._take(_QUOTED)
        if match[1] is None:
            return match[2] or ""
        return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)

    def _some(self, value: str, at: int) -> str:
        if value:
            return value
        raise FilterError("there is nothing to look for here", at)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        assert match is not None, "these patterns match at any place where they are tried"
        self._at = match.end()
        return match
