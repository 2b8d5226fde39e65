"""Requests that every API server refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

JSON = "application/json"
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"
_OPERATIONS = "application/json-patch+json"
_APPLY = "application/apply-patch+yaml"


class Bad(NamedTuple):
    """A request; NS in its path stands for a namespace with `there` in it."""

    method: str
    path: str
    body: Any = None
    media: str = JSON
    headers: Mapping[str, str] = {}

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.media} {str(self.body)[:100]} {dict(self.headers)}"


_CM = "/api/v1/namespaces/NS/configmaps"
_DEPLOY = "/apis/apps/v1/namespaces/NS/deployments"
_PODS = "/api/v1/pods"
_THERE = f"{_CM}/there"
_ZERO = "00000000-0000-0000-0000-000000000000"


def _config(name: Any = "new", **metadata: Any) -> dict[str, Any]:
    head = {"apiVersion": "v1", "kind": "ConfigMap"}
    return {**head, "metadata": {"name": name, **metadata}, "data": {"k": "1"}}


def _template(**spec: Any) -> dict[str, Any]:
    containers = [{"name": "main", "image": "busybox:1"}]
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": containers, **spec}}


def _deployment(name: str = "new", **spec: Any) -> dict[str, Any]:
    selector = {"matchLabels": {"app": "web"}}
    body = {"replicas": 0, "selector": selector, "template": _template(), **spec}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": body,
    }


def _but(body: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {**body, **other}


def _scale(**spec: Any) -> dict[str, Any]:
    meta = {"name": "there", "namespace": "k8stui-refusals", "resourceVersion": "1"}
    return {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": meta, "spec": spec}


CONFIG = _config("there")
DEPLOYMENT = _deployment("there")
_HUGE = b'{"apiVersion":"v1","kind":"ConfigMap","data":{"k":"' + b"x" * 4_000_000 + b'"}}'
_BODIES: tuple[Any, ...] = (
    *(b"{bad", b"", b"[]", b'"text"', b"null", b'{"metadata": {"name": "a"', b"{}"),
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "new"}},
    {"apiVersion": "v1", "kind": "Nope", "metadata": {"name": "new"}},
    _but(_config(), apiVersion="v2"),
    _but(_config(), apiVersion="apps/v1"),
    *(_config("UPPER"), _config(""), _config("a" * 254), _config(3), _config("there")),
    _config(resourceVersion="5"),
    _config(namespace="elsewhere"),
    _config(labels={"a b": "c"}),
    _config(labels={"a": "c d"}),
    _config(labels={"a": 1}),
    _but(_config(), metadata=[]),
    *(_but(_config(), data=data) for data in ({"k": 1}, [1], {"a b": "c"})),
    _HUGE,
)
_SPECS: tuple[dict[str, Any], ...] = (
    *({"replicas": value} for value in ("two", -1, 1.5, 99_999_999_999)),
    *({"template": {}}, {"selector": None}, {"paused": "yes"}, {"strategy": {"type": "Nope"}}),
    {"template": _template(containers=[])},
    {"template": _template(containers=[{"name": "a"}, {"name": "a", "image": "x"}])},
    {"template": _template(restartPolicy="Never")},
)
_QUERIES = (
    *("limit=x", "resourceVersion=x", "resourceVersion=-1", "resourceVersion=999999999"),
    *(
        f"labelSelector={text}"
        for text in (
            *("a%3D%3D%3D", "a%20b", "a%20in%20(b", "a%20in%20b", "%3Db", "a!b", ",", "a%3D%24"),
            *("-a", "a%3D-b", "a%3Ex", "a,,b", "a,", "a%20notin", "!", "!%3D", "a%20in%20()b"),
        )
    ),
    *("fieldSelector=foo%3Dx", "fieldSelector=foo"),
    *("resourceVersionMatch=Exact", "resourceVersionMatch=Nope"),
    *(
        f"resourceVersionMatch={how}"
        for how in ("Nope&resourceVersion=5", "Exact&resourceVersion=0")
    ),
    *("continue=zzz", "continue=!!!!", "continue=e30", "limit=1&continue=TOKEN&resourceVersion=5"),
    *("watch=1&resourceVersion=x", "watch=1&timeoutSeconds=x"),
)
_OPERATION = {"op": "test", "path": "/data/k", "value": "other"}

REQUESTS: tuple[Bad, ...] = (
    *(Bad("POST", _CM, body) for body in _BODIES),
    Bad("POST", _CM.replace("NS", "nope"), _config()),
    *(Bad("POST", _CM, _config(), media) for media in ("text/plain", "application/xml")),
    Bad("POST", f"{_CM}?dryRun=Some", _config()),
    *(
        Bad("PUT", f"{_CM}/{name}", body)
        for name, body in (
            *(
                ("nope", _config("nope")),
                ("other", _config("a")),
                ("there", b"{bad"),
                ("there", b""),
            ),
            ("there", _but(_config(), metadata={})),
            *(("there", _config("there", resourceVersion=version)) for version in ("1", "x")),
            ("there", _config("there", uid=_ZERO)),
        )
    ),
    Bad("DELETE", f"{_CM}/nope"),
    *(
        Bad("DELETE", _THERE, body)
        for body in (
            b"{bad",
            {"preconditions": {"uid": _ZERO}},
            {"preconditions": {"resourceVersion": "1"}},
            {"kind": "Pod", "apiVersion": "v1"},
            {"propagationPolicy": "Sometimes"},
        )
    ),
    *(
        Bad("DELETE", f"{_THERE}?{query}")
        for query in ("propagationPolicy=Sometimes", "gracePeriodSeconds=x", "dryRun=Some")
    ),
    *(Bad("PATCH", _THERE, {"data": {}}, media) for media in (JSON, "text/plain", "")),
    *(Bad("PATCH", _THERE, body, _MERGE) for body in (b"{bad", b"", b"[]", b"3")),
    *(Bad("PATCH", _THERE, body, _STRATEGIC) for body in (b"{bad", b"", b"[]")),
    *(Bad("PATCH", _THERE, body, _OPERATIONS) for body in (b"{bad", b"{}", [_OPERATION])),
    Bad("PATCH", _THERE, [{"op": "remove", "path": "/data/nope"}], _OPERATIONS),
    Bad("PATCH", _THERE, [{"op": "nope", "path": "/data/k"}], _OPERATIONS),
    Bad("PATCH", _THERE, [{"op": "add", "path": "/data/k", "value": 1}], _OPERATIONS),
    *(
        Bad("PATCH", _THERE, body, _MERGE)
        for body in (
            *({"data": {"k": 1}}, {"kind": "Pod"}),
            *({"metadata": {"resourceVersion": "1"}}, {"metadata": {"name": "other"}}),
        )
    ),
    Bad("PATCH", f"{_CM}/nope", {"data": {}}, _MERGE),
    Bad("PATCH", f"{_THERE}?force=true", {"data": {}}, _MERGE),
    Bad("PATCH", _THERE, _config("there"), _APPLY),
    Bad("PATCH", f"{_THERE}?fieldManager=me", b"{bad", _APPLY),
    Bad("PATCH", f"{_THERE}?fieldManager=me", _config("other"), _APPLY),
    *(Bad("GET", f"{_PODS}?{query}") for query in _QUERIES),
    Bad("GET", f"{_CM}?fieldSelector=data.k%3Dx"),
    Bad("GET", "/apis/apps/v1/deployments?fieldSelector=spec.replicas%3D1"),
    *(
        Bad("GET", path)
        for path in (
            *("/api/v1/nope", "/nope", "/apis/nope/v1/x", "/api/v2/pods", f"{_CM}/nope"),
            *("/api/v1/namespaces/NS/pods/a/nope", "/api/v1/namespaces/NS/nodes"),
            *(f"{_DEPLOY}/nope", "/api/v1/nodes/nope", "/api/v1/namespaces/nope"),
            *("/api/v1/namespaces/NS/pods/nope/log", f"{_DEPLOY}/nope/scale"),
        )
    ),
    Bad("POST", f"{_CM}/there", _config()),
    Bad("PUT", _CM, _config()),
    Bad("PATCH", _CM, {}, _MERGE),
    Bad("DELETE", "/api/v1/nodes/nope"),
    *(Bad("POST", path, {}) for path in (_PODS, "/version")),
    *(Bad("POST", _DEPLOY, _deployment(**spec)) for spec in _SPECS),
    Bad("POST", _DEPLOY, {k: v for k, v in _deployment().items() if k != "spec"}),
    *(
        Bad("PATCH", f"{_DEPLOY}/there{sub}", {"spec": {"replicas": value}}, _MERGE)
        for sub in ("", "/scale")
        for value in (-1, "x")
    ),
    Bad(
        "PATCH",
        f"{_DEPLOY}/there",
        {"spec": {"selector": {"matchLabels": {"app": "other"}}}},
        _MERGE,
    ),
    Bad(
        "PATCH",
        f"{_DEPLOY}/there",
        {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}},
        _STRATEGIC,
    ),
    Bad("PUT", f"{_DEPLOY}/there/scale", _scale(replicas=1)),
    Bad("PUT", f"{_DEPLOY}/nope/scale", {"spec": {"replicas": 1}}),
    Bad("GET", _CM, headers={"Impersonate-Group": "ops"}),
    *(Bad("GET", path, headers={"Impersonate-User": "jo"}) for path in (_CM, "/api/v1/nodes/x")),
    Bad("PATCH", f"{_DEPLOY}/there/scale", {}, _MERGE, {"Impersonate-User": "jo"}),
)
