"""Starts the demo cluster in a child process, and ends it."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

READY_IN: Final = 20.0
PODS_A_SECOND: Final = 1000
"""How many pods a slow machine makes."""
ENDS_IN: Final = 3.0


class DemoError(RuntimeError):
    """The demo cluster did not come up; the message says why."""


@contextlib.contextmanager
def start(
    scenario: str = "default",
    *,
    pods: int = 0,
    speed: float = 1.0,
    faults: bool = False,
    port: int = 0,
) -> Iterator[str]:
    """Run a demo cluster for as long as the block lasts.

    The child ends with this process, however this process ends: its stdin is a pipe that only
    this process can write to, and the kernel closes it.

    Args:
        scenario: See `scenarios.SCENARIOS`.
        pods: Fill up to so many pods.
        speed: How many seconds pass in the cluster for one real second.
        faults: Whether faults can be asked for, see `faults`.
        port: The port, 0 for a free one.

    Yields:
        The path of a kubeconfig that only this user can read; it is gone afterwards.

    Raises:
        DemoError: when the child ends, or is not ready in time.
    """
    handle, path = tempfile.mkstemp(prefix="k8stui-demo-", suffix=".kubeconfig")
    os.close(handle)
    argv = [
        sys.executable, "-m", "k8stui.demo.serve", "--until-stdin-ends", "--kubeconfig", path,
        "--scenario", scenario, "--pods", str(pods), "--speed", str(speed), "--port", str(port),
        *(["--faults"] if faults else []),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env=_environment(),
        )
        try:
            _wait_ready(child, errors, READY_IN + pods / PODS_A_SECOND)
            yield path
        finally:
            _end(child)
            Path(path).unlink(missing_ok=True)


def _environment() -> dict[str, str]:
    """The child finds this very package, however it was put on the path."""
    root = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, known] if known else [root])}


def _wait_ready(child: subprocess.Popen[bytes], errors: IO[bytes], seconds: float) -> None:
    """Wait for the line that the child prints when it listens."""
    assert child.stdout is not None
    deadline = time.monotonic() + seconds
    while not select.select([child.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
        if time.monotonic() >= deadline:
            raise DemoError(f"the demo cluster was not ready within {seconds:.0f} s")
    if child.stdout.readline():
        return
    child.wait()
    errors.seek(0)
    text = errors.read().decode(errors="replace").strip()
    raise DemoError(text.splitlines()[-1] if text else "the demo cluster ended at once")


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(ENDS_IN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
