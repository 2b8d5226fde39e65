"""Finds the objects that `kind/name` of a query means: one in each namespace that has it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.transport import Transport
from k8stui.errors import K8sTuiError
from k8stui.logs.no_match import in_namespaces
from k8stui.logs.query import Query, kind_of, path_of


class NamedObject(msgspec.Struct, frozen=True):
    """What a query needs of an object."""

    uid: str
    selector: dict[str, str] = {}
    """Of a Service."""


class _Meta(msgspec.Struct):
    uid: str = ""


class _Object(msgspec.Struct):
    metadata: _Meta


class _ServiceSpec(msgspec.Struct):
    selector: dict[str, str] | None = None


class _Service(msgspec.Struct):
    spec: _ServiceSpec


async def find_named(
    transport: Transport, query: Query, context: str, namespaces: Sequence[str]
) -> dict[str, NamedObject]:
    """The object of that kind and name, by the namespaces that have one.

    Args:
        transport: The way to the cluster.
        query: What names a kind whose objects have namespaces.
        context: The cluster's; clean.
        namespaces: Where to look.

    Raises:
        K8sTuiError: no namespace has one, or one of them can't be asked.
    """
    found: dict[str, NamedObject] = {}
    missing: ApiError | None = None
    for namespace in namespaces:
        try:
            body = await _get(transport, query, namespace)
        except ApiError as error:
            if error.status != 404:
                raise
            missing = error
        else:
            found[namespace] = _named(query, body)
    if missing is not None and not found:
        where = f"{in_namespaces(namespaces)} of context {context}"
        missing.hint = missing.hint or f"that was in {where}: -n NAME looks in another"
        raise missing
    return found


async def _get(transport: Transport, query: Query, namespace: str) -> bytes:
    kind = kind_of(query.kind)
    *older, last = kind.versions if kind else ("v1",)
    for version in older:
        try:
            return await transport.get(path_of(query.kind, version, namespace, query.name))
        except K8sTuiError:
            continue
    return await transport.get(path_of(query.kind, last, namespace, query.name))


def _named(query: Query, body: bytes) -> NamedObject:
    uid = msgspec.json.decode(body, type=_Object).metadata.uid
    if query.kind != "services":
        return NamedObject(uid)
    return NamedObject(uid, msgspec.json.decode(body, type=_Service).spec.selector or {})
