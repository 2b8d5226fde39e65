"""Describes one object to a person: pure functions from the API's JSON to a Document."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.resources.describe.autoscaler import describe_autoscaler
from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.config import (
    describe_configmap,
    describe_secret,
    describe_service_account,
)
from k8stui.resources.describe.generic import describe_event, describe_generic
from k8stui.resources.describe.ingress import describe_ingress
from k8stui.resources.describe.jobs import describe_cronjob, describe_job
from k8stui.resources.describe.namespace import (
    describe_limit_range,
    describe_namespace,
    describe_quota,
)
from k8stui.resources.describe.node import describe_node
from k8stui.resources.describe.pod import describe_pod
from k8stui.resources.describe.related import Query, Related, gather, related_queries
from k8stui.resources.describe.service import (
    describe_endpoints,
    describe_endpointslice,
    describe_service,
)
from k8stui.resources.describe.storage import describe_claim, describe_volume
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import JsonObject, string
from k8stui.resources.describe.workloads import (
    describe_daemonset,
    describe_deployment,
    describe_replicaset,
    describe_statefulset,
)
from k8stui.resources.document import Document

__all__ = ["DESCRIBED", "JsonObject", "Query", "Related", "describe", "gather", "related_queries"]

DESCRIBED: dict[str, Callable[[DocumentBuilder, Subject], None]] = {
    "pods": describe_pod,
    "nodes": describe_node,
    "deployments.apps": describe_deployment,
    "replicasets.apps": describe_replicaset,
    "replicationcontrollers": describe_replicaset,
    "statefulsets.apps": describe_statefulset,
    "daemonsets.apps": describe_daemonset,
    "jobs.batch": describe_job,
    "cronjobs.batch": describe_cronjob,
    "horizontalpodautoscalers.autoscaling": describe_autoscaler,
    "services": describe_service,
    "endpoints": describe_endpoints,
    "endpointslices.discovery.k8s.io": describe_endpointslice,
    "ingresses.networking.k8s.io": describe_ingress,
    "ingresses.extensions": describe_ingress,
    "configmaps": describe_configmap,
    "secrets": describe_secret,
    "serviceaccounts": describe_service_account,
    "namespaces": describe_namespace,
    "resourcequotas": describe_quota,
    "limitranges": describe_limit_range,
    "persistentvolumeclaims": describe_claim,
    "persistentvolumes": describe_volume,
    "events": describe_event,
    "events.events.k8s.io": describe_event,
}
"""The kinds with a description of their own; every other gets its tree."""


def describe(
    kind_key: str, obj: JsonObject, related: Related, now: float, reveal: bool = False
) -> Document:
    """Everything that `kubectl describe` tells of an object, and what it leaves out, to be read.

    Never raises: a field that is missing, null or of another type is left out or shown as it is.

    Args:
        kind_key: As `ResourceType.key`, e.g. `deployments.apps`.
        obj: The object as the API gave it.
        related: What `related_queries` asked for, as far as it could be had.
        now: Epoch seconds, for ages.
        reveal: Whether the values of a Secret are shown.
    """
    subject = Subject(kind_key, obj, related, now, reveal)
    kind = string(obj, "kind") or kind_key
    place = f"{subject.namespace}/{subject.name}" if subject.namespace else subject.name
    out = DocumentBuilder(f"{kind} {place}")
    DESCRIBED.get(kind_key, describe_generic)(out, subject)
    return out.build()
