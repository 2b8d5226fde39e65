"""What is measured of small clusters; each case gives rows of the table."""

from __future__ import annotations

from bench.cockpit import (
    ROWS,
    STARTING,
    cockpit,
    cost,
    ready,
    seen,
    show_pods,
    shows_a_pod,
    until,
)
from bench.report import Row, median, row
from bench.terminal import Terminal


def start(kubeconfig: str, runs: int) -> list[Row]:
    """From exec to the first frame, and to the first workload on the screen."""
    paints: list[float] = []
    rows: list[float] = []
    for _ in range(runs + 1):
        with cockpit(kubeconfig) as terminal:
            paints.append(until(terminal, "the first frame", seen(STARTING), 30))
            rows.append(until(terminal, "the first row", seen(ROWS), 30))
    # The first one warms the caches.
    return [
        row("start to first paint, warm", median(paints[1:]), "s", 0.35),
        row("start to first rows, small cluster, warm", median(rows[1:]), "s", 0.8),
    ]


def demo_start(runs: int) -> list[Row]:
    """From exec of `k8stui --demo`, its server not yet there, to the first pod on the screen."""
    taken: list[float] = []
    for _ in range(runs + 1):
        with cockpit("", "--demo") as terminal:
            taken.append(until(terminal, "the first pod", shows_a_pod, 60))
    return [
        row("`k8stui --demo`: start to first rows", median(taken[1:]), "s", 1.5),
        row("`k8stui --demo`: the slowest", max(taken[1:]), "s"),
    ]


def idle(kubeconfig: str, seconds: float) -> list[Row]:
    """CPU and bytes of a cockpit that nobody touches."""
    with cockpit(kubeconfig) as terminal:
        ready(terminal)
        terminal.read(2)
        share, rate = cost(terminal, seconds)
    return [
        row("idle: share of a core", share, "%", 1),
        row("idle: to the terminal (ages only)", rate, "B/s"),
    ]


def on_screen(kubeconfig: str, rate: float, seconds: float) -> list[Row]:
    """What changes of rows that all stand on the screen send, usually and at low bandwidth."""
    with cockpit(kubeconfig) as usual, cockpit(kubeconfig, "-A", "--low-bandwidth") as low:
        for each in (usual, low):
            ready(each)
            show_pods(each)
        _read_both(usual, low, 2)
        before, before_low, began = len(usual.output), len(low.output), usual.now
        _read_both(usual, low, seconds)
        lasted = usual.now - began
        sent, sent_low = len(usual.output) - before, len(low.output) - before_low
    what = f"{rate:.0f} changes/s on screen"
    return [
        row(f"{what}: to the terminal", sent / lasted / 1000, "kB/s", 2),
        row(f"{what}, `--low-bandwidth`: to the terminal", sent_low / lasted / 1000, "kB/s", 0.5),
    ]


def _read_both(one: Terminal, other: Terminal, seconds: float) -> None:
    # Neither may find that its terminal takes nothing.
    for _ in range(round(seconds / 0.1)):
        one.read(0.05)
        other.read(0.05)
