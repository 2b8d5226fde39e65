"""The parameters of requests: read, and refused when they make no sense together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from k8stui.demo.errors import Cause, bad_request, invalid_options
from k8stui.demo.model import Obj

_POLICIES: Final = ("Foreground", "Background", "Orphan")
_MATCHES: Final = ("Exact", "NotOlderThan")


def truth(query: Mapping[str, str], name: str) -> bool:
    """A yes or no in a query: whatever is there and does not say no is a yes."""
    return name in query and query[name].lower() not in ("false", "0")


def integer(text: str | None) -> int:
    """A number in a query, 0 when there is none.

    Raises:
        ApiError: 400, when it is none.
    """
    if not text:
        return 0
    try:
        return int(text)
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def dry(kind: str, query: Mapping[str, str], body: Any = None) -> bool:
    """Whether nothing is to be kept.

    Args:
        kind: What the parameters are called: "CreateOptions" and so on.
        body: DeleteOptions, which may say it too.

    Raises:
        ApiError: 422, for a dry run of another kind than all.
    """
    asked = [query["dryRun"]] if query.get("dryRun") else (body or {}).get("dryRun") or []
    if any(one != "All" for one in asked):
        listed = ", ".join(f'"{one}"' for one in asked)
        text = f'Unsupported value: []string{{{listed}}}: supported values: "All"'
        raise invalid_options(kind, [("FieldValueNotSupported", text, "dryRun")])
    return bool(asked)


def deletion(options: Obj, query: Mapping[str, str]) -> tuple[float | None, str]:
    """The grace period in seconds (None for the object's own) and the propagation policy.

    Raises:
        ApiError: 400 for a period that is no number, 422 for a policy that is none.
    """
    grace = options.get("gracePeriodSeconds")
    if grace is None and query.get("gracePeriodSeconds"):
        grace = integer(query["gracePeriodSeconds"])
    policy = options.get("propagationPolicy") or query.get("propagationPolicy", "")
    if policy and policy not in _POLICIES:
        known = ", ".join(f'"{one}"' for one in (*_POLICIES, "nil"))
        text = f'Unsupported value: "{policy}": supported values: {known}'
        raise invalid_options(
            "DeleteOptions", [("FieldValueNotSupported", text, "propagationPolicy")]
        )
    if options.get("orphanDependents"):
        policy = "Orphan"
    return None if grace is None else float(grace), policy


def check_patch(query: Mapping[str, str], *, apply: bool) -> None:
    """Server-side apply needs a manager, and only it may use force.

    Raises:
        ApiError: 422.
    """
    if apply and not query.get("fieldManager"):
        text = "Required value: is required for apply patch"
        raise invalid_options("PatchOptions", [("FieldValueRequired", text, "fieldManager")])
    if not apply and "force" in query:
        text = "Forbidden: may not be specified for non-apply patch"
        raise invalid_options("PatchOptions", [("FieldValueForbidden", text, "force")])


def check_match(query: Mapping[str, str]) -> None:
    """`resourceVersionMatch` says how `resourceVersion` is meant.

    Raises:
        ApiError: 422, when it says nothing that makes sense.
    """
    how, version = query.get("resourceVersionMatch", ""), query.get("resourceVersion", "")
    if not how:
        return
    causes: list[Cause] = []
    field = "resourceVersionMatch"
    if not version:
        text = f"Forbidden: {field} is forbidden unless resourceVersion is provided"
        causes.append(("FieldValueForbidden", text, field))
    if how not in _MATCHES:
        known = ", ".join(f'"{one}"' for one in (*_MATCHES, ""))
        text = f'Unsupported value: "{how}": supported values: {known}'
        causes.append(("FieldValueNotSupported", text, field))
    if how == "Exact" and version == "0":
        text = f'Forbidden: {field} "exact" is forbidden for resourceVersion "0"'
        causes.append(("FieldValueForbidden", text, field))
    if causes:
        raise invalid_options("ListOptions", causes)
