"""Which kinds a cluster serves, told in three ways and with parts missing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from k8stui.cluster.discovery import discover
from k8stui.errors import K8sTuiError
from tests.fake_api.api import FakeApi, Reply, status
from tests.fake_api.things import transport_for

ALL = ["get", "list", "watch"]
FORBIDDEN = Reply(status(403, "Forbidden", "no discovery for you"), 403)


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


async def found(api: FakeApi) -> dict[str, str]:
    """key → version of each kind."""
    transport = transport_for(api)
    try:
        return {kind.key: kind.version for kind in await discover(transport)}
    finally:
        await transport.close()


def aggregated(version: str, *groups: tuple[str, dict[str, list[dict[str, object]]]]) -> Reply:
    items = [
        {
            "metadata": {"name": name, "creationTimestamp": None},
            "versions": [
                {"version": served, "resources": resources, "freshness": "Current"}
                for served, resources in versions.items()
            ],
        }
        for name, versions in groups
    ]
    return Reply(
        {
            "kind": "APIGroupDiscoveryList",
            "apiVersion": f"apidiscovery.k8s.io/{version}",
            "metadata": {},
            "items": items,
        }
    )


def resource(plural: str, kind: str, **more: object) -> dict[str, object]:
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": "Namespaced",
        "singularResource": kind.lower(),
        "verbs": ALL,
        **more,
    }


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
async def test_aggregated_in_two_requests(api: FakeApi, version: str) -> None:
    pods = resource("pods", "Pod", shortNames=["po"], categories=["all"])
    pods["subresources"] = [{"subresource": "log", "verbs": ["get"]}]
    nodes = resource("nodes", "Node", scope="Cluster")
    reviews = resource("tokenreviews", "TokenReview", verbs=["create"])
    core = aggregated(version, ("", {"v1": [pods, nodes, reviews]}))
    old_and_new = {
        "v1": [resource("widgets", "Widget\x1b[31m")],
        "v1beta1": [resource("widgets", "Widget"), resource("gadgets", "Gadget")],
    }
    # The server of a group that is down is listed without resources.
    groups = aggregated(
        version, ("x.io", old_and_new), ("down.io", {"v1": []}), ("odd.io", {"v1": []})
    )
    api.on("/api", core)
    api.on("/apis", groups)
    transport = transport_for(api)
    kinds = {kind.key: kind for kind in await discover(transport)}
    await transport.close()
    assert list(kinds) == ["pods", "nodes", "widgets.x.io", "gadgets.x.io"]
    assert kinds["pods"].short_names == ("po",)
    assert kinds["pods"].categories == ("all",)
    assert (kinds["pods"].namespaced, kinds["nodes"].namespaced) == (True, False)
    assert kinds["widgets.x.io"].version == "v1"
    assert kinds["widgets.x.io"].kind == "Widget^[[31m"
    assert kinds["gadgets.x.io"].version == "v1beta1"
    assert len(api.requests) == 2
    accepted = api.requests[0].header("Accept")[0].split(",")
    assert [part.partition("v=")[2].partition(";")[0] for part in accepted] == ["v2", "v2beta1", ""]


def group(name: str, preferred: str, *versions: str) -> dict[str, object]:
    return {
        "name": name,
        "versions": [{"groupVersion": f"{name}/{each}", "version": each} for each in versions],
        "preferredVersion": {"groupVersion": f"{name}/{preferred}", "version": preferred},
    }


def plain(group_version: str, *names: str) -> Reply:
    resources = [
        {"name": name, "kind": name.title(), "namespaced": True, "verbs": ALL} for name in names
    ]
    return Reply({"kind": "APIResourceList", "groupVersion": group_version, "resources": resources})


async def test_group_by_group_without_those_that_are_broken(api: FakeApi) -> None:
    groups = [
        group("apps", "v1", "v1beta1", "v1"),
        group("down.io", "v1", "v1"),
        group("odd.io", "v1", "v1"),
    ]
    api.on("/api", Reply({"kind": "APIVersions", "versions": ["v1"]}))
    api.on("/apis", Reply({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
    api.on("/api/v1", plain("v1", "pods", "pods/log", "../secrets"))
    api.on("/apis/apps/v1", plain("apps/v1", "deployments"))
    api.on("/apis/apps/v1beta1", plain("apps/v1beta1", "deployments", "leftovers"))
    api.on("/apis/down.io/v1", Reply(b"service unavailable", 503))
    api.on("/apis/odd.io/v1", Reply(b"<html>"))
    assert await found(api) == {"pods": "v1", "deployments.apps": "v1", "leftovers.apps": "v1beta1"}


async def test_one_of_the_two_roots_is_enough(api: FakeApi) -> None:
    api.on("/api", FORBIDDEN)
    api.on("/apis", aggregated("v2", ("x.io", {"v1": [resource("widgets", "Widget")]})))
    assert await found(api) == {"widgets.x.io": "v1"}


async def test_without_any_answer_it_fails(api: FakeApi) -> None:
    api.on("/api", FORBIDDEN)
    api.on("/apis", FORBIDDEN)
    with pytest.raises(K8sTuiError, match="no discovery for you"):
        await found(api)


async def test_what_is_no_discovery_fails_with_what_it_is(api: FakeApi) -> None:
    api.on("/api", Reply(b"<html>welcome</html>"))
    api.on("/apis", Reply(b"<html>welcome</html>"))
    with pytest.raises(K8sTuiError, match="<html>welcome"):
        await found(api)
