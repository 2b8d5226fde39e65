"""What is measured of big clusters; each case gives rows of the table."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bench.bare import fetch
from bench.clusters import Demo
from bench.cockpit import (
    LIVE,
    READING,
    ROWS,
    ask,
    cockpit,
    cost,
    key_times,
    ready,
    seen,
    settled,
    show_pods,
    until,
)
from bench.report import Row, median, p95, row
from bench.terminal import FRAME_END, Terminal, plain

_LIMITS = {10_000: (1.3, 120), 50_000: (1.5, 220)}
"""Of all rows, as a multiple of a bare client's time, and of memory in MB."""
_METRICS_PERIOD = 15
"""Seconds; of the demo cluster's metrics API."""


class Sync(NamedTuple):
    """What one first list took."""

    bare: float
    first: float
    all_rows: float
    cpu: float
    memory: float
    sent: int


def _read_all(terminal: Terminal, bare: float) -> Sync:
    """Sees a cockpit that has just been started through its first lists.

    Args:
        bare: What a bare client needed for them.
    """
    opened = until(terminal, "the cockpit", seen(READING), 60)
    first = until(terminal, "the first row", seen(ROWS), 180) - opened
    all_rows = until(terminal, "the end of reading", seen(LIVE), 180) - opened
    cpu, sent = terminal.cpu_seconds(), len(terminal.output)
    ready(terminal)
    terminal.read(2)
    return Sync(bare, first, all_rows, cpu, terminal.memory_mb(), sent)


def sync(kubeconfig: str, pods: int, runs: int) -> list[Row]:
    """All rows of a big cluster after connecting, beside a bare client's fetch of the same."""
    found = []
    for _ in range(runs):
        bare, _ = asyncio.run(fetch(kubeconfig))
        with cockpit(kubeconfig) as terminal:
            found.append(_read_all(terminal, bare))
    return _sync_rows(pods, found)


def _sync_rows(pods: int, runs: Sequence[Sync]) -> list[Row]:
    ratio, megabytes = _LIMITS.get(pods, (None, None))
    first = 0.5 if pods <= 10_000 else None
    bare, all_rows = (median([getattr(run, name) for run in runs]) for name in ("bare", "all_rows"))
    name = f"{pods:,} pods"
    return [
        row(f"{name}: first rows after connect", median([run.first for run in runs]), "s", first),
        row(
            f"{name}: all rows after connect, {all_rows:.2f} s",
            median([run.all_rows / run.bare for run in runs]),
            "×",
            ratio,
            f" a bare client's {bare:.2f} s",
        ),
        row(f"{name}: CPU from start to all rows", median([run.cpu for run in runs]), "s"),
        row(f"{name}: sent until all rows", median([run.sent for run in runs]) / 1000, "kB"),
        row(f"{name}: memory", max(run.memory for run in runs), "MB", megabytes),
    ]


def requests(terminal: Terminal, cluster: Demo) -> list[Row]:
    """What one cockpit asks the API server for, from its start on, while it is looked about in."""
    ready(terminal)
    key_times(terminal, 6)
    show_pods(terminal)
    terminal.send(b"\x1b")
    terminal.read(1)
    asked, seconds = cluster.requests(), terminal.now
    lists, watches, reads = (asked.get(each, {}) for each in ("list", "watch", "read"))
    twice = [path for each in (lists, watches) for path, count in each.items() if count > 1]
    polled = [path for path, count in reads.items() if count > 1]
    most = max(asked.get("metrics", {}).values(), default=0)
    return [
        Row(
            f"API load: lists and watches of {len(lists)} kinds and tables in view",
            f"{sum(lists.values())} and {sum(watches.values())}",
            "one each",
            not twice,
        ),
        Row(
            f"API load: metrics of a kind in {seconds:.0f} s",
            f"asked for {most} times",
            f"every {_METRICS_PERIOD} s, the server's period",
            most <= seconds / _METRICS_PERIOD + 1,
        ),
        Row("API load: polled otherwise", ", ".join(polled) or "nothing", "nothing", not polled),
    ]


def stall(kubeconfig: str, pods: int, seconds: float) -> list[Row]:
    """The longest turn of the event loop while all pods are read, and while they are used."""
    with tempfile.NamedTemporaryFile() as file, cockpit(kubeconfig, asked=file.name) as terminal:
        until(terminal, "the cockpit", seen(READING), 60)
        ask(terminal, Path(file.name))
        until(terminal, "the end of reading", seen(LIVE), 180)
        reading = ask(terminal, Path(file.name))
        ready(terminal)
        key_times(terminal, 6)
        terminal.read(seconds)
        used = ask(terminal, Path(file.name))
    what = f"{pods:,} pods: longest turn of the loop"
    return [
        row(f"{what} while reading", reading["stall"], "ms", 30, f" of CPU ({reading['work']})"),
        row(f"{what} while used", used["stall"], "ms", 30, f" of CPU ({used['work']})"),
    ]


