"""Single objects and small lists as plain JSON, fetched when someone wants to read them."""

from __future__ import annotations

from typing import Any

import msgspec

from k8stui.cluster.transport import Params, Transport
from k8stui.errors import K8sTuiError
from k8stui.resources.kinds import ResourceType

JsonObject = dict[str, Any]

_OBJECT = msgspec.json.Decoder(JsonObject)
_MOST_RELATED = 500


class _List(msgspec.Struct):
    items: list[JsonObject] | None = None


_LIST = msgspec.json.Decoder(_List)


async def read_object(
    transport: Transport, kind: ResourceType, namespace: str, name: str
) -> JsonObject:
    """One object as the server has it now.

    Raises:
        ApiError, ConnectionFailed, LoginFailed: as `Transport.get`.
        K8sTuiError: the answer is no JSON object.
    """
    body = await transport.get(kind.path(namespace, name))
    try:
        return _OBJECT.decode(body)
    except msgspec.MsgspecError as error:
        raise K8sTuiError(f"{kind.key} {name}: the answer can't be read: {error}") from error


async def list_objects(transport: Transport, path: str, params: Params) -> list[JsonObject]:
    """The first 500 objects of a collection. Raises as `read_object`."""
    body = await transport.get(path, [*params, ("limit", str(_MOST_RELATED))])
    try:
        return _LIST.decode(body).items or []
    except msgspec.MsgspecError as error:
        raise K8sTuiError(f"{path}: the answer can't be read: {error}") from error
