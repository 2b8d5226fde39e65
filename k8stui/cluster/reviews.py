"""The self-reviews, as JSON and, for servers that choke on that, as Kubernetes' protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from k8stui.cluster.transport import ApiError, Transport
from k8stui.errors import ConnectionFailed, LoginFailed

_API_VERSION: Final = "authorization.k8s.io/v1"
_PROTOBUF: Final = "application/vnd.kubernetes.protobuf"
_MAGIC: Final = b"k8s\x00"
_ATTRIBUTES: Final = {
    "namespace": 1,
    "verb": 2,
    "group": 3,
    "version": 4,
    "resource": 5,
    "subresource": 6,
    "name": 7,
}
"""Fields of ResourceAttributes by their numbers."""


class SelfReviews:
    """Asks what the user may do.

    API servers built with Go 1.18 or later from sources older than 1.24 (distributions do that)
    break the connection on a review in JSON: their JSON library panics. Protobuf they can read.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._protobuf = False

    async def rules(self, namespace: str) -> bytes:
        """A SelfSubjectRulesReview, as JSON. Raises as `Transport.self_review`."""
        return await self._ask(
            "SelfSubjectRulesReview", {"namespace": namespace}, _text(1, namespace)
        )

    async def access(self, attributes: Mapping[str, str]) -> bytes:
        """A SelfSubjectAccessReview of these resource attributes, as JSON. Raises likewise."""
        fields = b"".join(_text(_ATTRIBUTES[key], value) for key, value in attributes.items())
        return await self._ask(
            "SelfSubjectAccessReview", {"resourceAttributes": dict(attributes)}, _part(1, fields)
        )

    async def _ask(self, kind: str, spec: Mapping[str, object], wire: bytes) -> bytes:
        path = f"/apis/{_API_VERSION}/{kind.lower()}s"
        if not self._protobuf:
            document = {"kind": kind, "apiVersion": _API_VERSION, "spec": spec}
            try:
                return await self._transport.self_review(path, msgspec.json.encode(document))
            except LoginFailed:
                raise
            except ApiError as error:
                if error.status != 500:
                    raise
            except ConnectionFailed:
                pass
        answer = await self._transport.self_review(
            path, _object(kind, _part(2, wire)), content_type=_PROTOBUF
        )
        self._protobuf = True
        return answer


def _object(kind: str, raw: bytes) -> bytes:
    """runtime.Unknown with the type and the object in it."""
    head = _text(1, _API_VERSION) + _text(2, kind)
    return _MAGIC + _part(1, head) + _part(2, raw)


def _text(number: int, value: str) -> bytes:
    return _part(number, value.encode()) if value else b""


def _part(number: int, content: bytes) -> bytes:
    """A field of bytes."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
