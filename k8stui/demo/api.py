"""The HTTP side: who asks, for what path, with which body; answers, tables and errors."""

from __future__ import annotations

import json
import logging

import msgspec
from aiohttp import web

from k8stui.demo import discovery
from k8stui.demo.accept import check_accept
from k8stui.demo.bodies import JSON, decoded, media
from k8stui.demo.errors import (
    ApiError,
    no_such_method,
    no_such_resource,
    page_not_found,
)
from k8stui.demo.faults import STREAMING, Faults
from k8stui.demo.identity import authorize, identify
from k8stui.demo.kinds import find, served
from k8stui.demo.model import Obj
from k8stui.demo.options import truth
from k8stui.demo.rbac import Ask
from k8stui.demo.rest import Rest, Target
from k8stui.demo.subresources import SUBRESOURCES, Call, metrics, review
from k8stui.demo.table import table
from k8stui.demo.versions import outward
from k8stui.demo.watch import stream_watch
from k8stui.demo.world import World

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get"}


class Api:
    """Answers every request of the demo cluster.

    Args:
        tokens: Bearer token to user name (see `rbac.USERS`).
    """

    def __init__(self, world: World, tokens: dict[str, str], faults: Faults) -> None:
        self.world = world
        self.rest = Rest(world)
        self.tokens = tokens
        self.faults = faults

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request, from the faults that were asked for to the Status of what went wrong."""
        try:
            early = await self.faults.before(request)
            if early is not None:
                return early
            return await self.faults.slowed(request, await self._answer(request))
        except ApiError as error:
            if error.plain:
                return web.Response(text=f"{error.message}\n", status=error.code)
            return _json(error.status(), error.code)
        except ConnectionError:
            return web.Response()
        except Exception as error:
            log.exception("%s %s", request.method, request.path_qs)
            if STREAMING in request and request.transport is not None:
                request.transport.close()
            return _json(ApiError(500, "InternalError", f"Internal error: {error!r}").status(), 500)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        store = self.world.store
        user = identify(store, self.tokens, request)
        parts = [part for part in request.path.split("/") if part]
        target = parse_path(parts)
        if target is None:
            authorize(store, user, Ask("get", path=request.path))
            found = self._plain(request, parts)
            if found.status == 200 and request.method not in ("GET", "HEAD"):
                raise no_such_method()
            return found
        verb = _verb(request, target)
        if not target.sub:
            check_accept(request.headers.get("Accept", ""))
        resource = f"{target.kind.plural}/{target.sub}" if target.sub else target.kind.plural
        ask = Ask(verb, target.kind.group, resource, target.namespace, target.name)
        authorize(store, user, ask, target.kind.plural)
        call = Call(self.world, self.rest, self.faults, request, target, user)
        if target.sub:
            handler = SUBRESOURCES.get(target.sub)
            if handler is None or target.sub not in target.kind.subresources:
                raise no_such_resource()
            if request.method not in ("GET", "DELETE"):
                call = call._replace(body=await decoded(request, target.kind))
            self._begin(request)
            return await handler(call)
        if verb not in target.kind.verbs:
            raise no_such_method()
        if target.kind.group == "metrics.k8s.io":
            return _json(metrics(call))
        if verb == "watch":
            return await stream_watch(self.rest, self.faults, target, request)
        if verb in ("get", "list"):
            return self._read(request, target, verb)
        return await self._write(call, verb)

    def _begin(self, request: web.BaseRequest) -> None:
        """Called when the whole request is there; from here on nothing awaits until it is done."""
        self.rest.warnings = []
        agent = request.headers.get("User-Agent", "unknown").partition("/")[0]
        self.rest.manager = request.query.get("fieldManager") or agent

    def _plain(self, request: web.BaseRequest, parts: list[str]) -> web.Response:
        """Paths that name no resource: discovery, version, health, OpenAPI."""
        accept = request.headers.get("Accept", "")
        found: Obj | None = None
        match parts:
            case ["api" | "apis" as root] if "as=APIGroupDiscoveryList" in accept:
                version = "v2" if "v=v2;" in f"{accept};" else "v2beta1"
                kind = f"{JSON};g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
                body = discovery.aggregated(root == "api", version)
                return web.Response(body=_encode(body), headers={"Content-Type": kind})
            case ["api"]:
                found = discovery.api_versions()
            case ["apis"]:
                found = discovery.api_groups()
            case ["apis", group]:
                found = discovery.api_group(group)
            case ["api", version]:
                found = discovery.resource_list("", version)
            case ["apis", group, version]:
                found = discovery.resource_list(group, version)
            case ["version"]:
                found = discovery.VERSION
            case ["openapi", "v3"]:
                found = discovery.openapi_v3_index()
            case ["openapi", "v3", "api", version]:
                found = discovery.openapi_v3("", version)
            case ["openapi", "v3", "apis", group, version]:
                found = discovery.openapi_v3(group, version)
            case ["openapi", "v2"]:
                kind = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
                return web.Response(body=discovery.openapi_v2(), content_type=kind)
            case ["healthz" | "livez" | "readyz", *_]:
                return web.Response(text="ok")
        if found is None and parts[:1] in (["api"], ["apis"]):
            raise page_not_found()
        if found is None:
            return _json({"paths": discovery.paths()}, 404)
        return _json(found)

    def _read(self, request: web.BaseRequest, target: Target, verb: str) -> web.StreamResponse:
        if verb == "get":
            obj = outward(target.kind, self.rest.get(target))
            objects, meta = [obj], {"resourceVersion": obj["metadata"]["resourceVersion"]}
        else:
            objects, meta = self.rest.page(target, request.query)
        accept = request.headers.get("Accept", "")
        if "as=Table" in accept:
            include = request.query.get("includeObject", "")
            return _json(table(target.kind, objects, self.world.now(), include, meta))
        if "as=PartialObjectMetadata" in accept:
            objects = [partial(obj) for obj in objects]
            if verb == "get":
                return _json(objects[0])
            head: Obj = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
            return _json({**head, "metadata": meta, "items": objects})
        if verb == "get":
            return _json(objects[0])
        name = f"{target.kind.kind}List"
        head = {"kind": name, "apiVersion": target.kind.api_version}
        return _json({**head, "metadata": meta, "items": objects})

    async def _write(self, call: Call, verb: str) -> web.StreamResponse:
        request, target, query = call.request, call.target, call.request.query
        body = await decoded(request, target.kind)
        self._begin(request)
        if "create" in target.kind.verbs and len(target.kind.verbs) == 1:
            return _json(review(call._replace(body=body)), 201)
        if verb == "create":
            made = self.rest.create(target, body, query)
            return self._written(request, target, made, 201)
        if verb == "update":
            return self._written(request, target, self.rest.update(target, body, query), 200)
        if verb == "patch":
            existed = self.world.store.get(target.kind.plural, target.namespace, target.name)
            done = self.rest.patch(target, media(request), body, query)
            return self._written(request, target, done, 200 if existed else 201)
        options = body if isinstance(body, dict) else {}
        if verb == "deletecollection":
            found = self.rest.delete_collection(target, options, query)
            name = f"{target.kind.kind}List"
            meta = {"resourceVersion": str(self.world.store.version)}
            head = {"kind": name, "apiVersion": target.kind.api_version, "metadata": meta}
            return _json({**head, "items": found})
        return _json(self._deleted(target, self.rest.delete(target, options, query)))

    def _deleted(self, target: Target, obj: Obj) -> Obj:
        """Pods and what lives on come back as objects; the rest as a Status of success."""
        if target.kind.kind in ("Pod", "Namespace", "Service", "PersistentVolumeClaim"):
            return obj
        details = {"name": target.name, "kind": target.kind.plural, "uid": obj["metadata"]["uid"]}
        if target.kind.group:
            details["group"] = target.kind.group
        head = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
        return {**head, "details": details}

    def _written(
        self, request: web.BaseRequest, target: Target, obj: Obj, code: int
    ) -> web.StreamResponse:
        out = outward(target.kind, obj)
        response: Obj = out
        if "as=Table" in request.headers.get("Accept", ""):
            include = request.query.get("includeObject", "")
            response = table(target.kind, [out], self.world.now(), include, {})
        answer = _json(response, code)
        for warning in self.rest.warnings:
            answer.headers.add("Warning", f"299 - {json.dumps(warning)}")
        return answer


def partial(obj: Obj) -> Obj:
    """An object's metadata alone."""
    head = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {**head, "metadata": obj["metadata"]}


