"""What differs between two pod templates, by meaning.

Named things (containers, variables, ports, volumes, mounts) are compared by their names,
whatever their order; what the API server fills in and what controllers add is no difference.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from k8stui.resources.template_defaults import default_of, without_defaults
from k8stui.resources.text import clean_text

RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"

_NOISE: Final = frozenset(
    {
        ("labels", "pod-template-hash"),
        ("labels", "controller-revision-hash"),
        ("labels", "pod-template-generation"),
        ("metadata", "creationTimestamp"),
        # The API writes this older name of serviceAccountName beside it.
        ("spec", "serviceAccount"),
    }
)
_NAMED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "containers": ("container", ("name",)),
    "initContainers": ("init container", ("name",)),
    "ephemeralContainers": ("ephemeral container", ("name",)),
    "env": ("env", ("name",)),
    "ports": ("port", ("containerPort", "protocol")),
    "volumes": ("volume", ("name",)),
    "volumeMounts": ("mount", ("mountPath",)),
    "volumeDevices": ("device", ("devicePath",)),
    "imagePullSecrets": ("pull secret", ("name",)),
    "topologySpreadConstraints": ("topology spread", ("topologyKey", "whenUnsatisfiable")),
    "hostAliases": ("host alias", ("ip",)),
    "readinessGates": ("readiness gate", ("conditionType",)),
    "tolerations": ("toleration", ("key", "operator", "value", "effect")),
    "sysctls": ("sysctl", ("name",)),
    "items": ("item", ("key",)),
}
"""Lists of named things: how one is called, and the fields that name it."""
_ENTRIES: Final = {"labels": "label", "annotations": "annotation"}
_PLAIN_FIELDS: Final = frozenset({"metadata", "spec"})
"""Fields that a path does without."""


class Change(NamedTuple):
    """One difference. Text is clean and on one line."""

    path: tuple[str, ...]
    """From the outside in: `("container web", "env VERSION")`."""
    before: str | None
    """None where it wasn't there."""
    after: str | None
    """None where it isn't there any more."""

    @property
    def where(self) -> str:
        """The path in one text: `container web › env VERSION`."""
        return " › ".join(self.path)


