"""The terms of a filter: each one answers whether a record matches, and says so in words."""

from __future__ import annotations

import fnmatch
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from k8stui.logs.patterns import Pattern
from k8stui.resources.record import Column, Context, Record
from k8stui.viewmodels.label_selector import LabelSelector

_NONE = "<none>"
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}


class Term(ABC):
    """One condition."""

    needs_haystack: ClassVar[bool] = False
    """Whether `matches` looks at the haystack."""

    @property
    def live(self) -> bool:
        """True when the answer changes as time passes."""
        return False

    @abstractmethod
    def matches(self, record: Record, context: Context, haystack: str) -> bool: ...

    @abstractmethod
    def describe(self) -> str: ...


@dataclass(frozen=True)
class TextTerm(Term):
    """A text that is somewhere in the row, whatever its case."""

    needle: str
    """Lower-case."""
    needs_haystack: ClassVar[bool] = True

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        return self.needle in haystack

    def describe(self) -> str:
        return f'"{self.needle}"'


@dataclass(frozen=True)
class RegexTerm(Term):
    """A regular expression that is found in the row, whatever its case."""

    pattern: Pattern
    needs_haystack: ClassVar[bool] = True

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        return self.pattern.search(haystack)

    def describe(self) -> str:
        return f"/{self.pattern.source}/"


@dataclass(frozen=True)
class FuzzyTerm(Term):
    """Characters that are in the name in this order, others between them."""

    needle: str
    """Lower-case."""

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        rest = iter(record.name.lower())
        return all(char in rest for char in self.needle)

    def describe(self) -> str:
        return f"~{self.needle}"


@dataclass(frozen=True)
class LabelTerm(Term):
    """A label selector."""

    selector: LabelSelector

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        return self.selector.matches(record.labels)

    def describe(self) -> str:
        return f"label {self.selector.describe()}"


@dataclass(frozen=True)
class AmountTerm(Term):
    """A column's value against a number; a row without a value never matches."""

    column: Column[Any]
    operator: str
    amount: float
    typed: str

    @property
    def live(self) -> bool:
        return self.column.live or self.column.measure == "seconds"

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        value = self.column.value(record, context) if self.column.value else None
        return value is not None and _COMPARE[self.operator](value, self.amount)

    def describe(self) -> str:
        return f"{self.column.title} {self.operator} {self.typed}"


@dataclass(frozen=True)
class EqualTerm(Term):
    """A column's text, whatever its case; `*` stands for anything, nothing for `<none>`."""

    column: Column[Any]
    typed: str
    pattern: re.Pattern[str]
    equal: bool

    @property
    def live(self) -> bool:
        return self.column.live

    def matches(self, record: Record, context: Context, haystack: str) -> bool:
        text = self.column.text(record, context)
        same = self.pattern.match(text) is not None or (text == _NONE and not self.typed)
        return same == self.equal

    def describe(self) -> str:
        return f"{self.column.title} {'=' if self.equal else '!='} {self.typed or _NONE}"


def equal_term(column: Column[Any], typed: str, equal: bool) -> EqualTerm:
    """A term that compares a column's text with what was typed."""
    # Of fnmatch's signs only the star is one here; its translation never backtracks over it.
    plain = re.sub(r"[\[?]", lambda match: f"[{match[0]}]", typed)
    return EqualTerm(column, typed, re.compile(fnmatch.translate(plain), re.IGNORECASE), equal)
