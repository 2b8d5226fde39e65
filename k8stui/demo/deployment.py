"""The Deployment controller: revisions, rolling updates, Recreate, deadline, clean-up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from k8stui.demo.model import Key, Obj, condition, dig, seconds_of, set_condition, stamp
from k8stui.demo.pods import (
    conditions_of,
    note,
    owner_reference,
    template_hash,
)
from k8stui.demo.world import Controller, World, own, owner

REVISION: Final = "deployment.kubernetes.io/revision"
_NOT_COPIED = {REVISION, "kubectl.kubernetes.io/last-applied-configuration"}


def sync(world: World, key: Key) -> float | None:
    """One step of a rollout, then the status."""
    deploy = world.store.get("deployments", *key)
    if deploy is None or deploy["metadata"].get("deletionTimestamp"):
        return None
    sets = world.store.owned(deploy["metadata"]["uid"], "replicasets")
    sets = [rs for rs in sets if not rs["metadata"].get("deletionTimestamp")]
    current = _current(deploy, sets)
    paused = deploy["spec"].get("paused", False)
    if current is None and not paused:
        current = _new_set(world, deploy, sets)
        sets = [*sets, current]
    elif current is not None and not paused:
        current = _renumber(world, deploy, current, sets)
    old = [
        rs for rs in sets if current is None or rs["metadata"]["uid"] != current["metadata"]["uid"]
    ]
    if paused or _only_resized(deploy, current, old):
        _scale_in_proportion(world, deploy, current, old)
    elif current is not None and dig(deploy, "spec", "strategy", "type") == "Recreate":
        _recreate(world, deploy, current, old)
    elif current is not None:
        _roll(world, deploy, current, old)
    fresh = world.store.owned(deploy["metadata"]["uid"], "replicasets")
    again = _write_status(world, deploy, fresh, current)
    _clean_up(world, deploy, fresh, current)
    return again


def _revision(rs: Obj) -> int:
    return int((rs["metadata"].get("annotations") or {}).get(REVISION, 0))


def _current(deploy: Obj, sets: list[Obj]) -> Obj | None:
    wanted = deploy["spec"]["template"]
    for rs in sorted(sets, key=lambda rs: str(rs["metadata"]["creationTimestamp"])):
        template = rs["spec"]["template"]
        labels = dict(dig(template, "metadata", "labels") or {})
        labels.pop("pod-template-hash", None)
        plain = {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}}
        if _same(plain, wanted):
            return rs
    return None


def _same(a: Obj, b: Obj) -> bool:
    if a["spec"] != b["spec"]:
        return False
    left, right = a.get("metadata") or {}, b.get("metadata") or {}
    return all((left.get(k) or {}) == (right.get(k) or {}) for k in ("labels", "annotations"))


def _new_set(world: World, deploy: Obj, sets: list[Obj]) -> Obj:
    template = deploy["spec"]["template"]
    hash_ = template_hash(template)
    labels = {**(dig(template, "metadata", "labels") or {}), "pod-template-hash": hash_}
    selector = {**deploy["spec"]["selector"]}
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), "pod-template-hash": hash_}
    revision = max(map(_revision, sets), default=0) + 1
    meta = deploy["metadata"]
    annotations = _annotations(deploy, revision)
    rs = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{meta['name']}-{hash_}",
            "namespace": meta["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [owner_reference(deploy)],
            "generation": 1,
        },
        "spec": {
            "replicas": 0,
            "minReadySeconds": deploy["spec"].get("minReadySeconds", 0),
            "selector": selector,
            "template": {
                **template,
                "metadata": {**template.get("metadata", {}), "labels": labels},
            },
        },
        "status": {"replicas": 0},
    }
    made = world.store.create("replicasets", rs)
    _set_revision(world, deploy, revision)
    return made


def _annotations(deploy: Obj, revision: int) -> Obj:
    own_ = deploy["metadata"].get("annotations") or {}
    kept = {k: v for k, v in own_.items() if k not in _NOT_COPIED}
    want = deploy["spec"].get("replicas", 1)
    return {
        **kept,
        REVISION: str(revision),
        "deployment.kubernetes.io/desired-replicas": str(want),
        "deployment.kubernetes.io/max-replicas": str(want + _limits(deploy)[0]),
    }


def _set_revision(world: World, deploy: Obj, revision: int) -> None:
    now = world.store.get(
        "deployments", deploy["metadata"]["namespace"], deploy["metadata"]["name"]
    )
    if now is None:
        return
    annotations = {**(now["metadata"].get("annotations") or {}), REVISION: str(revision)}
    meta = {**now["metadata"], "annotations": annotations}
    world.store.merge("deployments", now, metadata=meta)


def _renumber(world: World, deploy: Obj, current: Obj, sets: list[Obj]) -> Obj:
    """A template that comes back gets the next revision; the old number is gone."""
    others = [_revision(rs) for rs in sets if rs is not current]
    revision = _revision(current)
    if others and revision < max(others):
        revision = max(others) + 1
    annotations = _annotations(deploy, revision)
    kept = current["metadata"].get("annotations") or {}
    meta = {**current["metadata"], "annotations": {**kept, **annotations}}
    current = world.store.merge("replicasets", current, metadata=meta)
    if (deploy["metadata"].get("annotations") or {}).get(REVISION) != str(revision):
        _set_revision(world, deploy, revision)
    return current


def _limits(deploy: Obj) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) as numbers of pods; surge rounds up, unavailable down."""
    want = deploy["spec"].get("replicas", 1)
    rolling = dig(deploy, "spec", "strategy", "rollingUpdate") or {}
    surge = _portion(rolling.get("maxSurge", "25%"), want, math.ceil)
    unavailable = _portion(rolling.get("maxUnavailable", "25%"), want, math.floor)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, unavailable


