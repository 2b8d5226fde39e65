"""Hours of changes and log lines: memory, tasks, threads and descriptors must stay flat."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.clusters import demo
from bench.cockpit import LIVE, ask, environ, seen
from bench.report import Row, median, row
from bench.terminal import Terminal

_PODS = 5000
_SAMPLE = 15.0


class Sample(NamedTuple):
    """What the program holds at one moment."""

    minute: float
    memory: float
    descriptors: int
    threads: int
    tasks: int
    objects: int
    blocks: int
    """Of Python's own allocator."""
    used: float
    """MB that malloc has given out."""
    free: float
    """MB that malloc keeps for nothing."""


def run(minutes: float, churn: float, logs: float) -> list[Row]:
    """Runs so long, prints a line a minute, and compares the end with the time after warm-up."""
    with demo(_PODS) as cluster, tempfile.NamedTemporaryFile() as file:
        cluster.order(churn=churn, logs=logs)
        argv = [sys.executable, "-m", "bench.inside", file.name, "-n", "fleet-00"]
        terminal = Terminal(argv, environ(cluster.kubeconfig))
        terminal.wait_for(seen(LIVE), 60, 0)
        terminal.send(b"\t")
        began, used = time.monotonic(), terminal.cpu_seconds()
        samples: list[Sample] = []
        while time.monotonic() - began < minutes * 60:
            _read(terminal, _SAMPLE)
            samples.append(_sample(terminal, Path(file.name), (time.monotonic() - began) / 60))
            if len(samples) % 4 == 0:
                print(*samples[-1], flush=True)
            # Someone looks about, and comes back to where they were.
            terminal.send(b"jjkk" if len(samples) % 3 else b":po\rGg\x1b")
        share = (terminal.cpu_seconds() - used) / (time.monotonic() - began) * 100
        # An escape and what follows at once would be one key.
        terminal.read(1)
        code = terminal.end()
    return _rows(samples, minutes, share, code)


def _read(terminal: Terminal, seconds: float) -> None:
    terminal.read(seconds)
    terminal.output.clear()


def _sample(terminal: Terminal, file: Path, minute: float) -> Sample:
    held = ask(terminal, file)
    return Sample(
        round(minute, 2),
        round(terminal.memory_mb(), 1),
        terminal.descriptors(),
        terminal.threads(),
        held.get("tasks", -1),
        held.get("objects", -1),
        held.get("blocks", -1),
        round(held.get("used", -1.0), 1),
        round(held.get("free", -1.0), 1),
    )


def _rows(samples: list[Sample], minutes: float, share: float, code: int) -> list[Row]:
    # The log ring fills first: what comes after a quarter of the time is compared.
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples[:1], samples[-quarter:]

    def half(name: str, part: Sequence[Sample]) -> float:
        return median([getattr(each, name) for each in part])

    def flat(name: str) -> Row:
        values = [getattr(each, name) for each in samples[quarter:]]
        before, after = half(name, early), half(name, late)
        told = f"{before:,.0f} → {after:,.0f} ({min(values):,.0f}–{max(values):,.0f})"
        return Row(f"{what}: {name}", told, "flat", after <= before * 1.03)

    before, after = half("memory", early), half("memory", late)
    growth = (after / before - 1) * 100
    what = f"{minutes:.0f} minutes of changes and logs"
    inside = ", ".join(
        f"{half(name, early):.1f} → {half(name, late):.1f}" for name in ("used", "free")
    )
    return [
        row(
            f"{what}: memory, second quarter to last",
            growth,
            "%",
            3,
            f": {before:.0f} → {after:.0f} MB",
        ),
        *(flat(name) for name in ("tasks", "descriptors", "threads", "objects")),
        Row(f"{what}: MB that malloc gave out, and keeps for nothing", inside),
        row(f"{what}: share of a core", share, "%", note=f", exit code {code}"),
    ]
