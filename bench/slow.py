"""The cockpit over a slow line: to the terminal, and to the API server."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from bench.cases import LIVE, ROWS, cockpit, key_times, seen
from bench.report import Row, milliseconds, p95
from bench.terminal import Line, plain

SLOW = Line(round_trip=0.2, bytes_per_second=8000)


def slow_terminal(kubeconfig: str, seconds: float) -> list[Row]:
    """The cockpit over a line of 200 ms and 64 kbit/s between program and terminal.

    Args:
        seconds: For which it is looked at while nobody touches it.
    """
    with cockpit(kubeconfig, "-n", "shop", line=SLOW) as terminal:
        usable = terminal.wait_for(seen(ROWS, LIVE), 60, 0) or 99.0
        carried = len(terminal.output)
        terminal.read(6)
        said = b"low" in plain(bytes(terminal.output))
        keys = key_times(terminal, 20)
        terminal.send(b"e")
        terminal.read(5)
        written = terminal.read(seconds) / seconds
    return [
        Row("terminal at 200 ms, 64 kbit/s: usable", f"{usable:.1f} s", "≤ 3 s"),
        Row("terminal at 200 ms, 64 kbit/s: sent until then", f"{carried / 1000:.1f} kB"),
        Row("terminal at 200 ms, 64 kbit/s: key to paint, p95", f"{p95(keys):.2f} s", "≤ 0.5 s"),
        Row(
            "terminal at 200 ms, 64 kbit/s: goes over to low bandwidth by itself",
            "yes" if said else "no",
            "yes",
        ),
        Row("terminal at 200 ms, 64 kbit/s: to the terminal", f"{written / 1000:.2f} kB/s"),
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
                rows = terminal.wait_for(seen(ROWS), 120, 0) or 999.0
                live = terminal.wait_for(seen(LIVE), 120, 0) or 999.0
                keys = key_times(terminal, 10)
    finally:
        proxy.stdin.close()
        proxy.wait(10)
    name = "API server at 200 ms, 64 kbit/s"
    return [
        Row(f"{name}: first rows", f"{rows:.1f} s"),
        Row(f"{name}: all is read", f"{live:.1f} s"),
        Row(f"{name}: key to paint, p95", milliseconds(p95(keys))),
    ]
