"""What describe wants to know beside the object itself, and how to ask the cluster for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from k8stui.resources.describe.values import (
    JsonObject,
    get,
    mapping,
    objects,
    selector_text,
    string,
)

Purpose = Literal[
    "events",
    "pods",
    "replicasets",
    "jobs",
    "services",
    "endpoints",
    "endpointslices",
    "leases",
    "resourcequotas",
    "limitranges",
]


class Query(msgspec.Struct, frozen=True):
    """One list request. All are lists, so what isn't there is an empty answer and no error."""

    purpose: Purpose
    """The field of `Related` that the answer belongs to."""
    kind_key: str
    """As `ResourceType.key`; the version is the one that the cluster prefers."""
    namespace: str = ""
    """Empty for all namespaces and for kinds without one."""
    label_selector: str = ""
    field_selector: str = ""


class Related(msgspec.Struct, frozen=True):
    """The objects around the one described, as plain dicts; None where they are not known."""

    events: tuple[JsonObject, ...] | None = None
    pods: tuple[JsonObject, ...] | None = None
    """For nodes those on it that have not ended; for workloads those that the selector matches."""
    replicasets: tuple[JsonObject, ...] | None = None
    jobs: tuple[JsonObject, ...] | None = None
    services: tuple[JsonObject, ...] | None = None
    endpoints: tuple[JsonObject, ...] | None = None
    endpointslices: tuple[JsonObject, ...] | None = None
    leases: tuple[JsonObject, ...] | None = None
    resourcequotas: tuple[JsonObject, ...] | None = None
    limitranges: tuple[JsonObject, ...] | None = None
    refused: tuple[tuple[str, str], ...] = ()
    """(purpose, sentence) of each query that the cluster did not answer."""


def gather(answers: Iterable[tuple[Query, Sequence[JsonObject] | str]]) -> Related:
    """Puts the answers of all queries together.

    Args:
        answers: Each query with the items of its list, or the sentence of the error it ended in.
    """
    found: dict[str, list[JsonObject]] = {}
    refused: list[tuple[str, str]] = []
    for query, answer in answers:
        if isinstance(answer, str):
            refused.append((query.purpose, answer))
        else:
            found.setdefault(query.purpose, []).extend(answer)
    return Related(**{key: tuple(items) for key, items in found.items()}, refused=tuple(refused))


def related_queries(kind_key: str, obj: JsonObject) -> tuple[Query, ...]:
    """What to list so that `describe` can say as much about the object as `kubectl describe`.

    Args:
        kind_key: As `ResourceType.key`, e.g. `deployments.apps`.
        obj: The object as the API gave it.
    """
    queries = _around(kind_key, obj)
    if kind_key not in ("events", "events.events.k8s.io"):
        queries += _events(kind_key, obj)
    return tuple(queries)


def backend_services(ingress: JsonObject) -> tuple[str, ...]:
    """The names of the services that an Ingress (any version) sends to, each once, in order."""
    spec = mapping(ingress, "spec")
    backends: list[object] = [spec.get("defaultBackend"), spec.get("backend")]
    for rule in objects(spec, "rules"):
        backends += [path.get("backend") for path in objects(rule, "http", "paths")]
    names = (
        string(backend, "service", "name") or string(backend, "serviceName") for backend in backends
    )
    return tuple(dict.fromkeys(name for name in names if name))


def _events(kind_key: str, obj: JsonObject) -> list[Query]:
    metadata = mapping(obj, "metadata")
    namespace, name, uid = (string(metadata, key) for key in ("namespace", "name", "uid"))
    if not uid and not name:
        return []
    chosen = _where("involvedObject.uid", uid) if uid else _where("involvedObject.name", name)
    queries = [Query("events", "events", namespace, field_selector=chosen)]
    if kind_key == "nodes" and uid:
        # The kubelet writes the node's name where others write its uid.
        chosen = _where("involvedObject.uid", name) + ",involvedObject.kind=Node"
        queries.append(Query("events", "events", field_selector=chosen))
    return queries


def _around(kind_key: str, obj: JsonObject) -> list[Query]:
    namespace, name = string(obj, "metadata", "namespace"), string(obj, "metadata", "name")
    labels = _selected(obj)
    match kind_key:
        case "nodes":
            on_it = _where("spec.nodeName", name)
            on_it += ",status.phase!=Succeeded,status.phase!=Failed"
            return [
                Query("pods", "pods", field_selector=on_it),
                Query(
                    "leases",
                    "leases.coordination.k8s.io",
                    "kube-node-lease",
                    field_selector=_where("metadata.name", name),
                ),
            ]
        case "deployments.apps" if labels:
            return [
                Query("replicasets", "replicasets.apps", namespace, labels),
                Query("pods", "pods", namespace, labels),
            ]
        case (
            "replicasets.apps"
            | "statefulsets.apps"
            | "daemonsets.apps"
            | "replicationcontrollers"
            | "jobs.batch"
        ) if labels:
            return [Query("pods", "pods", namespace, labels)]
        case "cronjobs.batch":
            return [Query("jobs", "jobs.batch", namespace)]
        case "services":
            pods = [Query("pods", "pods", namespace, labels)] if labels else []
            return [*pods, *_endpoints(namespace, name)]
        case "ingresses.networking.k8s.io" | "ingresses.extensions":
            return _backends(namespace, backend_services(obj))
        case "persistentvolumeclaims":
            return [Query("pods", "pods", namespace)]
        case "namespaces":
            return [
                Query("resourcequotas", "resourcequotas", name),
                Query("limitranges", "limitranges", name),
            ]
    return []


def _backends(namespace: str, services: tuple[str, ...]) -> list[Query]:
    if len(services) > 3:
        return [
            Query("services", "services", namespace),
            Query("endpoints", "endpoints", namespace),
        ]
    queries = []
    for service in services:
        chosen = _where("metadata.name", service)
        queries.append(Query("services", "services", namespace, field_selector=chosen))
        queries += _endpoints(namespace, service)
    return queries


def _endpoints(namespace: str, service: str) -> list[Query]:
    return [
        Query(
            "endpointslices",
            "endpointslices.discovery.k8s.io",
            namespace,
            f"kubernetes.io/service-name={service}",
        ),
        Query("endpoints", "endpoints", namespace, field_selector=_where("metadata.name", service)),
    ]


def _selected(obj: JsonObject) -> str:
    selector = get(obj, "spec", "selector")
    if not isinstance(selector, dict) or not selector:
        return ""
    if "matchLabels" in selector or "matchExpressions" in selector:
        text = selector_text(selector)
    else:
        text = selector_text({"matchLabels": selector})
    return "" if text == "<none>" else text


def _where(field: str, value: str) -> str:
    """A field selector's term; the characters that mean something in one are escaped."""
    for letter in "\\,=":
        value = value.replace(letter, "\\" + letter)
    return f"{field}={value}"
