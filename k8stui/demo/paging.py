"""Lists in pages: versions that are asked for, and tokens to continue with."""

from __future__ import annotations

import base64
import heapq
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from k8stui.demo.bodies import loads
from k8stui.demo.errors import bad_request, expired, plain_failure, too_large_version
from k8stui.demo.model import Key, Obj, key_of
from k8stui.demo.options import check_match
from k8stui.demo.store import Store

_TOKEN_VERSION: Final = "meta.k8s.io/v1"
_OLD_TOKEN: Final = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter."
)


def asked_version(store: Store, query: Mapping[str, str]) -> int:
    """Checks `resourceVersion` and `resourceVersionMatch`; 0 for "the newest"."""
    check_match(query)
    text = query.get("resourceVersion", "")
    if not text or query.get("continue"):
        return 0
    asked = parse_version(text)
    if asked > store.version:
        raise too_large_version(asked, store.version)
    if query.get("resourceVersionMatch") != "Exact":
        return 0
    if asked < store.compacted():
        raise expired("The resourceVersion for the provided list is too old.")
    return asked


def decode_continue(store: Store, query: Mapping[str, str]) -> tuple[int, Key]:
    """The list's version and the last key of the page before, of the query's `continue`.

    Raises:
        ApiError: 400 for a token that is none, 410 for one that is too old.
    """
    token = query["continue"]
    try:
        found = loads(_bytes_of(token))
        if not isinstance(found, dict) or found.get("v") != _TOKEN_VERSION:
            known = found.get("v", "") if isinstance(found, dict) else ""
            raise ValueError(f'server does not recognize this encoded version "{known}"')
        version, start = int(found["rv"]), Key(*found["start"])
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {error}") from error
    if query.get("resourceVersion", "") not in ("", "0"):
        raise bad_request("specifying resource version is not allowed when using continue")
    if version < store.compacted():
        raise expired(_OLD_TOKEN)
    return version, start


def _bytes_of(token: str) -> bytes:
    """Raises ValueError, as Go's base64 words it."""
    wrong = re.search(r"[^-_A-Za-z0-9]", token)
    if wrong or len(token) % 4 == 1:
        at = wrong.start() if wrong else len(token) - 1
        raise ValueError(f"illegal base64 data at input byte {at}")
    # One character a byte, which is how Go shows what is no text.
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return raw.decode("latin-1").encode()


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
    raw = json.dumps({"v": _TOKEN_VERSION, "rv": version, "start": list(last)}).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def parse_version(text: str) -> int:
    """A `resourceVersion` parameter.

    Raises:
        ApiError: when it is no number.
    """
    if not text.isdigit():
        why = f'strconv.ParseUint: parsing "{text}": invalid syntax'
        raise plain_failure(f'resourceVersion: Invalid value: "{text}": {why}')
    return int(text)
