"""Which kinds the cluster serves: aggregated discovery where there is one, else group by group."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from k8stui.cluster.api_error import ApiError
from k8stui.cluster.transport import JSON, Transport
from k8stui.errors import ConnectionFailed
from k8stui.resources.kinds import ResourceType

logger = logging.getLogger(__name__)

_AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)
_AT_ONCE = 8


class _Resource(msgspec.Struct, rename="camel"):
    name: str = ""
    kind: str = ""
    singular_name: str = ""
    namespaced: bool = False
    short_names: list[str] | None = None
    categories: list[str] | None = None
    verbs: list[str] | None = None


class _ResourceList(msgspec.Struct, rename="camel"):
    group_version: str = ""
    resources: list[_Resource] | None = None


class _GroupVersion(msgspec.Struct, rename="camel"):
    group_version: str = ""
    version: str = ""


class _Group(msgspec.Struct, rename="camel"):
    name: str = ""
    versions: list[_GroupVersion] = []
    preferred_version: _GroupVersion | None = None


class _GroupList(msgspec.Struct):
    groups: list[_Group] | None = None


class _ResponseKind(msgspec.Struct):
    kind: str = ""


class _AggregatedResource(msgspec.Struct, rename="camel"):
    resource: str
    response_kind: _ResponseKind | None = None
    scope: str = "Namespaced"
    singular_resource: str = ""
    short_names: list[str] | None = None
    categories: list[str] | None = None
    verbs: list[str] | None = None


class _AggregatedVersion(msgspec.Struct):
    version: str
    resources: list[_AggregatedResource] | None = None


class _AggregatedMeta(msgspec.Struct):
    name: str = ""


class _AggregatedGroup(msgspec.Struct):
    metadata: _AggregatedMeta
    versions: list[_AggregatedVersion] = []


class _AggregatedList(msgspec.Struct):
    kind: str = ""
    items: list[_AggregatedGroup] = []


async def discover(transport: Transport) -> tuple[ResourceType, ...]:
    """The kinds that can be listed, each in the version that its group prefers.

    A group whose own server is down is left out; it does not fail the others.

    Raises:
        ApiError, ConnectionFailed, LoginFailed: when not even the list of groups can be had.
    """
    core, groups = await asyncio.gather(
        transport.get("/api", accept=f"{_AGGREGATED},{JSON}"),
        transport.get("/apis", accept=f"{_AGGREGATED},{JSON}"),
    )
    try:
        lists = [msgspec.json.decode(body, type=_AggregatedList) for body in (core, groups)]
        if all(found.kind == "APIGroupDiscoveryList" for found in lists):
            return tuple(_listable(_from_aggregated(lists)))
    except msgspec.MsgspecError:
        pass
    return tuple(_listable(await _by_group(transport, groups)))


def _listable(kinds: Iterable[ResourceType]) -> Iterable[ResourceType]:
    """One entry a kind, those that can be listed; subresources have a slash and are left out."""
    seen: set[str] = set()
    for kind in kinds:
        if "list" in kind.verbs and "/" not in kind.plural and kind.key not in seen:
            seen.add(kind.key)
            yield kind


def _from_aggregated(lists: Iterable[_AggregatedList]) -> Iterable[ResourceType]:
    for found in lists:
        for group in found.items:
            for version in group.versions:
                for item in version.resources or ():
                    yield ResourceType(
                        group=group.metadata.name,
                        version=version.version,
                        plural=item.resource,
                        kind=item.response_kind.kind if item.response_kind else "",
                        namespaced=item.scope == "Namespaced",
                        singular=item.singular_resource,
                        short_names=tuple(item.short_names or ()),
                        categories=tuple(item.categories or ()),
                        verbs=tuple(item.verbs or ()),
                    )


async def _by_group(transport: Transport, groups: bytes) -> list[ResourceType]:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def resources(group: str, version: str) -> list[ResourceType]:
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        async with at_once:
            try:
                body = await transport.get(path)
                found = msgspec.json.decode(body, type=_ResourceList)
            except (ApiError, ConnectionFailed, msgspec.MsgspecError) as error:
                logger.warning("discovery of %s/%s: %s", group, version, error)
                return []
        return [_from_plain(group, version, item) for item in found.resources or ()]

    asked = [("", "v1")]
    for group in msgspec.json.decode(groups, type=_GroupList).groups or ():
        preferred = group.preferred_version.version if group.preferred_version else ""
        names = [each.version for each in group.versions if each.version != preferred]
        asked += [(group.name, version) for version in [preferred, *names] if version]
    answers = await asyncio.gather(*(resources(*each) for each in asked))
    return [kind for answer in answers for kind in answer]


def _from_plain(group: str, version: str, item: _Resource) -> ResourceType:
    return ResourceType(
        group=group,
        version=version,
        plural=item.name,
        kind=item.kind,
        namespaced=item.namespaced,
        singular=item.singular_name,
        short_names=tuple(item.short_names or ()),
        categories=tuple(item.categories or ()),
        verbs=tuple(item.verbs or ()),
    )
