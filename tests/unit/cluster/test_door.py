"""Nothing but reads and self reviews passes the door, however a path is written."""

from __future__ import annotations

import random
from urllib.parse import unquote

import pytest

from k8stui.cluster.door import admit
from k8stui.cluster.transport import Transport
from k8stui.errors import WriteRefused
from tests.fake_api.api import FakeApi, Reply
from tests.fake_api.things import transport_for

POD = "/api/v1/namespaces/shop/pods/web-1"
APPS = "/apis/apps/v1"

READS = [
    "/version",
    "/api",
    "/apis",
    "/api/v1",
    "/apis/metrics.k8s.io/v1beta1",
    "/api/v1/pods",
    "/api/v1/namespaces",
    "/api/v1/namespaces/shop",
    "/api/v1/namespaces/shop/pods",
    POD,
    f"{POD}/log",
    f"{POD}/status",
    f"{APPS}/namespaces/shop/deployments/web/scale",
    "/api/v1/nodes/node-1",
    "/api/v1/nodes/10.0.0.1",
    # Places for names, whatever the names are.
    "/api/v1/namespaces/proxy",
    "/api/v1/namespaces/proxy/pods",
    "/api/v1/namespaces/proxy/pods/exec",
    "/api/v1/namespaces/exec/pods/exec/log",
    "/api/v1/namespaces/log/services/proxy",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/ann@example.com, admins",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/größe",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/proxies.x.io",
]

NO_READS = [
    *(f"{POD}/{sub}" for sub in ("exec", "attach", "portforward", "proxy", "eviction", "binding")),
    f"{POD}/proxy/metrics",
    f"{POD}/EXEC",
    f"{POD}/log/x",
    "/api/v1/namespaces/proxy/pods/x/exec",
    "/api/v1/namespaces/shop/services/web/proxy",
    "/api/v1/namespaces/shop/services/web:80/proxy/admin",
    "/api/v1/nodes/node-1/proxy",
    "/api/v1/nodes/node-1/proxy/run/shop/web/c",
    "/api/v1/proxy",
    "/api/v1/proxy/nodes/node-1",
    "/api/v1/proxy/namespaces/shop/pods/web",
    "/api/v1/redirect/nodes/node-1",
    "/api/v1/namespaces/shop/proxy",
    "/api/v1/watch/pods",
    # What an aggregated API calls its own.
    "/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/console",
    "/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/vm/portforward/80",
    # Paths that another reader may read in another way.
    "",
    "/",
    "//",
    "api/v1/pods",
    "/api/",
    "/api//v1/pods",
    "/api/v1/pods/",
    "//api/v1/pods",
    "/api/v1/../v1/pods",
    "/api/v1/namespaces/shop/pods/..",
    "/api/v1/namespaces/shop/pods/.",
    "/api/v1/namespaces/../pods/x/exec",
    f"{POD}%2Fexec",
    f"{POD}/%65xec",
    "/api/v1/namespaces/shop/pods/web%2Flog",
    f"{POD}/log?follow=true",
    f"{POD}#x",
    f"{POD};x=1",
    f"{POD}\\exec",
    f"{POD}/log\r\nX: y",
    f"{POD}\u202e",
    "/api/v1/Pods",
    "/logs",
    "/metrics",
    "/healthz",
    "/openid/v1/jwks",
    "https://other.example/api/v1/pods",
]

REVIEWS = [
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    "/apis/authorization.k8s.io/v1beta1/selfsubjectaccessreviews",
    "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    "/apis/authentication.k8s.io/v1alpha1/selfsubjectreviews",
]

NO_REVIEWS = [
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    "/apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews",
    "/apis/authentication.k8s.io/v1/tokenreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/../../v1/subjectaccessreviews",
    "/apis/evil.authorization.k8s.io/v1/selfsubjectaccessreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews\n",
    "/api/v1/namespaces/shop/pods",
    f"{POD}/eviction",
]


def passes(method: str, path: str) -> bool:
    try:
        admit(method, path)
    except WriteRefused:
        return False
    return True


@pytest.mark.parametrize("path", READS)
def test_reads_pass(path: str) -> None:
    assert passes("GET", path)


@pytest.mark.parametrize("path", NO_READS)
def test_what_writes_by_a_get_or_hides_what_it_is_does_not(path: str) -> None:
    assert not passes("GET", path)


@pytest.mark.parametrize("path", REVIEWS)
def test_self_reviews_pass(path: str) -> None:
    assert passes("POST", path)


@pytest.mark.parametrize("path", NO_REVIEWS)
def test_other_posts_do_not(path: str) -> None:
    assert not passes("POST", path)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "get"])
def test_no_other_method_passes_anywhere(method: str) -> None:
    assert not any(passes(method, path) for path in READS + REVIEWS)


PARTS = [
    *("api", "apis", "v1", "apps", "namespaces", "pods", "shop", "web", "nodes", "services"),
    *("exec", "attach", "portforward", "proxy", "log", "status", "scale", "eviction", "console"),
    *("", ".", "..", "%2e%2e", "%2Fexec", "exec%20", "EXEC", "a b", "x?y", "x#y", "x;y", "..;"),
    *("\\exec", "\u2025", "\uff45xec", "\x00", "watch", "redirect", "metrics.k8s.io", "v1beta1"),
]


def test_of_random_paths_only_plain_reads_pass() -> None:
    """An independent reading: what passes names at most log, status or scale of one object."""
    dice = random.Random(20)
    passed = 0
    for _ in range(60_000):
        stem = dice.choice(["/api/v1", "/apis/apps/v1", "/api/v1/namespaces/shop", ""])
        path = "/".join([stem, *dice.choices(PARTS, k=dice.randint(0, 5))])
        if not passes("GET", path):
            continue
        passed += 1
        if path in ("/version", "/api", "/apis"):
            continue
        # Reading it again, decoded or not, makes no other path of it.
        assert unquote(path) == path
        assert not set(path) & set("?#%\\;\x00")
        segments = path.split("/")[1:]
        assert not {"", ".", ".."} & set(segments)
        rest = segments[2:] if segments[0] == "api" else segments[3:]
        if len(rest) >= 3 and rest[0] == "namespaces":
            rest = rest[2:]
        assert len(rest) <= 3
        assert rest[2:] in ([], ["log"], ["status"], ["scale"])
        assert rest[:1] not in (["exec"], ["attach"], ["portforward"], ["proxy"], ["watch"])
    assert passed > 500


async def test_what_is_refused_never_leaves_the_program() -> None:
    async with FakeApi() as api:
        transport = transport_for(api, "secret")
        for path in NO_READS:
            with pytest.raises(WriteRefused):
                await transport.get(path)
            with pytest.raises(WriteRefused):
                async with transport.stream(path):
                    pass
        for path in NO_REVIEWS:
            with pytest.raises(WriteRefused):
                await transport.self_review(path, b"{}")
        assert transport.requests == 0
        assert api.connections == 0
        assert api.requests == []
        await transport.close()


async def test_names_arrive_as_they_are() -> None:
    async with FakeApi() as api:
        transport: Transport = transport_for(api)
        path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/ann@x, größe+1:a"
        wire = "/apis/rbac.authorization.k8s.io/v1/clusterroles/ann@x,%20gr%C3%B6%C3%9Fe+1:a"
        api.on(wire, Reply(b"{}"))
        assert await transport.get(path) == b"{}"
        api.on(REVIEWS[0], Reply(b'{"ok":1}', 201))
        assert await transport.self_review(REVIEWS[0], b"{}") == b'{"ok":1}'
        assert api.requests[-1].method == "POST"
        await transport.close()