def _portion(value: int | str, of: int, rounding: object) -> int:
    text = str(value)
    if text.endswith("%"):
        exact = float(text[:-1]) * of / 100
        return math.ceil(exact) if rounding is math.ceil else math.floor(exact)
    return int(text)


def _resize(world: World, deploy: Obj, rs: Obj, count: int) -> None:
    had = rs["spec"].get("replicas", 0)
    if had == count:
        return
    meta = {**rs["metadata"], "generation": rs["metadata"].get("generation", 1) + 1}
    world.store.merge("replicasets", rs, spec={**rs["spec"], "replicas": count}, metadata=meta)
    way = "up" if count > had else "down"
    message = f"Scaled {way} replica set {rs['metadata']['name']} from {had} to {count}"
    note(world, deploy, "ScalingReplicaSet", message)


def _only_resized(deploy: Obj, current: Obj | None, old: list[Obj]) -> bool:
    want = deploy["spec"].get("replicas", 1)
    for rs in [*old, *([current] if current else [])]:
        desired = (rs["metadata"].get("annotations") or {}).get(
            "deployment.kubernetes.io/desired-replicas"
        )
        if rs["spec"].get("replicas") and desired and int(desired) != want:
            return True
    return False


def _scale_in_proportion(world: World, deploy: Obj, current: Obj | None, old: list[Obj]) -> None:
    """A change of `replicas` in the middle of a rollout is shared among the ReplicaSets."""
    want = deploy["spec"].get("replicas", 1)
    sets = [rs for rs in [*([current] if current else []), *old] if rs["spec"].get("replicas")]
    if not sets and current is not None:
        sets = [current]
    total = sum(rs["spec"].get("replicas", 0) for rs in sets)
    allowed = want + (_limits(deploy)[0] if len(sets) > 1 and want else 0)
    left = allowed - total
    for rs in sets:
        had = rs["spec"].get("replicas", 0)
        share = left if len(sets) == 1 or total == 0 else round(left * had / total)
        if rs is sets[-1]:
            share = left
        left -= share
        total -= had
        _resize(world, deploy, rs, max(had + share, 0))
        fresh = world.store.get("replicasets", rs["metadata"]["namespace"], rs["metadata"]["name"])
        if fresh is not None:
            annotations = {**fresh["metadata"].get("annotations", {})}
            annotations["deployment.kubernetes.io/desired-replicas"] = str(want)
            meta = {**fresh["metadata"], "annotations": annotations}
            world.store.merge("replicasets", fresh, metadata=meta)


