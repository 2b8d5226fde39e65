"""The cockpit over a slow line: to the terminal, and to the API server."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bench.cockpit import LIVE, ROWS, cockpit, key_times, seen, until
from bench.report import Row, p95, row
from bench.terminal import Line, plain

SLOW = Line(round_trip=0.2, bytes_per_second=8000)


def slow_terminal(kubeconfig: str, seconds: float, presses: int) -> list[Row]:
    """The cockpit over a line of 200 ms and 64 kbit/s between program and terminal.

    Args:
        seconds: For which it is looked at while nobody touches it.
    """
    with cockpit(kubeconfig, "-n", "shop", line=SLOW) as terminal:
        usable = until(terminal, "the cockpit", seen(ROWS, LIVE), 60)
        carried = len(terminal.output)
        terminal.read(3)
        said = b"low" in plain(bytes(terminal.output))
        keys = key_times(terminal, presses)
        terminal.send(b"e")
        terminal.read(3)
        written = terminal.read(seconds) / seconds
    what = "terminal at 200 ms, 64 kbit/s"
    return [
        row(f"{what}: usable", usable, "s", 3),
        row(f"{what}: sent until then", carried / 1000, "kB"),
        row(f"{what}: key to paint, p95", p95(keys), "s", 0.5),
        Row(f"{what}: low bandwidth begins by itself", "yes" if said else "no", "yes", said),
        row(f"{what}: to the terminal, untouched", written / 1000, "kB/s"),
    ]


def slow_server(kubeconfig: str) -> list[Row]:
    """The same line between program and API server."""
    text = Path(kubeconfig).read_text()
    server = urlsplit(json.loads(text)["clusters"][0]["cluster"]["server"])
    proxy = subprocess.Popen(
        [sys.executable, "-m", "bench.slow_proxy", server.netloc, "0.2", "8000"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert proxy.stdin is not None
    assert proxy.stdout is not None
    try:
        port = proxy.stdout.readline().strip()
        config = json.loads(text)
        config["clusters"][0]["cluster"] |= {
            "server": f"https://127.0.0.2:{port}",
            "tls-server-name": "127.0.0.1",
        }
        with tempfile.NamedTemporaryFile("w", suffix=".kubeconfig") as file:
            json.dump(config, file)
            file.flush()
            with cockpit(file.name, "-n", "shop") as terminal:
                rows = until(terminal, "the first row", seen(ROWS), 120)
                live = until(terminal, "the end of reading", seen(LIVE), 120)
                keys = key_times(terminal, 10)
    finally:
        proxy.stdin.close()
        proxy.wait(10)
    name = "API server at 200 ms, 64 kbit/s"
    return [
        row(f"{name}: first rows", rows, "s"),
        row(f"{name}: all is read", live, "s"),
        row(f"{name}: key to paint, p95", p95(keys) * 1000, "ms"),
    ]
