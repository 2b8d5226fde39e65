"""The log engine and `k8stui logs` against a server on the loopback: no cluster, no screen."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.logs_throughput import Load, Taken, measured
from bench.report import Row, median, milliseconds, row
from k8stui.logs.feed import StreamName
from k8stui.logs.patterns import Pattern
from k8stui.logs.previous import PreviousLogs
from k8stui.logs.ring import Ring
from k8stui.viewmodels.log_pane import LogPane
from k8stui.viewmodels.log_text import Shown
from tests.unit.logs.pod_server import pod_server, stamped

_MILLION = 1_000_000
_LINE_BYTES = 140


def _message(number: int) -> bytes:
    text = b'{"level":"info","msg":"GET /api/v1/items/%07d 200","latency":"12ms"}' % number
    return text.ljust(_LINE_BYTES, b".")


def pipes(kubectl: str | None, runs: int) -> list[Row]:
    """Lines a second of `k8stui logs` and `kubectl logs`, both from exec to exit, to `wc -l`."""
    rows: list[Row] = []
    for streams in (1, 5):
        count = _MILLION // streams
        body = stamped([_message(number) for number in range(count)])
        with tempfile.TemporaryDirectory() as home:
            logs = {f"web-{number}": body for number in range(streams)}
            with pod_server(Path(home), logs) as config:
                rows.append(_pipe_row(kubectl, home, str(config), streams, count, runs))
    return rows


def _pipe_row(
    kubectl: str | None, home: str, config: str, streams: int, count: int, runs: int
) -> Row:
    ours = [sys.executable, "-m", "k8stui", "logs", "--kubeconfig", config, "--no-follow", "."]
    theirs = [kubectl or "", "--kubeconfig", config, "logs", "--tail=-1", "--timestamps"]
    theirs += ["web-0"] if streams == 1 else ["-l", "a=b", "--max-log-requests=20"]
    rates: list[float] = []
    rivals: list[float] = []
    for _ in range(runs):
        rates.append(_rate(ours, home, streams * count))
        if kubectl:
            rivals.append(_rate(theirs, home, streams * count))
    measured_text = f"{median(rates):,.0f} lines/s"
    if rivals:
        measured_text += f" = {median(rates) / median(rivals):.2f} ×"
    beside = f"{median(rivals):,.0f} lines/s" if rivals else ""
    what = f"`k8stui logs` of {_MILLION:,} lines to a pipe, {streams} streams"
    return Row(
        what.replace("1 streams", "1 stream"),
        measured_text,
        "≥ 0.5 × kubectl",
        median(rates) >= median(rivals) / 2 if rivals else None,
        beside,
    )


def _rate(command: Sequence[str], home: str, lines: int) -> float:
    environ = {**os.environ, "HOME": home, "XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    ) as program:
        counted = subprocess.run(
            ["wc", "-l"], stdin=program.stdout, capture_output=True, check=True
        ).stdout
    took = time.perf_counter() - began
    if int(counted) != lines:
        raise SystemExit(f"{command[0]} printed {int(counted)} of {lines} lines")
    return lines / took


def engine(seconds: float) -> list[Row]:
    """The engine with the pane's model beside it, which is looked at as a screen would."""
    sustained = measured(Load(streams=20, rate=2500, seconds=seconds))
    burst = measured(Load(streams=1, total=_MILLION))
    quiet = measured(Load(streams=50, total=10, seconds=seconds))
    return [
        Row(
            "logs, 20 streams at 2,500 lines/s: share of a core, without a screen",
            f"{sustained.share:.0%}, {sustained.rate:,.0f} lines/s, {_loss(sustained)}",
            "≤ 100 %, nothing lost",
            sustained.share <= 1 and not sustained.missing,
        ),
        Row(
            f"logs: a burst of {_MILLION:,} lines from one pod",
            f"{burst.took:.1f} s, longest turn of the loop {milliseconds(burst.longest)}",
            "≤ 10 s",
            burst.took <= 10,
        ),
        row("logs, 50 idle streams: share of a core", quiet.share * 100, "%", 2),
    ]


def _loss(taken: Taken) -> str:
    return "nothing lost" if not taken.missing else f"{taken.missing} lost"


def buffer() -> list[Row]:
    """Memory of 100,000 lines, and how long it takes to filter them anew; in a fresh process."""
    command = [sys.executable, "-m", "bench.log_cases"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    first = max(each[0] for each in found["filters"].values())
    whole = max(each[1] for each in found["filters"].values())
    return [
        row("logs: memory of 100,000 lines of 140 bytes", found["memory"], "MB", 40),
        Row(
            "logs: re-filter of 100,000 lines, slowest of "
            + ", ".join(f"`{name}`" for name in found["filters"]).replace("|", "\\|"),
            f"first screen {milliseconds(first)}, all {milliseconds(whole)}",
            "first screen ≤ 50 ms",
            first <= 0.05,
        ),
    ]


def _resident() -> float:
    """Megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _fill(ring: Ring) -> None:
    chance = random.Random(1)
    for number in range(0, 100_000, 50):
        base = 1_700_000_000_000_000_000 + number * 1_000_000
        messages = [_message(chance.randrange(10**7)) for _ in range(50)]
        ring.extend(number // 50 % 20, [base + at for at in range(50)], messages)


async def _measure_buffer() -> dict[str, object]:
    feed = PreviousLogs()
    for number in range(20):
        feed.add(StreamName("", "shop", f"web-{number}", "app"), number % 8)
    ring = feed.ring
    before = _resident()
    _fill(ring)
    memory = _resident() - before
    pane = LogPane(feed, Shown())
    filters: dict[str, tuple[float, float]] = {}
    for source in ("items/00", "(?i)TIMEOUT|fatal", r"msg\":\"(\w+) /api"):
        began = time.perf_counter()
        pane.show(Shown(include=(Pattern(source),)))
        count = pane.line_count
        for index in range(max(0, count - 50), count):
            pane.line(pane.first_index + index)
        first = time.perf_counter() - began
        while pane.filling:
            _ = pane.version
            await asyncio.sleep(0)
        filters[source] = (first, time.perf_counter() - began)
    return {"memory": memory, "filters": filters}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure_buffer())))
