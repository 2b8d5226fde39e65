"""The writes there are, each as a value that can be shown before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from k8stui.cluster.protobuf import MEDIA, integer, part, text, wrapped

JSON: Final = "application/json"
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH: Final = "application/strategic-merge-patch+json"


class Write(msgspec.Struct, frozen=True):
    """One request that changes one object."""

    method: str
    path: str
    content_type: str
    body: bytes
    dry_body: bytes = b""
    """The body of a dry run, where a parameter is not enough; empty where it is."""
    shown: bytes = b""
    """The body as JSON, where it is none."""

    @property
    def json(self) -> bytes:
        """The body, to be shown."""
        return self.shown or self.body


def json_patch(path: str, operations: Sequence[Mapping[str, object]]) -> Write:
    """An RFC 6902 patch of the object at this path."""
    return Write("PATCH", path, JSON_PATCH, msgspec.json.encode(operations))


def merge_patch(path: str, document: Mapping[str, object]) -> Write:
    """An RFC 7386 patch: objects are merged, lists replaced, null removes."""
    return Write("PATCH", path, MERGE_PATCH, msgspec.json.encode(document))


def strategic_merge_patch(path: str, document: Mapping[str, object]) -> Write:
    """Kubernetes' own patch, which ControllerRevisions hold."""
    return Write("PATCH", path, STRATEGIC_MERGE_PATCH, msgspec.json.encode(document))


def scaling(path: str, replicas: int, preconditions: Mapping[str, str]) -> Write:
    """Sets spec.replicas through the scale subresource.

    `path` is the object's own; of the preconditions, `resourceVersion` counts.
    """
    document: dict[str, object] = {"spec": {"replicas": replicas}}
    if preconditions:
        document["metadata"] = dict(preconditions)
    return merge_patch(f"{path}/scale", document)


def deletion(
    path: str,
    propagation: str,
    grace_seconds: int | None,
    preconditions: Mapping[str, str],
) -> Write:
    """Deletes one object; `grace_seconds` None leaves the wait to the object."""
    options: dict[str, object] = {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": propagation,
    }
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    if preconditions:
        options["preconditions"] = dict(preconditions)
    # Of a deletion with a body, the API server looks at no parameter: the options must say that
    # it is a dry run, or the object would be gone.
    dry = msgspec.json.encode({**options, "dryRun": ["All"]})
    return Write("DELETE", path, JSON, msgspec.json.encode(options), dry)


def eviction(
    path: str,
    api_version: str,
    namespace: str,
    name: str,
    grace_seconds: int | None,
    preconditions: Mapping[str, str],
) -> Write:
    """Asks for a pod's eviction, in which disruption budgets have a say; in protobuf, as kubectl.

    Args:
        path: The pod's own.
        api_version: `policy/v1`, or `policy/v1beta1` for clusters before 1.22.
    """
    options: dict[str, object] = {}
    if grace_seconds is not None:
        options["gracePeriodSeconds"] = grace_seconds
    if preconditions:
        options["preconditions"] = dict(preconditions)
    document = {
        "apiVersion": api_version,
        "kind": "Eviction",
        "metadata": {"name": name, "namespace": namespace},
        "deleteOptions": options,
    }
    named = text(1, name) + text(3, namespace)
    wire = integer(1, grace_seconds) if grace_seconds is not None else b""
    wire += part(
        2,
        text(1, preconditions.get("uid", "")) + text(2, preconditions.get("resourceVersion", "")),
    )

    def body(options: bytes) -> bytes:
        return wrapped(api_version, "Eviction", part(1, named) + part(2, options))

    return Write(
        "POST",
        f"{path}/eviction",
        MEDIA,
        body(wire),
        body(wire + text(5, "All")),
        msgspec.json.encode(document),
    )
