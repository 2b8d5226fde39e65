"""Deployments, ReplicaSets, StatefulSets, DaemonSets and ReplicationControllers."""

from __future__ import annotations

from collections import Counter

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    labels_and_annotations,
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.template import write_template
from k8stui.resources.describe.values import (
    NONE,
    UNSET,
    JsonObject,
    controller_of,
    flag,
    get,
    integer,
    joined,
    mapping,
    objects,
    pairs_text,
    selector_text,
    since,
    string,
    strings,
)
from k8stui.resources.record import Tone

_REVISION = "deployment.kubernetes.io/revision"
_PHASES = (("Running", "Running"), ("Waiting", "Pending"), ("Succeeded", "Succeeded"))


def describe_deployment(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe deployment`, the ReplicaSets as a table by revision."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    desired = _desired(spec)
    available = integer(status, "availableReplicas") or 0
    out.field(
        "Replicas",
        f"{desired} desired | {integer(status, 'updatedReplicas') or 0} updated | "
        f"{integer(status, 'replicas') or 0} total | {available} available | "
        f"{integer(status, 'unavailableReplicas') or 0} unavailable",
        Tone.WARN if available < desired else Tone.PLAIN,
    )
    if flag(spec, "paused"):
        out.field("Paused", "true", Tone.WARN)
    write_pods_status(out, subject)
    out.field("Selector", selector_text(spec.get("selector")))
    out.field("Strategy", string(spec, "strategy", "type"))
    rolling = mapping(spec, "strategy", "rollingUpdate")
    if rolling:
        surge = f"{string(rolling, 'maxSurge')} max surge"
        out.field("Rolling Update", f"{string(rolling, 'maxUnavailable')} max unavailable, {surge}")
    out.field("Min Ready Seconds", integer(spec, "minReadySeconds") or 0)
    deadline = string(spec, "progressDeadlineSeconds")
    out.optional("Progress Deadline", f"{deadline}s" if deadline else "")
    out.optional("Revision History Limit", string(spec, "revisionHistoryLimit"))
    write_conditions(out, subject)
    _write_replicasets(out, subject)
    write_template(out, mapping(spec, "template"))
    write_labels(out, subject)
    write_events(out, subject)


def describe_replicaset(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe replicaset`, for a ReplicationController too."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    current, desired = integer(status, "replicas") or 0, _desired(spec)
    out.field("Replicas", f"{current} current / {desired} desired")
    ready, available = (
        integer(status, "readyReplicas") or 0,
        integer(status, "availableReplicas") or 0,
    )
    out.field("Ready", f"{ready} ready / {available} available")
    write_pods_status(out, subject)
    selector = mapping(spec, "selector")
    plain = subject.kind_key == "replicationcontrollers"
    out.field("Selector", pairs_text(selector) if plain else selector_text(selector))
    _write_end(out, subject)


def describe_statefulset(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe statefulset`."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    out.field("Replicas", f"{_desired(spec)} desired | {integer(status, 'replicas') or 0} total")
    counts = (
        ("ready", "readyReplicas"),
        ("current", "currentReplicas"),
        ("updated", "updatedReplicas"),
    )
    out.field("Progress", " | ".join(f"{integer(status, key) or 0} {word}" for word, key in counts))
    write_pods_status(out, subject)
    _write_revisions(out, status)
    out.field("Selector", selector_text(spec.get("selector")))
    out.optional("Service Name", string(spec, "serviceName"))
    out.optional("Pod Management Policy", string(spec, "podManagementPolicy"))
    out.field("Update Strategy", string(spec, "updateStrategy", "type"))
    rolling = mapping(spec, "updateStrategy", "rollingUpdate")
    with out.nested():
        out.optional("Partition", string(rolling, "partition"))
        out.optional("Max Unavailable", string(rolling, "maxUnavailable"))
    retention = mapping(spec, "persistentVolumeClaimRetentionPolicy")
    if retention:
        deleted, scaled = string(retention, "whenDeleted"), string(retention, "whenScaled")
        out.field("Claim Retention", f"when deleted {deleted}, when scaled {scaled}")
    _write_claims(out, subject)
    _write_end(out, subject)


def describe_daemonset(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe daemonset`."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    out.heading("Nodes")
    with out.nested():
        for label, key in (
            ("Desired", "desiredNumberScheduled"),
            ("Current", "currentNumberScheduled"),
            ("Up-to-date", "updatedNumberScheduled"),
            ("Ready", "numberReady"),
            ("Available", "numberAvailable"),
            ("Misscheduled", "numberMisscheduled"),
        ):
            out.field(label, integer(status, key) or 0)
    write_pods_status(out, subject)
    out.field("Selector", selector_text(spec.get("selector")))
    out.field("Node-Selector", pairs_text(spec, "template", "spec", "nodeSelector"))
    out.field("Update Strategy", string(spec, "updateStrategy", "type"))
    rolling = mapping(spec, "updateStrategy", "rollingUpdate")
    with out.nested():
        out.optional("Max Unavailable", string(rolling, "maxUnavailable"))
        out.optional("Max Surge", string(rolling, "maxSurge"))
    _write_end(out, subject)


def write_pods_status(out: DocumentBuilder, subject: Subject) -> None:
    """How many of the workload's own pods are in each phase, where the pods are known."""
    pods = subject.related.pods
    if pods is None:
        refusal = dict(subject.related.refused).get("pods")
        if refusal:
            out.field("Pods Status", f"not to be had: {refusal}", Tone.WARN)
        return
    owners = {string(subject.metadata, "uid")}
    owners |= {string(item, "metadata", "uid") for item in _own_replicasets(subject)}
    phases = Counter(
        string(pod, "status", "phase")
        for pod in pods
        if string(controller_of(pod), "uid") in owners
    )
    failed = phases["Failed"]
    counts = " / ".join(f"{phases[phase]} {word}" for word, phase in _PHASES)
    tone = Tone.WARN if failed or phases["Pending"] else Tone.PLAIN
    out.field("Pods Status", f"{counts} / {failed} Failed", tone)


def _write_end(out: DocumentBuilder, subject: Subject) -> None:
    write_conditions(out, subject)
    write_template(out, mapping(subject.spec, "template"))
    write_labels(out, subject)
    write_events(out, subject)


def _desired(spec: JsonObject) -> int:
    """The API's default is one replica."""
    desired = integer(spec, "replicas")
    return 1 if desired is None else desired


def _own_replicasets(subject: Subject) -> list[JsonObject]:
    uid = string(subject.metadata, "uid")
    sets = subject.related.replicasets or ()
    return [item for item in sets if string(controller_of(item), "uid") == uid]


def _revision(obj: object) -> int:
    return integer(obj, "metadata", "annotations", _REVISION) or 0


def _write_replicasets(out: DocumentBuilder, subject: Subject) -> None:
    if subject.related.replicasets is None:
        refusal = dict(subject.related.refused).get("replicasets")
        if refusal:
            out.field("ReplicaSets", f"not to be had: {refusal}", Tone.WARN)
        return
    newest = _revision(subject.obj)
    out.heading("ReplicaSets")
    with out.nested():
        rows = []
        for item in sorted(_own_replicasets(subject), key=_revision, reverse=True):
            new = _revision(item) == newest
            created = (
                f"{integer(item, 'status', 'replicas') or 0}/{_desired(mapping(item, 'spec'))}"
            )
            rows.append(
                Row(
                    _revision(item),
                    string(item, "metadata", "name"),
                    f"{created} replicas created",
                    f"{integer(item, 'status', 'readyReplicas') or 0} ready",
                    since(item, subject.now, "metadata", "creationTimestamp"),
                    "new" if new else "old",
                    tone=Tone.PLAIN if new else Tone.MUTED,
                )
            )
        if rows:
            out.table(["REV", "NAME", "REPLICAS", "READY", "AGE", ""], rows)
        else:
            out.text(NONE, Tone.MUTED)


def _write_revisions(out: DocumentBuilder, status: JsonObject) -> None:
    current, update = string(status, "currentRevision"), string(status, "updateRevision")
    out.optional("Current Revision", current)
    if update != current:
        out.optional("Update Revision", update)


def _write_claims(out: DocumentBuilder, subject: Subject) -> None:
    claims = objects(subject.spec, "volumeClaimTemplates")
    if not claims:
        out.field("Volume Claims", NONE)
        return
    out.heading("Volume Claims")
    with out.nested():
        for claim in claims:
            out.field("Name", string(claim, "metadata", "name"))
            with out.nested():
                out.field("StorageClass", string(claim, "spec", "storageClassName") or UNSET)
                storage = get(claim, "spec", "resources", "requests", "storage")
                out.field("Capacity", storage or "<default>")
                out.field("Access Modes", joined(strings(claim, "spec", "accessModes")))
                labels_and_annotations(out, mapping(claim, "metadata"))
