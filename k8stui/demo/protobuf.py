"""Bodies in Kubernetes' protobuf form, for the few kinds that kubectl sends so.

Field numbers are those of the `generated.proto` files of k8s.io/api.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from k8stui.demo.model import Obj, stamp

MEDIA: Final = "application/vnd.kubernetes.protobuf"
MAGIC: Final = b"k8s\x00"
_NO_MAGIC: Final = "provided data does not appear to be a protobuf message"
_PREFIX: Final = "[107 56 115 0]"

Fields = dict[int, tuple[str, Any]]
"""Number to name and type: str, int, bool, "map", "time", "intstr", Fields; a list repeats."""


def _strings(*names: str) -> Fields:
    return {at: (name, str) for at, name in enumerate(names, 1)}


_META: Fields = {
    1: ("name", str), 2: ("generateName", str), 3: ("namespace", str), 5: ("uid", str),
    6: ("resourceVersion", str), 7: ("generation", int), 8: ("creationTimestamp", "time"),
    11: ("labels", "map"), 12: ("annotations", "map"),
    13: ("ownerReferences", [{
        1: ("kind", str), 3: ("name", str), 4: ("uid", str), 5: ("apiVersion", str),
        6: ("controller", bool), 7: ("blockOwnerDeletion", bool),
    }]),
    14: ("finalizers", [str]),
}  # fmt: skip
_SELECTOR: Fields = {
    1: ("matchLabels", "map"),
    2: ("matchExpressions", [{1: ("key", str), 2: ("operator", str), 3: ("values", [str])}]),
}
_ENV: Fields = {1: ("name", str), 2: ("value", str)}
_PORT: Fields = {
    1: ("name", str), 2: ("hostPort", int), 3: ("containerPort", int), 4: ("protocol", str),
}  # fmt: skip
_CONTAINER: Fields = {
    1: ("name", str), 2: ("image", str), 3: ("command", [str]), 4: ("args", [str]),
    5: ("workingDir", str), 6: ("ports", [_PORT]), 7: ("env", [_ENV]),
    14: ("imagePullPolicy", str),
}  # fmt: skip
_POD: Fields = {
    2: ("containers", [_CONTAINER]), 3: ("restartPolicy", str),
    4: ("terminationGracePeriodSeconds", int), 5: ("activeDeadlineSeconds", int),
    7: ("nodeSelector", "map"), 8: ("serviceAccountName", str),
    20: ("initContainers", [_CONTAINER]),
}  # fmt: skip
_TEMPLATE: Fields = {1: ("metadata", _META), 2: ("spec", _POD)}
_JOB: Fields = {
    1: ("parallelism", int), 2: ("completions", int), 3: ("activeDeadlineSeconds", int),
    4: ("selector", _SELECTOR), 6: ("template", _TEMPLATE), 7: ("backoffLimit", int),
}  # fmt: skip
_DELETE: Fields = {
    1: ("gracePeriodSeconds", int),
    2: ("preconditions", {1: ("uid", str), 2: ("resourceVersion", str)}),
    3: ("orphanDependents", bool), 4: ("propagationPolicy", str), 5: ("dryRun", [str]),
}  # fmt: skip
_SERVICE_PORT: Fields = {
    1: ("name", str), 2: ("protocol", str), 3: ("port", int), 4: ("targetPort", "intstr"),
    5: ("nodePort", int),
}  # fmt: skip
_REVIEWED: Fields = {
    1: ("resourceAttributes", _strings(
        "namespace", "verb", "group", "version", "resource", "subresource", "name",
    )),
    2: ("nonResourceAttributes", _strings("path", "verb")),
}  # fmt: skip
_SUBJECT: Fields = {1: ("kind", str), 2: ("apiGroup", str), 3: ("name", str), 4: ("namespace", str)}
_ROLE_REF: Fields = _strings("apiGroup", "kind", "name")
_SPECS: Final[dict[str, Fields]] = {
    "Namespace": {},
    "ServiceAccount": {},
    "SelfSubjectReview": {},
    "SelfSubjectAccessReview": _REVIEWED,
    "SelfSubjectRulesReview": _strings("namespace"),
    "Pod": _POD,
    "Deployment": {1: ("replicas", int), 2: ("selector", _SELECTOR), 3: ("template", _TEMPLATE)},
    "Job": _JOB,
    "CronJob": {
        1: ("schedule", str), 4: ("suspend", bool),
        5: ("jobTemplate", {1: ("metadata", _META), 2: ("spec", _JOB)}),
    },
    "Service": {
        1: ("ports", [_SERVICE_PORT]), 2: ("selector", "map"), 3: ("clusterIP", str),
        4: ("type", str), 10: ("externalName", str),
    },
    "Scale": {1: ("replicas", int)},
}  # fmt: skip
_WHOLE: Final[dict[str, Fields]] = {
    "ConfigMap": {1: ("metadata", _META), 2: ("data", "map")},
    "Eviction": {1: ("metadata", _META), 2: ("deleteOptions", _DELETE)},
    "DeleteOptions": _DELETE,
    "RoleBinding": {1: ("metadata", _META), 2: ("subjects", [_SUBJECT]), 3: ("roleRef", _ROLE_REF)},
    "ClusterRoleBinding": {
        1: ("metadata", _META), 2: ("subjects", [_SUBJECT]), 3: ("roleRef", _ROLE_REF),
    },
}  # fmt: skip


def decode(raw: bytes) -> Obj:
    """The object in a protobuf body.

    Raises:
        ValueError: when it is not well formed, or of a kind that is not read in this form.
    """
    if not raw.startswith(MAGIC):
        raise ValueError(f"{_NO_MAGIC}, expected prefix {_PREFIX}")
    unknown = dict(_read(raw[4:]))
    head = _message(unknown.get(1, b""), _strings("apiVersion", "kind"))
    kind = head.get("kind", "")
    fields = _WHOLE.get(kind)
    if fields is None:
        if kind not in _SPECS:
            raise ValueError(f"no protobuf form of {kind} is known here")
        fields = {1: ("metadata", _META), 2: ("spec", _SPECS[kind])}
    return {**head, **_message(unknown.get(2, b""), fields)}


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(raw):
            raise ValueError("unexpected EOF")
        value |= (raw[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not raw[at - 1] & 0x80:
            return value, at


def _read(raw: bytes) -> Iterator[tuple[int, Any]]:
    """Each field's number and its value: an int, or the bytes of it."""
    at = 0
    while at < len(raw):
        tag, at = _varint(raw, at)
        match tag & 7:
            case 0:
                value, at = _varint(raw, at)
                yield tag >> 3, value
            case 2:
                size, at = _varint(raw, at)
                if at + size > len(raw):
                    raise ValueError("unexpected EOF")
                yield tag >> 3, raw[at : at + size]
                at += size
            case 1 | 5 as wire:
                at += 8 if wire == 1 else 4
            case wire:
                raise ValueError(f"proto: illegal wireType {wire}")


def _message(raw: bytes, fields: Fields) -> Obj:
    out: Obj = {}
    for number, value in _read(raw):
        name, kind = fields.get(number, ("", None))
        if kind == "map":
            entry = dict(_read(value))
            out.setdefault(name, {})[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
        elif isinstance(kind, list):
            out.setdefault(name, []).append(_value(value, kind[0]))
        elif name and (value != b"" or isinstance(kind, dict)):
            out[name] = _value(value, kind)
    return out


def _value(value: Any, kind: Any) -> Any:
    if isinstance(kind, dict):
        return _message(value, kind)
    if kind == "time":
        return stamp(dict(_read(value)).get(1, 0)) if value else None
    if kind == "intstr":
        found = dict(_read(value))
        return found.get(3, b"").decode() if found.get(1) else found.get(2, 0)
    if kind is bool:
        return bool(value)
    return value.decode() if kind is str else value
