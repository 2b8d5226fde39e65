"""Discovery, plain and aggregated, and as much of OpenAPI as kubectl asks for."""

from __future__ import annotations

import itertools
from typing import Final

from k8stui.demo.kinds import BUILTIN, Kind
from k8stui.demo.model import Obj

VERSION: Final[Obj] = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.1+demo",
    "gitCommit": "93248f9ae092f571eb870b7664c534bfc7d00f03",
    "gitTreeState": "clean",
    "buildDate": "2025-09-09T19:37:29Z",
    "goVersion": "go1.24.6",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_SUBRESOURCES: Final[dict[str, tuple[str, str, str, tuple[str, ...]]]] = {
    "status": ("", "", "", ("get", "patch", "update")),
    "scale": ("autoscaling", "v1", "Scale", ("get", "patch", "update")),
    "eviction": ("policy", "v1", "Eviction", ("create",)),
    "binding": ("", "v1", "Binding", ("create",)),
    "log": ("", "", "Pod", ("get",)),
    "exec": ("", "v1", "PodExecOptions", ("create", "get")),
    "attach": ("", "v1", "PodAttachOptions", ("create", "get")),
    "portforward": ("", "v1", "PodPortForwardOptions", ("create", "get")),
    "ephemeralcontainers": ("", "", "Pod", ("get", "patch", "update")),
    "finalize": ("", "", "", ("update",)),
}


def _groups() -> list[tuple[str, list[Kind]]]:
    named = [kind for kind in BUILTIN if kind.group]
    return [(g, list(kinds)) for g, kinds in itertools.groupby(named, key=lambda k: k.group)]


