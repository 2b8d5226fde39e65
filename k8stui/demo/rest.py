"""One generic handler for all kinds: get, list, create, update, patch, delete."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, NamedTuple

from k8stui.demo import patch as patches
from k8stui.demo.admission import admitted
from k8stui.demo.bodies import APPLY, MERGE, OPERATIONS
from k8stui.demo.defaults import filled, problems
from k8stui.demo.errors import (
    ApiError,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    invalid_patch,
    not_found,
    plain_failure,
)
from k8stui.demo.incoming import check_name, incoming
from k8stui.demo.kinds import Kind, of_plural
from k8stui.demo.labelquery import label_query
from k8stui.demo.lifecycle import begin_deletion, finish_deletion
from k8stui.demo.managed import apply_conflict, check_pod_change, touched
from k8stui.demo.model import Key, Obj, key_of, stamp, suffix
from k8stui.demo.options import check_patch, deletion, dry, integer, truth
from k8stui.demo.paging import as_of, asked_version, decode_continue, encode_continue
from k8stui.demo.selectors import field_query
from k8stui.demo.versions import outward
from k8stui.demo.world import World

_STATUS_KEPT = {"Pod", "Namespace", "PersistentVolumeClaim", "Node", "Certificate", "Event"}

_SERVER_WRITES = ("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "selfLink")


class Target(NamedTuple):
    """What a request's path names."""

    kind: Kind
    namespace: str
    name: str
    sub: str


