"""Lists in pages: versions that are asked for, and tokens to continue with."""

from __future__ import annotations

import base64
import binascii
import heapq
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from k8stui.demo.errors import ApiError, bad_request, expired, too_large_version
from k8stui.demo.model import Key, Obj, key_of
from k8stui.demo.store import Store

_OLD_TOKEN: Final = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter."
)


def asked_version(store: Store, query: Mapping[str, str]) -> int:
    """Checks `resourceVersion` and `resourceVersionMatch`; 0 for "the newest"."""
    text, how = query.get("resourceVersion", ""), query.get("resourceVersionMatch", "")
    if how and not text:
        raise ApiError(
            400, "BadRequest",
            "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless "
            "resourceVersion is provided",
        )  # fmt: skip
    if not text:
        return 0
    asked = parse_version(text)
    if asked > store.version:
        raise too_large_version(asked, store.version)
    if how == "Exact" and asked < store.compacted():
        raise expired("The resourceVersion for the provided list is too old.")
    return 0


def decode_continue(store: Store, token: str) -> tuple[int, Key]:
    """The list's version and the last key of the page before.

    Raises:
        ApiError: 400 for a token that is none, 410 for one that is too old.
    """
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found = msgspec.json.decode(raw)
        version, start = int(found["rv"]), Key(*found["start"])
    except (binascii.Error, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise bad_request(f"continue key is not valid: {error}") from error
    if version < store.compacted():
        raise expired(_OLD_TOKEN)
    return version, start


def as_of(
    store: Store, kind: str, namespace: str | None, version: int, start: Key
) -> Iterator[Obj]:
    """The objects of a kind behind a key, in order, as they were at a version (0: as they are).

    Raises:
        ApiError: 410, when too much has changed since.
    """
    changes = store.since(kind, version) if version else []
    if changes is None:
        raise expired(_OLD_TOKEN)
    if not changes:
        return store.after(kind, start, namespace)
    before: dict[Key, Obj | None] = {}
    for change in changes:
        before.setdefault(key_of(change.obj), change.old)
    past = [
        before_it
        for key, before_it in sorted(before.items(), key=lambda item: item[0])
        if before_it is not None and key > start and namespace in (None, key.namespace)
    ]
    present = (obj for obj in store.after(kind, start, namespace) if key_of(obj) not in before)
    return heapq.merge(present, past, key=key_of)


def encode_continue(version: int, last: Key) -> str:
    """The token that continues a list after a key."""
    raw = msgspec.json.encode({"v": "meta.k8s.io/v1", "rv": version, "start": list(last)})
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parse_version(text: str) -> int:
    """A `resourceVersion` parameter.

    Raises:
        ApiError: when it is no number.
    """
    if not text.isdigit():
        why = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise bad_request(f'resourceVersion: Invalid value: "{text}": {why}')
    return int(text)


def integer(text: str | None, name: str) -> int:
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


def truth(query: Mapping[str, str], name: str) -> bool:
    """A yes or no in a query, in any of the spellings that a server takes."""
    return query.get(name, "") in ("1", "t", "T", "true", "TRUE", "True")
