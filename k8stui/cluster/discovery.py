"""Which kinds the cluster serves: aggregated discovery where there is one, else group by group."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator

import msgspec

from k8stui.cluster.api_error import start_of
from k8stui.cluster.envelope import KIND_ONLY
from k8stui.cluster.transport import JSON, Transport
from k8stui.errors import K8sTuiError
from k8stui.resources.kinds import ResourceType
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

_AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    for version in ("v2", "v2beta1")
)
_AT_ONCE = 8
_PLURAL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


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
    core, groups = await asyncio.gather(_index(transport, "/api"), _index(transport, "/apis"))
    if isinstance(core, K8sTuiError) and isinstance(groups, K8sTuiError):
        raise core
    kinds: list[ResourceType] = []
    for path, found in (("/api", core), ("/apis", groups)):
        if isinstance(found, K8sTuiError):
            logger.warning("discovery of %s: %s", path, found)
        else:
            kinds += await _kinds(transport, path, found)
    return tuple(_listable(kinds))


async def _index(transport: Transport, path: str) -> bytes | K8sTuiError:
    try:
        return await transport.get(path, accept=f"{_AGGREGATED},{JSON}")
    except K8sTuiError as error:
        return error


async def _kinds(transport: Transport, path: str, body: bytes) -> list[ResourceType]:
    """What one of the two roots serves, from its aggregated discovery or group by group."""
    try:
        if KIND_ONLY.decode(body).kind == "APIGroupDiscoveryList":
            return list(_from_aggregated(msgspec.json.decode(body, type=_AggregatedList)))
        asked = [("", "v1")]
        if path == "/apis":
            found = msgspec.json.decode(body, type=_GroupList)
            asked = [each for group in found.groups or () for each in _versions(group)]
    except msgspec.MsgspecError as error:
        raise K8sTuiError(f"{path}: the answer can't be read: {start_of(body)}") from error
    return await _by_group(transport, asked)


def _versions(group: _Group) -> list[tuple[str, str]]:
    """The group's versions, the preferred one first."""
    preferred = group.preferred_version.version if group.preferred_version else ""
    others = [each.version for each in group.versions if each.version != preferred]
    return [(group.name, version) for version in [preferred, *others] if version]


def _listable(kinds: Iterable[ResourceType]) -> Iterable[ResourceType]:
    """One entry a kind, those that can be listed; a name that is none can't be asked for."""
    seen: set[str] = set()
    for kind in kinds:
        if "list" in kind.verbs and _PLURAL.fullmatch(kind.plural) and kind.key not in seen:
            seen.add(kind.key)
            yield kind


def _from_aggregated(found: _AggregatedList) -> Iterator[ResourceType]:
    for group in found.items:
        for version in group.versions:
            for item in version.resources or ():
                kind = item.response_kind.kind if item.response_kind else ""
                yield ResourceType(
                    group=group.metadata.name,
                    version=version.version,
                    plural=item.resource,
                    kind=clean_text(kind),
                    namespaced=item.scope == "Namespaced",
                    singular=clean_text(item.singular_resource),
                    short_names=_clean(item.short_names),
                    categories=_clean(item.categories),
                    verbs=tuple(item.verbs or ()),
                )


async def _by_group(transport: Transport, asked: Iterable[tuple[str, str]]) -> list[ResourceType]:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def resources(group: str, version: str) -> list[ResourceType]:
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        async with at_once:
            try:
                body = await transport.get(path)
                found = msgspec.json.decode(body, type=_ResourceList)
            except (K8sTuiError, msgspec.MsgspecError) as error:
                logger.warning("discovery of %s/%s: %s", group, version, error)
                return []
        return [_from_plain(group, version, item) for item in found.resources or ()]

    answers = await asyncio.gather(*(resources(*each) for each in asked))
    return [kind for answer in answers for kind in answer]


def _from_plain(group: str, version: str, item: _Resource) -> ResourceType:
    return ResourceType(
        group=group,
        version=version,
        plural=item.name,
        kind=clean_text(item.kind),
        namespaced=item.namespaced,
        singular=clean_text(item.singular_name),
        short_names=_clean(item.short_names),
        categories=_clean(item.categories),
        verbs=tuple(item.verbs or ()),
    )


def _clean(words: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(clean_text(word) for word in words or ())
