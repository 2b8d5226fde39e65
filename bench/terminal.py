"""Runs a program on a pty, as a terminal would, and watches what it writes and uses."""

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
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?<>=]*[A-Za-z@`]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")
_ANSWERS = ((b"\x1b[?2026$p", b"\x1b[?2026;2$y"), (b"\x1b[6n", b"\x1b[1;1R"))
FRAME_END = b"\x1b[?2026l"
CURSOR = "▸".encode()
"""Drawn where the cursor of the pane that has the focus has moved to."""


class Line(NamedTuple):
    """A line between the program and the terminal."""

    round_trip: float = 0.0
    """Seconds."""
    bytes_per_second: float = float("inf")
    buffer: int = 64 * 1024
    """What the line takes from the program before it must wait, as sshd does."""


class Terminal:
    """A program on a pty of its own. Times are seconds since it was started."""

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        columns: int = 160,
        lines: int = 50,
        line: Line = Line(),  # noqa: B008 - immutable
    ) -> None:
        self.started = time.monotonic()
        self.output = bytearray()
        self._line = line
        self._free_at = 0.0
        self._arriving: deque[tuple[float, bytes]] = deque()
        self._leaving: deque[tuple[float, bytes]] = deque()
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
            self._turn(left)
        return len(self.output) - before

    def wait_for(
        self, seen: Callable[[bytes], bool], seconds: float = 30.0, start: int | None = None
    ) -> float | None:
        """When `seen` was first true of what was written since the call, None if never.

        Args:
            start: From where in the output on instead.
        """
        begin = len(self.output) if start is None else start
        end = time.monotonic() + seconds
        length = -1
        while time.monotonic() < end:
            if len(self.output) != length:
                length = len(self.output)
                if seen(bytes(self.output[begin:])):
                    return self.now
            self._turn(min(0.05, max(0.0, end - time.monotonic())))
        return None

    def send(self, keys: bytes) -> None:
        self._leaving.append((time.monotonic() + self._line.round_trip / 2, keys))
        self._send_due()

    def answer_time(
        self, keys: bytes, marker: bytes = CURSOR, seconds: float = 10.0
    ) -> float | None:
        """Seconds from a key to the end of the first frame that has the marker in it."""
        self.read(0.0)
        before = time.monotonic()
        start = len(self.output)
        self.send(keys)
        while time.monotonic() - before < seconds:
            self._turn(0.2)
            found = self.output.find(marker, start)
            if found >= 0 and self.output.find(FRAME_END, found) >= 0:
                return time.monotonic() - before
        return None

    def settle_time(self, keys: bytes, quiet: float = 0.25, seconds: float = 10.0) -> float | None:
        """Seconds from a key to the end of the last frame before a pause; None without a frame."""
        self.read(0.0)
        before = time.monotonic()
        start = length = len(self.output)
        came = before
        settled: float | None = None
        self.send(keys)
        while time.monotonic() - before < seconds:
            self._turn(0.02)
            if len(self.output) != length:
                length, came = len(self.output), time.monotonic()
                if self.output.find(FRAME_END, start) >= 0:
                    settled = came - before
            elif settled is not None and time.monotonic() - came > quiet:
                break
        return settled

    def _turn(self, seconds: float) -> None:
        """Waits so long at most for something to be read, and takes what has come over the line."""
        now = time.monotonic()
        waiting = [due for due, _ in (*list(self._arriving)[:1], *list(self._leaving)[:1])]
        pause = max(0.0, min([seconds, *(due - now for due in waiting)]))
        full = (self._free_at - now) * self._line.bytes_per_second > self._line.buffer
        ready, _, _ = select.select([] if full else [self._master], [], [], pause)
        if ready:
            self._take()
        self._send_due()
        while self._arriving and self._arriving[0][0] <= time.monotonic():
            self._arrived(self._arriving.popleft()[1])

    def _take(self) -> None:
        shaped = self._line != Line()
        try:
            chunk = os.read(self._master, 1024 if shaped else 1 << 16)
        except OSError:
            time.sleep(0.01)
            return
        if not shaped:
            self._arrived(chunk)
            return
        now = time.monotonic()
        self._free_at = max(now, self._free_at) + len(chunk) / self._line.bytes_per_second
        self._arriving.append((self._free_at + self._line.round_trip / 2, chunk))

    def _arrived(self, chunk: bytes) -> None:
        self.output += chunk
        for question, answer in _ANSWERS:
            for _ in range(chunk.count(question)):
                self.send(answer)

    def _send_due(self) -> None:
        while self._leaving and self._leaving[0][0] <= time.monotonic():
            os.write(self._master, self._leaving.popleft()[1])

    # -- what it uses -------------------------------------------------------------------------

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Resident memory now (or `VmHWM`, at most), in MB (10^6 bytes)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024 / 1e6
        return 0.0

    def descriptors(self) -> int:
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def end(self, keys: bytes = b"q") -> int:
        """Presses `q` and gives the exit code; kills what does not end within five seconds."""
        self.send(keys)
        for _ in range(100):
            self._turn(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                os.close(self._master)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._master)
        return code


def plain(output: bytes) -> bytes:
    """The text of what was written, without escape sequences."""
    return _ESCAPE.sub(b"", output)


def program(*arguments: str) -> list[str]:
    """The command that starts k8stui with the Python that runs the bench."""
    return [sys.executable, "-m", "k8stui", *arguments]
