"""What is measured: each case runs the real program on a pty and gives rows of the table."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.bare import fetch
from bench.clusters import Demo
from bench.report import Row, median, milliseconds, p95
from bench.terminal import FRAME_END, Line, Terminal, plain, program

LIVE = "● live".encode()
READING = b"reading"
STARTING = b"starting"
ROWS = b"deploy/"
_POD_NAME = re.compile(rb"[a-z]-[b-z2-9]{9}-[b-z2-9]{5}\b")
FOLLOWS = "▼".encode()
"""Stands over a log that follows its end, and nowhere else."""
_LEFT_OUT = ("K8STUI", "PYTHONDONTWRITEBYTECODE", "NO_COLOR", "TEXTUAL")


def environ(kubeconfig: str) -> dict[str, str]:
    """The environment of a usual terminal."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_LEFT_OUT)}
    return kept | {"KUBECONFIG": kubeconfig, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def seen(*words: bytes) -> Callable[[bytes], bool]:
    """Tells whether all these words are in the text of an output."""
    return lambda output: all(word in plain(output) for word in words)


@contextlib.contextmanager
def cockpit(
    kubeconfig: str, *flags: str, line: Line | None = None, asked: str = ""
) -> Iterator[Terminal]:
    """The cockpit over a cluster, until the block ends.

    Args:
        asked: A file in which it tells what it holds; see `bench.inside`.
    """
    argv = program(*(flags or ("-A",)))
    if asked:
        argv[2:3] = ["bench.inside", asked]
    terminal = Terminal(argv, environ(kubeconfig), line=line or Line())
    try:
        yield terminal
    finally:
        terminal.end()


def _ready(terminal: Terminal, seconds: float = 120.0) -> None:
    """Everything is read, and the logs of nothing are followed."""
    if terminal.wait_for(seen(LIVE), seconds, 0) is None:
        raise SystemExit("the cockpit never went live")
    terminal.send(b"e")
    terminal.read(1)
    # Back from the events to the workloads, which keys are to move over.
    terminal.send(b"\x1b")
    terminal.read(2)


def start(kubeconfig: str, runs: int) -> list[Row]:
    """From exec to the first frame, and to the first workload on the screen."""
    paints: list[float] = []
    rows: list[float] = []
    for run in range(runs + 1):
        with cockpit(kubeconfig) as terminal:
            paint = terminal.wait_for(seen(STARTING), 20) or 99.0
            row = terminal.wait_for(seen(ROWS), 30, 0) or 99.0
        if run:  # the first one warms the caches
            paints.append(paint)
            rows.append(row)
    return [
        Row("start to first paint, warm", f"{median(paints):.2f} s", "≤ 0.35 s"),
        Row("start to first rows, small cluster, warm", f"{median(rows):.2f} s", "≤ 0.8 s"),
    ]


def _shows_a_pod(output: bytes) -> bool:
    """Whether there is a pod of a ReplicaSet, by its name."""
    return _POD_NAME.search(plain(output)) is not None


def demo_start(runs: int) -> list[Row]:
    """From exec of `k8stui --demo`, its server not yet there, to the first pod on the screen."""
    taken: list[float] = []
    for run in range(runs + 1):
        with cockpit("", "--demo") as terminal:
            took = terminal.wait_for(_shows_a_pod, 30) or 99.0
        if run:
            taken.append(took)
    return [
        Row("`k8stui --demo`: start to first rows", f"{median(taken):.2f} s", "≤ 1.5 s"),
        Row("`k8stui --demo`: the slowest", f"{max(taken):.2f} s"),
    ]


def idle(kubeconfig: str, seconds: float) -> list[Row]:
    """CPU and bytes of a cockpit that nobody touches."""
    with cockpit(kubeconfig) as terminal:
        _ready(terminal)
        terminal.read(2)
        share, rate = _cost(terminal, seconds)
    return [
        Row("idle: share of a core", f"{share:.1f} %", "≤ 1 %"),
        Row("idle: to the terminal", f"{rate:.0f} B/s", "ages only"),
    ]


def _cost(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Percent of a core, and bytes a second, of the next seconds."""
    before, began = terminal.cpu_seconds(), terminal.now
    written = terminal.read(seconds)
    lasted = terminal.now - began
    return (terminal.cpu_seconds() - before) / lasted * 100, written / lasted


def sync(kubeconfig: str, pods: int, runs: int) -> list[Row]:
    """All rows of a big cluster after connecting, beside a bare client's fetch of the same."""
    ratios: list[float] = []
    alls: list[float] = []
    bares: list[float] = []
    firsts: list[float] = []
    memory: list[float] = []
    cpu: list[float] = []
    for _ in range(runs):
        bare, _ = asyncio.run(fetch(kubeconfig))
        with cockpit(kubeconfig) as terminal:
            opened = terminal.wait_for(seen(READING), 60) or 0.0
            firsts.append((terminal.wait_for(seen(ROWS), 60, 0) or 99.0) - opened)
            alls.append((terminal.wait_for(seen(LIVE), 180, 0) or 999.0) - opened)
            cpu.append(terminal.cpu_seconds())
            terminal.send(b"e")
            terminal.read(4)
            memory.append(terminal.memory_mb())
        bares.append(bare)
        ratios.append(alls[-1] / bare)
    goals = {10_000: ("≤ 1.3 ×", "≤ 120 MB"), 50_000: ("≤ 1.5 ×", "≤ 220 MB")}.get(pods, ("", ""))
    name = f"{pods:,} pods"
    return [
        Row(f"{name}: first rows after connect", f"{median(firsts):.2f} s", "≤ 0.5 s"),
        Row(
            f"{name}: all rows after connect",
            f"{median(alls):.2f} s = {median(ratios):.2f} × a bare client's {median(bares):.2f} s",
            goals[0],
        ),
        Row(f"{name}: CPU from start to all rows", f"{median(cpu):.2f} s"),
        Row(f"{name}: memory of the whole process", f"{max(memory):.0f} MB", goals[1]),
    ]


def stall(kubeconfig: str, pods: int, seconds: float) -> list[Row]:
    """The longest turn of the event loop while all pods are read, and while they are used."""
    with tempfile.NamedTemporaryFile() as file, cockpit(kubeconfig, asked=file.name) as terminal:
        terminal.wait_for(seen(READING), 60)
        ask(terminal, Path(file.name))
        terminal.wait_for(seen(LIVE), 180, 0)
        reading = ask(terminal, Path(file.name))
        _ready(terminal)
        terminal.read(seconds)
        used = ask(terminal, Path(file.name))
    return [
        Row(
            f"{pods:,} pods: longest turn of the loop while reading",
            f"{reading['stall']:.0f} ms of CPU ({reading['work']})",
            "≤ 30 ms",
        ),
        Row(
            f"{pods:,} pods: longest turn in {seconds:.0f} s after that",
            f"{used['stall']:.0f} ms of CPU ({used['work']})",
            "≤ 30 ms",
        ),
    ]


def ask(terminal: Terminal, file: Path) -> dict[str, Any]:
    """What a program under `bench.inside` tells of itself."""
    file.write_text("")
    os.kill(terminal.pid, signal.SIGUSR1)
    for _ in range(100):
        terminal.read(0.1)
        if text := file.read_text():
            return dict(json.loads(text))
    return {}


def on_screen(kubeconfig: str, rate: float, *flags: str) -> list[Row]:
    """What changes of rows that all stand on the screen send to the terminal."""
    with cockpit(kubeconfig, "-A", *flags) as terminal:
        _ready(terminal)
        terminal.send(b":po\r")
        terminal.wait_for(seen(b"Pod (pods)"), 20)
        terminal.read(3)
        _, written = _cost(terminal, 10)
    what = f"{rate:.0f} changes/s on screen{''.join(f', `{flag}`' for flag in flags)}"
    goal = "≤ 0.5 kB/s" if flags else "≤ 2 kB/s"
    return [Row(f"{what}: to the terminal", f"{written / 1000:.2f} kB/s", goal)]


def churn(kubeconfig: str, rate: int, seconds: float, presses: int = 30) -> list[Row]:
    """Status changes among all pods of the cluster, which must be under way already."""
    with cockpit(kubeconfig) as terminal:
        _ready(terminal)
        share, written = _cost(terminal, seconds)
        keys = key_times(terminal, presses)
    goals = {
        100: ("≤ 15 %", "≤ 30 ms", "≤ 20 kB/s"),
        1000: ("≤ 35 %", "≤ 40 ms", "≤ 20 kB/s"),
    }.get(rate, ("", "", ""))
    return [
        Row(f"{rate:,} changes/s: share of a core", f"{share:.0f} %", goals[0]),
        Row(f"{rate:,} changes/s: key to paint, p95", milliseconds(p95(keys)), goals[1]),
        Row(f"{rate:,} changes/s: to the terminal", f"{written / 1000:.1f} kB/s", goals[2]),
    ]


def key_times(terminal: Terminal, presses: int, keys: bytes = b"jk") -> list[float]:
    """Seconds from a press to the frame in which the cursor has moved."""
    found = []
    for press in range(presses):
        terminal.read(0.15)
        key = keys[:1] if press % 16 < 8 else keys[1:2]
        found.append(terminal.answer_time(key) or 10.0)
    return found


def table(kubeconfig: str) -> list[Row]:
    """Pages, sort, filter and the way to the end of the big table of all pods."""
    with cockpit(kubeconfig) as terminal:
        _ready(terminal)
        terminal.send(b":po\r")
        terminal.wait_for(seen(b"Pod (pods)"), 20)
        terminal.read(3)
        pages = [terminal.settle_time(b"\x06") or 10.0 for _ in range(20)]
        terminal.settle_time(b"g")
        scrolled, count = _scroll_to_end(terminal)
        terminal.settle_time(b"g")
        end = terminal.settle_time(b"G") or 10.0
        terminal.settle_time(b"g")
        sorts = [_sort(terminal, column) for column in (b"restarts", b"age", b"name", b"node")]
        filters = [_filter(terminal, text) for text in (b"svc-01", b"fleet-02", b"x7")]
    return [
        Row("10,000 rows: page down to paint, p95", milliseconds(p95(pages)), "≤ 15 ms"),
        Row(
            f"10,000 rows: from the first to the last, {count} pages one after the other",
            f"{scrolled:.1f} s, {milliseconds(scrolled / count)} a page",
        ),
        Row("10,000 rows: to the last row at once", milliseconds(end)),
        Row("10,000 rows: sort to paint", milliseconds(median(sorts)), "≤ 40 ms"),
        Row("10,000 rows: a letter of a filter to paint", milliseconds(median(filters)), "≤ 40 ms"),
    ]


def _scroll_to_end(terminal: Terminal) -> tuple[float, int]:
    """Seconds and pages from the first row to the last, each page asked for when one is painted."""
    began, pages = terminal.now, 0
    while pages < 400 and terminal.answer_time(b"\x06", FRAME_END, 0.5) is not None:
        pages += 1
    return terminal.now - began, max(1, pages)


def _sort(terminal: Terminal, column: bytes) -> float:
    terminal.send(b"o" + column)
    terminal.read(0.6)
    return terminal.settle_time(b"\r") or 10.0


def _filter(terminal: Terminal, text: bytes) -> float:
    terminal.send(b"/" + text[:-1])
    terminal.read(0.6)
    took = terminal.settle_time(text[-1:]) or 10.0
    terminal.send(b"\x1b")
    terminal.read(0.6)
    return took


def switch(kubeconfig: str) -> list[Row]:
    """From one context to another of the same big cluster, and what memory that leaves."""
    with cockpit(kubeconfig) as terminal:
        _ready(terminal)
        before = terminal.memory_mb()
        start = len(terminal.output)
        began = terminal.now
        terminal.send(b":ctx demo-viewer\r")
        shown = terminal.wait_for(seen(READING), 30, start)
        live = terminal.wait_for(
            lambda output: LIVE in plain(output[output.rfind(READING) :]), 60, start
        )
        terminal.read(4)
        after = terminal.memory_mb()
    return [
        Row("context switch, 10,000 pods: empty cockpit", f"{(shown or 99) - began:.2f} s"),
        Row("context switch, 10,000 pods: all rows", f"{(live or 99) - began:.2f} s"),
        Row("context switch: memory before and after", f"{before:.0f} MB, {after:.0f} MB"),
    ]


def relist(cluster: Demo) -> list[Row]:
    """All watches end, and their versions are gone: 10,000 pods are listed again."""
    with cockpit(cluster.kubeconfig) as terminal:
        _ready(terminal)
        before, began, start = terminal.cpu_seconds(), terminal.now, len(terminal.output)
        cluster.order(compact=1)
        terminal.wait_for(seen(b"stale"), 10, start)
        live = terminal.wait_for(
            lambda output: LIVE in plain(output[output.rfind(b"stale") :]), 60, start
        )
        terminal.read(1)
        used = terminal.cpu_seconds() - before
    return [
        Row("relist after 410, 10,000 pods: live again", f"{(live or 99) - began:.2f} s"),
        Row("relist after 410: CPU", f"{used:.2f} s"),
    ]


def logs(kubeconfig: str, rate: int, seconds: float, kubectl: str | None) -> list[Row]:
    """The log pane over the 20 pods of one workload, at so many lines a second in all."""
    with cockpit(kubeconfig, "-n", "fleet-00") as terminal:
        terminal.wait_for(seen(LIVE), 60, 0)
        terminal.read(2)
        terminal.send(b"l")
        terminal.read(1)
        terminal.send(b"z")
        terminal.read(4)
        share, written = _cost(terminal, seconds)
        keys = _follow_times(terminal, 20)
        memory = terminal.memory_mb()
    theirs = ("", "")
    if kubectl:
        theirs = _kubectl_cost(
            kubectl,
            kubeconfig,
            seconds / 2,
            *("logs", "-f", "--tail=10", "-n", "fleet-00"),
            *("-l", "app=svc-00", "--max-log-requests=20"),
        )
    what = f"logs of 20 pods at {rate:,} lines/s"
    return [
        Row(f"{what}: share of a core", f"{share:.0f} %", "≤ 100 %", theirs[0]),
        Row(f"{what}: to the terminal", f"{written / 1000:.0f} kB/s", "", theirs[1]),
        Row(f"{what}: key to paint, p95", milliseconds(p95(keys)), "≤ 50 ms"),
        Row(f"{what}: memory", f"{memory:.0f} MB"),
    ]


def _follow_times(terminal: Terminal, presses: int) -> list[float]:
    """Seconds from the key that follows again to the frame that says so, with the newest lines.

    A log is painted all the time: only what nothing but the key brings can tell its frame.
    """
    found = []
    for _ in range(presses):
        terminal.send(b"f")
        terminal.read(0.4)
        found.append(terminal.answer_time(b"f", FOLLOWS) or 10.0)
        terminal.read(0.3)
    return found


def _kubectl_cost(
    kubectl: str, kubeconfig: str, seconds: float, *arguments: str
) -> tuple[str, str]:
    terminal = Terminal([kubectl, *arguments], environ(kubeconfig))
    terminal.read(6)
    share, written = _cost(terminal, seconds)
    terminal.end(b"\x03")
    return f"{share:.0f} %", f"{written / 1000:.0f} kB/s"


def beside_kubectl(
    kubectl: str, kubeconfig: str, pods: int, rate: int, seconds: float
) -> list[Row]:
    """What kubectl uses for `get pods -A -w` under the same changes, and for `top`."""
    share, written = _kubectl_cost(kubectl, kubeconfig, seconds, "get", "pods", "-A", "-w")
    rows = [Row(f"`kubectl get pods -A -w`, {rate:,} changes/s", "", "", f"{share}, {written}")]
    for arguments in (("get", "pods", "-A"), ("top", "pods", "-A")):
        began = os.times()
        with tempfile.TemporaryFile() as out:
            command = [kubectl, *arguments]
            subprocess.run(command, env=environ(kubeconfig), stdout=out, stderr=out, check=False)
        ended = os.times()
        cpu = ended.children_user + ended.children_system
        cpu -= began.children_user + began.children_system
        took = f"{ended.elapsed - began.elapsed:.1f} s, {cpu:.1f} s of CPU"
        rows.append(Row(f"`kubectl {' '.join(arguments)}`, once, {pods:,} pods", "", "", took))
    return rows
