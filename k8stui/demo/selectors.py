"""Label and field selectors: as text in a query, and as objects in a spec."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from k8stui.demo.errors import bad_request
from k8stui.demo.kinds import Kind
from k8stui.demo.labelquery import Labels
from k8stui.demo.model import Obj, dig

_COMMON: Final = ("metadata.name", "metadata.namespace")
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
        if name not in (*_COMMON, *_FIELDS.get(kind.kind, ())):
            if kind.kind not in _FIELDS:
                known = ", ".join(f'"{one}"' for one in _COMMON)
                raise bad_request(f'"{name}" is not a known field selector: only {known}')
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


def tolerates(pod: Obj, taint: Obj) -> bool:
    """Whether a pod tolerates a taint."""
    for toleration in pod["spec"].get("tolerations") or ():
        if toleration.get("effect") not in (None, "", taint["effect"]):
            continue
        if toleration.get("operator", "Equal") == "Exists":
            if toleration.get("key") in (None, "", taint["key"]):
                return True
        elif toleration.get("key") == taint["key"] and toleration.get("value", "") == taint.get(
            "value", ""
        ):
            return True
    return False
