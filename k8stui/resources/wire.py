"""The parts of the API's JSON that several kinds share, and how they become a record's head.

Only what is shown is decoded: msgspec skips everything else without making an object of it.
"""

from __future__ import annotations

from calendar import timegm
from functools import lru_cache
from sys import intern
from typing import Any

import msgspec

from k8stui.resources.text import clean_text


class OwnerReference(msgspec.Struct, gc=False, rename="camel"):
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    api_version: str = ""


class ObjectMeta(msgspec.Struct, gc=False, rename="camel"):
    name: str
    uid: str = ""
    namespace: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[OwnerReference] | None = None


_LABELS: dict[tuple[str, ...], tuple[str, ...]] = {}
"""Pods of a workload carry the same labels: one tuple serves them all."""
_LABELS_MOST = 20_000


@lru_cache(maxsize=8192)
def epoch(timestamp: str | None) -> int:
    """Epoch seconds of an API timestamp (`2026-01-02T03:04:05Z`, fractions allowed), 0 for None.

    The API writes UTC always; text that is no timestamp counts as 0.
    """
    if not timestamp:
        return 0
    try:
        return timegm(
            (
                int(timestamp[0:4]),
                int(timestamp[5:7]),
                int(timestamp[8:10]),
                int(timestamp[11:13]),
                int(timestamp[14:16]),
                int(timestamp[17:19]),
            )
        )
    except ValueError:
        return 0


def label_tuple(labels: dict[str, str] | None) -> tuple[str, ...]:
    """`key=value` of each label, sorted, clean and shared between equal sets."""
    if not labels:
        return ()
    pairs = tuple(sorted(clean_text(f"{key}={value}") for key, value in labels.items()))
    known = _LABELS.get(pairs)
    if known is None:
        if len(_LABELS) >= _LABELS_MOST:
            _LABELS.clear()
        known = _LABELS[pairs] = tuple(intern(pair) for pair in pairs)
    return known


def head(meta: ObjectMeta) -> dict[str, Any]:
    """The keyword arguments for the fields of `Record`."""
    owner = next((ref for ref in meta.owner_references or () if ref.controller), None)
    return {
        "uid": meta.uid,
        "namespace": intern(meta.namespace),
        "name": clean_text(meta.name),
        "resource_version": meta.resource_version,
        "created": epoch(meta.creation_timestamp),
        "deleted": epoch(meta.deletion_timestamp),
        "labels": label_tuple(meta.labels),
        "owner_uid": intern(owner.uid) if owner else "",
        "owner_group": intern(clean_text(owner.api_version.rpartition("/")[0])) if owner else "",
        "owner_kind": intern(clean_text(owner.kind)) if owner else "",
        "owner_name": intern(clean_text(owner.name)) if owner else "",
    }
