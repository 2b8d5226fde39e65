"""An object as its YAML shows it: without noise, and without what is secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_lines, clean_text

JsonObject = dict[str, Any]
Dump = Callable[[JsonObject], str]
"""Writes an object as YAML, keys in alphabetical order as `kubectl get -o yaml` has them."""

MASK = "•••"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def manifest(
    kind_key: str, obj: JsonObject, *, reveal: bool = False, managed_fields: bool = False
) -> JsonObject:
    """A copy of the object to be written out; `obj` itself is left as it is.

    The values of a Secret become `•••`, and with them its last applied configuration, which
    holds the same values.

    Args:
        kind_key: As `ResourceType.key`; `secrets` is masked even when the object lacks its kind.
        reveal: Leave a Secret's values as they are.
        managed_fields: Keep `metadata.managedFields`.
    """
    shown = dict(obj)
    metadata = shown.get("metadata")
    if isinstance(metadata, dict) and not managed_fields:
        shown["metadata"] = {key: metadata[key] for key in metadata if key != "managedFields"}
    if not reveal and (kind_key == "secrets" or shown.get("kind") == "Secret"):
        _mask(shown)
    items = shown.get("items")
    if isinstance(items, list) and str(shown.get("kind", "")).endswith("List"):
        inner = "secrets" if shown["kind"] == "SecretList" else ""
        shown["items"] = [
            manifest(inner, item, reveal=reveal, managed_fields=managed_fields)
            if isinstance(item, dict)
            else item
            for item in items
        ]
    return shown


def manifest_document(
    kind_key: str,
    obj: JsonObject,
    dump: Dump,
    *,
    reveal: bool = False,
    managed_fields: bool = False,
) -> Document:
    """The object's YAML as a document to be read. Arguments as `manifest`."""
    shown = manifest(kind_key, obj, reveal=reveal, managed_fields=managed_fields)
    metadata = shown.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    place = [str(names[key]) for key in ("namespace", "name") if names.get(key)]
    title = clean_text(f"{shown.get('kind') or kind_key} {'/'.join(place)}")
    return Document(title, tuple(_line(text) for text in clean_lines(dump(shown).rstrip("\n"))))


def _line(text: str) -> Line:
    """Leading spaces become the indent, so that a wrapped line keeps it."""
    level = (len(text) - len(text.lstrip(" "))) // 2
    tone = Tone.MUTED if text.endswith(f": {MASK}") else Tone.PLAIN
    return Line(text[level * 2 :], indent=level, tone=tone)


def _mask(secret: JsonObject) -> None:
    for key in ("data", "stringData"):
        values = secret.get(key)
        if isinstance(values, dict):
            secret[key] = dict.fromkeys(values, MASK)
        elif values is not None:
            secret[key] = MASK
    metadata = secret.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if (
        isinstance(metadata, dict)
        and isinstance(annotations, dict)
        and _LAST_APPLIED in annotations
    ):
        secret["metadata"] = metadata | {"annotations": annotations | {_LAST_APPLIED: MASK}}
