"""Label and field selectors: as text in a query, and as objects in a spec."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from k8stui.demo.errors import bad_request
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj, dig

Labels = dict[str, str]
Test = Callable[[Labels], bool]

_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s*\(([^)]*)\)\s*$")
_NAME = re.compile(r"^[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?$")
_VALUE = re.compile(r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
_COMMON: Final = {"metadata.name", "metadata.namespace"}
_FIELDS: Final[dict[str, set[str]]] = {
    "Pod": {
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs",
        "status.nominatedNodeName",
    },
    "Event": {
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
        "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion",
        "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    },
    "Node": {"spec.unschedulable"},
    "Namespace": {"status.phase"},
    "Secret": {"type"},
    "ReplicaSet": {"status.replicas"},
    "ReplicationController": {"status.replicas"},
    "Job": {"status.successful"},
}  # fmt: skip


def matches(selector: Obj | None, labels: Labels) -> bool:
    """Whether a LabelSelector takes the labels in; an empty one takes all, None takes nothing."""
    if selector is None:
        return False
    if not (selector.get("matchLabels") or {}).items() <= labels.items():
        return False
    return all(_expression(e, labels) for e in selector.get("matchExpressions") or ())


def _expression(expression: Obj, labels: Labels) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or []
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and value.isdigit() and int(value) > int(values[0])
        case "Lt":
            return value is not None and value.isdigit() and int(value) < int(values[0])
    return False


def node_term(term: Obj, node: Obj) -> bool:
    """Whether a nodeSelectorTerm takes a node in."""
    fields = {"metadata.name": node["metadata"]["name"]}
    labels = node["metadata"].get("labels") or {}
    return all(_expression(e, labels) for e in term.get("matchExpressions") or ()) and all(
        _expression(e, fields) for e in term.get("matchFields") or ()
    )


def label_query(text: str) -> Test:
    """A `labelSelector` parameter as a test.

    Raises:
        ApiError: 400, when it can't be parsed.
    """
    tests = [_requirement(part) for part in re.split(r",(?![^(]*\))", text) if part.strip()]
    return lambda labels: all(test(labels) for test in tests)


def _requirement(text: str) -> Test:
    found = _SET.match(text)
    if found:
        name, operator, inside = found.groups()
        values = {value.strip() for value in inside.split(",")}
        if operator == "in":
            return lambda labels: labels.get(name) in values
        return lambda labels: labels.get(name) not in values
    for operator in ("!=", "==", "="):
        name, found_operator, value = (part.strip() for part in text.partition(operator))
        if found_operator:
            _check_name(name)
            if not _VALUE.match(value):
                problem = f"unable to parse requirement: found '{value[:1]}', expected: identifier"
                raise bad_request(problem)
            if operator == "!=":
                return lambda labels: labels.get(name) != value
            return lambda labels: labels.get(name) == value
    name = text.strip()
    if name.startswith("!"):
        name = name[1:].strip()
        _check_name(name)
        return lambda labels: name not in labels
    _check_name(name)
    return lambda labels: name in labels


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise bad_request(
            f'unable to parse requirement: <nil>: Invalid value: "{name}": name part must consist '
            "of alphanumeric characters, '-', '_' or '.', and must start and end with an "
            "alphanumeric character"
        )


def field_query(kind: Kind, text: str) -> Callable[[Obj], bool]:
    """A `fieldSelector` parameter as a test over objects.

    Raises:
        ApiError: 400, when it can't be parsed or the kind has no such selectable field.
    """
    tests: list[tuple[str, bool, str]] = []
    for part in text.split(","):
        if not part.strip():
            continue
        found = re.match(r"^([^!=]+)(!=|==|=)(.*)$", part)
        if not found:
            raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
        name, operator, value = found.groups()
        if name not in _COMMON | _FIELDS.get(kind.kind, set()):
            raise bad_request(f"field label not supported: {name}")
        tests.append((name, operator != "!=", value))
    return lambda obj: all((_field(obj, name) == value) == want for name, want, value in tests)


def _field(obj: Obj, path: str) -> str:
    if path == "source":
        return str(dig(obj, "source", "component") or "")
    value = dig(obj, *path.split("."))
    if isinstance(value, bool):
        return str(value).lower()
    default = "false" if path in ("spec.unschedulable", "spec.hostNetwork") else ""
    return str(value) if value is not None else default
