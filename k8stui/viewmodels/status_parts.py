"""The pieces of the header line, and those that are known before anything is connected."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text


class Part(NamedTuple):
    """One piece of the header."""

    text: str
    tone: Tone = Tone.PLAIN
    short: str | None = None
    """What stands instead where there is little room, None for the same, "" for nothing."""


def place_parts(
    context: str, namespace: str, user: str, read_only: bool, demo: bool, selector: str
) -> list[Part]:
    """Where we are and as whom."""
    parts = [Part(clean_text(context), Tone.ACCENT)]
    if demo:
        parts.append(Part("DEMO", Tone.WARN))
    parts.append(Part(f"ns {clean_text(namespace)}" if namespace else "all namespaces"))
    if selector:
        parts.append(Part(f"-l {clean_text(selector)}", Tone.ACCENT))
    parts.append(Part(clean_text(user), short=""))
    if read_only:
        parts.append(Part("READ-ONLY", Tone.WARN, "RO"))
    return parts
