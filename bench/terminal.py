"""Runs the program on a pty, as a terminal would, and watches what it writes and uses."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[A-Za-z@`]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")


class Terminal:
    """A program on a pty of its own. Times are seconds since it was started."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], columns: int = 160, lines: int = 50
    ) -> None:
        self.started = time.monotonic()
        self.output = bytearray()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), dict(environ))
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    @property
    def now(self) -> float:
        return time.monotonic() - self.started

    def read(self, seconds: float) -> int:
        """Takes what is written within this time; returns how many bytes came."""
        end = time.monotonic() + seconds
        before = len(self.output)
        while (left := end - time.monotonic()) > 0:
            self._read_once(left)
        return len(self.output) - before

    def wait_for(self, seen: Callable[[bytes], bool], seconds: float = 30.0) -> float | None:
        """When `seen` was first true of all that was written since the call, None if never."""
        start = len(self.output)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if seen(bytes(self.output[start:])):
                return self.now
            self._read_once(min(0.05, max(0.0, end - time.monotonic())))
        return None

    def send(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def answer_time(self, keys: bytes) -> float | None:
        """Seconds from a key to the first bytes written after it."""
        self.read(0.0)
        before = time.monotonic()
        self.send(keys)
        while time.monotonic() - before < 5.0:
            if self._read_once(0.5):
                return time.monotonic() - before
        return None

    def _read_once(self, seconds: float) -> int:
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return 0
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:
            return 0
        # Textual asks whether synchronized updates work; a terminal that has them says yes.
        if b"\x1b[?2026$p" in chunk:
            os.write(self._master, b"\x1b[?2026;2$y")
        self.output += chunk
        return len(chunk)

    # -- what it uses -------------------------------------------------------------------------

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS

    def memory_mb(self) -> float:
        """Resident memory now, in MB (10^6 bytes)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0

    def end(self) -> int:
        """Presses `q` and gives the exit code; kills what does not end within five seconds."""
        self.send(b"q")
        for _ in range(100):
            self._read_once(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def plain(output: bytes) -> bytes:
    """The text of what was written, without escape sequences."""
    return _ESCAPE.sub(b"", output)


def program(*arguments: str) -> list[str]:
    """The command that starts k8stui with the Python that runs the bench."""
    return [sys.executable, "-m", "k8stui", *arguments]
