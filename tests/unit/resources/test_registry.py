"""What holds for every kind that k8stui knows by heart."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from k8stui.resources.kinds import TypedKind
from k8stui.resources.record import Context, NoUsage, Record
from k8stui.resources.registry import TYPED, health_of

NOW = Context(1767323045, NoUsage())
KINDS = [pytest.param(kind, id=key) for key, kind in TYPED.items()]
META = {"name": "x", "uid": "1", "resourceVersion": "5"}


def decoded(kind: TypedKind, **document: Any) -> Record:
    return kind.decode(json.dumps({"metadata": META, **document}).encode())


def test_keys_name_group_and_plural() -> None:
    assert {"pods", "deployments.apps", "cronjobs.batch", "events", "nodes"} <= TYPED.keys()
    assert all(kind.key == key for key, kind in TYPED.items())


@pytest.mark.parametrize("kind", KINDS)
def test_column_ids_are_unique_and_there_is_a_name(kind: TypedKind) -> None:
    ids = [column.id for column in kind.columns]
    assert len(ids) == len(set(ids))
    assert "name" in ids


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rest", [{}, {"spec": {}, "status": {}}, {"spec": None, "status": None}])
def test_an_object_without_anything_is_shown(kind: TypedKind, rest: dict[str, Any]) -> None:
    record = decoded(kind, **rest)
    assert (record.name, record.uid, record.resource_version) == ("x", "1", "5")
    for column in kind.columns:
        text = column.text(record, NOW)
        assert text.isprintable()
        column.tone(record, NOW)
        if column.sort:
            assert column.sort(record, NOW) == column.sort(record, NOW)
        if column.value:
            column.value(record, NOW)
    health_of(record, NOW.now)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"metadata":{}}', b'{"metadata":{"name":3}}'])
def test_what_is_no_object_is_refused(kind: TypedKind, raw: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        kind.decode(raw)
