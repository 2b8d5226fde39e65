"""What everything in the demo cluster speaks of: objects, time stamps, quantities."""

from __future__ import annotations

import calendar
import hashlib
import time
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

Obj = dict[str, Any]
"""An API object as JSON has it. Objects in the store are never changed in place."""

T = TypeVar("T")

_SUFFIXES = {
    "m": 0.001,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}
_SAFE = "bcdfghjklmnpqrstvwxz2456789"


class Key(NamedTuple):
    """Where an object is within its kind; `namespace` is "" for cluster-scoped kinds."""

    namespace: str
    name: str


def key_of(obj: Obj) -> Key:
    """The key of an object that has its metadata."""
    meta = obj["metadata"]
    return Key(meta.get("namespace", ""), meta["name"])


def clone(value: T) -> T:
    """A copy of a JSON value that shares nothing with it."""
    if isinstance(value, dict):
        return {k: clone(v) for k, v in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [clone(v) for v in value]  # type: ignore[return-value]
    return value


def without_nulls(value: T) -> T:
    """A copy as a typed server keeps it: a field that is null is not there."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}  # type: ignore[return-value]
    if isinstance(value, list):
        return [without_nulls(v) for v in value]  # type: ignore[return-value]
    return value


def stamp(seconds: float) -> str:
    """Epoch seconds as the API writes a Time."""
    return _stamp(int(seconds))


@lru_cache(1024)
def _stamp(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def micro_stamp(seconds: float) -> str:
    """Epoch seconds as the API writes a MicroTime."""
    return (
        f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1e6):06d}Z"
    )


def nano_stamp(seconds: float) -> str:
    """Epoch seconds as the kubelet stamps log lines (RFC 3339 with nanoseconds)."""
    return (
        f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1e9):09d}Z"
    )


@lru_cache(4096)
def seconds_of(text: str) -> float:
    """Epoch seconds of an RFC 3339 time in UTC or with an offset.

    Raises:
        ValueError: when `text` is no such time.
    """
    day, _, rest = text.partition("T")
    offset = 0.0
    if rest.endswith(("Z", "z")):
        rest = rest[:-1]
    elif len(rest) > 6 and rest[-6] in "+-":
        sign = -1 if rest[-6] == "+" else 1
        offset = sign * (int(rest[-5:-3]) * 3600 + int(rest[-2:]) * 60)
        rest = rest[:-6]
    whole, _, fraction = rest.partition(".")
    parsed = time.strptime(f"{day}T{whole}", "%Y-%m-%dT%H:%M:%S")
    return calendar.timegm(parsed) + offset + (float(f"0.{fraction}") if fraction else 0.0)


def quantity(value: object) -> float:
    """A resource quantity as a number of cores or bytes; 0.0 for what is none."""
    text = str(value or "0")
    digits = text.rstrip("KkMGTim")
    try:
        return float(digits) * _SUFFIXES[text[len(digits) :]]
    except (ValueError, KeyError):
        return 0.0


def digest(*parts: object) -> int:
    """A number that is the same for the same parts in every process."""
    text = "\x00".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def suffix(seed: object, length: int = 5) -> str:
    """A generated-name suffix in the alphabet that Kubernetes uses."""
    number, out = digest("suffix", seed), ""
    for _ in range(length):
        number, index = divmod(number, len(_SAFE))
        out += _SAFE[index]
    return out


def dig(obj: Any, *path: str) -> Any:
    """The value at a path of keys, None where the path ends early."""
    for step in path:
        if not isinstance(obj, dict):
            return None
        obj = obj.get(step)
    return obj


def condition(obj: Obj, kind: str) -> Obj:
    """The status condition of that type, {} when there is none."""
    for entry in dig(obj, "status", "conditions") or ():
        if entry["type"] == kind:
            return dict(entry)
    return {}


def set_condition(conditions: list[Obj], now: float, kind: str, status: str, **more: str) -> None:
    """Put a condition into a list, keeping its transition time while the status stays."""
    entry: Obj = {"type": kind, "status": status, "lastTransitionTime": stamp(now), **more}
    for at, old in enumerate(conditions):
        if old["type"] == kind:
            if old["status"] == status:
                entry["lastTransitionTime"] = old["lastTransitionTime"]
            conditions[at] = entry
            return
    conditions.append(entry)
