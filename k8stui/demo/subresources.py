"""What hangs below objects: status, scale, eviction, log, exec, port-forward; and the reviews."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from aiohttp import web

from k8stui.demo.bodies import go_type
from k8stui.demo.errors import (
    ApiError,
    bad_request,
    invalid,
    invalid_patch,
    no_such_method,
    not_found,
)
from k8stui.demo.execute import serve_exec, serve_portforward
from k8stui.demo.faults import Faults
from k8stui.demo.incoming import check_name
from k8stui.demo.kinds import Kind, of_plural
from k8stui.demo.logs import stream_log
from k8stui.demo.model import Obj, condition, dig, stamp
from k8stui.demo.patch import json_patch, merge_patch
from k8stui.demo.pods import ready
from k8stui.demo.rbac import Ask, User, allowed, rules
from k8stui.demo.rest import Rest, Target
from k8stui.demo.selectors import matches
from k8stui.demo.table import table
from k8stui.demo.usage import WINDOW, node_usage, pod_usage
from k8stui.demo.world import World

SCALE = Kind("autoscaling", "v1", "scales", "Scale")
_encode = msgspec.json.Encoder().encode


class Call(NamedTuple):
    """A request for a subresource or a review, with all that answers it."""

    world: World
    rest: Rest
    faults: Faults
    request: web.BaseRequest
    target: Target
    user: User
    body: Any = None


def _json(body: Obj, code: int = 200) -> web.Response:
    return web.Response(body=_encode(body), status=code, content_type="application/json")


async def _status(call: Call) -> web.StreamResponse:
    request, target = call.request, call.target
    if request.method == "GET":
        obj = call.rest.get(target)
        if "as=Table" in request.headers.get("Accept", ""):
            include = request.query.get("includeObject", "")
            return _json(table(target.kind, [obj], call.world.now(), include, {}))
        return _json(obj)
    if request.method == "PUT":
        return _json(call.rest.update(target, call.body, request.query))
    if request.method != "PATCH":
        raise no_such_method()
    media = request.headers.get("Content-Type", "").partition(";")[0]
    return _json(call.rest.patch(target, media, call.body, request.query))


def _scale_of(obj: Obj) -> Obj:
    meta, status = obj["metadata"], obj.get("status") or {}
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = dig(obj, "spec", "selector", "matchLabels") or {}
    selector = ",".join(f"{k}={v}" for k, v in sorted(labels.items()))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: meta[k] for k in kept if k in meta},
        "spec": {"replicas": obj["spec"].get("replicas", 1)},
        "status": {"replicas": status.get("replicas", 0), "selector": selector},
    }


async def _scale(call: Call) -> web.StreamResponse:
    request, target = call.request, call.target
    if request.method == "PUT":
        check_name(call.body, target.name)
    try:
        obj = call.rest.get(target)
    except ApiError as error:
        kind = target.kind
        raise not_found(kind._replace(plural=f"{kind.plural}/scale"), target.name) from error
    scale = _scale_of(obj)
    if request.method == "GET":
        return _json(scale)
    wanted = call.body
    if request.method == "PATCH":
        operations = isinstance(call.body, list)
        wanted = json_patch(scale, call.body) if operations else merge_patch(scale, call.body)
    replicas = dig(wanted, "spec", "replicas") or 0
    if not isinstance(replicas, int):
        why = f"json: cannot unmarshal {go_type(replicas)} into Go struct field spec.replicas"
        if request.method == "PATCH":
            raise invalid_patch(json.dumps(wanted, separators=(",", ":")), why)
        raise bad_request(f'Scale in version "v1" cannot be handled as a Scale: {why}')
    check_name(wanted, target.name)
    if replicas < 0:
        text = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise invalid(SCALE, target.name, [("FieldValueInvalid", text, "spec.replicas")])
    changed = {
        **obj,
        "spec": {**obj["spec"], "replicas": replicas},
        "metadata": {**obj["metadata"]},
    }
    asked = dig(wanted, "metadata", "resourceVersion")
    if asked:
        changed["metadata"]["resourceVersion"] = asked
    whole = target._replace(sub="")
    return _json(_scale_of(call.rest.update(whole, changed, request.query)))


async def _eviction(call: Call) -> web.StreamResponse:
    """Delete a pod unless a disruption budget forbids it."""
    if call.request.method != "POST":
        raise no_such_method()
    pod = call.rest.get(call.target)
    labels = pod["metadata"].get("labels") or {}
    for budget in call.world.store.all("poddisruptionbudgets", call.target.namespace):
        if not matches(budget["spec"].get("selector"), labels):
            continue
        free = (budget.get("status") or {}).get("disruptionsAllowed", 0)
        if free <= 0 and ready(pod):
            needs = (budget.get("status") or {}).get("desiredHealthy", 0)
            has = (budget.get("status") or {}).get("currentHealthy", 0)
            name = budget["metadata"]["name"]
            cause = {
                "reason": "DisruptionBudget",
                "message": (
                    f"The disruption budget {name} needs {needs} healthy pods and has {has} "
                    "currently"
                ),
            }
            message = "Cannot evict pod as it would violate the pod's disruption budget."
            raise ApiError(429, "TooManyRequests", message, {"causes": [cause]})
    options = dict(dig(call.body, "deleteOptions") or {})
    call.rest.delete(call.target._replace(sub=""), options, call.request.query)
    head = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
    return _json({**head, "status": "Success", "code": 201}, 201)


async def _binding(call: Call) -> web.StreamResponse:
    pod = call.rest.get(call.target)
    node = str(dig(call.body, "target", "name") or "")
    call.world.store.update("pods", {**pod, "spec": {**pod["spec"], "nodeName": node}})
    return _json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}, 201)


async def _finalize(call: Call) -> web.StreamResponse:
    return _json(call.rest.get(call.target))


async def _log(call: Call) -> web.StreamResponse:
    pod = call.rest.get(call.target)
    return await stream_log(call.world, call.faults, pod, call.request)


def _live_pod(call: Call) -> Obj:
    pod = call.rest.get(call.target)
    node = call.world.store.get("nodes", "", pod["spec"].get("nodeName", ""))
    if node is None or condition(node, "Ready").get("status") != "True":
        name = pod["metadata"]["name"]
        raise bad_request(f"pod {name} does not have a host assigned")
    return pod


async def _exec(call: Call) -> web.StreamResponse:
    return await serve_exec(call.world, _live_pod(call), call.request)


async def _portforward(call: Call) -> web.StreamResponse:
    return await serve_portforward(call.world, _live_pod(call), call.request)


SUBRESOURCES: dict[str, Callable[[Call], Awaitable[web.StreamResponse]]] = {
    "status": _status,
    "scale": _scale,
    "eviction": _eviction,
    "binding": _binding,
    "finalize": _finalize,
    "ephemeralcontainers": _status,
    "log": _log,
    "exec": _exec,
    "attach": _exec,
    "portforward": _portforward,
}


def review(call: Call) -> Obj:
    """The answer to a self review."""
    kind = call.target.kind
    head = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {}}
    spec = dig(call.body, "spec") or {}
    if kind.kind == "SelfSubjectReview":
        info = {"username": call.user.name, "groups": list(call.user.groups)}
        return {**head, "status": {"userInfo": info}}
    if kind.kind == "SelfSubjectRulesReview":
        found = list(rules(call.world.store, call.user, str(spec.get("namespace") or "")))
        resource = [r for r in found if "resources" in r]
        other = [r for r in found if "nonResourceURLs" in r]
        status = {"resourceRules": resource, "nonResourceRules": other, "incomplete": False}
        return {**head, "spec": spec, "status": status}
    wanted = spec.get("resourceAttributes") or {}
    if wanted:
        resource_name = wanted.get("resource", "")
        if wanted.get("subresource"):
            resource_name += f"/{wanted['subresource']}"
        ask = Ask(
            wanted.get("verb", ""), wanted.get("group", ""), resource_name,
            wanted.get("namespace", ""), wanted.get("name", ""),
        )  # fmt: skip
    else:
        attributes = spec.get("nonResourceAttributes") or {}
        ask = Ask(attributes.get("verb", ""), path=attributes.get("path", ""))
    yes = allowed(call.world.store, call.user, ask)
    why = {"reason": "RBAC: allowed by a binding of the demo cluster"} if yes else {}
    return {**head, "spec": spec, "status": {"allowed": yes, **why}}


def metrics(call: Call) -> Obj:
    """metrics.k8s.io: one PodMetrics or NodeMetrics, or a list of them."""
    kind, world, target = call.target.kind, call.world, call.target
    make = _pod_metrics if kind.kind == "PodMetrics" else _node_metrics
    if target.name:
        found = make(world, call.rest.get(target))
        if found is None:
            raise not_found(kind, target.name)
        return found
    plain = target._replace(kind=of_plural(kind.plural))
    objects, meta = call.rest.page(plain, call.request.query)
    items = [item for obj in objects if (item := make(world, obj)) is not None]
    head = {"kind": f"{kind.kind}List", "apiVersion": kind.api_version}
    return {**head, "metadata": meta, "items": items}


def _usage(cpu: int, memory: int) -> Obj:
    return {"cpu": f"{cpu}m", "memory": f"{memory // 1024}Ki"}


def _head(kind: str, obj: Obj, now: float) -> Obj:
    meta = {k: obj["metadata"][k] for k in ("name", "namespace", "labels") if k in obj["metadata"]}
    moment = now - now % WINDOW
    return {
        "kind": kind,
        "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {**meta, "creationTimestamp": stamp(now)},
        "timestamp": stamp(moment),
        "window": "15.024s",
    }


def _pod_metrics(world: World, pod: Obj) -> Obj | None:
    node = world.store.get("nodes", "", pod["spec"].get("nodeName", ""))
    used = pod_usage(pod, world.now())
    if not used or node is None or condition(node, "Ready").get("status") != "True":
        return None
    containers = [{"name": name, "usage": _usage(cpu, memory)} for name, cpu, memory in used]
    return {**_head("PodMetrics", pod, world.now()), "containers": containers}


def _node_metrics(world: World, node: Obj) -> Obj | None:
    if condition(node, "Ready").get("status") != "True":
        return None
    head = _head("NodeMetrics", node, world.now())
    return {**head, "usage": _usage(*node_usage(world, node))}
