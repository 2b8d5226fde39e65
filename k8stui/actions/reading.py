"""Reads the object that an action is for, and what must be known about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from k8stui.actions.history import StoredRevision, stored_revisions
from k8stui.actions.intents import (
    DAEMONSETS,
    DEPLOYMENTS,
    PODS,
    ROLLABLE,
    STATEFULSETS,
    Delete,
    Evict,
    Intent,
    Restart,
    Rollback,
    Scale,
    Subject,
)
from k8stui.cluster.objects import JsonObject, list_objects, read_object
from k8stui.cluster.transport import Transport
from k8stui.errors import K8sTuiError
from k8stui.resources.kinds import ResourceType
from k8stui.resources.selectors import LabelSelector, selector_query

_AUTOSCALERS: Final = "horizontalpodautoscalers.autoscaling"

Resolve = Callable[[str], Awaitable[ResourceType | None]]
"""The kind that the cluster serves under a key, None where it serves none."""

SCALABLE: Final = (DEPLOYMENTS, STATEFULSETS, "replicasets.apps", "replicationcontrollers")
"""Kinds whose spec.replicas is what their scale subresource sets."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """An object and what an action must know around it, as the API holds it."""

    kind: ResourceType
    obj: Mapping[str, Any]
    path: str
    """The object's own."""
    replicas: int | None = None
    """What it is scaled to; None where that isn't known."""
    revisions: tuple[StoredRevision, ...] = ()
    autoscalers: tuple[Mapping[str, Any], ...] = ()
    budgets: tuple[Mapping[str, Any], ...] = ()
    pods: tuple[Mapping[str, Any], ...] = ()
    """The object's own pods."""
    eviction_version: str = "policy/v1"


async def read_around(
    transport: Transport, resolve: Resolve, intent: Intent, subject: Subject, *, all_of_it: bool
) -> Around:
    """What a plan is made from.

    Args:
        all_of_it: Also what only warnings need; what of that can't be read is left out.

    Raises:
        K8sTuiError: the object, or what the plan can't do without, can't be read.
    """
    kind = await resolve(subject.kind)
    if kind is None:
        raise K8sTuiError(f"the cluster serves no {subject.kind}")
    obj = await read_object(transport, kind, subject.namespace, subject.name)
    path = kind.path(subject.namespace, subject.name)
    replicas: int | None = None
    if isinstance(intent, Scale):
        replicas = await _replicas(transport, subject, obj, path)
    revisions: tuple[StoredRevision, ...] = ()
    if isinstance(intent, Rollback) and subject.kind in ROLLABLE:
        found = await _history(transport, subject, obj)
        revisions = stored_revisions(subject.kind, obj, found)
    around = Around(
        kind=kind,
        obj=obj,
        path=path,
        replicas=replicas,
        revisions=revisions,
        eviction_version=await _eviction_version(transport) if isinstance(intent, Evict) else "",
    )
    return (
        await _with_surroundings(transport, resolve, intent, subject, around)
        if all_of_it
        else around
    )


async def _with_surroundings(
    transport: Transport, resolve: Resolve, intent: Intent, subject: Subject, around: Around
) -> Around:
    """With what only warnings need."""

    async def listed(key: str, wanted: bool, selector: str = "") -> tuple[JsonObject, ...]:
        if not wanted:
            return ()
        try:
            found = await resolve(key)
            if found is None:
                return ()
            params = (("labelSelector", selector),) if selector else ()
            return tuple(await list_objects(transport, found.path(subject.namespace), params))
        except K8sTuiError:
            return ()

    own = subject.kind == STATEFULSETS and isinstance(intent, Rollback)
    autoscalers, budgets, pods = await asyncio.gather(
        listed(_AUTOSCALERS, isinstance(intent, Scale | Delete | Rollback)),
        listed("poddisruptionbudgets.policy", subject.kind == PODS and isinstance(intent, Evict)),
        listed("pods", own, selector_of(around.obj)),
    )
    uid = (around.obj.get("metadata") or {}).get("uid")
    revisions = around.revisions
    # A Deployment tells its revision itself.
    if isinstance(intent, Restart) and subject.kind in (STATEFULSETS, DAEMONSETS):
        with suppress(K8sTuiError):
            found = await _history(transport, subject, around.obj)
            revisions = stored_revisions(subject.kind, around.obj, found)
    return msgspec.structs.replace(
        around,
        revisions=revisions,
        autoscalers=autoscalers,
        budgets=budgets,
        pods=tuple(one for one in pods if _is_owned(one, uid)),
    )


def selector_of(obj: Mapping[str, Any]) -> str:
    """A workload's pod selector, as the API's `labelSelector` takes it."""
    spec = obj.get("spec") or {}
    try:
        return selector_query(msgspec.convert(spec.get("selector") or {}, LabelSelector))
    except msgspec.ValidationError:
        return ""


def _is_owned(obj: Mapping[str, Any], uid: object) -> bool:
    owners = (obj.get("metadata") or {}).get("ownerReferences") or ()
    return any(owner.get("uid") == uid for owner in owners)


async def _history(
    transport: Transport, subject: Subject, obj: Mapping[str, Any]
) -> list[JsonObject]:
    plural = "replicasets" if subject.kind == DEPLOYMENTS else "controllerrevisions"
    path = f"/apis/apps/v1/namespaces/{subject.namespace}/{plural}"
    selector = selector_of(obj)
    return await list_objects(transport, path, (("labelSelector", selector),) if selector else ())


async def _replicas(
    transport: Transport, subject: Subject, obj: Mapping[str, Any], path: str
) -> int | None:
    spec = obj.get("spec") or {}
    if subject.kind in SCALABLE:
        return int(spec.get("replicas", 1))
    scale = msgspec.json.decode(await transport.get(f"{path}/scale"))
    return int((scale.get("spec") or {}).get("replicas", 0))


class _Resource(msgspec.Struct):
    name: str
    group: str = ""
    version: str = ""


class _Resources(msgspec.Struct):
    resources: list[_Resource] = []


async def _eviction_version(transport: Transport) -> str:
    """The Eviction's version that the cluster takes: it tells in the core group's discovery."""
    try:
        found = msgspec.json.decode(await transport.get("/api/v1"), type=_Resources).resources
    except (K8sTuiError, msgspec.MsgspecError):
        return "policy/v1"
    for one in found:
        if one.name == "pods/eviction" and one.group:
            return f"{one.group}/{one.version}"
    return "policy/v1"