def churn(terminal: Terminal, rate: int, seconds: float, presses: int) -> list[Row]:
    """Status changes among all pods of the cluster, which must be under way already."""
    terminal.read(2)
    share, written = cost(terminal, seconds)
    keys = key_times(terminal, presses)
    limits = {100: (15, 30), 1000: (35, 40)}.get(rate, (None, None))
    what = f"{rate:,} changes/s among 10,000 pods"
    return [
        row(f"{what}: share of a core", share, "%", limits[0]),
        row(f"{what}: key to paint, p95", p95(keys) * 1000, "ms", limits[1]),
        row(f"{what}: to the terminal", written / 1000, "kB/s", 20),
    ]


def table(terminal: Terminal, most_pages: int) -> list[Row]:
    """Pages, sort, filter and the way to the end of the big table of all pods."""
    show_pods(terminal)
    terminal.read(1)
    pages = [settled(terminal, b"\x06") for _ in range(10)]
    settled(terminal, b"g")
    scrolled, count = _scroll_on(terminal, most_pages)
    settled(terminal, b"g")
    end = settled(terminal, b"G")
    settled(terminal, b"g")
    sorts = [_sort(terminal, column) for column in (b"restarts", b"age", b"name", b"node")]
    filters = [_filter(terminal, text) for text in (b"svc-01", b"fleet-02", b"x7")]
    what = "10,000 rows"
    return [
        row(f"{what}: page down to paint, p95", p95(pages) * 1000, "ms", 15),
        row(
            f"{what}: a page on the way down",
            scrolled / count * 1000,
            "ms",
            note=f", {count} pages in {scrolled:.1f} s",
        ),
        row(f"{what}: to the last row at once", end * 1000, "ms"),
        row(f"{what}: sort to paint", median(sorts) * 1000, "ms", 40),
        row(f"{what}: a letter of a filter to paint", median(filters) * 1000, "ms", 40),
    ]


def _scroll_on(terminal: Terminal, most: int) -> tuple[float, int]:
    """Seconds and pages on the way to the last row, each page asked for when one is painted."""
    began, pages, ended = terminal.now, 0, terminal.now
    while pages < most and terminal.answer_time(b"\x06", FRAME_END, 1.0) is not None:
        pages, ended = pages + 1, terminal.now
    return ended - began, max(1, pages)


def _sort(terminal: Terminal, column: bytes) -> float:
    terminal.send(b"o" + column)
    terminal.read(0.5)
    return settled(terminal, b"\r")


def _filter(terminal: Terminal, text: bytes) -> float:
    terminal.send(b"/" + text[:-1])
    terminal.read(0.5)
    took = settled(terminal, text[-1:])
    terminal.send(b"\x1b")
    terminal.read(0.5)
    return took


def switch(terminal: Terminal) -> list[Row]:
    """From one context to another of the same big cluster, and what memory that leaves."""
    terminal.read(1)
    before = terminal.memory_mb()
    start, began = len(terminal.output), terminal.now
    terminal.send(b":ctx demo-viewer\r")
    shown = until(terminal, "the empty cockpit", seen(READING), 30, start)
    live = until(
        terminal,
        "the end of reading",
        lambda output: LIVE in plain(output[output.rfind(READING) :]),
        60,
        start,
    )
    terminal.read(3)
    after = terminal.memory_mb()
    return [
        row("context switch, 10,000 pods: empty cockpit", shown - began, "s"),
        row("context switch, 10,000 pods: all rows", live - began, "s"),
        row("context switch: memory", after, "MB", note=f", before it {before:.0f} MB"),
    ]


def relist(terminal: Terminal, cluster: Demo) -> list[Row]:
    """All watches end, and their versions are gone: 10,000 pods are listed again."""
    before, began, start = terminal.cpu_seconds(), terminal.now, len(terminal.output)
    cluster.order(compact=1)
    until(terminal, "word of the lost watches", seen(b"stale"), 10, start)
    live = until(
        terminal,
        "the end of reading",
        lambda output: LIVE in plain(output[output.rfind(b"stale") :]),
        60,
        start,
    )
    terminal.read(1)
    used = terminal.cpu_seconds() - before
    return [
        row("relist after 410, 10,000 pods: live again", live - began, "s"),
        row("relist after 410: CPU", used, "s"),
    ]
