"""A text to be read (describe, YAML): lines with a meaning; their looks are the screen's part."""

from __future__ import annotations

from typing import Literal

import msgspec

from k8stui.resources.record import Tone


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line. Text is clean."""

    text: str
    """What is read; for a field, its value."""
    label: str = ""
    """A field's name, without a colon."""
    indent: int = 0
    """Levels of two cells."""
    tone: Tone = Tone.PLAIN
    kind: Literal["text", "field", "heading", "columns"] = "text"
    """`columns` is a table's line: cells padded already, shown as it is and never wrapped."""
    hanging: int = 0
    """Cells by which the lines after the first are indented where a text is wrapped."""


class Document(msgspec.Struct, frozen=True):
    """A titled text."""

    title: str
    lines: tuple[Line, ...]