def api_versions() -> Obj:
    """GET /api."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def group(name: str, kinds: list[Kind]) -> Obj:
    """One APIGroup."""
    versions = [
        {"groupVersion": f"{name}/{v}", "version": v}
        for v in dict.fromkeys(k.version for k in kinds)
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def api_groups() -> Obj:
    """GET /apis."""
    groups = [group(name, kinds) for name, kinds in _groups()]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def api_group(name: str) -> Obj | None:
    """GET /apis/<group>."""
    for found, kinds in _groups():
        if found == name:
            return {"kind": "APIGroup", "apiVersion": "v1", **group(name, kinds)}
    return None


def resource_list(group_: str, version: str) -> Obj | None:
    """GET /api/v1 or /apis/<group>/<version>."""
    kinds = [k for k in BUILTIN if k.group == group_ and k.version == version]
    if not kinds:
        return None
    resources: list[Obj] = []
    for kind in kinds:
        entry: Obj = {
            "name": kind.plural,
            "singularName": kind.singular,
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": list(kind.verbs),
        }
        if kind.short:
            entry["shortNames"] = list(kind.short)
        if kind.categories:
            entry["categories"] = list(kind.categories)
        resources.append(entry)
        for name in kind.subresources:
            sub_group, sub_version, sub_kind, verbs = _SUBRESOURCES[name]
            entry = {
                "name": f"{kind.plural}/{name}",
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": sub_kind or kind.kind,
                "verbs": list(verbs),
            }
            if sub_group:
                entry |= {"group": sub_group, "version": sub_version}
            resources.append(entry)
    api_version = f"{group_}/{version}" if group_ else version
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": resources,
    }


def _aggregated_kind(kind: Kind) -> Obj:
    out: Obj = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        out["shortNames"] = list(kind.short)
    if kind.categories:
        out["categories"] = list(kind.categories)
    subs = []
    for name in kind.subresources:
        sub_group, sub_version, sub_kind, verbs = _SUBRESOURCES[name]
        response = {
            "group": sub_group or ("" if sub_kind else kind.group),
            "version": sub_version or kind.version,
            "kind": sub_kind or kind.kind,
        }
        subs.append({"subresource": name, "responseKind": response, "verbs": list(verbs)})
    if subs:
        out["subresources"] = subs
    return out


def aggregated(core: bool, version: str) -> Obj:
    """GET /api or /apis as an APIGroupDiscoveryList of that version ("v2" or "v2beta1")."""
    groups = [("", [k for k in BUILTIN if not k.group])] if core else _groups()
    items = []
    for name, kinds in groups:
        versions = [
            {
                "version": v,
                "freshness": "Current",
                "resources": [_aggregated_kind(k) for k in kinds if k.version == v],
            }
            for v in dict.fromkeys(k.version for k in kinds)
        ]
        meta: Obj = (
            {"name": name, "creationTimestamp": None} if name else {"creationTimestamp": None}
        )
        items.append({"metadata": meta, "versions": versions})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": items,
    }


def paths() -> list[str]:
    """What a server that finds nothing at a path offers instead."""
    groups = {f"/apis/{k.group}" for k in BUILTIN if k.group}
    versions = {f"/apis/{k.group}/{k.version}" for k in BUILTIN if k.group}
    fixed = {"/api", "/api/v1", "/apis", "/healthz", "/livez", "/readyz", "/version"}
    return sorted({*groups, *versions, *fixed, "/openapi/v2", "/openapi/v3"})


def openapi_v3_index() -> Obj:
    """GET /openapi/v3."""
    paths = {}
    for kind in BUILTIN:
        prefix = f"apis/{kind.group}/{kind.version}" if kind.group else "api/v1"
        paths[prefix] = {"serverRelativeURL": f"/openapi/v3/{prefix}?hash=DEMO"}
    return {"paths": paths}


def openapi_v3(group_: str, version: str) -> Obj | None:
    """GET /openapi/v3/…: which kinds can be patched, and with which parameters; no schemas."""
    kinds = [k for k in BUILTIN if k.group == group_ and k.version == version]
    if not kinds:
        return None
    prefix = f"/apis/{group_}/{version}" if group_ else "/api/v1"
    names = ("dryRun", "fieldManager", "fieldValidation", "force")
    parameters = [{"name": n, "in": "query", "schema": {"type": "string"}} for n in names]
    paths, schemas = {}, {}
    for kind in kinds:
        space = "/namespaces/{namespace}" if kind.namespaced else ""
        gvk = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        operation = {
            "parameters": parameters,
            "x-kubernetes-group-version-kind": gvk,
            "responses": {"200": {"description": "OK"}},
        }
        verbs = {"get": "get", "patch": "patch", "update": "put"}
        paths[f"{prefix}{space}/{kind.plural}/{{name}}"] = {
            method: {**operation, "x-kubernetes-action": verb}
            for verb, method in verbs.items()
            if verb in kind.verbs
        }
        schemas[f"demo.{kind.version}.{kind.kind}"] = {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "x-kubernetes-group-version-kind": [gvk],
        }
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {
        "openapi": "3.0.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas},
    }


def openapi_v2() -> bytes:
    """GET /openapi/v2 as a protobuf message: only that each kind can be patched with a dry run.

    Field numbers are those of gnostic's OpenAPIv2.proto, which older kubectls read.
    """
    query = _part(2, b"query") + _part(4, b"dryRun")
    parameter = _part(1, _part(2, _part(3, query)))
    paths = b""
    for kind in BUILTIN:
        if "patch" not in kind.verbs:
            continue
        text = f"group: '{kind.group}'\nkind: {kind.kind}\nversion: {kind.version}\n"
        named = _part(1, b"x-kubernetes-group-version-kind") + _part(2, _part(2, text.encode()))
        operation = _part(8, parameter) + _part(13, named)
        name = f"/{kind.group}/{kind.version}/{kind.plural}/{{name}}".encode()
        paths += _part(2, _part(1, name) + _part(2, _part(8, operation)))
    info = _part(1, b"Kubernetes") + _part(2, str(VERSION["gitVersion"]).encode())
    return _part(1, b"2.0") + _part(2, info) + _part(8, paths)


def _part(number: int, value: bytes) -> bytes:
    """A length-delimited protobuf field."""
    size, length = len(value), bytearray()
    while size > 0x7F:
        length.append(size & 0x7F | 0x80)
        size >>= 7
    length.append(size)
    return bytes([number << 3 | 2]) + bytes(length) + value