def diff_templates(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """The differences from one pod template (as decoded JSON) to another.

    Images come first, then the other changes of containers, then the pod's, and the time of a
    restart last.
    """
    changes = [*_objects(before, after, "", ())]
    return tuple(sorted(changes, key=_order))


def _order(change: Change) -> tuple[int, bool]:
    last = change.path[-1]
    if last == "image":
        return 0, False
    if last.endswith(RESTARTED_AT):
        return 3, False
    in_container = "container" in change.path[0]
    return (1 if in_container else 2), change.path[0].startswith("init ")


def _objects(
    before: Mapping[str, object],
    after: Mapping[str, object],
    parent: str,
    path: tuple[str, ...],
) -> Iterator[Change]:
    """Differences of two objects that stand under the field `parent`."""
    for field in dict.fromkeys([*before, *after]):
        if (parent, field) in _NOISE or field == "$patch":
            continue
        old = _value(before, parent, field)
        new = _value(after, parent, field)
        if old != new:
            yield from _values(old, new, field, (*path, *_step(parent, field)))


def _step(parent: str, field: str) -> tuple[str, ...]:
    if parent in _ENTRIES:
        return (f"{_ENTRIES[parent]} {clean_text(field)}",)
    if field in _NAMED or field in _ENTRIES or (not parent and field in _PLAIN_FIELDS):
        return ()
    return (clean_text(field),)


def _value(holder: Mapping[str, object], parent: str, field: str) -> object:
    """The field's value, or its default; what is empty counts as not there."""
    found = holder.get(field)
    if found is None or found == {} or found == []:
        default = default_of(parent, field, holder)
        return None if default == {} else default
    return found


def _values(old: object, new: object, field: str, path: tuple[str, ...]) -> Iterator[Change]:
    if field == "affinity":
        yield from _rules(old, new, path)
    elif field in _NAMED and _are_objects(old) and _are_objects(new):
        yield from _named(_listed(old), _listed(new), field, path)
    elif isinstance(old or new, Mapping) and _is_walked(old, new, field):
        yield from _objects(_mapping(old), _mapping(new), field, path)
    else:
        before, after = _text(old, field), _text(new, field)
        if before != after:
            yield Change(path or (clean_text(field),), before, after)


def _rules(old: object, new: object, path: tuple[str, ...]) -> Iterator[Change]:
    """Affinity rule by rule, as sentences."""
    # Here, for the start of the program: it brings all that describes.
    from k8stui.resources.describe.scheduling import affinity_lines

    before, after = affinity_lines(dict(_mapping(old))), affinity_lines(dict(_mapping(new)))
    if before == after:
        yield Change(path, _text(old, "affinity"), _text(new, "affinity"))
        return
    gone = [clean_text(rule) for rule in before if rule not in after]
    come = [clean_text(rule) for rule in after if rule not in before]
    for rule, other in zip_longest(gone, come):
        yield Change(path, rule, other)


def _toleration(value: Mapping[str, object] | None) -> str | None:
    from k8stui.resources.describe.scheduling import toleration_text

    return clean_text(toleration_text(dict(value))) if value else None


def _is_walked(old: object, new: object, field: str) -> bool:
    """Whether to tell of the fields one by one: labels always, the rest where both sides have it.

    Resources too: `limits memory` appearing is what one wants to read.
    """
    both = isinstance(old, Mapping) and isinstance(new, Mapping)
    return both or field in (*_ENTRIES, "metadata", "spec", "resources", "limits", "requests")


def _named(
    old: Sequence[Mapping[str, object]],
    new: Sequence[Mapping[str, object]],
    field: str,
    path: tuple[str, ...],
) -> Iterator[Change]:
    word, keys = _NAMED[field]
    before, after = _by_name(old, field, keys), _by_name(new, field, keys)
    for name in dict.fromkeys([*before, *after]):
        here = (*path, f"{word} {name}".rstrip())
        one, other = before.get(name), after.get(name)
        if one is not None and other is not None:
            if field == "env":
                yield from _env(one, other, here)
            else:
                yield from _objects(one, other, field, here)
        elif field == "tolerations":
            yield Change((*path, word), _toleration(one), _toleration(other))
        else:
            yield Change(here, _text(one, field), _text(other, field))
    if field == "initContainers" and list(before) != list(after) and set(before) == set(after):
        yield Change((*path, "init containers", "order"), ", ".join(before), ", ".join(after))


def _env(
    old: Mapping[str, object], new: Mapping[str, object], path: tuple[str, ...]
) -> Iterator[Change]:
    before, after = _text(old, "env"), _text(new, "env")
    if before != after:
        yield Change(path, before, after)


def _by_name(
    items: Sequence[Mapping[str, object]], field: str, keys: tuple[str, ...]
) -> dict[str, Mapping[str, object]]:
    """The API lets names repeat in places (ports, variables): the later ones are numbered."""
    named: dict[str, Mapping[str, object]] = {}
    for item in items:
        parts = (_value(item, field, key) for key in keys)
        name = clean_text("/".join(str(part) for part in parts if part is not None))
        name = name.removesuffix("/TCP") if field == "ports" else name
        unique, number = name, 2
        while unique in named:
            unique, number = f"{name} ({number})", number + 1
        named[unique] = item
    return named


def _text(value: object, field: str) -> str | None:
    """A value on one line; of a whole object, what it comes to."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return clean_text(_object_text(value, field))
    if isinstance(value, list):
        if all(isinstance(one, str) for one in value):
            return clean_text(shlex.join(value))
        if field == "envFrom" and _are_objects(value):
            return clean_text(", ".join(map(_env_from_text, _listed(value))))
        plain = without_defaults(value, field)
        return clean_text(json.dumps(plain, ensure_ascii=False, sort_keys=True))
    return clean_text(str(value))


def _object_text(value: Mapping[str, object], field: str) -> str:
    if field in ("containers", "initContainers", "ephemeralContainers"):
        return str(value.get("image", ""))
    if field == "env":
        source = value.get("valueFrom")
        return _source_text(source) if isinstance(source, Mapping) else str(value.get("value", ""))
    keys = _NAMED[field][1] if field in _NAMED else ()
    rest = {
        name: one
        for name, one in value.items()
        if name not in keys and one != default_of(field, name, value)
    }
    if not rest:
        return "yes"
    return ", ".join(_entry_text(name, one) for name, one in rest.items())


def _entry_text(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        inner = _object_text(value, name) if value else ""
        return f"{name} ({inner})" if inner else name
    return f"{name} {_text(value, name)}"


def _source_text(source: Mapping[str, object]) -> str:
    """`from configMapKeyRef cfg/level`, `from fieldRef status.podIP`."""
    texts = []
    for kind, reference in source.items():
        parts = reference if isinstance(reference, Mapping) else {}
        named = [parts[key] for key in ("name", "containerName", "key", "resource") if key in parts]
        named += [parts["fieldPath"]] if "fieldPath" in parts else []
        optional = " (optional)" if parts.get("optional") else ""
        texts.append(f"from {kind} {'/'.join(map(str, named))}{optional}")
    return ", ".join(texts)


def _env_from_text(one: Mapping[str, object]) -> str:
    """`from configMapRef cfg`, `from secretRef db with the prefix DB_`: names, no values."""
    prefix = one.get("prefix")
    text = _source_text({name: value for name, value in one.items() if name != "prefix"})
    return f"{text} with the prefix {prefix}" if prefix else text


def _are_objects(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(one, Mapping) for one in value)
    )


def _listed(value: object) -> Sequence[Mapping[str, object]]:
    return value if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
