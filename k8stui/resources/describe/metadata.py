"""The parts that every kind's description has: head, labels, conditions, events."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    UNKNOWN,
    JsonObject,
    controller_of,
    integer,
    joined,
    kind_name,
    moment,
    objects,
    pairs,
    since,
    string,
    strings,
)
from k8stui.resources.record import Tone
from k8stui.resources.wire import epoch

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ANNOTATION_MOST = 1000
"""Characters of one annotation; the YAML has the rest."""

# For these a true condition is the bad one (core/v1 NodeConditionType, batch/v1, apps/v1).
_BAD_WHEN_TRUE = (
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
    "Failed",
    "FailureTarget",
    "ReplicaFailure",
    "DisruptionTarget",
    "ScalingLimited",
)


def write_head(out: DocumentBuilder, subject: Subject) -> None:
    """Name, namespace, age, owner, and what holds up a deletion."""
    metadata = subject.metadata
    out.field("Name", subject.name)
    out.optional("Namespace", subject.namespace)
    out.optional("Created", moment(metadata, subject.now, "creationTimestamp"))
    owner = controller_of(subject.obj)
    if owner:
        out.field("Controlled By", kind_name(owner))
    others = [ref for ref in objects(metadata, "ownerReferences") if ref is not owner]
    if others:
        out.field("Owned By", joined(kind_name(ref) for ref in others))
    if string(metadata, "deletionTimestamp"):
        _write_deletion(out, subject)


def _write_deletion(out: DocumentBuilder, subject: Subject) -> None:
    metadata = subject.metadata
    grace = integer(metadata, "deletionGracePeriodSeconds")
    due = epoch(string(metadata, "deletionTimestamp"))
    tone = Tone.ERROR if subject.now > due else Tone.WARN
    lasts = since(metadata, max(subject.now, due), "deletionTimestamp")
    out.field("Terminating", f"due {moment(metadata, subject.now, 'deletionTimestamp')}", tone)
    if subject.now > due:
        out.field("Overdue", f"lasts {lasts}", tone)
    if grace is not None:
        out.field("Termination Grace Period", f"{grace}s")
    finalizers = strings(metadata, "finalizers")
    if finalizers:
        out.field("Held By Finalizers", joined(finalizers), tone)


def write_labels(out: DocumentBuilder, subject: Subject) -> None:
    """Labels, annotations and finalizers."""
    out.heading("Metadata")
    with out.nested():
        labels_and_annotations(out, subject.metadata)
        finalizers = strings(subject.metadata, "finalizers")
        if finalizers:
            out.field("Finalizers", joined(finalizers))


def labels_and_annotations(out: DocumentBuilder, metadata: object) -> None:
    """The two fields of a metadata object; the last applied configuration is left to the YAML."""
    out.lines("Labels", [f"{key}={value}" for key, value in pairs(metadata, "labels")])
    lines: list[str] = []
    for key, value in pairs(metadata, "annotations"):
        if key == LAST_APPLIED:
            continue
        value = value.removesuffix("\n")
        if len(value) > _ANNOTATION_MOST:
            value = f"{value[:_ANNOTATION_MOST]}… ({len(value)} characters)"
        if "\n" in value:
            lines += [f"{key}:", *(f"  {line}" for line in value.split("\n"))]
        else:
            lines.append(f"{key}: {value}")
    out.lines("Annotations", lines)


def condition_tone(condition: object) -> Tone:
    """How a condition is meant: many are good when true, some are good when false."""
    kind, status = string(condition, "type"), string(condition, "status")
    if kind == "Progressing" and string(condition, "reason") == "ProgressDeadlineExceeded":
        return Tone.ERROR
    if status == "Unknown":
        return Tone.WARN
    if kind in _BAD_WHEN_TRUE:
        return Tone.ERROR if status == "True" and kind != "ScalingLimited" else Tone.PLAIN
    if status == "False" and kind not in ("Suspended", "Paused"):
        # A pod that has ended is not ready, and that is as it should be.
        return Tone.PLAIN if string(condition, "reason") == "PodCompleted" else Tone.WARN
    return Tone.PLAIN


def write_conditions(out: DocumentBuilder, subject: Subject) -> None:
    """The conditions as a table; each message on a line of its own."""
    conditions = objects(subject.status, "conditions")
    if not conditions:
        return
    out.heading("Conditions")
    heartbeat = any(_seen(condition) for condition in conditions)
    columns = ["TYPE", "STATUS", "REASON", "CHANGED", *(["SEEN"] if heartbeat else [])]
    with out.nested():
        out.table(columns, [_condition_row(item, subject.now, heartbeat) for item in conditions])


def _seen(condition: JsonObject) -> str:
    """When somebody last looked, under the names that the kinds have for it."""
    for key in ("lastHeartbeatTime", "lastUpdateTime", "lastProbeTime"):
        if string(condition, key):
            return key
    return ""


def _condition_row(condition: JsonObject, now: float, heartbeat: bool) -> Row:
    seen = _seen(condition)
    cells = [
        string(condition, "type"),
        string(condition, "status"),
        string(condition, "reason"),
        moment(condition, now, "lastTransitionTime"),
    ]
    if heartbeat:
        cells.append(f"{since(condition, now, seen)} ago" if seen else "")
    return Row(*cells, tone=condition_tone(condition), note=string(condition, "message"))


def write_events(out: DocumentBuilder, subject: Subject) -> None:
    """The events, oldest first as kubectl has them; says so when they could not be had."""
    events = subject.related.events
    refusal = dict(subject.related.refused).get("events")
    if events is None and refusal is None:
        return
    out.heading("Events")
    with out.nested():
        if events:
            ordered = sorted(events, key=last_seen)
            columns = ["TYPE", "REASON", "LAST SEEN", "FROM"]
            out.table(columns, [_event_row(event, subject.now) for event in ordered])
        elif refusal is None:
            out.text("<none>", Tone.MUTED)
        if refusal is not None:
            out.text(f"Not to be had: {refusal}", Tone.WARN)


def last_seen(event: JsonObject) -> int:
    """Epoch seconds at which an event last came, 0 where it doesn't tell."""
    times = (
        string(event, "series", "lastObservedTime"),
        string(event, "lastTimestamp"),
        string(event, "firstTimestamp"),
        string(event, "eventTime"),
    )
    return max(epoch(time) for time in times)


def event_age(event: JsonObject, now: float) -> str:
    """`5m`, or `12s (x4 over 3m)` for one that came again, as `kubectl describe` writes it.

    Args:
        now: Epoch seconds.
    """
    first = since(event, now, "eventTime")
    if first == UNKNOWN:
        first = since(event, now, "firstTimestamp")
    series, count = integer(event, "series", "count"), integer(event, "count") or 0
    if series is not None:
        return f"{since(event, now, 'series', 'lastObservedTime')} (x{series} over {first})"
    if count > 1:
        return f"{since(event, now, 'lastTimestamp')} (x{count} over {first})"
    return first


def _event_row(event: JsonObject, now: float) -> Row:
    source = string(event, "source", "component") or string(event, "reportingComponent")
    message = string(event, "message") or string(event, "note")
    place = string(event, "involvedObject", "fieldPath")
    return Row(
        string(event, "type"),
        string(event, "reason"),
        event_age(event, now),
        source,
        tone=Tone.WARN if string(event, "type") == "Warning" else Tone.PLAIN,
        note=f"{place}: {message.strip()}" if place else message,
    )