def _recreate(world: World, deploy: Obj, current: Obj, old: list[Obj]) -> None:
    for rs in old:
        _resize(world, deploy, rs, 0)
    left = [p for rs in old for p in world.store.owned(rs["metadata"]["uid"], "pods")]
    if not [p for p in left if dig(p, "status", "phase") not in ("Succeeded", "Failed")]:
        _resize(world, deploy, current, deploy["spec"].get("replicas", 1))


def _roll(world: World, deploy: Obj, current: Obj, old: list[Obj]) -> None:
    want = deploy["spec"].get("replicas", 1)
    surge, unavailable = _limits(deploy)
    sizes = sum(rs["spec"].get("replicas", 0) for rs in [*old, current])
    mine = current["spec"].get("replicas", 0)
    if mine > want:
        _resize(world, deploy, current, want)
        return
    if mine < want and sizes < want + surge:
        _resize(world, deploy, current, min(want, mine + want + surge - sizes))
        return
    ready_now = sum((rs.get("status") or {}).get("availableReplicas", 0) for rs in [*old, current])
    minimum = want - unavailable
    for rs in sorted(old, key=_revision):
        have = rs["spec"].get("replicas", 0)
        healthy = (rs.get("status") or {}).get("availableReplicas", 0)
        if have > healthy and have:
            spare = (
                sizes - minimum - (mine - (current.get("status") or {}).get("availableReplicas", 0))
            )
            drop = min(have - healthy, max(spare, 0))
            if drop:
                _resize(world, deploy, rs, have - drop)
                return
        can_go = min(ready_now - minimum, have)
        if can_go > 0:
            _resize(world, deploy, rs, have - can_go)
            return


def _write_status(world: World, deploy: Obj, sets: list[Obj], current: Obj | None) -> float | None:
    key = deploy["metadata"]["namespace"], deploy["metadata"]["name"]
    deploy = world.store.get("deployments", *key) or deploy
    want, now = deploy["spec"].get("replicas", 1), world.now()
    total = {
        name: sum((rs.get("status") or {}).get(name, 0) for rs in sets)
        for name in ("replicas", "readyReplicas", "availableReplicas")
    }
    fresh = world.store.get("replicasets", key[0], current["metadata"]["name"]) if current else None
    updated = ((fresh or {}).get("status") or {}).get("replicas", 0)
    counts = {
        **total,
        "updatedReplicas": updated,
        "unavailableReplicas": max(total["replicas"], want) - total["availableReplicas"],
    }
    conditions = conditions_of(deploy)
    enough = total["availableReplicas"] >= want - _limits(deploy)[1]
    set_condition(
        conditions, now, "Available", "True" if enough else "False",
        reason="MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        message=f"Deployment {'has' if enough else 'does not have'} minimum availability.",
        lastUpdateTime=_update_time(deploy, "Available", "True" if enough else "False", now),
    )  # fmt: skip
    _copy_failure(conditions, fresh, now)
    again = _progress(world, deploy, counts, conditions, fresh)
    status: Obj = {k: v for k, v in counts.items() if v}
    status["observedGeneration"] = deploy["metadata"].get("generation", 1)
    status["conditions"] = conditions
    world.store.merge("deployments", deploy, status=status)
    return again


def _copy_failure(conditions: list[Obj], current: Obj | None, now: float) -> None:
    """The newest ReplicaSet's `ReplicaFailure`, while it has one."""
    failure = condition(current or {}, "ReplicaFailure")
    if failure:
        told = {name: failure[name] for name in ("reason", "message")}
        set_condition(conditions, now, "ReplicaFailure", "True", lastUpdateTime=stamp(now), **told)
    else:
        conditions[:] = [each for each in conditions if each["type"] != "ReplicaFailure"]


