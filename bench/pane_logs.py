"""The log pane over the 20 pods of one workload, at so many lines a second in all."""

from __future__ import annotations

from bench.cockpit import LIVE, answered, cost, seen, until
from bench.report import Row, p95, row
from bench.terminal import Terminal, plain

PODS = 20
NAMESPACE = "fleet-00"
_FOLLOWS = "▼".encode()
"""Stands over a log that follows its end, and nowhere else."""


def open_logs(terminal: Terminal) -> None:
    """Fills the screen with the logs of the first workload."""
    until(terminal, "the end of reading", seen(LIVE), 60)
    terminal.read(1.5)
    terminal.send(b"l")
    terminal.read(1)
    terminal.send(b"z")
    until(terminal, "a log that is followed", seen(_FOLLOWS), 30)


def logs(terminal: Terminal, rate: int, seconds: float, presses: int) -> list[Row]:
    """What the logs cost whose lines are under way, and how soon a key is answered."""
    terminal.read(1)
    share, written = cost(terminal, seconds)
    keys = _follow_times(terminal, presses)
    memory = terminal.memory_mb()
    what = f"logs of {PODS} pods at {rate:,} lines/s"
    return [
        row(f"{what}: share of a core", share, "%", 100),
        row(f"{what}: to the terminal", written / 1000, "kB/s"),
        row(f"{what}: key to paint, p95", p95(keys) * 1000, "ms", 50),
        row(f"{what}: memory", memory, "MB"),
    ]


def _follow_times(terminal: Terminal, presses: int) -> list[float]:
    """Seconds from the key that follows again to the frame that says so, with the newest lines.

    A log is painted all the time: only what nothing but the key brings can tell its frame.
    """
    found = []
    for _ in range(presses):
        start = len(terminal.output)
        terminal.send(b"f")
        # Of two keys before one frame nothing would be seen.
        until(terminal, "a log that stands still", _stands_still, 10, start)
        terminal.read(0.2)
        found.append(answered(terminal, b"f", _FOLLOWS))
        terminal.read(0.2)
    return found


def _stands_still(output: bytes) -> bool:
    """Whether its header says so, or how many lines are new since."""
    text = plain(output)
    return b"+" in text or b"stand" in text
