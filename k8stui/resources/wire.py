"""The parts of the API's JSON that several kinds share, and how they become a record's head.

Only what is shown is decoded: msgspec skips everything else without making an object of it.
"""

from __future__ import annotations

from calendar import timegm
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

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


_LABELS: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}
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
    # The API server writes labels in order: what is equal is equal here too, or is made twice.
    items = tuple(labels.items())
    known = _LABELS.get(items)
    if known is None:
        if len(_LABELS) >= _LABELS_MOST:
            _LABELS.clear()
        pairs = sorted(clean_text(f"{key}={value}") for key, value in items)
        known = _LABELS[items] = tuple(intern(pair) for pair in pairs)
    return known


class Owner(NamedTuple):
    """The controlling owner as a record names it."""

    uid: str = ""
    group: str = ""
    kind: str = ""
    name: str = ""


_NO_OWNER = Owner()


@lru_cache(maxsize=8192)
def _owner(uid: str, api_version: str, kind: str, name: str) -> Owner:
    group = api_version.rpartition("/")[0]
    return Owner(
        intern(uid), intern(clean_text(group)), intern(clean_text(kind)), intern(clean_text(name))
    )


def owner_of(meta: ObjectMeta) -> Owner:
    """The owner that has `controller: true`, empty where there is none."""
    for ref in meta.owner_references or ():
        if ref.controller:
            return _owner(ref.uid, ref.api_version, ref.kind, ref.name)
    return _NO_OWNER


def head(meta: ObjectMeta) -> dict[str, Any]:
    """The keyword arguments for the fields of `Record`."""
    owner = owner_of(meta)
    return {
        "uid": meta.uid,
        "namespace": intern(meta.namespace),
        "name": clean_text(meta.name),
        "resource_version": meta.resource_version,
        "created": epoch(meta.creation_timestamp),
        "deleted": epoch(meta.deletion_timestamp),
        "labels": label_tuple(meta.labels),
        "owner_uid": owner.uid,
        "owner_group": owner.group,
        "owner_kind": owner.kind,
        "owner_name": owner.name,
    }
