"""Ingresses of every version that clusters serve."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import write_events, write_head, write_labels
from k8stui.resources.describe.service import addresses_text, backends, load_balancer_text
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import NONE, JsonObject, mapping, objects, string, strings
from k8stui.resources.record import Tone

_CLASS = "kubernetes.io/ingress.class"


def describe_ingress(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe ingress`, saying of each backend what is wrong with it."""
    spec = subject.spec
    write_head(out, subject)
    annotated = string(subject.metadata, "annotations", _CLASS)
    out.field("Ingress Class", string(spec, "ingressClassName") or annotated or NONE)
    out.field("Address", load_balancer_text(subject.status) or NONE)
    default = mapping(spec, "defaultBackend") or mapping(spec, "backend")
    text, note = _backend(subject, default) if default else ("<default>", "")
    out.field(
        "Default Backend", f"{text} {note}".rstrip(), Tone.ERROR if "!" in note else Tone.PLAIN
    )
    _write_tls(out, objects(spec, "tls"))
    out.heading("Rules")
    with out.nested():
        rows = _rules(subject)
        out.table(["HOST", "PATH", "TYPE", "BACKEND"], rows or [Row("*", "*", "", text, note=note)])
    write_labels(out, subject)
    write_events(out, subject)


def _rules(subject: Subject) -> list[Row]:
    rows = []
    for rule in objects(subject.spec, "rules"):
        host = string(rule, "host") or "*"
        for path in objects(rule, "http", "paths"):
            text, note = _backend(subject, mapping(path, "backend"))
            cells = (host, string(path, "path"), string(path, "pathType"), text)
            rows.append(Row(*cells, note=note, tone=Tone.ERROR if "!" in note else Tone.PLAIN))
    return rows


def _backend(subject: Subject, backend: JsonObject) -> tuple[str, str]:
    """(what the backend is, its addresses or what is wrong with it, which has a `!`)."""
    resource = mapping(backend, "resource")
    if resource:
        group = string(resource, "apiGroup") or NONE
        kind, name = string(resource, "kind"), string(resource, "name")
        return f"APIGroup: {group}, Kind: {kind}, Name: {name}", ""
    name = string(backend, "service", "name") or string(backend, "serviceName")
    wanted = mapping(backend, "service", "port")
    port = string(wanted, "number") or string(wanted, "name") or string(backend, "servicePort")
    return f"{name}:{port}", _reach(subject, name, port)


def _reach(subject: Subject, name: str, port: str) -> str:
    services = subject.related.services
    if services is None:
        return ""
    service = next((item for item in services if string(item, "metadata", "name") == name), None)
    if service is None:
        return f'! service "{name}" not found'
    ports = objects(service, "spec", "ports")
    chosen = next(
        (one for one in ports if port in (string(one, "port"), string(one, "name"))), None
    )
    if chosen is None:
        return f'! service "{name}" has no port {port}'
    found = backends(subject.related, name)
    if found is None:
        return ""
    mine = [backend for backend in found if backend.port_name == string(chosen, "name")]
    text = addresses_text(mine)
    return text if any(backend.ready for backend in mine) else f"! no ready endpoint: {text}"


def _write_tls(out: DocumentBuilder, entries: list[JsonObject]) -> None:
    if not entries:
        return
    lines = []
    for entry in entries:
        hosts, secret = ",".join(strings(entry, "hosts")), string(entry, "secretName")
        lines.append(f"{secret} terminates {hosts}" if secret else f"SNI routes {hosts}")
    out.lines("TLS", lines)
