"""ConfigMaps, Secrets and ServiceAccounts."""

from __future__ import annotations

import binascii
from base64 import b64decode

from k8stui.resources.describe.builder import DocumentBuilder
from k8stui.resources.describe.metadata import write_events, write_head, write_labels
from k8stui.resources.describe.subject import Subject
from k8stui.resources.describe.values import (
    NONE,
    JsonObject,
    flag,
    mapping,
    objects,
    pairs,
    show,
    string,
)
from k8stui.resources.record import Tone

MASK = "•••"


def decoded(value: object) -> bytes | None:
    """The bytes of a base64 value, None for what is none."""
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None


def describe_configmap(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe configmap`, with the size of every key."""
    write_head(out, subject)
    if flag(subject.obj, "immutable"):
        out.field("Immutable", "true")
    data = pairs(subject.obj, "data")
    out.heading("Data")
    with out.nested():
        for key, value in data:
            out.field(key, _size(len(value.encode(errors="replace"))), Tone.MUTED)
            if value:
                with out.nested():
                    out.text(value.removesuffix("\n"))
        if not data:
            out.text(NONE, Tone.MUTED)
    binary = mapping(subject.obj, "binaryData")
    if binary:
        out.heading("BinaryData")
        with out.nested():
            for key in sorted(binary, key=str):
                content = decoded(binary[key])
                out.field(show(key), "not base64" if content is None else _size(len(content)))
    write_labels(out, subject)
    write_events(out, subject)


def describe_secret(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe secret`; not even a token is shown unless the person asks for it."""
    write_head(out, subject)
    out.field("Type", string(subject.obj, "type"))
    if flag(subject.obj, "immutable"):
        out.field("Immutable", "true")
    data: JsonObject = mapping(subject.obj, "data")
    out.heading("Data")
    with out.nested():
        for key in sorted(data, key=str):
            _write_value(out, show(key), decoded(data[key]), subject.reveal)
        if not data:
            out.text(NONE, Tone.MUTED)
    write_labels(out, subject)
    write_events(out, subject)


def _write_value(out: DocumentBuilder, key: str, content: bytes | None, reveal: bool) -> None:
    if content is None:
        out.field(key, f"{MASK} (not base64)")
        return
    if not reveal:
        out.field(key, f"{MASK} {_size(len(content))}")
        return
    out.field(key, _size(len(content)), Tone.MUTED)
    with out.nested():
        try:
            out.text(content.decode().removesuffix("\n"), Tone.ACCENT)
        except UnicodeDecodeError:
            out.text("binary, not shown", Tone.MUTED)


def _size(count: int) -> str:
    return f"{count} {'byte' if count == 1 else 'bytes'}"


def describe_service_account(out: DocumentBuilder, subject: Subject) -> None:
    """As `kubectl describe serviceaccount`."""
    write_head(out, subject)
    pull = [string(item, "name") for item in objects(subject.obj, "imagePullSecrets")]
    mountable = [string(item, "name") for item in objects(subject.obj, "secrets")]
    out.lines("Image Pull Secrets", pull)
    out.lines("Mountable Secrets", mountable)
    out.optional("Mount Token", string(subject.obj, "automountServiceAccountToken"))
    write_labels(out, subject)
    write_events(out, subject)
