"""The self-reviews, as JSON and, for servers that choke on that, as Kubernetes' protobuf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from k8stui.cluster.protobuf import MEDIA, part, text, wrapped
from k8stui.cluster.transport import ApiError, Transport
from k8stui.errors import ConnectionFailed, LoginFailed

_API_VERSION: Final = "authorization.k8s.io/v1"
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

    In JSON, which every proxy understands; in protobuf where that breaks the connection.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._protobuf = False

    async def rules(self, namespace: str) -> bytes:
        """A SelfSubjectRulesReview, as JSON. Raises as `Transport.self_review`."""
        return await self._ask(
            "SelfSubjectRulesReview", {"namespace": namespace}, text(1, namespace)
        )

    async def access(self, attributes: Mapping[str, str]) -> bytes:
        """A SelfSubjectAccessReview of these resource attributes, as JSON. Raises likewise."""
        fields = b"".join(text(_ATTRIBUTES[key], value) for key, value in attributes.items())
        return await self._ask(
            "SelfSubjectAccessReview", {"resourceAttributes": dict(attributes)}, part(1, fields)
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
            path, wrapped(_API_VERSION, kind, part(2, wire)), content_type=MEDIA
        )
        self._protobuf = True
        return answer
