"""Kubernetes' protobuf form of the few small objects that are better sent so.

API servers built with Go 1.18 or later from sources older than 1.24 (distributions do that) break
the connection on some kinds in JSON: their JSON library panics. Field numbers are those of the
`generated.proto` files of k8s.io/api.
"""

from __future__ import annotations

from typing import Final

MEDIA: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"


def wrapped(api_version: str, kind: str, raw: bytes) -> bytes:
    """A body: runtime.Unknown with the type and the object's fields in it."""
    head = text(1, api_version) + text(2, kind)
    return _MAGIC + part(1, head) + part(2, raw)


def text(number: int, value: str) -> bytes:
    """A field of text, nothing for an empty one."""
    return part(number, value.encode()) if value else b""


def part(number: int, content: bytes) -> bytes:
    """A field of bytes, or an object within."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def integer(number: int, value: int) -> bytes:
    """A field with a number, not negative."""
    return bytes([number << 3]) + _varint(value)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
