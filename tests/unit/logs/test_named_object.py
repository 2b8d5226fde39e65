"""What `kind/name` means in one namespace and in several."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.cluster.api_error import ApiError
from k8stui.logs.named_object import NamedObject, find_named
from k8stui.logs.query import parse_query
from tests.fake_api.api import FakeApi, Reply, status
from tests.fake_api.things import transport_for

_MISSING = Reply(status(404, "NotFound", 'deployments.apps "web" not found'), 404)


def _path(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/deployments/web"


async def _find(api: FakeApi, query: str, *namespaces: str) -> dict[str, NamedObject]:
    transport = transport_for(api)
    try:
        return await find_named(transport, parse_query(query), "east", namespaces)
    finally:
        await transport.close()


async def test_it_is_looked_for_in_every_namespace() -> None:
    async with FakeApi() as api:
        api.on(_path("a"), Reply({"metadata": {"uid": "1"}}))
        api.on(_path("b"), _MISSING)
        api.on(_path("c"), Reply({"metadata": {"uid": "3"}}))
        found = await _find(api, "deploy/web", "a", "b", "c")
        assert found == {"a": NamedObject("1"), "c": NamedObject("3")}


async def test_what_is_nowhere_is_an_error_that_names_every_namespace() -> None:
    async with FakeApi() as api:
        for namespace in "ab":
            api.on(_path(namespace), _MISSING)
        with pytest.raises(ApiError) as caught:
            await _find(api, "deploy/web", "a", "b")
        assert caught.value.hint is not None
        assert "namespaces a, b of context east" in caught.value.hint


async def test_a_namespace_that_may_not_be_asked_is_an_error() -> None:
    async with FakeApi() as api:
        api.on(_path("a"), Reply({"metadata": {"uid": "1"}}))
        api.on(_path("b"), Reply(status(403, "Forbidden", "no"), 403))
        with pytest.raises(ApiError) as caught:
            await _find(api, "deploy/web", "a", "b")
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("spec", "selector"), [({"selector": {"app": "web"}}, {"app": "web"}), ({}, {})]
)
async def test_a_service_brings_its_selector(
    spec: dict[str, Any], selector: dict[str, str]
) -> None:
    async with FakeApi() as api:
        api.on("/api/v1/namespaces/a/services/web", Reply({"metadata": {"uid": "1"}, "spec": spec}))
        assert await _find(api, "svc/web", "a") == {"a": NamedObject("1", selector)}