def _update_time(deploy: Obj, kind: str, status: str, now: float) -> str:
    old = condition(deploy, kind)
    return str(old["lastUpdateTime"]) if old.get("status") == status else stamp(now)


def _progress(
    world: World, deploy: Obj, counts: Obj, conditions: list[Obj], current: Obj | None
) -> float | None:
    """The Progressing condition; gives the seconds until the deadline while it runs."""
    want, now = deploy["spec"].get("replicas", 1), world.now()
    old, name = condition(deploy, "Progressing"), (current or {}).get("metadata", {}).get("name")
    if deploy["spec"].get("paused"):
        if old.get("reason") != "DeploymentPaused":
            set_condition(
                conditions, now, "Progressing", "Unknown", reason="DeploymentPaused",
                message="Deployment is paused", lastUpdateTime=stamp(now),
            )  # fmt: skip
        return None
    # A finished rollout stays finished while pods come and go, until a new ReplicaSet appears.
    only_new = counts["replicas"] == counts["updatedReplicas"]
    if old.get("reason") == "NewReplicaSetAvailable" and only_new:
        return None
    before = deploy.get("status") or {}
    moved = any(counts[k] > before.get(k, 0) for k in ("updatedReplicas", "availableReplicas"))
    moved = moved or counts["replicas"] - counts["updatedReplicas"] < before.get(
        "replicas", 0
    ) - before.get("updatedReplicas", 0)
    done = counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == want
    new = before.get("observedGeneration") != deploy["metadata"].get("generation", 1) and not done
    if done:
        if old.get("reason") != "NewReplicaSetAvailable" or moved:
            message = f'ReplicaSet "{name}" has successfully progressed.'
            _set_progress(conditions, now, "True", "NewReplicaSetAvailable", message)
        return None
    if moved or not old or (new and old.get("reason") != "NewReplicaSetAvailable"):
        message = f'ReplicaSet "{name}" is progressing.'
        _set_progress(conditions, now, "True", "ReplicaSetUpdated", message)
        return float(deploy["spec"].get("progressDeadlineSeconds") or 600)
    if old.get("reason") in ("NewReplicaSetAvailable", "ProgressDeadlineExceeded"):
        return None
    deadline = float(deploy["spec"].get("progressDeadlineSeconds") or 600)
    since = seconds_of(old.get("lastUpdateTime") or old["lastTransitionTime"])
    if now - since >= deadline:
        message = f'ReplicaSet "{name}" has timed out progressing.'
        _set_progress(conditions, now, "False", "ProgressDeadlineExceeded", message)
        return None
    return deadline - (now - since)


def _set_progress(conditions: list[Obj], now: float, status: str, reason: str, text: str) -> None:
    set_condition(
        conditions, now, "Progressing", status, reason=reason, message=text,
        lastUpdateTime=stamp(now),
    )  # fmt: skip


def _clean_up(world: World, deploy: Obj, sets: list[Obj], current: Obj | None) -> None:
    limit = deploy["spec"].get("revisionHistoryLimit", 10)
    if deploy["spec"].get("paused") or current is None:
        return
    idle = [
        rs
        for rs in sets
        if rs["metadata"]["uid"] != current["metadata"]["uid"]
        and not rs["spec"].get("replicas")
        and not (rs.get("status") or {}).get("replicas")
    ]
    idle.sort(key=_revision)
    for rs in idle[: max(len(idle) - limit, 0)]:
        world.store.remove("replicasets", Key(rs["metadata"]["namespace"], rs["metadata"]["name"]))


def _recreated(world: World, pod: Obj) -> Iterable[Key]:
    """The Deployment that waits for its old pods to be gone."""
    for key in owner("ReplicaSet")(world, pod):
        rs = world.store.get("replicasets", *key)
        for above in owner("Deployment")(world, rs) if rs else ():
            deploy = world.store.get("deployments", *above)
            if dig(deploy, "spec", "strategy", "type") == "Recreate":
                yield above


CONTROLLER = Controller(
    "deployment",
    sync,
    {"deployments": own, "replicasets": owner("Deployment"), "pods": _recreated},
)
