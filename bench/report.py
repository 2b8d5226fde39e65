"""The table of what was measured."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_MARKERS = ("<!-- measured -->", "<!-- end of measured -->")


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    goal: str = ""
    kubectl: str = ""
    """What kubectl needs for the same job."""


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[max(0, round(len(ordered) * 0.95) - 1)] if ordered else float("nan")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| What | k8stui | Goal | kubectl |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.measured} | {row.goal} | {row.kubectl} |" for row in rows]
    return "\n".join(lines)


def write(file: Path, rows: Sequence[Row], command: str, when: str) -> None:
    """Puts the table between the markers of a Markdown file."""
    begin, end = _MARKERS
    text = f"`{command}`, {when}:\n\n{table(rows)}"
    old = file.read_text(encoding="utf-8")
    new = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n\n{text}\n\n{end}", old, flags=re.DOTALL)
    file.write_text(new, encoding="utf-8")
