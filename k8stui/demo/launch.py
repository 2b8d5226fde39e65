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
from typing import Final

READY_IN: Final = 20.0
PODS_A_SECOND: Final = 1000
"""How many pods a slow machine makes."""
ENDS_IN: Final = 3.0


class DemoError(RuntimeError):
    """The demo cluster did not come up; the message says why."""


class Child:
    """A demo cluster in a process of its own, which begins to start at once.

    It ends with this process, however this process ends: its stdin is a pipe that only this
    process can write to, and the kernel closes it.

    Args:
        scenario: See `scenarios.SCENARIOS`.
        pods: Fill up to so many pods.
        speed: How many seconds pass in the cluster for one real second.
        faults: Whether faults can be asked for, see `faults`.
        port: The port, 0 for a free one.
    """

    def __init__(
        self,
        scenario: str = "default",
        *,
        pods: int = 0,
        speed: float = 1.0,
        faults: bool = False,
        port: int = 0,
    ) -> None:
        handle, self.path = tempfile.mkstemp(prefix="k8stui-demo-", suffix=".kubeconfig")
        """A kubeconfig that only this user can read, there from `wait_listening` to `end`."""
        os.close(handle)
        self._seconds = READY_IN + pods / PODS_A_SECOND
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        argv = [
            sys.executable, "-m", "k8stui.demo.serve", "--until-stdin-ends",
            "--kubeconfig", self.path, "--scenario", scenario, "--pods", str(pods),
            "--speed", str(speed), "--port", str(port), *(["--faults"] if faults else []),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            argv,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env=_environment(),
        )

    def wait_listening(self) -> None:
        """Wait until there is a kubeconfig, and a port that answers once all is ready.

        Raises:
            DemoError: when the child ends, or needs too long.
        """
        self._wait_line()

    def wait_ready(self) -> None:
        """Wait, after `wait_listening`, until requests are answered at once. Raises as it."""
        self._wait_line()

    def end(self) -> None:
        """End the process, and wait until it has ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()  # While it builds its world it does not look at its stdin.
        try:
            self._process.wait(ENDS_IN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        Path(self.path).unlink(missing_ok=True)

    def _wait_line(self) -> None:
        """Wait for the next line that the child prints."""
        pipe = self._process.stdout
        assert pipe is not None
        deadline = time.monotonic() + self._seconds
        while not select.select([pipe], [], [], max(deadline - time.monotonic(), 0))[0]:
            if time.monotonic() >= deadline:
                raise DemoError(f"the demo cluster was not ready within {self._seconds:.0f} s")
        if pipe.readline():
            return
        self._process.wait()
        self._errors.seek(0)
        text = self._errors.read().decode(errors="replace").strip()
        raise DemoError(text.splitlines()[-1] if text else "the demo cluster ended at once")


@contextlib.contextmanager
def begun() -> Iterator[Child]:
    """A demo cluster that is starting, until the block ends."""
    child = Child()
    try:
        yield child
    finally:
        child.end()


@contextlib.contextmanager
def start(
    scenario: str = "default",
    *,
    pods: int = 0,
    speed: float = 1.0,
    faults: bool = False,
    port: int = 0,
) -> Iterator[str]:
    """Run a demo cluster for as long as the block lasts; the arguments are those of `Child`.

    Yields:
        The path of a kubeconfig that only this user can read; it is gone afterwards.

    Raises:
        DemoError: when the child ends, or is not ready in time.
    """
    child = Child(scenario, pods=pods, speed=speed, faults=faults, port=port)
    try:
        child.wait_listening()
        child.wait_ready()
        yield child.path
    finally:
        child.end()


def _environment() -> dict[str, str]:
    """The child finds this very package, however it was put on the path."""
    root = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([root, known] if known else [root]),
        # A server trusts nobody, and its HTTP library reads all these at its start: 0.1 s.
        "SSL_CERT_FILE": os.devnull,
        "SSL_CERT_DIR": os.devnull,
    }
