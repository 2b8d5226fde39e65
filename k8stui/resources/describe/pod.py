"""A pod: how it is and what ails it, then its containers and everything else."""

from __future__ import annotations

import msgspec

from k8stui.resources.age import human_duration
from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.containers import (
    GROUPS,
    container_tone,
    state_text,
    write_containers,
)
from k8stui.resources.describe.metadata import (
    event_age,
    last_seen,
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.scheduling import write_scheduling
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    NONE,
    JsonObject,
    flag,
    get,
    integer,
    joined,
    mapping,
    moment,
    objects,
    pairs,
    string,
    strings,
)
from k8stui.resources.describe.volumes import write_volumes
from k8stui.resources.pod_status import summary
from k8stui.resources.pod_wire import WirePod
from k8stui.resources.record import Tone
from k8stui.resources.wire import epoch

_GRAVITY = (Tone.PLAIN, Tone.WARN, Tone.ERROR)


def describe_pod(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe pod`, with what is not well first."""
    _write_top(out, subject)
    _write_trouble(out, subject)
    write_containers(out, subject.spec, subject.obj, subject.now)
    _write_gates(out, subject)
    write_conditions(out, subject)
    write_volumes(out, subject.spec)
    out.heading("Scheduling")
    with out.nested():
        out.field("QoS Class", string(subject.status, "qosClass") or quality(subject.spec))
        _write_priority(out, subject.spec)
        write_scheduling(out, subject.spec)
    write_pod_rest(out, subject.spec)
    write_labels(out, subject)
    write_events(out, subject)


def _write_top(out: DocumentBuilder, subject: Subject) -> None:
    spec, status = subject.spec, subject.status
    write_head(out, subject)
    phase, reason = string(status, "phase"), string(status, "reason")
    word, ready = _summary(subject.obj)
    tone = Tone.ERROR if phase == "Failed" else Tone.PLAIN
    if phase not in ("Running", "Succeeded", "Failed") or word not in (phase, "Completed"):
        tone = max(tone, Tone.WARN, key=_GRAVITY.index)
    if word == "Terminating":
        due = epoch(string(subject.metadata, "deletionTimestamp"))
        word += f" (lasts {human_duration(subject.now - due)})" if due < subject.now else ""
    out.field("Status", word if word == phase else f"{word}, phase {phase}", tone)
    out.optional("Ready", ready)
    out.optional("Reason", reason, tone)
    out.optional("Message", string(status, "message"), tone)
    node, address = string(spec, "nodeName"), string(status, "hostIP")
    out.field("Node", f"{node}/{address}" if node else NONE)
    out.optional("Start Time", moment(status, subject.now, "startTime"))
    addresses = [string(item, "ip") for item in objects(status, "podIPs")]
    out.field("IP", joined(addresses) if addresses else string(status, "podIP") or NONE)
    out.optional("Nominated Node", string(status, "nominatedNodeName"))
    out.optional("Service Account", string(spec, "serviceAccountName"))
    seccomp = mapping(spec, "securityContext", "seccompProfile")
    if seccomp:
        profile = string(seccomp, "localhostProfile")
        out.field("Seccomp Profile", f"{string(seccomp, 'type')} {profile}".rstrip())


def _summary(pod: JsonObject) -> tuple[str, str]:
    """STATUS and READY as `kubectl get pods` has them, else the phase."""
    try:
        found = summary(msgspec.convert(pod, WirePod))
    except (msgspec.ValidationError, UnicodeError):
        return string(pod, "status", "phase"), ""
    return found.status, f"{found.ready}/{found.total}"


def _write_trouble(out: DocumentBuilder, subject: Subject) -> None:
    lines: list[tuple[Tone, str, str]] = []
    for condition in objects(subject.status, "conditions"):
        if string(condition, "type") == "PodScheduled" and string(condition, "status") == "False":
            reason = string(condition, "reason") or "Unscheduled"
            lines.append((Tone.ERROR, reason, string(condition, "message")))
    for _, _, key in GROUPS:
        for status in objects(subject.status, key):
            tone = container_tone(status)
            if tone is not Tone.PLAIN:
                lines.append((tone, *_ailment(status)))
    if not lines and string(subject.status, "phase") in ("Pending", "Failed"):
        lines += _last_warning(subject)
    if not lines:
        return
    out.heading("Not well", max((tone for tone, _, _ in lines), key=_GRAVITY.index))
    with out.nested():
        for tone, text, message in lines:
            out.text(text, tone)
            if message:
                with out.nested():
                    out.text(message.strip(), tone)


def _last_warning(subject: Subject) -> list[tuple[Tone, str, str]]:
    """What the cluster last complained of, for a pod whose containers tell nothing yet."""
    warnings = [
        event for event in subject.related.events or () if string(event, "type") == "Warning"
    ]
    if not warnings:
        return []
    last = max(warnings, key=last_seen)
    text = f"{string(last, 'reason')}, {event_age(last, subject.now)} ago"
    return [(Tone.WARN, text, string(last, "message"))]


def _ailment(status: JsonObject) -> tuple[str, str]:
    """(what ails a container, the reason's own words)."""
    state = mapping(status, "state")
    details = mapping(state, "waiting") or mapping(state, "terminated")
    name = string(status, "name")
    text = f"{name}: {state_text(state) if details else 'Running, not ready'}"
    last = mapping(status, "lastState")
    if mapping(last, "terminated"):
        text += f"; before that {state_text(last)}"
    restarts = integer(status, "restartCount") or 0
    if restarts:
        text += f"; restarted {restarts} {'time' if restarts == 1 else 'times'}"
    return text, string(details, "message")


def _write_gates(out: DocumentBuilder, subject: Subject) -> None:
    gates = objects(subject.spec, "readinessGates")
    if not gates:
        return
    found = {string(item, "type"): item for item in objects(subject.status, "conditions")}
    rows = []
    for gate in gates:
        kind = string(gate, "conditionType")
        status = string(found.get(kind), "status") or NONE
        rows.append(Row(kind, status, tone=Tone.PLAIN if status == "True" else Tone.WARN))
    out.heading("Readiness Gates")
    with out.nested():
        out.table(["TYPE", "STATUS"], rows)


def _write_priority(out: DocumentBuilder, spec: JsonObject) -> None:
    if get(spec, "priority") is not None:
        out.field("Priority", string(spec, "priority"))
    out.optional("Priority Class Name", string(spec, "priorityClassName"))
    out.optional("Runtime Class Name", string(spec, "runtimeClassName"))


def write_pod_rest(out: DocumentBuilder, spec: JsonObject) -> None:
    """What kubectl leaves out of a pod's description and explains how it behaves."""
    out.heading("Settings")
    with out.nested():
        out.optional("Restart Policy", string(spec, "restartPolicy"))
        grace = string(spec, "terminationGracePeriodSeconds")
        out.optional("Grace Period", f"{grace}s" if grace else "")
        deadline = string(spec, "activeDeadlineSeconds")
        out.optional("Active Deadline", f"{deadline}s" if deadline else "")
        out.optional("DNS Policy", string(spec, "dnsPolicy"))
        dns = pairs(spec, "dnsConfig")
        out.optional("DNS Config", ", ".join(f"{key}: {value}" for key, value in dns))
        shared = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")
        out.optional("Shares", ", ".join(key for key in shared if flag(spec, key)))
        out.optional("Hostname", string(spec, "hostname"))
        out.optional("Subdomain", string(spec, "subdomain"))
        aliases = [
            f"{string(alias, 'ip')} {' '.join(strings(alias, 'hostnames'))}"
            for alias in objects(spec, "hostAliases")
        ]
        if aliases:
            out.lines("Host Aliases", aliases)
        secrets = [string(item, "name") for item in objects(spec, "imagePullSecrets")]
        out.optional("Image Pull Secrets", ", ".join(secrets))
        security = pairs(spec, "securityContext")
        out.optional("Security Context", ", ".join(f"{key}: {value}" for key, value in security))
        overhead = pairs(spec, "overhead")
        out.optional("Overhead", ", ".join(f"{key}: {value}" for key, value in overhead))


def quality(spec: JsonObject) -> str:
    """The QoS class of a pod's spec: BestEffort without any amount, Guaranteed when limits rule."""
    containers = [*objects(spec, "containers"), *objects(spec, "initContainers")]
    named = ("cpu", "memory")
    limits = [mapping(item, "resources", "limits") for item in containers]
    requests = [mapping(item, "resources", "requests") for item in containers]
    if not any(string(amounts, name) for amounts in (*limits, *requests) for name in named):
        return "BestEffort"
    for limit, request in zip(limits, requests, strict=True):
        for name in named:
            if not string(limit, name) or string(request, name) not in ("", string(limit, name)):
                return "Burstable"
    return "Guaranteed"
