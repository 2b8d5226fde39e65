"""Fetches an object, and what is around it, and makes a text to be read of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from k8stui.cluster.objects import JsonObject, list_objects, read_object
from k8stui.errors import K8sTuiError
from k8stui.resources.document import Document
from k8stui.resources.kinds import ResourceType
from k8stui.resources.manifest import manifest_document
from k8stui.session.connection import Connection
from k8stui.viewmodels.live import ObjectRef, View
from k8stui.viewmodels.manifest_text import manifest_text

if TYPE_CHECKING:
    from k8stui.resources.describe import Query


async def read_document(
    connection: Connection, view: View, ref: ObjectRef, reveal: bool
) -> Document:
    """The object as the server has it now.

    Raises:
        K8sTuiError: it can't be had. What is around it may be missing: the text says so.
    """
    kind = await _kind(connection, ref.kind)
    if kind is None:
        raise K8sTuiError(f"the cluster serves no {ref.kind}")
    obj = await read_object(connection.transport, kind, ref.namespace, ref.name)
    # A big ConfigMap takes most of a second: not on the event loop.
    if view == "yaml":
        return await asyncio.to_thread(
            manifest_document, ref.kind, obj, manifest_text, reveal=reveal
        )
    # Loaded when first asked for: its texts of each kind are no part of the start.
    from k8stui.resources.describe import describe, gather, related_queries

    queries = related_queries(ref.kind, obj)
    answers = await asyncio.gather(*(_ask(connection, query) for query in queries))
    related = gather(zip(queries, answers, strict=True))
    return await asyncio.to_thread(describe, ref.kind, obj, related, time.time(), reveal)


async def _kind(connection: Connection, key: str) -> ResourceType | None:
    known = connection.known_kind(key)
    if known is not None:
        return known
    return next((kind for kind in await connection.kinds() if kind.key == key), None)


async def _ask(connection: Connection, query: Query) -> Sequence[JsonObject] | str:
    kind = await _kind(connection, query.kind_key)
    if kind is None:
        return f"the cluster serves no {query.kind_key}"
    params = []
    if query.label_selector:
        params.append(("labelSelector", query.label_selector))
    if query.field_selector:
        params.append(("fieldSelector", query.field_selector))
    try:
        return await list_objects(connection.transport, kind.path(query.namespace), params)
    except K8sTuiError as error:
        return error.message
