"""Decodes objects whose fields may hold what they shouldn't: such a field counts as not there."""

from __future__ import annotations

import re
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

_AT = re.compile(r" - at `(?:key in )?\$([^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|(\[\.\.\.\])")
_MOST_FIELDS = 64


class LenientDecoder(Generic[T]):
    """A JSON decoder for one struct type.

    What fits the type is decoded as fast as msgspec can. Only for an object that doesn't, the
    fields at fault are dropped one after the other, and their defaults stand in for them.
    """

    def __init__(self, struct: type[T]) -> None:
        self._struct = struct
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(struct)

    def decode(self, raw: bytes) -> T:
        """Raises msgspec.MsgspecError for what is no JSON, or lacks a required field."""
        try:
            return self._decoder.decode(raw)
        except msgspec.ValidationError:
            return self._repaired(msgspec.json.decode(raw))

    def _repaired(self, document: Any) -> T:
        for _ in range(_MOST_FIELDS):
            try:
                return msgspec.convert(document, self._struct)
            except msgspec.ValidationError as error:
                if not _dropped(document, str(error)):
                    raise
        return msgspec.convert(document, self._struct)


def _dropped(document: Any, message: str) -> bool:
    """Removes what the error message points at; False when there is no such thing."""
    found = _AT.search(message)
    if not found:
        return False
    parent, key = None, None
    here = document
    for name, index, anything in _STEP.findall(found.group(1)):
        if anything:
            break  # msgspec doesn't tell which key of a free map: it goes as a whole
        parent, key = here, name or int(index)
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            return False
    if parent is None:
        return False
    del parent[key]
    return True
