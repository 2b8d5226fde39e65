"""Reads plain JSON objects that may lack anything, hold nulls or hold the wrong types.

Nothing here raises: what isn't what it should be counts as not there, or is shown as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from time import gmtime, strftime
from typing import Any

from k8stui.resources.age import human_duration
from k8stui.resources.wire import epoch

JsonObject = dict[str, Any]

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"


def get(value: object, *path: str) -> object:
    """What stands at `path` below `value`, None where the way ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def mapping(value: object, *path: str) -> JsonObject:
    """The object at `path`, an empty one where there is none."""
    found = get(value, *path)
    return found if isinstance(found, dict) else {}


def sequence(value: object, *path: str) -> list[Any]:
    """The list at `path`, an empty one where there is none."""
    found = get(value, *path)
    return found if isinstance(found, list) else []


def objects(value: object, *path: str) -> list[JsonObject]:
    """The objects in the list at `path`; anything else in it is left out."""
    return [item for item in sequence(value, *path) if isinstance(item, dict)]


def string(value: object, *path: str) -> str:
    """The scalar at `path` as text, empty for null and for what is no scalar."""
    found = get(value, *path)
    return "" if found is None or isinstance(found, dict | list) else show(found)


def strings(value: object, *path: str) -> list[str]:
    """The items of the list at `path` as text; nulls are left out."""
    return [show(item) for item in sequence(value, *path) if item is not None]


def integer(value: object, *path: str) -> int | None:
    """The whole number at `path`, None where there is none."""
    found = get(value, *path)
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    if isinstance(found, str) and found.removeprefix("-").isdecimal() and len(found) < 20:
        return int(found)
    return int(found) if isinstance(found, float) and found.is_integer() else None


def flag(value: object, *path: str) -> bool:
    """Whether `true` stands at `path`."""
    return get(value, *path) is True


def show(value: object) -> str:
    """A JSON value as one reads it: scalars bare, nothing for null, the rest as compact JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str)
    return str(value)


def joined(parts: Iterable[object], separator: str = ", ") -> str:
    """The parts as text in one line, `<none>` when there are none."""
    return separator.join(show(part) for part in parts) or NONE


def pairs(value: object, *path: str) -> list[tuple[str, str]]:
    """Keys and values of the object at `path` as text, sorted by key."""
    found = mapping(value, *path)
    return [(show(key), show(found[key])) for key in sorted(found, key=str)]


def pairs_text(value: object, *path: str) -> str:
    """`a=1,b=2` as kubectl writes a map of labels, `<none>` for an empty one."""
    return joined((f"{key}={text}" for key, text in pairs(value, *path)), ",")


def selector_text(selector: object) -> str:
    """A LabelSelector as kubectl writes it, by key: `app=web,tier in (edge,front)`."""
    terms = [(key, f"{key}={text}") for key, text in pairs(selector, "matchLabels")]
    for requirement in objects(selector, "matchExpressions"):
        key, values = string(requirement, "key"), ",".join(sorted(strings(requirement, "values")))
        match string(requirement, "operator"):
            case "In":
                terms.append((key, f"{key} in ({values})"))
            case "NotIn":
                terms.append((key, f"{key} notin ({values})"))
            case "Exists":
                terms.append((key, key))
            case "DoesNotExist":
                terms.append((key, f"!{key}"))
            case operator:
                terms.append((key, f"{key} {operator} ({values})"))
    return joined((text for _, text in sorted(terms, key=lambda term: term[0])), ",")


def since(value: object, now: float, *path: str) -> str:
    """The age of the timestamp at `path` (`5m`), `<unknown>` where there is none.

    Args:
        now: Epoch seconds.
    """
    moment = epoch(string(value, *path))
    return human_duration(now - moment) if moment else UNKNOWN


def moment(value: object, now: float, *path: str) -> str:
    """The timestamp at `path` in UTC and how long ago that is, empty where there is none.

    Args:
        now: Epoch seconds.
    """
    seconds = epoch(string(value, *path))
    if not seconds:
        return ""
    distance = now - seconds
    apart = (
        f"{human_duration(distance)} ago" if distance >= 0 else f"in {human_duration(-distance)}"
    )
    return f"{strftime('%Y-%m-%d %H:%M:%S', gmtime(seconds))} UTC ({apart})"


def between(value: object, start: str, end: str) -> str:
    """How long it took from the timestamp under `start` to that under `end`, empty if unknown."""
    first, last = epoch(string(value, start)), epoch(string(value, end))
    return human_duration(last - first) if first and last and last >= first else ""


def kind_name(reference: object) -> str:
    """`ReplicaSet/web-7f` of an object reference."""
    return f"{string(reference, 'kind')}/{string(reference, 'name')}"


def controller_of(obj: object) -> JsonObject:
    """The controlling owner's reference, an empty object where there is none."""
    for reference in objects(obj, "metadata", "ownerReferences"):
        if flag(reference, "controller"):
            return reference
    return {}