def parse_path(parts: list[str]) -> Target | None:
    """The resource that a path names; None for a path that names none.

    Raises:
        ApiError: 404, for a resource that is not served.
    """
    if parts[:1] == ["api"] and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[:1] == ["apis"] and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    plural, name, sub = (*rest, "", "")[:3]
    kind = find(group, version, plural)
    if group and not served(group, version):
        raise page_not_found()
    if kind is None or len(rest) > 3 or (namespace and not kind.namespaced):
        raise no_such_resource()
    if name and kind.namespaced and not namespace:
        raise no_such_resource()
    return Target(kind, namespace, name, sub)


def _verb(request: web.BaseRequest, target: Target) -> str:
    verb = _VERBS.get(request.method)
    if verb is None:
        raise no_such_method()
    if target.sub in ("exec", "attach", "portforward") and verb in ("get", "create"):
        return "create"
    if verb == "get" and not target.sub:
        if truth(request.query, "watch"):
            return "watch"
        return "get" if target.name else "list"
    if verb == "delete" and not target.name:
        return "deletecollection"
    if verb == "create" and target.name and not target.sub:
        raise no_such_method()
    if verb in ("update", "patch") and not target.name:
        raise no_such_method()
    if verb == "create" and target.kind.namespaced and not target.namespace:
        raise no_such_method()
    return verb


def _json(body: Obj, code: int = 200) -> web.Response:
    return web.Response(body=_encode(body), status=code, headers={"Content-Type": JSON})
