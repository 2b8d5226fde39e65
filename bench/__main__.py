"""`python -m bench --small KUBECONFIG --large KUBECONFIG`: the real program, on a real pty.

The small cluster is any with a few workloads; the large one is made with

    K8S_API_PORT=26443 K8S_HOME=/tmp/large ../shared/cluster/up --no-node
    K8S_API_PORT=26443 K8S_HOME=/tmp/large python ../shared/cluster/hollow --pods 10000

and `--churn` wants `hollow … --churn 100` running beside it. Prints a table; `--write FILE` puts it
into a file of Markdown between its markers.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.terminal import Terminal, plain, program

_MARKERS = ("<!-- measured -->", "<!-- end of measured -->")
_RUNS = 5


class Row(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    goal: str


def _environ(kubeconfig: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("K8STUI")}
    return kept | {"KUBECONFIG": kubeconfig, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def _seen(*words: bytes) -> Callable[[bytes], bool]:
    return lambda output: all(word in plain(output) for word in words)


def start(environ: Mapping[str, str], *flags: str) -> list[Row]:
    """From exec to the first frame, and to the first workload on the screen."""
    paints: list[float] = []
    rows: list[float] = []
    for _ in range(_RUNS):
        terminal = Terminal(program(*flags), environ)
        paints.append(terminal.wait_for(_seen(b"starting"), 10) or 99.0)
        rows.append(terminal.wait_for(_seen(b"deploy/"), 20) or 99.0)
        terminal.end()
    return [
        Row("start to first paint, warm", f"{_median(paints)} s", "0.35 s"),
        Row("start to first rows, small cluster, warm", f"{_median(rows)} s", "0.8 s"),
    ]


def idle(environ: Mapping[str, str], *flags: str, seconds: float = 30.0) -> list[Row]:
    """CPU and bytes of a cockpit that nobody touches."""
    terminal = Terminal(program(*flags), environ)
    terminal.wait_for(_seen(b"live"), 20)
    terminal.send(b"e")  # logs of a running workload are not idle
    terminal.read(5)
    before = terminal.cpu_seconds()
    written = terminal.read(seconds)
    share = (terminal.cpu_seconds() - before) / seconds * 100
    terminal.end()
    return [
        Row("idle cluster, share of a core", f"{share:.1f} %", "1 %"),
        Row("idle cluster, to the terminal", f"{written / seconds:.0f} B/s", "ages only"),
    ]


def large(environ: Mapping[str, str]) -> list[Row]:
    """Ten thousand pods in all namespaces."""
    firsts: list[float] = []
    alls: list[float] = []
    memory: list[float] = []
    latencies: list[float] = []
    for _ in range(3):
        terminal = Terminal(program("-A"), environ)
        opened = terminal.wait_for(_seen(b"reading"), 20) or 0.0
        firsts.append((terminal.wait_for(_seen(b"deploy/"), 20) or 99.0) - opened)
        alls.append((terminal.wait_for(_seen(b"live"), 60) or 99.0) - opened)
        terminal.send(b"e")
        terminal.read(4)
        memory.append(terminal.memory_mb())
        latencies += _latencies(terminal, 20)
        terminal.end()
    return [
        Row("10,000 pods: first rows after connect", f"{_median(firsts)} s", "0.5 s"),
        Row("10,000 pods: all rows after connect", f"{_median(alls)} s", "2 s"),
        Row("10,000 pods: memory of the whole process", f"{max(memory):.0f} MB", "130 MB"),
        Row("10,000 pods: key to first byte painted, p95", f"{_p95(latencies)} ms", "30 ms"),
    ]


def churn(environ: Mapping[str, str], seconds: float = 30.0) -> list[Row]:
    """A hundred status changes a second among the ten thousand."""
    terminal = Terminal(program("-A"), environ)
    terminal.wait_for(_seen(b"live"), 60)
    terminal.send(b"e")
    terminal.read(5)
    before = terminal.cpu_seconds()
    written = terminal.read(seconds)
    share = (terminal.cpu_seconds() - before) / seconds * 100
    latencies = _latencies(terminal, 40)
    terminal.end()
    return [
        Row("100 changes/s of 10,000 pods: share of a core", f"{share:.0f} %", "15 %"),
        Row("100 changes/s: key to first byte painted, p95", f"{_p95(latencies)} ms", "30 ms"),
        Row("100 changes/s: to the terminal", f"{written / seconds / 1000:.1f} kB/s", "20 kB/s"),
    ]


def _latencies(terminal: Terminal, presses: int) -> list[float]:
    found = []
    for press in range(presses):
        terminal.read(0.25)
        found.append(terminal.answer_time(b"j" if press % 16 < 8 else b"k") or 5.0)
    return found


def _median(values: list[float]) -> str:
    return f"{statistics.median(values):.2f}"


def _p95(values: list[float]) -> str:
    ordered = sorted(values)
    return f"{ordered[int(len(ordered) * 0.95) - 1] * 1000:.0f}"


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| What | Measured | Goal |", "|---|---|---|"]
    lines += [f"| {row.what} | {row.measured} | ≤ {row.goal} |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--small", metavar="KUBECONFIG")
    parser.add_argument("--namespace", default="shop", help="of the small cluster; default: shop")
    parser.add_argument("--large", metavar="KUBECONFIG")
    parser.add_argument("--churn", action="store_true", help="the large cluster is changing")
    parser.add_argument("--write", metavar="FILE", type=Path)
    options = parser.parse_args()
    rows: list[Row] = []
    if options.small:
        environ = _environ(options.small)
        rows += start(environ, "-n", options.namespace)
        rows += idle(environ, "-n", options.namespace)
    if options.large:
        rows += churn(_environ(options.large)) if options.churn else large(_environ(options.large))
    text = table(rows)
    print(text)
    if options.write:
        begin, end = _MARKERS
        old = options.write.read_text(encoding="utf-8")
        new = re.sub(f"{begin}.*?{end}", f"{begin}\n\n{text}\n\n{end}", old, flags=re.DOTALL)
        options.write.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
