"""Any other kind: the object's own tree, to be read."""

from __future__ import annotations

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.metadata import (
    event_age,
    write_conditions,
    write_events,
    write_head,
    write_labels,
)
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    JsonObject,
    kind_name,
    mapping,
    selector_text,
    show,
    string,
)
from k8stui.resources.record import Tone

_HEAD = ("apiVersion", "kind", "metadata")
_SELECTOR = {"matchLabels", "matchExpressions"}
_DEEPEST = 40
"""Levels; a document from the cluster can be nested far deeper than anyone reads."""


def describe_generic(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe` does for kinds it doesn't know: everything but managed fields."""
    write_head(out, subject)
    out.optional("API Version", string(subject.obj, "apiVersion"))
    write_conditions(out, subject)
    _write_rest(out, subject)


def describe_event(out: DocumentBuilder, subject: Subject) -> None:
    """What happened to what, how often and when; then the event's own tree."""
    event = subject.obj
    write_head(out, subject)
    out.optional("API Version", string(event, "apiVersion"))
    kind = string(event, "type")
    out.field("Type", kind, Tone.WARN if kind == "Warning" else Tone.PLAIN)
    out.field("Reason", string(event, "reason"))
    message = string(event, "message") or string(event, "note")
    out.field("Message", message.strip(), Tone.WARN if kind == "Warning" else Tone.PLAIN)
    about = mapping(event, "involvedObject") or mapping(event, "regarding")
    out.field("About", kind_name(about))
    out.field("Last Seen", event_age(event, subject.now))
    _write_rest(out, subject)


def _write_rest(out: DocumentBuilder, subject: Subject) -> None:
    obj = dict(subject.obj)
    if mapping(obj, "status").get("conditions"):
        obj["status"] = {key: value for key, value in obj["status"].items() if key != "conditions"}
    # What is most asked for comes first, the other parts of the object as they are named.
    keys = sorted(obj, key=lambda key: (key not in ("spec", "status"), str(key)))
    for key in keys:
        if key in _HEAD:
            continue
        value = obj[key]
        if isinstance(value, dict | list):
            if value:
                out.heading(show(key))
                with out.nested():
                    write_tree(out, value)
        else:
            out.field(show(key), value)
    _write_metadata(out, subject)
    write_labels(out, subject)
    write_events(out, subject)


def _write_metadata(out: DocumentBuilder, subject: Subject) -> None:
    shown = ("name", "namespace", "labels", "annotations", "managedFields", "finalizers")
    rest = {key: value for key, value in subject.metadata.items() if key not in shown}
    if rest:
        out.heading("Object")
        with out.nested():
            write_tree(out, rest)


def write_tree(out: DocumentBuilder, value: JsonObject | list[object], depth: int = 0) -> None:
    """An object's fields by name, or a list's items, each level further in."""
    if depth > _DEEPEST:
        out.text("… (deeper levels: see YAML)", Tone.MUTED)
        return
    if isinstance(value, list):
        for item in value:
            _write_item(out, item, depth)
        return
    for key in sorted(value, key=str):
        _write_entry(out, show(key), value[key], depth)


def _write_entry(out: DocumentBuilder, label: str, value: object, depth: int) -> None:
    if isinstance(value, dict) and value and set(value) <= _SELECTOR:
        out.field(label, selector_text(value))
    elif isinstance(value, dict | list) and value:
        out.field(label, "")
        with out.nested():
            write_tree(out, value, depth + 1)
    else:
        out.field(label, value)


def _write_item(out: DocumentBuilder, item: object, depth: int) -> None:
    """A list's item behind a dash; the further fields of an object line up under its first."""
    if isinstance(item, dict) and item:
        keys = sorted(item, key=str)
        _write_entry(out, f"- {show(keys[0])}", item[keys[0]], depth)
        with out.nested():
            write_tree(out, {key: item[key] for key in keys[1:]}, depth + 1)
    elif isinstance(item, list):
        out.text("-")
        with out.nested():
            write_tree(out, item, depth + 1)
    else:
        out.text(f"- {show(item)}")
