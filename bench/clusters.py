"""Starts what is measured against, and stops it: the demo cluster, or a real control plane."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_BINARIES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kubernetes-1.20"
_PORT = "27443"


class Demo:
    """A demo cluster in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], path: str) -> None:
        self.kubeconfig = path
        self._process = process

    def order(self, **orders: float) -> None:
        """Sets its load; see `bench.demo_server`."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(orders) + "\n")
        self._process.stdin.flush()

    def requests(self) -> dict[str, dict[str, int]]:
        """How often each path was asked for since the last call, by what for."""
        self.order(requests=1)
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))


def begin(pods: int, scenario: str = "default") -> subprocess.Popen[str]:
    """Starts a demo cluster that need not be there yet; to be given to `demo`."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.demo_server", str(pods), scenario],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@contextlib.contextmanager
def demo(
    pods: int, scenario: str = "default", begun: subprocess.Popen[str] | None = None
) -> Iterator[Demo]:
    """The demo cluster with so many pods.

    Args:
        begun: What `begin` returned for it.
    """
    process = begun or begin(pods, scenario)
    path = ""
    try:
        assert process.stdout is not None
        path = process.stdout.readline().strip()
        if not path:
            raise SystemExit("the demo cluster did not come up")
        yield Demo(process, path)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if path:
            Path(path).unlink(missing_ok=True)


def kubectl() -> str | None:
    """The kubectl to compare with."""
    built = _BINARIES / "kubectl"
    return str(built) if built.exists() else shutil.which("kubectl")


def scripts() -> Path | None:
    """Where `up` and `hollow` are, when there is a real Kubernetes to start."""
    if not (_BINARIES / "kube-apiserver").exists() or os.geteuid():
        return None
    for parent in Path(__file__).resolve().parents:
        found = parent / "shared" / "cluster"
        if (found / "hollow").exists():
            return found
    return None


class Real:
    """A real control plane with hollow pods."""

    def __init__(self, scripts: Path, environ: dict[str, str], home: Path, pods: int) -> None:
        self.kubeconfig = str(home / "admin.kubeconfig")
        self._scripts = scripts
        self._environ = environ
        self._pods = pods
        self._hollow: subprocess.Popen[str] | None = None

    def churn(self, rate: float) -> None:
        """Begins with so many status changes a second (0 ends them); returns when it does."""
        if self._hollow is not None:
            self._hollow.terminate()
            self._hollow.wait()
            self._hollow = None
        if rate:
            self._hollow = self._run_hollow("--churn", str(rate))

    def fill(self) -> None:
        """Makes the pods; returns when all of them run."""
        self._run_hollow().wait()

    def _run_hollow(self, *more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(self._scripts / "hollow"), "--pods", str(self._pods), *more],
            env=self._environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        out: IO[str] | None = process.stdout
        assert out is not None
        for line in out:
            if line.startswith("ready:"):
                break
        threading.Thread(target=out.read, daemon=True).start()
        return process


@contextlib.contextmanager
def real(pods: int) -> Iterator[Real]:
    """A control plane of its own, with so many hollow pods; about two minutes for 10,000."""
    found = scripts()
    assert found is not None
    home = Path(tempfile.mkdtemp(prefix="k8stui-bench-"))
    environ = os.environ | {"K8S_HOME": str(home), "K8S_API_PORT": _PORT}
    try:
        subprocess.run(
            [str(found / "up"), "--no-node"], env=environ, check=True, stdout=subprocess.DEVNULL
        )
        cluster = Real(found, environ, home, pods)
        cluster.fill()
        yield cluster
        cluster.churn(0)
    finally:
        subprocess.run([str(found / "down"), "--purge"], env=environ, check=False)
