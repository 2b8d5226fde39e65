"""Label selectors and label sets, written as kubectl writes them."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.text import clean_text


class SelectorRequirement(msgspec.Struct, gc=False):
    key: str
    operator: str
    values: list[str] | None = None


class LabelSelector(msgspec.Struct, gc=False, rename="camel"):
    match_labels: dict[str, str] | None = None
    match_expressions: list[SelectorRequirement] | None = None


def _requirement(requirement: SelectorRequirement) -> str:
    values = ",".join(sorted(requirement.values or ()))
    match requirement.operator:
        case "Exists":
            return requirement.key
        case "DoesNotExist":
            return f"!{requirement.key}"
        case "In":
            return f"{requirement.key} in ({values})"
        case "NotIn":
            return f"{requirement.key} notin ({values})"
        case operator:
            return f"{requirement.key} {operator} ({values})"


def selector_query(selector: LabelSelector | None) -> str:
    """The selector as `kubectl -l` and the API's `labelSelector` take it, empty for none.

    Requirements are ordered by key, as the API machinery orders them.
    """
    if selector is None:
        return ""
    parts = [(key, f"{key}={value}") for key, value in (selector.match_labels or {}).items()]
    parts += [(one.key, _requirement(one)) for one in selector.match_expressions or ()]
    parts.sort(key=lambda part: part[0])
    return intern(clean_text(",".join(text for _key, text in parts)))


def format_selector(query: str) -> str:
    """A selector's text in a table: `<none>` where there is none."""
    return query or "<none>"


def format_labels(labels: dict[str, str] | None) -> str:
    """A label set (a nodeSelector, a Service's selector) as a table shows it: `a=b,c=d`."""
    if not labels:
        return "<none>"
    return intern(clean_text(",".join(f"{key}={value}" for key, value in sorted(labels.items()))))
