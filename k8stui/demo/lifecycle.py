"""How objects end: grace periods, finalizers, propagation to what they own."""

from __future__ import annotations

from functools import partial

from k8stui.demo.kinds import of_plural
from k8stui.demo.model import Key, Obj, dig, key_of, stamp
from k8stui.demo.store import Change, Store
from k8stui.demo.world import Controller, World, own

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
CONTENT = (
    "deployments", "statefulsets", "daemonsets", "cronjobs", "jobs", "replicasets", "pods",
    "services", "endpoints", "endpointslices", "configmaps", "secrets", "persistentvolumeclaims",
    "horizontalpodautoscalers", "poddisruptionbudgets", "ingresses", "networkpolicies", "roles",
    "rolebindings", "serviceaccounts", "controllerrevisions", "leases", "resourcequotas",
    "limitranges", "certificates", "replicationcontrollers", "events",
)  # fmt: skip


def begin_deletion(
    store: Store, kind: str, obj: Obj, now: float, grace: float | None = None, policy: str = ""
) -> Obj:
    """Delete an object, or mark it as being deleted where something has to happen first.

    Args:
        grace: Seconds; None for the object's own. A second call can only shorten it.
        policy: "Foreground", "Orphan", "Background" or "".

    Returns:
        The object as it is now, or as it was last.
    """
    meta = dict(obj["metadata"])
    finalizers = [f for f in meta.get("finalizers") or [] if f not in (FOREGROUND, ORPHAN)]
    if policy in ("Foreground", "Orphan"):
        finalizers.append(FOREGROUND if policy == "Foreground" else ORPHAN)
    seconds = 0.0
    if kind == "pods":
        own_grace = obj["spec"].get("terminationGracePeriodSeconds", 30)
        seconds = float(own_grace if grace is None else grace)
        done = dig(obj, "status", "phase") in ("Succeeded", "Failed")
        if not obj["spec"].get("nodeName") or done:
            seconds = 0.0
    if seconds <= 0 and not finalizers and kind != "namespaces":
        return store.remove(kind, key_of(obj)) or obj
    if meta.get("deletionTimestamp") and seconds >= meta.get("deletionGracePeriodSeconds", 0):
        return obj
    if finalizers:
        meta["finalizers"] = finalizers
    meta["deletionTimestamp"] = stamp(now + seconds)
    meta["deletionGracePeriodSeconds"] = int(seconds)
    changed = {**obj, "metadata": meta}
    if kind == "namespaces":
        changed["status"] = {**obj.get("status", {}), "phase": "Terminating"}
    elif "generation" in meta:
        meta["generation"] += 1
    return store.update(kind, changed)


def finish_deletion(store: Store, kind: str, obj: Obj) -> None:
    """Remove an object that is being deleted and waits for nothing any more."""
    meta = obj["metadata"]
    waits_for_kubelet = kind == "pods" and meta.get("deletionGracePeriodSeconds")
    if meta.get("deletionTimestamp") and not meta.get("finalizers") and not waits_for_kubelet:
        store.remove(kind, key_of(obj))


def _drop_finalizer(world: World, kind: str, obj: Obj, name: str) -> None:
    meta = dict(obj["metadata"])
    meta["finalizers"] = [f for f in meta["finalizers"] if f != name]
    if not meta["finalizers"]:
        del meta["finalizers"]
    finish_deletion(world.store, kind, world.store.update(kind, {**obj, "metadata": meta}))


class Collector:
    """The garbage collector: what has no owner any more goes, as the propagation policy says."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.store.listeners.append(self._on_change)

    def _on_change(self, kind: str, change: Change) -> None:
        if self._world.quiet or kind in ("events", "leases"):
            return
        obj = change.obj
        meta = obj["metadata"]
        gone = change.type == "DELETED"
        if gone or (meta.get("deletionTimestamp") and meta.get("finalizers")):
            self._world.after(0.0, lambda: self._collect(kind, obj, gone=gone))
        if gone:
            for ref in meta.get("ownerReferences") or ():
                self._world.after(0.0, partial(self._recheck, ref, meta))

    def _collect(self, kind: str, obj: Obj, *, gone: bool) -> None:
        store, uid = self._world.store, obj["metadata"]["uid"]
        current = obj if gone else store.get(kind, *key_of(obj))
        if current is None:
            return
        finalizers = current["metadata"].get("finalizers") or []
        if not gone and ORPHAN in finalizers:
            self._orphan(uid)
            _drop_finalizer(self._world, kind, current, ORPHAN)
            return
        if not gone and FOREGROUND not in finalizers:
            return
        blocked = False
        for dependent_kind, key in store.owned_kinds(uid):
            dependent = store.get(dependent_kind, *key)
            if dependent is None:
                continue
            if not dependent["metadata"].get("deletionTimestamp"):
                policy = "" if gone or dependent_kind == "pods" else "Foreground"
                begin_deletion(store, dependent_kind, dependent, self._world.now(), policy=policy)
            blocked = blocked or store.get(dependent_kind, *key) is not None
        if not gone and not blocked:
            _drop_finalizer(self._world, kind, current, FOREGROUND)

    def _orphan(self, uid: str) -> None:
        store = self._world.store
        for kind, key in store.owned_kinds(uid):
            dependent = store.get(kind, *key)
            if dependent is not None:
                meta = dict(dependent["metadata"])
                meta["ownerReferences"] = [r for r in meta["ownerReferences"] if r["uid"] != uid]
                store.update(kind, {**dependent, "metadata": meta})

    def _recheck(self, ref: Obj, meta: Obj) -> None:
        """An owner that waits for its dependents may have lost the last one."""
        for kind in (
            "replicasets",
            "deployments",
            "statefulsets",
            "daemonsets",
            "jobs",
            "cronjobs",
        ):
            if of_plural(kind).kind == ref["kind"]:
                owner = self._world.store.get(kind, meta.get("namespace", ""), ref["name"])
                if owner is not None and owner["metadata"].get("deletionTimestamp"):
                    self._collect(kind, owner, gone=False)


def sync_namespace(world: World, key: Key) -> float | None:
    """Empty a namespace that is being deleted, then let it go."""
    namespace = world.store.get("namespaces", *key)
    if namespace is None or not namespace["metadata"].get("deletionTimestamp"):
        return None
    left = 0
    for kind in CONTENT:
        for obj in world.store.all(kind, key.name):
            if not obj["metadata"].get("deletionTimestamp"):
                begin_deletion(world.store, kind, obj, world.now())
            left += world.store.get(kind, *key_of(obj)) is not None
    if left:
        return 1.0
    world.store.remove("namespaces", key)
    return None


NAMESPACES = Controller("namespace", sync_namespace, {"namespaces": own})
