"""What kubectl uses for the same job on the same cluster."""

from __future__ import annotations

import os
import subprocess
import tempfile

from bench.cockpit import NotSeenError, cost, environ
from bench.pane_logs import NAMESPACE, PODS
from bench.report import Row
from bench.terminal import Terminal


def follows(kubectl: str, kubeconfig: str, *arguments: str) -> Terminal:
    """A kubectl that goes on writing, once it has begun to; to be ended with Ctrl-C."""
    terminal = Terminal([kubectl, *arguments], environ(kubeconfig))
    if terminal.wait_for(lambda output: len(output) > 0, 30, 0) is None:
        terminal.end(b"\x03")
        raise NotSeenError(f"kubectl {arguments[0]} wrote nothing")
    return terminal


def used(terminal: Terminal, seconds: float) -> str:
    """Its share of a core, and what it writes, in the next seconds."""
    share, written = cost(terminal, seconds)
    return f"{share:.0f} %, {written / 1000:,.0f} kB/s"


def watching(kubectl: str, kubeconfig: str, rate: int, seconds: float) -> list[Row]:
    """What `get pods -A -w` uses under changes that are under way."""
    terminal = follows(kubectl, kubeconfig, "get", "pods", "-A", "-w")
    try:
        terminal.read(3)
        told = used(terminal, seconds)
        memory = terminal.memory_mb()
    finally:
        terminal.end(b"\x03")
    what = f"`kubectl get pods -A -w`, {rate:,} changes/s"
    return [Row(what, "", kubectl=f"{told}, {memory:.0f} MB")]


def logs(kubectl: str, kubeconfig: str, rate: int, seconds: float) -> list[Row]:
    """What `kubectl logs -f` uses for the lines that the log pane shows."""
    terminal = follows(
        kubectl,
        kubeconfig,
        *("logs", "-f", "--tail=10", "-n", NAMESPACE),
        *("-l", "app=svc-00", f"--max-log-requests={PODS}"),
    )
    try:
        terminal.read(0.5)
        told = used(terminal, seconds)
    finally:
        terminal.end(b"\x03")
    return [Row(f"`kubectl logs -f` of {PODS} pods at {rate:,} lines/s", "", kubectl=told)]


def once(kubectl: str, kubeconfig: str, pods: int) -> list[Row]:
    """What the same tables cost, printed once."""
    rows = []
    for arguments in (("get", "pods", "-A"), ("top", "pods", "-A")):
        began = os.times()
        with tempfile.TemporaryFile() as out:
            command = [kubectl, *arguments]
            ended = subprocess.run(
                command, env=environ(kubeconfig), stdout=out, stderr=out, check=False
            )
        now = os.times()
        cpu = now.children_user + now.children_system
        cpu -= began.children_user + began.children_system
        took = f"{now.elapsed - began.elapsed:.1f} s, {cpu:.1f} s of CPU"
        if ended.returncode:
            took = f"not measured: it ended with {ended.returncode}"
        rows.append(Row(f"`kubectl {' '.join(arguments)}`, once, {pods:,} pods", "", kubectl=took))
    return rows
