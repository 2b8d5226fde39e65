"""Bodies in YAML and protobuf, methods that nobody knows, and answers that nobody has."""

from __future__ import annotations

import pytest

from tests.unit.demo.client import Client, serving

CM = "/api/v1/namespaces/default/configmaps"
YAML = {"Content-Type": "application/yaml"}
ONE = b"""\
apiVersion: v1
kind: ConfigMap
metadata: {name: one, annotations: {since: 2026-01-02T03:04:05Z}}
data: {a: b}
"""
UNREADABLE = "the object provided is unrecognized (must be of type ConfigMap): "


async def test_a_body_may_be_yaml() -> None:
    async with serving() as client:
        code, made = await client("POST", CM, ONE, headers=YAML)
        assert (code, made["data"]) == (201, {"a": "b"})
        assert made["metadata"]["annotations"] == {"since": "2026-01-02T03:04:05Z"}
        changed = ONE.replace(b"{a: b}", b"{a: c, 7: d}")
        code, changed_to = await client("PUT", f"{CM}/one", changed, headers=YAML)
        assert (code, changed_to["data"]) == (200, {"a": "c", "7": "d"})
        code, applied = await client.patch(f"{CM}/one?fieldManager=me", "apply-patch+yaml", ONE)
        assert (code, applied["data"]["a"]) == (200, "b")
        options = b"propagationPolicy: Background\n"
        assert (await client("DELETE", f"{CM}/one", options, headers=YAML))[0] == 200


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"a: [b", 400, f"{UNREADABLE}yaml: line 1: "),
        (b"- a\n- b\n", 400, f"{UNREADABLE}couldn't get version/kind; json parse error: json: "),
        (b"", 422, 'ConfigMap "" is invalid: metadata.name: Required value'),
        (ONE.replace(b"{a: b}", b"{a: 1}"), 400, 'ConfigMap in version "v1" cannot be handled'),
    ],
)
async def test_bad_yaml_is_told_as_a_server_tells_it(body: bytes, code: int, says: str) -> None:
    async with serving() as client:
        answered, status = await client("POST", CM, body, headers=YAML)
        assert (answered, status["kind"]) == (code, "Status")
        assert status["message"].startswith(says)


async def test_bad_yaml_in_an_apply_is_told_as_a_server_tells_it() -> None:
    async with serving() as client:
        code, status = await client.patch(f"{CM}/x?fieldManager=me", "apply-patch+yaml", b"a: [b")
        assert code == 400
        start = "error decoding YAML: error converting YAML to JSON: yaml: line 1: "
        assert status["message"].startswith(start)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            b"xx",
            "provided data does not appear to be a protobuf message, "
            "expected prefix [107 56 115 0] (7878)",
        ),
        (b"k8s\0garbage", "proto: illegal wireType 7 (6b38730067617262616765)"),
    ],
)
async def test_bad_protobuf_is_told_as_a_server_tells_it(body: bytes, says: str) -> None:
    async with serving() as client:
        media = {"Content-Type": "application/vnd.kubernetes.protobuf"}
        code, status = await client("POST", CM, body, headers=media)
        assert (code, status["message"]) == (400, UNREADABLE + says)


@pytest.mark.parametrize("path", [CM, f"{CM}/one", "/version"])
@pytest.mark.parametrize("method", ["FOO", "TRACE", "OPTIONS"])
async def test_an_unknown_method_is_not_allowed(method: str, path: str) -> None:
    async with serving() as client:
        code, status = await client(method, path)
        assert (code, status["reason"]) == (405, "MethodNotAllowed")


async def _code(client: Client, accept: str) -> tuple[int, str]:
    code, body = await client("GET", "/api/v1/nodes", headers={"Accept": accept})
    return code, body["kind"]


@pytest.mark.parametrize(
    ("accept", "code", "kind"),
    [
        ("*/*", 200, "NodeList"),
        ("application/*", 200, "NodeList"),
        ("application/xml, application/json;q=0.1", 200, "NodeList"),
        ("application/vnd.kubernetes.protobuf,application/json", 200, "NodeList"),
        ("application/json;as=Table;v=v1;g=meta.k8s.io", 200, "Table"),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/xml", 200, "Table"),
        ("application/xml", 406, "Status"),
        ("text/html", 406, "Status"),
        ("application/json;as=Chair;v=v1;g=meta.k8s.io", 406, "Status"),
        ("application/json;as=Table;v=v9;g=meta.k8s.io", 406, "Status"),
    ],
)
async def test_only_what_there_is_can_be_accepted(accept: str, code: int, kind: str) -> None:
    async with serving() as client:
        assert await _code(client, accept) == (code, kind)
