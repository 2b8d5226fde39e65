"""Label selectors as `kubectl -l` takes them, over records' labels."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from k8stui.viewmodels.filter_error import FilterError

KEY = r"(?:[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?/)?[a-zA-Z0-9](?:[-\w.]*[a-zA-Z0-9])?"
_KEY = re.compile(KEY, re.ASCII)
_SET = re.compile(r"\s+(in|notin)\s*\(([^)]*)(\)?)")
_EQUAL = re.compile(r"\s?(==|!=|=)\s?([-\w.]*)", re.ASCII)
_COMMA = re.compile(r"\s*,\s*")


class Requirement(NamedTuple):
    """One part of a selector. As in the API, `!=` and `notin` take objects without the key too."""

    key: str
    operator: Literal["in", "notin", "exists", "absent"]
    values: tuple[str, ...] = ()

    def matches(self, labels: tuple[str, ...]) -> bool:
        """Whether labels, each `key=value`, meet this requirement."""
        if self.operator in ("in", "notin"):
            has = any(f"{self.key}={value}" in labels for value in self.values)
            return has == (self.operator == "in")
        prefix = f"{self.key}="
        has = any(label.startswith(prefix) for label in labels)
        return has == (self.operator == "exists")

    def describe(self) -> str:
        """The requirement as kubectl writes it."""
        if self.operator == "exists":
            return self.key
        if self.operator == "absent":
            return f"!{self.key}"
        if len(self.values) == 1:
            return f"{self.key}{'=' if self.operator == 'in' else '!='}{self.values[0]}"
        return f"{self.key} {self.operator} ({','.join(self.values)})"


class LabelSelector(NamedTuple):
    """Requirements that all have to be met."""

    requirements: tuple[Requirement, ...]

    def matches(self, labels: tuple[str, ...]) -> bool:
        return all(requirement.matches(labels) for requirement in self.requirements)

    def describe(self) -> str:
        return ",".join(requirement.describe() for requirement in self.requirements)


def parse_selector(text: str, start: int = 0) -> tuple[LabelSelector, int]:
    """Reads a selector from `start` on, to its end or to the first thing that is none of it.

    Returns:
        The selector, and the index after it.

    Raises:
        FilterError: there is none, or it breaks off after a comma.
    """
    requirements = []
    at = start
    while True:
        requirement, at = _requirement(text, at)
        requirements.append(requirement)
        comma = _COMMA.match(text, at)
        if comma is None:
            return LabelSelector(tuple(requirements)), at
        at = comma.end()


def _requirement(text: str, at: int) -> tuple[Requirement, int]:
    absent = text.startswith("!", at)
    match = _KEY.match(text, at + absent)
    if match is None:
        raise FilterError("a label selector needs a label here, as app=web or !app", at)
    key, at = match[0], match.end()
    if absent:
        return Requirement(key, "absent"), at
    members = _SET.match(text, at)
    if members is not None:
        if not members[3]:
            raise FilterError(f"the values of {key} need a ) at their end", len(text))
        values = tuple(value.strip() for value in members[2].split(","))
        return Requirement(key, "in" if members[1] == "in" else "notin", values), members.end()
    equal = _EQUAL.match(text, at)
    if equal is not None:
        operator: Literal["in", "notin"] = "notin" if equal[1] == "!=" else "in"
        return Requirement(key, operator, (equal[2],)), equal.end()
    return Requirement(key, "exists"), at
