"""What a query names: pods by a pattern, or the pods that belong to one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from k8stui.errors import UsageError
from k8stui.logs.patterns import Pattern
from k8stui.resources.kind_words import kind_named
from k8stui.resources.kinds import TypedKind
from k8stui.resources.registry import TYPED
from k8stui.resources.text import clean_text

_KINDS = {
    "pod": "pods",
    "replicationcontroller": "replicationcontrollers",
    "rc": "replicationcontrollers",
    "service": "services",
    "svc": "services",
    "deployment": "deployments.apps",
    "deploy": "deployments.apps",
    "daemonset": "daemonsets.apps",
    "ds": "daemonsets.apps",
    "replicaset": "replicasets.apps",
    "rs": "replicasets.apps",
    "statefulset": "statefulsets.apps",
    "sts": "statefulsets.apps",
    "job": "jobs.batch",
    "cronjob": "cronjobs.batch",
    "cj": "cronjobs.batch",
    "node": "nodes",
    "no": "nodes",
    "po": "pods",
    "namespace": "namespaces",
    "ns": "namespaces",
}
MIDDLE = {"deployments.apps": "replicasets.apps", "cronjobs.batch": "jobs.batch"}
"""Kinds whose pods belong to them through another one."""


class Query(NamedTuple):
    """What is asked for."""

    pattern: Pattern | None = None
    """Of pods' names."""
    kind: str = ""
    """Key of a kind, empty where a pattern is given."""
    name: str = ""


def parse_query(text: str) -> Query:
    """A regular expression on pods' names, or `kind/name`, `kind.group/name`.

    Raises:
        UsageError: the kind is not known or not of that group, or the expression can't be compiled.
    """
    if "/" not in text:
        return Query(Pattern(text) if text else None)
    kind, _, name = text.partition("/")
    key = kind_named(kind, _KINDS)
    if not key or not name or "/" in name:
        raise UsageError(
            f"{clean_text(text)} is no kind/name",
            "pod, service, deployment, daemonset, replicaset, statefulset, job, cronjob, "
            "replicationcontroller, node and namespace are known",
        )
    return Query(kind=key, name=name)


def kind_of(key: str) -> TypedKind | None:
    """The kind with this key, where it is known by heart."""
    return TYPED.get(key)


def path_of(key: str, version: str, namespace: str, name: str = "") -> str:
    """The API path of a kind's collection, or of one object."""
    plural, _, group = key.partition(".")
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    inside = f"/namespaces/{namespace}" if namespace and plural not in ("nodes",) else ""
    return f"{root}{inside}/{plural}" + (f"/{name}" if name else "")


def matches_labels(selector: dict[str, str]) -> Callable[[tuple[str, ...]], bool]:
    """Whether a record's labels have all of a Service's selector; an empty one selects nothing."""
    wanted = {clean_text(f"{key}={value}") for key, value in selector.items()}
    return lambda labels: bool(wanted) and wanted <= set(labels)