class Rest:
    """The verbs over the store of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.store = world.store
        self.warnings: list[str] = []
        """What the request that is being answered should be warned of."""
        self.manager = ""
        """Who sends it, as `managedFields` names it; "" leaves no trace."""

    def get(self, target: Target) -> Obj:
        obj = self.store.get(target.kind.plural, target.namespace, target.name)
        if obj is None:
            raise not_found(target.kind, target.name)
        return obj

    def select(self, target: Target, query: Mapping[str, str]) -> Callable[[Obj], bool]:
        """The selectors of a request as one test.

        Raises:
            ApiError: 400 when they can't be parsed.
        """
        labels = label_query(query.get("labelSelector", ""))
        fields = field_query(of_plural(target.kind.plural), query.get("fieldSelector", ""))
        return lambda obj: labels(obj["metadata"].get("labels") or {}) and fields(obj)

    def page(self, target: Target, query: Mapping[str, str]) -> tuple[list[Obj], Obj]:
        """The objects of a page, and the list's metadata."""
        version = asked_version(self.store, query)
        limit = max(integer(query.get("limit")), 0)
        test = self.select(target, query)
        start = Key("", "")
        if query.get("continue"):
            version, start = decode_continue(self.store, query)
        namespace = target.namespace or None
        found = filter(test, as_of(self.store, target.kind.plural, namespace, version, start))
        objects = [outward(target.kind, obj) for obj in islice(found, limit or None)]
        meta: Obj = {"resourceVersion": str(version or self.store.version)}
        if limit and next(found, None) is not None:
            last = key_of(objects[-1])
            meta["continue"] = encode_continue(int(meta["resourceVersion"]), last)
            if not query.get("labelSelector") and not query.get("fieldSelector"):
                left = self.store.count(target.kind.plural, namespace, last)
                meta["remainingItemCount"] = left
        return objects, meta

    def create(self, target: Target, body: Obj, query: Mapping[str, str]) -> Obj:
        kind = target.kind
        dry("CreateOptions", query)
        obj = self._incoming(target, body, query)
        meta = dict(obj.get("metadata") or {})
        if meta.get("resourceVersion"):
            raise plain_failure("resourceVersion should not be set on objects to be created")
        for name in _SERVER_WRITES:
            meta.pop(name, None)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + suffix((meta["generateName"], self.store.version))
        if kind.namespaced:
            if meta.get("namespace", target.namespace) != target.namespace:
                raise bad_request(
                    "the namespace of the provided object does not match the namespace sent on "
                    "the request"
                )
            meta["namespace"] = target.namespace
        obj["metadata"] = meta
        if kind.kind not in _STATUS_KEPT:
            obj.pop("status", None)
        obj = filled(of_plural(kind.plural), obj)
        if "spec" in obj:
            obj["metadata"]["generation"] = 1
        causes = problems(kind, obj, None)
        if causes:
            raise invalid(kind, meta.get("name", ""), causes)
        self._check_namespace(target, meta["name"])
        if self.store.get(kind.plural, *key_of(obj)) is not None:
            raise already_exists(kind, meta["name"])
        obj = admitted(self.store, of_plural(kind.plural), obj)
        if query.get("dryRun"):
            return {
                **obj,
                "metadata": {"uid": "", "creationTimestamp": stamp(self.world.now()), **meta},
            }
        return self.store.create(kind.plural, touched(None, obj, self.manager, self.world.now()))

    def _check_namespace(self, target: Target, name: str) -> None:
        if not target.kind.namespaced:
            return
        namespace = self.store.get("namespaces", "", target.namespace)
        if namespace is None:
            raise not_found(of_plural("namespaces"), target.namespace)
        if namespace["metadata"].get("deletionTimestamp"):
            raise forbidden(
                target.kind, name,
                f"unable to create new content in namespace {target.namespace} because it is being "
                "terminated",
            )  # fmt: skip

    def _incoming(self, target: Target, body: Any, query: Mapping[str, str]) -> Obj:
        obj, warnings = incoming(target.kind, body, query)
        self.warnings += warnings
        return obj

    def update(self, target: Target, body: Obj, query: Mapping[str, str]) -> Obj:
        obj = self._incoming(target, body, query)
        check_name(obj, target.name)
        dry("UpdateOptions", query)
        return self._write(target, self.get(target), obj, query)

    def _write(self, target: Target, old: Obj, obj: Obj, query: Mapping[str, str]) -> Obj:
        kind = target.kind
        before, meta = old["metadata"], dict(obj.get("metadata") or {})
        asked = meta.get("resourceVersion")
        if asked and not asked.isdigit():
            raise plain_failure(f'strconv.ParseUint: parsing "{asked}": invalid syntax')
        if asked and asked != before["resourceVersion"]:
            raise conflict(kind, target.name)
        if meta.get("uid") and meta["uid"] != before["uid"]:
            key = f"/registry/{kind.plural}/{target.namespace}/{target.name}"
            why = (
                f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, "
                f"AdditionalErrorMsg: Precondition failed: UID in precondition: {meta['uid']}, "
                f"UID in object meta: {before['uid']}"
            )
            raise conflict(kind, target.name, why)
        if target.sub == "status":
            new = {**old, "status": obj.get("status") or {}}
        else:
            new = self._written(target, old, obj, meta)
        if query.get("dryRun"):
            return new
        written = self.store.update(kind.plural, new)
        finish_deletion(self.store, kind.plural, written)
        return written

    def _written(self, target: Target, old: Obj, obj: Obj, meta: Obj) -> Obj:
        kind, before = of_plural(target.kind.plural), old["metadata"]
        for name in (
            "name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp",
            "deletionGracePeriodSeconds", "resourceVersion",
        ):  # fmt: skip
            meta.pop(name, None)
            if name in before:
                meta[name] = before[name]
        new = filled(kind, {**obj, "metadata": meta})
        if target.kind.subresources and "status" in target.kind.subresources:
            new.pop("status", None)
            if "status" in old:
                new["status"] = old["status"]
        causes = problems(target.kind, new, old)
        if causes:
            raise invalid(target.kind, target.name, causes)
        if kind.kind == "Pod":
            check_pod_change(target.kind, old, new)
        if new.get("spec") != old.get("spec") and "generation" in before:
            new["metadata"]["generation"] = before["generation"] + 1
        return touched(old, new, self.manager, self.world.now())

    def patch(self, target: Target, kind_of_patch: str, body: Any, query: Mapping[str, str]) -> Obj:
        """PATCH; `kind_of_patch` is the media type.

        Server-side apply creates the object when there is none.
        """
        check_patch(query, apply=kind_of_patch == APPLY)
        dry("PatchOptions", query)
        if kind_of_patch == APPLY:
            return self._apply(target, body, query)
        old = self.get(target)
        current = outward(target.kind, old)
        if kind_of_patch == OPERATIONS:
            new = patches.json_patch(current, body)
        elif kind_of_patch == MERGE:
            new = patches.merge_patch(current, body)
        else:
            new = patches.strategic_merge(current, body)
        try:
            obj = self._incoming(target, new, query)
        except ApiError as error:
            text = json.dumps(new, separators=(",", ":"), ensure_ascii=False)
            raise invalid_patch(text, error.message) from error
        check_name(obj, target.name)
        return self._write(target, old, obj, query)

    def _apply(self, target: Target, body: Any, query: Mapping[str, str]) -> Obj:
        manager = query["fieldManager"]
        self.manager = ""
        config = self._incoming(target, body, query)
        check_name(config, target.name)
        old = self.store.get(target.kind.plural, target.namespace, target.name)
        now = stamp(self.world.now())
        if old is None:
            fresh = patches.apply_patch({}, config, manager, now)
            fresh["metadata"]["name"] = target.name
            return self.create(target, fresh, {k: v for k, v in query.items() if k == "dryRun"})
        found = patches.conflicts(old, config, manager)
        if found and not truth(query, "force"):
            raise apply_conflict(found)
        return self._write(target, old, patches.apply_patch(old, config, manager, now), query)

    def delete(self, target: Target, options: Obj, query: Mapping[str, str]) -> Obj:
        no_change = dry("DeleteOptions", query, options)
        seconds, policy = deletion(options, query)
        obj = self.get(target)
        _check_preconditions(target.kind, obj, options.get("preconditions") or {})
        if no_change:
            return obj
        return begin_deletion(
            self.store, target.kind.plural, obj, self.world.now(), seconds, policy
        )

    def delete_collection(
        self, target: Target, options: Obj, query: Mapping[str, str]
    ) -> list[Obj]:
        found, _ = self.page(target, query)
        for obj in found:
            one = target._replace(name=obj["metadata"]["name"], namespace=key_of(obj).namespace)
            self.delete(one, options, query)
        return found


def _check_preconditions(kind: Kind, obj: Obj, wanted: Obj) -> None:
    """Whether the object is the one that was meant.

    Raises:
        ApiError: 409, when it is not.
    """
    what = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    for field, called, guess in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        has, asked = obj["metadata"][field], wanted.get(field)
        if asked and asked != has:
            name = obj["metadata"]["name"]
            details: Obj = {"name": name, **({"group": kind.group} if kind.group else {})}
            message = (
                f'Operation cannot be fulfilled on {what} "{name}": the {called} in the '
                f"precondition ({asked}) does not match the {called} in record ({has}). The object "
                f"might have been {guess}"
            )
            raise ApiError(409, "Conflict", message, {**details, "kind": kind.kind})
