"""The four kinds of patch: JSON, merge, strategic merge, and server-side apply's plain cases."""

from __future__ import annotations

from typing import Any, Final

from k8stui.demo.errors import ApiError, plain_failure
from k8stui.demo.model import Obj, clone

MERGE_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "port"),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "addresses": ("type",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
}
_SETS: Final = {"finalizers"}
"""Lists of scalars that merge; all other lists are replaced."""


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return clone(patch)
    out = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merge_patch(out.get(key), value)
    return out


def json_patch(target: Obj, operations: Any) -> Obj:
    """RFC 6902.

    Raises:
        ApiError: 400 or 422 when an operation can't be done.
    """
    document: Any = clone(target)
    for operation in operations:
        try:
            document = _operate(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise ApiError(
                422, "Invalid", "the server rejected our request due to an error in our request", {}
            ) from error
    return dict(document)


def _operate(document: Any, operation: Obj) -> Any:
    kind, path = operation["op"], _pointer(operation["path"])
    if kind == "test":
        if _at(document, path) != operation.get("value"):
            raise ValueError(operation["path"])
        return document
    if kind == "remove":
        _remove(document, path)
        return document
    if kind == "replace":
        if path:
            _at(document, path)
            _remove(document, path)
        return _insert(document, path, clone(operation["value"]))
    if kind == "add":
        return _insert(document, path, clone(operation["value"]))
    source = _pointer(operation["from"])
    value = clone(_at(document, source))
    if kind == "move":
        _remove(document, source)
    elif kind != "copy":
        raise ValueError(kind)
    return _insert(document, path, value)


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(text)
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _at(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _remove(document: Any, path: list[str]) -> None:
    parent = _at(document, path[:-1])
    del parent[int(path[-1]) if isinstance(parent, list) else path[-1]]


def _insert(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _at(document, path[:-1])
    if isinstance(parent, list):
        at = len(parent) if path[-1] == "-" else int(path[-1])
        if not 0 <= at <= len(parent):
            raise IndexError(path[-1])
        parent.insert(at, value)
    else:
        parent[path[-1]] = value
    return document


def strategic_merge(target: Any, patch: Any) -> Any:
    """A strategic merge patch with the merge keys of the built-in kinds.

    Raises:
        ApiError: 500, when an entry of a keyed list has no key.
    """
    if not isinstance(patch, dict):
        return clone(patch)
    if patch.get("$patch") == "replace":
        return {k: clone(v) for k, v in patch.items() if k != "$patch"}
    out = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        out = {k: v for k, v in out.items() if k in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            out[name] = [entry for entry in out.get(name) or [] if entry not in value]
        elif key.startswith("$") or key == "$retainKeys":
            continue
        elif value is None:
            out.pop(key, None)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{key}")
            out[key] = _merge_list(key, out.get(key) or [], value, order)
        else:
            out[key] = strategic_merge(out.get(key), value)
    return out


def _merge_list(name: str, old: list[Any], new: list[Any], order: list[Any] | None) -> list[Any]:
    if name in _SETS:
        return [*old, *(clone(entry) for entry in new if entry not in old)]
    keyed = name in MERGE_KEYS and all(isinstance(entry, dict) for entry in [*old, *new])
    if not keyed or any(entry.get("$patch") == "replace" for entry in new):
        return [clone(entry) for entry in new if entry != {"$patch": "replace"}]
    key = next((k for k in MERGE_KEYS[name] if any(k in e for e in [*old, *new])), "")
    out = list(old)
    for entry in new:
        if key not in entry:
            shown = " ".join(f"{name}:{value}" for name, value in sorted(entry.items()))
            raise plain_failure(f"map: map[{shown}] does not contain declared merge key: {key}")
        at = next((i for i, have in enumerate(out) if have.get(key) == entry[key]), None)
        if entry.get("$patch") == "delete":
            out = [have for have in out if have.get(key) != entry[key]]
        elif at is None:
            out.append(strategic_merge({}, entry))
        else:
            out[at] = strategic_merge(out[at], entry)
    if order:
        rank = {str(entry.get(key)): i for i, entry in enumerate(order) if isinstance(entry, dict)}
        out.sort(key=lambda entry: rank.get(str(entry.get(key)), len(rank)))
    return out


def apply_patch(target: Obj, config: Obj, manager: str, now: str) -> Obj:
    """Server-side apply where one manager owns what it names and drops what it no longer does."""
    previous = _applied(target, manager)
    out: Obj = strategic_merge(target, config)
    _drop(out, previous, _paths(config))
    meta = dict(out["metadata"])
    others = [
        entry
        for entry in meta.get("managedFields") or []
        if entry.get("manager") != manager or entry.get("operation") != "Apply"
    ]
    mine = {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": config.get("apiVersion", ""),
        "time": now,
        "fieldsType": "FieldsV1",
        "fieldsV1": _paths(config),
    }
    meta["managedFields"] = [*others, mine]
    out["metadata"] = meta
    return out


def conflicts(target: Obj, config: Obj, manager: str) -> list[tuple[str, str]]:
    """(manager, field) of what other appliers own and `config` would set to something else."""
    found = []
    for entry in (target.get("metadata") or {}).get("managedFields") or []:
        if entry.get("manager") == manager or entry.get("operation") != "Apply":
            continue
        for path in _leaves(entry.get("fieldsV1") or {}):
            mine, theirs = _value(config, path), _value(target, path)
            if mine is not None and mine != theirs:
                found.append((entry["manager"], "." + ".".join(path)))
    return found


def _applied(target: Obj, manager: str) -> Obj:
    for entry in (target.get("metadata") or {}).get("managedFields") or []:
        if entry.get("manager") == manager and entry.get("operation") == "Apply":
            return dict(entry.get("fieldsV1") or {})
    return {}


def _paths(config: Obj) -> Obj:
    skip = {"apiVersion", "kind"}
    out: Obj = {}
    for key, value in config.items():
        if key not in skip:
            out[f"f:{key}"] = _paths(value) if isinstance(value, dict) else {}
    if "f:metadata" in out:
        out["f:metadata"].pop("f:name", None)
        out["f:metadata"].pop("f:namespace", None)
        if not out["f:metadata"]:
            del out["f:metadata"]
    return out


def _drop(out: Obj, previous: Obj, current: Obj) -> None:
    for field, inner in previous.items():
        name = field.removeprefix("f:")
        if field not in current and not inner:
            out.pop(name, None)
        elif isinstance(out.get(name), dict):
            out[name] = dict(out[name])
            _drop(out[name], inner, current.get(field, {}))


def _leaves(fields: Obj, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    out: list[tuple[str, ...]] = []
    for field, inner in fields.items():
        path = (*above, field.removeprefix("f:"))
        out += _leaves(inner, path) if inner else [path]
    return out


def _value(obj: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(obj, dict):
            return None
        obj = obj.get(step)
    return obj
