"""A control plane of the tests' own, to be broken: nobody else is disturbed."""

from __future__ import annotations

import base64
import json
import random
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PORTS = 4
"""API server, etcd and its peers, metrics: one after the other."""


class ControlPlane:
    """API server, etcd, controllers and scheduler without a node, so pods stay Pending."""

    def __init__(self, tools: Path, home: Path, port: int, environ: Mapping[str, str]) -> None:
        self.kubeconfig = home / "admin.kubeconfig"
        self._tools = tools
        self._etcd = port + 1
        self._environ = {**environ, "K8S_HOME": str(home), "K8S_API_PORT": str(port)}

    def run(self, tool: str, *words: str) -> None:
        """Runs `up`, `down` or `fault` to its end."""
        command = [str(self._tools / tool), *words]
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{tool} {' '.join(words)}: {done.stdout}{done.stderr}"

    @contextmanager
    def broken(self, how: str, part: str, seconds: float) -> Iterator[None]:
        """A part is `down` or in `freeze` for so long, at most as long as the block."""
        command = [str(self._tools / "fault"), how, part, str(seconds)]
        fault = subprocess.Popen(command, env=self._environ)
        try:
            yield
        finally:
            assert fault.wait(timeout=seconds + 60) == 0

    def forget(self, kind: str, namespace: str, name: str) -> None:
        """Deletes an object in etcd itself: no API server has to run."""
        key = base64.b64encode(f"/registry/{kind}/{namespace}/{name}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._etcd}/v3/kv/deleterange", json.dumps({"key": key}).encode()
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=10
        ) as answer:
            assert json.load(answer).get("deleted") == "1", f"etcd has no {kind} {name}"

    def compact(self) -> None:
        """Watches can't be resumed from before this moment."""
        self.run("fault", "compact")


@contextmanager
def control_plane(tools: Path, home: Path, environ: Mapping[str, str]) -> Iterator[ControlPlane]:
    """Starts one (about ten seconds), and leaves nothing of it."""
    plane = ControlPlane(tools, home, _free_ports(), environ)
    try:
        plane.run("up", "--no-node")
        yield plane
    finally:
        plane.run("down", "--purge")


def _free_ports() -> int:
    """The first of `_PORTS` ports in a row that nobody uses."""
    for _ in range(100):
        first = random.randrange(20_000, 32_000)
        if all(_is_free(first + each) for each in range(_PORTS)):
            return first
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
