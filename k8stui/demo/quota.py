"""ResourceQuotas: what a namespace has used of them, and what would be too much."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from k8stui.demo.errors import ApiError, forbidden
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Key, Obj, dig, key_of, quantity
from k8stui.demo.store import Store
from k8stui.demo.world import Controller, World, own

_COUNTED: Final = {
    "pods", "services", "configmaps", "secrets", "persistentvolumeclaims", "resourcequotas",
    "replicationcontrollers",
}  # fmt: skip
"""Kinds that a quota may name without `count/`."""
_COMPUTE: Final = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}


def refused_by_quota(store: Store, kind: Kind, obj: Obj) -> ApiError | None:
    """Why a new object would be too much for a quota of its namespace, None when it is not."""
    namespace = obj["metadata"].get("namespace", "")
    for quota in store.sorted("resourcequotas", namespace) if namespace else ():
        hard = dig(quota, "spec", "hard") or {}
        asked = {name: n for name in hard if (n := _share(name, kind.plural, kind.group, obj))}
        name, title = obj["metadata"]["name"], quota["metadata"]["name"]
        if kind.plural == "pods":
            missing = [name for name in sorted(hard) if not _tells(name, obj)]
            if missing:
                why = f"failed quota: {title}: must specify {','.join(missing)}"
                return forbidden(kind, name, why)
        used = {name: _used(store, name, namespace) for name in asked}
        over = sorted(n for n in asked if used[n] + asked[n] > _amount(n, hard[n]))
        if over:
            requested = ",".join(f"{n}={_written(n, asked[n])}" for n in over)
            present = ",".join(f"{n}={_written(n, used[n])}" for n in over)
            limited = ",".join(f"{n}={hard[n]}" for n in over)
            why = f"exceeded quota: {title}, requested: {requested}, used: {present}"
            return forbidden(kind, name, f"{why}, limited: {limited}")
    return None


def _tells(name: str, pod: Obj) -> bool:
    """Whether every container says what a quota of compute resources has to know."""
    if name not in _COMPUTE:
        return True
    part, resource = _COMPUTE[name]
    return all(
        resource in (dig(container, "resources", where) or {})
        for container in pod["spec"]["containers"]
        for where in [part if resource in (dig(container, "resources", part) or {}) else "limits"]
    )


def _share(name: str, plural: str, group: str, obj: Obj) -> int:
    """How much of a quota's resource an object takes: a number, millicores or bytes."""
    counted = f"{plural}.{group}" if group else plural
    if name == f"count/{counted}" or (name == plural and not group and plural in _COUNTED):
        return 1
    if plural != "pods" or name not in _COMPUTE:
        return 0
    if dig(obj, "status", "phase") in ("Succeeded", "Failed"):
        return 0
    part, resource = _COMPUTE[name]
    total = 0.0
    for container in obj["spec"]["containers"]:
        resources = container.get("resources") or {}
        limits = resources.get("limits") or {}
        asked = limits if part == "limits" else {**limits, **(resources.get("requests") or {})}
        total += quantity(asked.get(resource))
    return round(total * 1000) if resource == "cpu" else int(total)


def _used(store: Store, name: str, namespace: str) -> int:
    plural, _, group = name.removeprefix("count/").partition(".")
    if name in _COMPUTE:
        plural, group = "pods", ""
    gone = ("Succeeded", "Failed")
    return sum(
        _share(name, plural, group, obj)
        for obj in store.all(plural, namespace)
        if plural != "pods" or dig(obj, "status", "phase") not in gone
    )


def _amount(name: str, text: object) -> int:
    cpu = name in _COMPUTE and _COMPUTE[name][1] == "cpu"
    return round(quantity(text) * 1000) if cpu else int(quantity(text))


def _written(name: str, amount: int) -> str:
    """An amount as quantities are written."""
    if name not in _COMPUTE:
        return str(amount)
    if _COMPUTE[name][1] == "cpu":
        return f"{amount}m" if amount % 1000 else str(amount // 1000)
    for suffix, size in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
        if amount and amount % size == 0:
            return f"{amount // size}{suffix}"
    return str(amount)


def sync_quota(world: World, key: Key) -> float | None:
    """Write down what is used."""
    quota = world.store.get("resourcequotas", *key)
    if quota is None:
        return None
    hard = dig(quota, "spec", "hard") or {}
    used = {name: _written(name, _used(world.store, name, key.namespace)) for name in hard}
    world.store.merge("resourcequotas", quota, status={"hard": hard, "used": used})
    return None


def _of_namespace(world: World, obj: Obj) -> Iterable[Key]:
    for quota in world.store.all("resourcequotas", obj["metadata"].get("namespace", "")):
        yield key_of(quota)


CONTROLLER: Final = Controller(
    "quota",
    sync_quota,
    {
        "resourcequotas": own,
        **dict.fromkeys(("pods", "services", "configmaps", "secrets"), _of_namespace),
        "persistentvolumeclaims": _of_namespace,
    },
)
