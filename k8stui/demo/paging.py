"""Lists in pages: versions that are asked for, and tokens to continue with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import msgspec

from k8stui.demo.errors import ApiError, bad_request, expired, too_large_version
from k8stui.demo.model import Key
from k8stui.demo.store import Store


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
        raise expired(
            "The provided continue parameter is too old to display a consistent list result. "
            "You can start a new list without the continue parameter."
        )
    return version, start


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
