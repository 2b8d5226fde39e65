"""Namespaces, with the quotas and limits that hold in them, which are kinds of their own too."""

from __future__ import annotations

from k8stui.resources.describe.allocation import amount
from k8stui.resources.describe.builder import DocumentBuilder, Row
from k8stui.resources.describe.metadata import (
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import JsonObject, joined, mapping, objects, string, strings
from k8stui.resources.record import Tone

_BOUNDS = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")
_COLUMNS = ("TYPE", "RESOURCE", "MIN", "MAX", "DEFAULT REQUEST", "DEFAULT LIMIT", "MAX RATIO")


def describe_namespace(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe namespace`."""
    write_head(out, subject)
    phase = string(subject.status, "phase")
    out.field("Status", phase, Tone.PLAIN if phase == "Active" else Tone.WARN)
    held = strings(subject.spec, "finalizers")
    if held and phase != "Active":
        out.field("Held By", joined(held), Tone.WARN)
    write_conditions(out, subject)
    quotas, ranges = subject.related.resourcequotas, subject.related.limitranges
    if quotas is not None:
        out.heading("Resource Quotas")
        with out.nested():
            for quota in sorted(quotas, key=lambda item: string(item, "metadata", "name")):
                out.field("Name", string(quota, "metadata", "name"))
                with out.nested():
                    _write_quota(out, quota)
            if not quotas:
                out.text("No resource quota.", Tone.MUTED)
    if ranges is not None:
        out.heading("Resource Limits")
        with out.nested():
            if ranges:
                out.table(_COLUMNS, [row for item in ranges for row in _limit_rows(item)])
            else:
                out.text("No LimitRange resource.", Tone.MUTED)
    write_labels(out, subject)
    write_events(out, subject)


def describe_quota(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe quota`; what is nearly used up stands out."""
    write_head(out, subject)
    _write_quota(out, subject.obj)
    write_labels(out, subject)
    write_events(out, subject)


def describe_limit_range(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe limits`."""
    write_head(out, subject)
    out.table(_COLUMNS, _limit_rows(subject.obj))
    write_labels(out, subject)
    write_events(out, subject)


def _write_quota(out: DocumentBuilder, quota: JsonObject) -> None:
    scopes = sorted(strings(quota, "spec", "scopes"))
    if scopes:
        out.field("Scopes", joined(scopes))
    hard, used = mapping(quota, "status", "hard"), mapping(quota, "status", "used")
    rows = []
    for name in sorted(hard, key=str):
        taken, most = string(used, name) or "0", string(hard, name)
        percent = amount(taken).percent_of(amount(most))
        tone = Tone.ERROR if percent >= 100 else Tone.WARN if percent >= 90 else Tone.PLAIN
        rows.append(Row(name, taken, most, f"{percent}%", tone=tone))
    out.table(["RESOURCE", "USED", "HARD", ""], rows)


def _limit_rows(limit_range: JsonObject) -> list[Row]:
    rows = []
    for item in objects(limit_range, "spec", "limits"):
        names = sorted({str(name) for bound in _BOUNDS for name in mapping(item, bound)})
        for name in names:
            cells = (string(item, bound, name) or "-" for bound in _BOUNDS)
            rows.append(Row(string(item, "type"), name, *cells))
    return rows
