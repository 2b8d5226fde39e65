"""The demo cluster's API answers as a real server does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from k8stui.demo.kinds import BUILTIN
from tests.unit.demo.client import serving

HUGE = 4_000_000
CM = "/api/v1/namespaces/default/configmaps"
DEPLOY = "/apis/apps/v1/namespaces/default/deployments"


def config(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"n": name}}, "data": data}


def deployment(name: str = "web", **spec: Any) -> dict[str, Any]:
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {
            "containers": [{"name": "main", "image": "busybox:1", "command": ["sleep", "999"]}]
        },
    }
    body = {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": body}


async def test_create_get_update_delete() -> None:
    async with serving() as client:
        code, made = await client("POST", CM, config("a", k="1"))
        assert code == 201
        assert made["kind"] == "ConfigMap"
        assert made["metadata"]["uid"]
        made["data"]["k"] = "2"
        code, changed = await client("PUT", f"{CM}/a", made)
        assert code == 200
        assert int(changed["metadata"]["resourceVersion"]) > int(
            made["metadata"]["resourceVersion"]
        )
        code, stale = await client("PUT", f"{CM}/a", made)
        assert (code, stale["reason"]) == (409, "Conflict")
        code, gone = await client("DELETE", f"{CM}/a")
        assert (code, gone["status"]) == (200, "Success")
        assert (await client("GET", f"{CM}/a"))[0] == 404


async def test_dry_run_changes_nothing() -> None:
    async with serving() as client:
        before = client.world.store.version
        code, made = await client("POST", f"{CM}?dryRun=All", config("a"))
        assert (code, made["metadata"]["name"]) == (201, "a")
        await client("POST", CM, config("b", k="1"))
        code, patched = await client.patch(
            f"{CM}/b?dryRun=All", "merge-patch+json", {"data": {"k": "2"}}
        )
        assert patched["data"] == {"k": "2"}
        assert (await client("DELETE", f"{CM}/b?dryRun=All"))[0] == 200
        assert (await client("GET", f"{CM}/b"))[1]["data"] == {"k": "1"}
        assert client.world.store.version == before + 1


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "reason", "text"),
    [
        ("POST", CM, b"{bad", 400, "BadRequest", "must be of type ConfigMap"),
        ("POST", CM, b"[]", 400, "BadRequest", "must be of type ConfigMap"),
        ("POST", CM, {"kind": "Pod"}, 400, "BadRequest", "cannot be handled as a ConfigMap"),
        ("POST", CM, config("UPPER"), 422, "Invalid", "lowercase RFC 1123 subdomain"),
        ("POST", CM, {"metadata": {}}, 422, "Invalid", "name or generateName is required"),
        ("POST", CM, "huge", 413, "RequestEntityTooLarge", "too large"),
        ("POST", CM.replace("default", "nope"), config("a"), 404, "NotFound", 'namespaces "nope"'),
        ("PUT", f"{CM}/nope", config("nope"), 404, "NotFound", 'configmaps "nope" not found'),
        (
            "PUT", f"{CM}/other", config("a"),
            400, "BadRequest", "does not match the name on the URL",
        ),
        ("GET", "/api/v1/pods?limit=x", None, 400, "BadRequest", "invalid syntax"),
        ("GET", "/api/v1/pods?labelSelector=a%3D%3D%3D", None, 400, "BadRequest", "found '='"),
        (
            "GET", "/api/v1/pods?fieldSelector=foo%3Dx", None,
            400, "BadRequest", "not supported: foo",
        ),
        ("GET", "/api/v1/pods?limit=x", None, 400, "BadRequest", "ParseInt"),
        ("GET", "/api/v1/pods?resourceVersion=999999999", None, 504, "Timeout", "Too large"),
        ("GET", "/api/v1/pods?continue=zzz", None, 400, "BadRequest", "continue key is not valid"),
        ("GET", "/api/v1/nope", None, 404, "NotFound", "could not find the requested resource"),
        ("GET", "/api/v1/namespaces/default/nope", None, 404, "NotFound", "could not find the"),
        (
            "POST", DEPLOY, deployment(replicas="two"),
            400, "BadRequest", "spec.replicas of type int32",
        ),
        ("POST", DEPLOY, deployment(replicas=-1), 422, "Invalid", "greater than or equal to 0"),
        ("POST", DEPLOY, deployment(template={}), 422, "Invalid", "does not match template"),
        (
            "POST", f"{DEPLOY}?fieldValidation=Strict", deployment(sped=1),
            400, "BadRequest", 'unknown field "spec.sped"',
        ),
        ("PATCH", f"{CM}/a", b"{}", 415, "UnsupportedMediaType", "Unsupported Media Type"),
        ("GET", "/api/v1/namespaces/default/pods/nope/log", None, 404, "NotFound", 'pods "nope"'),
    ],
)  # fmt: skip
async def test_refusals(
    method: str, path: str, body: object, code: int, reason: str, text: str
) -> None:
    async with serving() as client:
        got, status = await client(method, path, b"x" * HUGE if body == "huge" else body)
        assert got == code
        assert (status["kind"], status["status"], status["code"]) == ("Status", "Failure", code)
        assert status["reason"] == reason
        assert text in status["message"]


async def test_an_unknown_field_is_dropped_with_a_warning() -> None:
    async with serving() as client:
        url = f"{client.url}{DEPLOY}"
        body = deployment(sped=1)
        async with client.session.post(url, json=body, headers=client.head()) as answer:
            made = await answer.json()
            assert 'unknown field \\"spec.sped\\"' in answer.headers["Warning"]
        assert "sped" not in made["spec"]


async def test_lists_in_pages_and_an_expired_token() -> None:
    async with serving() as client:
        for number in range(5):
            await client("POST", CM, config(f"c{number}"))
        _, first = await client("GET", f"{CM}?limit=2")
        assert first["metadata"]["remainingItemCount"] == 3
        token = first["metadata"]["continue"]
        _, second = await client("GET", f"{CM}?limit=10&continue={token}")
        names = [item["metadata"]["name"] for item in first["items"] + second["items"]]
        assert names == ["c0", "c1", "c2", "c3", "c4"]
        assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
        await client("POST", CM, config("more"))
        client.world.store.compact()
        code, status = await client("GET", f"{CM}?limit=10&continue={token}")
        assert (code, status["reason"]) == (410, "Expired")


async def test_later_pages_are_of_the_time_of_the_first() -> None:
    async with serving() as client:
        for name in ("a", "c", "e", "g"):
            await client("POST", CM, config(name, k="old"))
        _, first = await client("GET", f"{CM}?limit=1")
        await client.patch(f"{CM}/c", "merge-patch+json", {"data": {"k": "new"}})
        await client("DELETE", f"{CM}/e")
        await client("POST", CM, config("f"))
        seen, token = [], first["metadata"]["continue"]
        while token:
            _, page = await client("GET", f"{CM}?limit=1&continue={token}")
            assert page["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
            seen += [(item["metadata"]["name"], item["data"]["k"]) for item in page["items"]]
            token = page["metadata"].get("continue")
        assert seen == [("c", "old"), ("e", "old"), ("g", "old")]
        _, now = await client("GET", CM)
        assert [item["metadata"]["name"] for item in now["items"]] == ["a", "c", "f", "g"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("n=a", ["a"]), ("n!=a", ["b", "c"]), ("n in (a,c)", ["a", "c"]),
        ("n notin (a)", ["b", "c"]),
        ("n", ["a", "b", "c"]), ("!n", []), ("n==b,n", ["b"]),
    ],
)  # fmt: skip
async def test_label_selectors(selector: str, names: list[str]) -> None:
    async with serving() as client:
        for name in ("a", "b", "c"):
            await client("POST", CM, config(name))
        quoted = selector.replace("=", "%3D").replace(" ", "%20").replace("!", "%21")
        _, found = await client("GET", f"{CM}?labelSelector={quoted}")
        assert [item["metadata"]["name"] for item in found["items"]] == names


async def test_a_watch_tells_what_enters_and_leaves_its_selection() -> None:
    async with serving() as client:
        _, listed = await client("GET", CM)
        version = listed["metadata"]["resourceVersion"]
        query = f"{CM}?watch=1&labelSelector=n%3Da&resourceVersion={version}"
        async with client.watch(query) as events:
            await client("POST", CM, config("a"))
            await client("POST", CM, config("b"))
            await client.patch(f"{CM}/a", "merge-patch+json", {"data": {"k": "1"}})
            await client.patch(f"{CM}/a", "merge-patch+json", {"metadata": {"labels": {"n": "x"}}})
            got = [await events.get() for _ in range(3)]
        assert [event["type"] for event in got] == ["ADDED", "MODIFIED", "DELETED"]


async def test_a_watch_resumes_and_expires() -> None:
    async with serving() as client:
        _, listed = await client("GET", CM)
        version = listed["metadata"]["resourceVersion"]
        await client("POST", CM, config("a"))
        async with client.watch(f"{CM}?watch=1&resourceVersion={version}") as events:
            assert (await events.get())["object"]["metadata"]["name"] == "a"
        client.world.store.compact()
        async with client.watch(f"{CM}?watch=1&resourceVersion={version}") as events:
            error = await events.get()
            assert (error["type"], error["object"]["code"]) == ("ERROR", 410)
            assert await events.get() is None


async def test_initial_events_end_with_a_bookmark() -> None:
    async with serving() as client:
        await client("POST", CM, config("a"))
        query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true"
        async with client.watch(f"{CM}?{query}") as events:
            assert (await events.get())["type"] == "ADDED"
            mark = await events.get()
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_ends_at_its_timeout() -> None:
    async with serving() as client:
        version = client.world.store.version
        query = f"{CM}?watch=1&timeoutSeconds=1&resourceVersion={version}"
        async with client.watch(query) as events:
            assert await events.get() is None


async def test_patches() -> None:
    async with serving() as client:
        await client("POST", DEPLOY, deployment())
        path = f"{DEPLOY}/web"
        side = {
            "spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox:2"}]}}}
        }
        _, done = await client.patch(path, "strategic-merge-patch+json", side)
        names = [c["name"] for c in done["spec"]["template"]["spec"]["containers"]]
        assert sorted(names) == ["main", "side"]
        _, done = await client.patch(path, "merge-patch+json", {"spec": {"replicas": 2}})
        assert (done["spec"]["replicas"], done["metadata"]["generation"]) == (2, 3)
        _, done = await client.patch(
            path, "json-patch+json", [{"op": "replace", "path": "/spec/replicas", "value": 3}]
        )
        assert done["spec"]["replicas"] == 3
        code, _ = await client.patch(
            path, "json-patch+json", [{"op": "test", "path": "/spec/replicas", "value": 9}]
        )
        assert code == 422
        code, status = await client.patch(
            path, "merge-patch+json", {"spec": {"selector": {"matchLabels": {"app": "x"}}}}
        )
        assert code == 422
        assert "field is immutable" in status["message"]


async def test_server_side_apply() -> None:
    async with serving() as client:
        path, kind = f"{CM}/a", "apply-patch+yaml"
        both = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
        code, _ = await client.patch(
            f"{path}?fieldManager=one", kind, {**both, "data": {"k": "1", "l": "1"}}
        )
        assert code == 201
        _, done = await client.patch(f"{path}?fieldManager=one", kind, {**both, "data": {"k": "1"}})
        assert done["data"] == {"k": "1"}
        code, status = await client.patch(
            f"{path}?fieldManager=two", kind, {**both, "data": {"k": "2"}}
        )
        assert (code, status["details"]["causes"][0]["field"]) == (409, ".data.k")
        code, done = await client.patch(
            f"{path}?fieldManager=two&force=true", kind, {**both, "data": {"k": "2"}}
        )
        assert (code, done["data"]) == (200, {"k": "2"})


async def test_scale_and_status() -> None:
    async with serving() as client:
        await client("POST", DEPLOY, deployment())
        _, scale = await client("GET", f"{DEPLOY}/web/scale")
        scale["spec"]["replicas"] = 4
        code, scale = await client("PUT", f"{DEPLOY}/web/scale", scale)
        assert (code, scale["spec"]["replicas"]) == (200, 4)
        _, done = await client.patch(
            f"{DEPLOY}/web/status",
            "merge-patch+json",
            {"status": {"collisionCount": 1}, "spec": {"replicas": 9}},
        )
        assert done["spec"]["replicas"] == 4


async def test_every_kind_has_a_table() -> None:
    table = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    async with serving("shop") as client:
        for kind in BUILTIN:
            if "list" not in kind.verbs or kind.group == "metrics.k8s.io":
                continue
            root = f"/apis/{kind.group}" if kind.group else "/api"
            code, body = await client("GET", f"{root}/{kind.version}/{kind.plural}", headers=table)
            assert (code, body["kind"]) == (200, "Table"), kind.plural
            width = len(body["columnDefinitions"])
            assert all(len(row["cells"]) == width for row in body["rows"]), kind.plural


@pytest.mark.parametrize(
    ("user", "method", "path", "code"),
    [
        ("viewer", "GET", "/api/v1/pods", 200),
        ("viewer", "GET", "/api/v1/secrets", 403),
        ("viewer", "DELETE", "/api/v1/namespaces/shop/pods/x", 403),
        ("viewer", "GET", "/apis/metrics.k8s.io/v1beta1/pods", 200),
        ("tenant", "GET", "/api/v1/pods", 403),
        ("tenant", "GET", "/api/v1/namespaces/shop/pods", 200),
        ("tenant", "DELETE", "/api/v1/namespaces/shop/pods/x", 404),
        ("tenant", "GET", "/api/v1/namespaces/payments/pods", 403),
        ("nobody", "GET", "/api/v1/pods", 403),
        ("nobody", "GET", "/version", 403),
    ],
)
async def test_rights(user: str, method: str, path: str, code: int) -> None:
    async with serving("shop", user) as client:
        assert (await client(method, path))[0] == code


async def test_a_wrong_token_is_unauthorized() -> None:
    async with serving() as client:
        client.token = "wrong"
        assert (await client("GET", "/api/v1/pods"))[0] == 401


async def test_self_reviews() -> None:
    group = "/apis/authorization.k8s.io/v1"
    async with serving("shop", "tenant") as client:
        for namespace, yes in (("shop", True), ("payments", False)):
            ask = {
                "spec": {
                    "resourceAttributes": {
                        "verb": "delete",
                        "resource": "pods",
                        "namespace": namespace,
                    }
                }
            }
            _, answer = await client("POST", f"{group}/selfsubjectaccessreviews", ask)
            assert answer["status"]["allowed"] is yes
        _, rules = await client(
            "POST", f"{group}/selfsubjectrulesreviews", {"spec": {"namespace": "shop"}}
        )
        assert any("apps" in rule["apiGroups"] for rule in rules["status"]["resourceRules"])
        _, who = await client("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
        assert who["status"]["userInfo"]["username"] == "tenant@demo"


async def test_an_eviction_minds_the_budget() -> None:
    async with serving("shop") as client:
        pods = "/api/v1/namespaces/shop/pods"
        _, found = await client("GET", f"{pods}?labelSelector=app%3Dweb")
        codes = []
        for pod in found["items"]:
            name = pod["metadata"]["name"]
            codes.append(
                (await client("POST", f"{pods}/{name}/eviction", {"metadata": {"name": name}}))[0]
            )
            await asyncio.sleep(0)
        assert codes == [201, 201, 429, 429]


async def test_filled_for_scale() -> None:
    async with serving(pods=3000) as client:
        _, page = await client("GET", "/api/v1/pods?limit=500")
        assert len(page["items"]) == 500
        assert page["metadata"]["remainingItemCount"] >= 2500
        name = page["items"][0]["metadata"]["name"]
        space = page["items"][0]["metadata"]["namespace"]
        code, _ = await client("DELETE", f"/api/v1/namespaces/{space}/pods/{name}")
        assert code == 200
