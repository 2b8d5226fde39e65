"""The table of what was measured."""

from __future__ import annotations

import os
import platform
import re
import statistics
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_DIGITS = {"s": 2, "ms": 0, "%": 1, "MB": 0, "kB": 1, "kB/s": 2, "B/s": 0, "×": 2}


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None
    """Whether the goal is reached; None where there is none, or nothing was measured."""
    kubectl: str = ""
    """What kubectl needs for the same job."""
    group: str = ""
    """The group of cases that made it."""


def row(
    what: str,
    value: float,
    unit: str,
    limit: float | None = None,
    note: str = "",
    kubectl: str = "",
) -> Row:
    """A figure, and whether it is at most what it should be."""
    measured = f"{value:,.{_DIGITS[unit]}f} {unit}{note}"
    if limit is None:
        return Row(what, measured)
    return Row(what, measured, f"≤ {limit:g} {unit}", value <= limit)


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def p95(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[max(0, round(len(ordered) * 0.95) - 1)] if ordered else float("nan")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def table(rows: Sequence[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| What | k8stui | Goal | Met | kubectl | `--only` |", "|---|---|---|---|---|---|"]
    said = {None: "", True: "yes", False: "**no**"}
    for each in rows:
        cells = (each.what, each.measured, each.goal, said[each.met], each.kubectl, each.group)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def heading(rows: Sequence[Row], command: str, began: float, load: float) -> str:
    """What made the table, where, and how many goals are met.

    Args:
        began: As `time.monotonic()` told it.
        load: How many processes wanted to run before that, a minute's mean.
    """
    judged = [each.met for each in rows if each.met is not None]
    return (
        f"`{command}`, {time.strftime('%Y-%m-%d %H:%M')}, commit {_commit()}, "
        f"{os.cpu_count()} cores ({_processor()}), Python {platform.python_version()}; "
        f"{time.monotonic() - began:.0f} seconds, {load:.1f} other processes wanted to run when it "
        f"began. {sum(judged)} of {len(judged)} goals are met."
    )


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.machine()


def write(file: Path, rows: Sequence[Row], head: str, section: str = "measured") -> None:
    """Puts the table between the markers of a section of a Markdown file."""
    begin, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
    text = f"{begin}\n\n{head}\n\n{table(rows)}\n\n{end}"
    old = file.read_text(encoding="utf-8")
    new = re.sub(f"{begin}.*?{end}", lambda _: text, old, flags=re.DOTALL)
    file.write_text(new, encoding="utf-8")
