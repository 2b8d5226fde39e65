"""A document as plain text: to copy, to save, to compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k8stui.resources.describe.builder import cell_width
from k8stui.resources.document import Document, Line

_WIDEST_LABEL = 28


def plain_lines(document: Document) -> list[str]:
    """Each line as text, the values of neighbouring fields below each other."""
    lines: list[str] = []
    for block in _blocks(document.lines):
        width = 0
        if block[0].kind == "field":
            width = min(max(cell_width(line.label) for line in block) + 1, _WIDEST_LABEL)
        lines += [_plain(line, width) for line in block]
    return lines


def _blocks(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Runs of lines of the same kind and indent."""
    block: list[Line] = []
    for line in lines:
        if block and (line.kind, line.indent) != (block[0].kind, block[0].indent):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _plain(line: Line, width: int) -> str:
    indent = "  " * line.indent
    if line.kind == "heading":
        return f"{indent}{line.text}:"
    if line.kind != "field":
        return f"{indent}{line.text}".rstrip()
    label = f"{line.label}:" if line.label else ""
    return f"{indent}{label}{' ' * (width - cell_width(label))}  {line.text}".rstrip()
