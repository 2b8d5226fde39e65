"""PersistentVolumes and PersistentVolumeClaims."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.scheduling import node_term_text
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    NONE,
    JsonObject,
    joined,
    mapping,
    objects,
    string,
    strings,
)
from k8stui.resources.describe.volumes import source_of
from k8stui.resources.record import Tone

_CLASS = "volume.beta.kubernetes.io/storage-class"
_MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def describe_claim(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe pvc`, with what is asked for beside what was given."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    phase = string(status, "phase")
    out.field("Status", phase, Tone.PLAIN if phase == "Bound" else Tone.WARN)
    out.field("StorageClass", _storage_class(subject) or NONE)
    out.field("Volume", string(spec, "volumeName") or NONE)
    out.field("Requested", string(spec, "resources", "requests", "storage") or NONE)
    out.field("Capacity", string(status, "capacity", "storage") or NONE)
    modes = strings(status, "accessModes") or strings(spec, "accessModes")
    out.field("Access Modes", _modes(modes))
    out.optional("Volume Mode", string(spec, "volumeMode"))
    source = mapping(spec, "dataSource")
    if source:
        group = string(source, "apiGroup")
        text = f"{string(source, 'kind')}/{string(source, 'name')}"
        out.field("Data Source", f"{text} ({group})" if group else text)
    if subject.related.pods is not None:
        out.lines("Used By", sorted(_users(subject)))
    write_conditions(out, subject)
    write_labels(out, subject)
    write_events(out, subject)


def _users(subject: Subject) -> list[str]:
    return [
        string(pod, "metadata", "name")
        for pod in subject.related.pods or ()
        if any(
            subject.name
            in (
                string(volume, "persistentVolumeClaim", "claimName"),
                _ephemeral_claim(pod, volume),
            )
            for volume in objects(pod, "spec", "volumes")
        )
    ]


def _ephemeral_claim(pod: JsonObject, volume: JsonObject) -> str:
    """The name that the claim of a generic ephemeral volume gets."""
    if not mapping(volume, "ephemeral"):
        return ""
    return f"{string(pod, 'metadata', 'name')}-{string(volume, 'name')}"


def describe_volume(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe pv`."""
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    phase = string(status, "phase")
    out.field("Status", phase, Tone.ERROR if phase == "Failed" else Tone.PLAIN)
    out.optional("Reason", string(status, "reason"), Tone.WARN)
    out.optional("Message", string(status, "message"), Tone.WARN)
    claim = mapping(spec, "claimRef")
    owner = f"{string(claim, 'namespace')}/{string(claim, 'name')}" if claim else NONE
    out.field("Claim", owner)
    out.field("StorageClass", _storage_class(subject) or NONE)
    out.field("Reclaim Policy", string(spec, "persistentVolumeReclaimPolicy"))
    out.field("Capacity", string(spec, "capacity", "storage") or "0")
    out.field("Access Modes", _modes(strings(spec, "accessModes")))
    out.optional("Volume Mode", string(spec, "volumeMode"))
    options = strings(spec, "mountOptions")
    if options:
        out.field("Mount Options", joined(options))
    terms = objects(spec, "nodeAffinity", "required", "nodeSelectorTerms")
    out.lines("Node Affinity", [node_term_text(term) for term in terms])
    kind, facts, details = source_of(spec)
    out.field("Source", f"{kind}  {facts}".rstrip())
    with out.nested():
        for line in details:
            out.text(line)
    write_labels(out, subject)
    write_events(out, subject)


def _storage_class(subject: Subject) -> str:
    return string(subject.metadata, "annotations", _CLASS) or string(
        subject.spec, "storageClassName"
    )


def _modes(modes: list[str]) -> str:
    return joined((_MODES.get(mode, mode) for mode in dict.fromkeys(modes)), ",")
