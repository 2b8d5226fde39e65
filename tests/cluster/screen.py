"""The real program on a pseudo terminal, and what a person would see there."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte

_UNKNOWN = re.compile(rb"\x1b\[[<=>][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
"""Sequences that pyte would take for text: key protocols, and questions to the terminal."""
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;<=>?$]*)?\Z")
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios;"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


def k8stui(*arguments: str) -> list[str]:
    """The command that starts the program under test."""
    return [sys.executable, "-m", "k8stui", *arguments]


class Program:
    """A program that owns a terminal of this size, whose other end the test holds."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], columns: int = 120, lines: int = 40
    ) -> None:
        self.output = bytearray()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""
        self._master, self._slave = os.openpty()
        self._set_size(columns, lines)
        self.modes_before = self._modes()
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _TAKE_TERMINAL, *argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            start_new_session=True,
            env=dict(environ),
        )
        self.pid = self._process.pid

    def _modes(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    # -- looking ------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.0) -> bool:
        """Draws what the program writes within this time, the first of it; whether any came."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.output += chunk
        whole = self._rest + chunk
        unfinished = _UNFINISHED.search(whole)
        self._rest = unfinished.group() if unfinished else b""
        self._stream.feed(_UNKNOWN.sub(b"", whole[: len(whole) - len(self._rest)]))
        return bool(chunk)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def line_with(self, text: str) -> str:
        """The first line of the screen that holds this text, "" for none."""
        return next((line for line in self.lines if text in line), "")

    def until(self, seen: Callable[[Program], object], seconds: float, what: str) -> float:
        """Waits until `seen` is true of the screen; how many seconds it took.

        Raises:
            AssertionError: it never was within this time; tells what the screen shows.
        """
        begin = time.monotonic()
        while True:
            if seen(self):
                return time.monotonic() - begin
            passed = time.monotonic() - begin
            assert passed < seconds, f"not within {seconds:.0f} s: {what}\n{self.text}"
            self.pump(min(0.05, seconds - passed))

    def shows(self, *texts: str, seconds: float = 15.0) -> float:
        """Waits until all of these stand on the screen; how many seconds it took."""
        return self.until(
            lambda each: all(text in each.text for text in texts), seconds, f"{texts} shown"
        )

    def settles(self, seconds: float = 15.0) -> None:
        """Waits until everything that is to be read was read."""
        self.until(lambda each: "● live" in each.lines[0], seconds, "live")

    # -- acting -------------------------------------------------------------------------------

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        while self.pump():
            pass
        self._screen.resize(lines, columns)
        self._set_size(columns, lines)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """The terminal goes away, as when an SSH connection breaks."""
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def exit_code(self, seconds: float) -> int:
        """Waits for the end. Raises AssertionError when it does not come in time."""
        end = time.monotonic() + seconds
        while self._process.poll() is None:
            assert time.monotonic() < end, f"still runs after {seconds:.0f} s\n{self.text}"
            if self._master < 0 or not self.pump(0.02):
                time.sleep(0.01)
        while self._master >= 0 and self.pump():
            pass
        return self._process.returncode

    def modes_now(self) -> list[Any]:
        """The terminal's modes as `termios.tcgetattr` tells them."""
        return self._modes()

    def session_members(self) -> list[str]:
        """The commands of all processes of the program's session that still run."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
                if int(fields[3]) == self.pid and fields[0] != "Z":
                    found.append((stat.parent / "cmdline").read_text().replace("\0", " "))
            except (OSError, ValueError):
                continue
        return found

    def close(self) -> None:
        """Ends the program whatever it does."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)


@contextmanager
def running(
    argv: Sequence[str], environ: Mapping[str, str], columns: int = 120, lines: int = 40
) -> Iterator[Program]:
    """A program on a terminal that is ended with the block."""
    program = Program(argv, environ, columns, lines)
    try:
        yield program
    finally:
        program.close()
