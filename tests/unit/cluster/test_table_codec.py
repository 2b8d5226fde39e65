"""Any kind as the server's Table: columns that come once, bookmarks of two forms, no uids."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import msgspec
import pytest

from k8stui.cluster.reflector import Reflector, Source
from k8stui.cluster.table_codec import TABLE, Definitions, TableCodec
from k8stui.resources.table import TableRow
from tests.fake_api.api import LIMIT, FakeApi, Reply, Stream
from tests.fake_api.things import HeldRecovery, transport_for

PATH = "/apis/x.io/v1/widgets"
COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0},
    {"name": "Phase", "type": "string", "priority": 0},
]


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


def row(name: str, phase: str, version: int, uid: str | None = None) -> dict[str, object]:
    meta = {
        "name": name,
        "namespace": "shop",
        "uid": f"uid-{name}" if uid is None else uid,
        "resourceVersion": str(version),
    }
    return {
        "cells": [name, phase],
        "object": {"kind": "PartialObjectMetadata", "metadata": meta},
    }


def table(*rows: object, columns: object = None, **meta: object) -> dict[str, object]:
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": meta,
        "columnDefinitions": columns,
        "rows": list(rows),
    }


def raw(obj: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(obj))


class Rows:
    """A sink of table rows."""

    def __init__(self) -> None:
        self.rows: dict[str, TableRow] = {}
        self.news = asyncio.Event()

    def upsert(self, records: object) -> None:
        assert hasattr(records, "__iter__")
        self.rows |= {record.uid: record for record in records}
        self.news.set()

    def remove(self, uids: object, _last: object = None) -> None:
        assert hasattr(uids, "__iter__")
        for uid in list(uids):
            self.rows.pop(uid, None)
        self.news.set()

    def keep_only(self, uids: object) -> None:
        assert hasattr(uids, "__contains__")
        self.remove([uid for uid in self.rows if uid not in uids])

    def resource_version(self, uid: str) -> str | None:
        return self.rows[uid].resource_version if uid in self.rows else None

    def set_phase(self, phase: object) -> None:
        self.news.set()

    async def show(self, expected: dict[str, str]) -> None:
        async with asyncio.timeout(LIMIT):
            while {each.name: each.cells[1] for each in self.rows.values()} != expected:
                self.news.clear()
                await self.news.wait()


async def test_a_kind_is_followed_by_its_tables(api: FakeApi) -> None:
    learnt: list[Definitions] = []
    first, second = Stream(), Stream()
    pages = [
        table(row("a", "On", 1), columns=COLUMNS, resourceVersion="9", **{"continue": "t"}),
        table(row("b", "On", 2), columns=COLUMNS, resourceVersion="9"),
    ]
    api.on(PATH, *(Reply(page) for page in pages))
    api.on(PATH, first, second, watch=True)
    rows = Rows()
    transport = transport_for(api)
    reflector = Reflector(
        transport,
        Source((PATH,)),
        TableCodec(learnt.append),
        rows,
        HeldRecovery(),
        random.Random(1),
    )
    task = asyncio.create_task(reflector.run())
    await rows.show({"a": "On", "b": "On"})
    first.event("MODIFIED", table(row("a", "Off", 10), columns=COLUMNS))
    # Only the first event of a stream tells the columns.
    first.event("ADDED", table(row("c", "New", 11)))
    first.event("DELETED", table(row("b", "On", 12)))
    await rows.show({"a": "Off", "c": "New"})
    # A version that gives the kind one more column.
    more = [*COLUMNS, {"name": "Size", "type": "integer"}]
    first.event("MODIFIED", table(row("a", "Big", 13), columns=more))
    await rows.show({"a": "Big", "c": "New"})
    first.event(
        "BOOKMARK", table({"cells": None, "object": {"metadata": {"resourceVersion": "40"}}})
    )
    first.end()
    await asyncio.wait_for(second.opened.wait(), LIMIT)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await transport.close()
    assert [[each.name for each in columns] for columns in learnt] == [
        ["Name", "Phase"],
        ["Name", "Phase", "Size"],
    ]
    assert reflector.skipped == 0
    assert api.asked(PATH, watch=True)[1].query["resourceVersion"] == "40"
    for seen in api.requests:
        assert seen.query["includeObject"] == "Metadata"
        assert seen.header("Accept") == [TABLE]


@pytest.mark.parametrize(
    "bookmark",
    [
        table({"cells": [], "object": {"metadata": {"resourceVersion": "40"}}}),
        table(resourceVersion="40"),
        {"kind": "Widget", "apiVersion": "x.io/v1", "metadata": {"resourceVersion": "40"}},
        {"metadata": {"resourceVersion": "40", "creationTimestamp": None}, "spec": {}},
    ],
)
def test_bookmarks_of_any_form(bookmark: dict[str, object]) -> None:
    learnt: list[Definitions] = []
    assert TableCodec(learnt.append).bookmark(raw(bookmark)) == "40"
    assert learnt == []


def test_what_has_no_uid_is_told_apart_by_its_name() -> None:
    codec = TableCodec(lambda _: None)
    page = codec.page(
        msgspec.json.encode(table(row("a", "1", 0, ""), row("b", "2", 0, ""), columns=COLUMNS))
    )
    assert [codec.key(item)[0] for item in page.items] == ["shop/a", "shop/b"]
    assert [codec.record(item).uid for item in page.items] == ["shop/a", "shop/b"]
    (event,) = codec.event(raw(table(row("a", "3", 0, ""))))
    assert event.uid == "shop/a"


def test_a_server_that_makes_no_tables() -> None:
    learnt: list[Definitions] = []
    item = {"kind": "Widget", "metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}}
    body = {"kind": "WidgetList", "metadata": {"resourceVersion": "5"}, "items": [item]}
    page = TableCodec(learnt.append).page(msgspec.json.encode(body))
    assert page.resource_version == "5"
    assert len(page.items) == 1
    assert [each.name for each in learnt[0]] == ["Name", "Age"]


@pytest.mark.parametrize(
    "body", [b"{}", b"<html>", b'{"kind":"Widget","metadata":{"name":"a"}}', b"[]", b""]
)
def test_what_is_no_table(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        TableCodec(lambda _: None).page(body)
