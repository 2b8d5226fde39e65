"""The cockpit on a pty, and what all cases look for in it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.terminal import CURSOR, Line, Terminal, plain, program

LIVE = "● live".encode()
READING = b"reading"
STARTING = b"starting"
ROWS = b"deploy/"
PODS = b"Pod (pods)"
"""Stands over the table of all pods."""
_POD_NAME = re.compile(rb"[a-z]-[b-z2-9]{9}-[b-z2-9]{5}\b")
_LEFT_OUT = ("K8STUI", "PYTHONDONTWRITEBYTECODE", "NO_COLOR", "TEXTUAL")


class NotSeenError(Exception):
    """What was waited for did not come to the screen, so nothing can be told."""


def environ(kubeconfig: str) -> dict[str, str]:
    """The environment of a usual terminal."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_LEFT_OUT)}
    return kept | {"KUBECONFIG": kubeconfig, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


def seen(*words: bytes) -> Callable[[bytes], bool]:
    """Tells whether all these words are in the text of an output."""
    return lambda output: all(word in plain(output) for word in words)


def shows_a_pod(output: bytes) -> bool:
    """Whether there is a pod of a ReplicaSet, by its name."""
    return _POD_NAME.search(plain(output)) is not None


@contextlib.contextmanager
def cockpit(
    kubeconfig: str, *flags: str, line: Line | None = None, asked: str = ""
) -> Iterator[Terminal]:
    """The cockpit over a cluster, until the block ends.

    Args:
        asked: A file in which it tells what it holds; see `bench.inside`.
    """
    argv = program(*(flags or ("-A",)))
    if asked:
        argv[2:3] = ["bench.inside", asked]
    terminal = Terminal(argv, environ(kubeconfig), line=line or Line())
    try:
        yield terminal
    finally:
        terminal.end()


def until(
    terminal: Terminal, what: str, seen: Callable[[bytes], bool], seconds: float, start: int = 0
) -> float:
    """When `seen` was first true, in seconds since the start of the program.

    Args:
        start: From where in the output on.

    Raises:
        NotSeenError: it was not within `seconds`.
    """
    when = terminal.wait_for(seen, seconds, start)
    if when is None:
        raise NotSeenError(f"{what} did not come within {seconds:.0f} s")
    return when


def ready(terminal: Terminal) -> None:
    """Waits until everything is read; the logs of nothing are followed then."""
    until(terminal, "the end of reading", seen(LIVE), 120)
    terminal.send(b"e")
    terminal.read(0.7)
    # Back from the events to the workloads, which keys are to move over.
    terminal.send(b"\x1b")
    terminal.read(1)


def show_pods(terminal: Terminal) -> None:
    """Shows the table of all pods."""
    start = len(terminal.output)
    terminal.send(b":po\r")
    until(terminal, "the table of pods", seen(PODS), 20, start)
    terminal.read(1.5)


def cost(terminal: Terminal, seconds: float) -> tuple[float, float]:
    """Percent of a core, and bytes a second, of the next seconds."""
    before, began = terminal.cpu_seconds(), terminal.now
    written = terminal.read(seconds)
    lasted = terminal.now - began
    return (terminal.cpu_seconds() - before) / lasted * 100, written / lasted


def answered(terminal: Terminal, keys: bytes, marker: bytes = CURSOR) -> float:
    """Seconds from a key to the frame that has the marker in it."""
    took = terminal.answer_time(keys, marker)
    if took is None:
        raise NotSeenError(f"{keys!r} brought no frame")
    return took


def settled(terminal: Terminal, keys: bytes) -> float:
    """Seconds from a key to the end of the last frame that it brought."""
    took = terminal.settle_time(keys)
    if took is None:
        raise NotSeenError(f"{keys!r} brought no frame")
    return took


def key_times(terminal: Terminal, presses: int) -> list[float]:
    """Seconds from a press to the frame in which the cursor has moved."""
    found = []
    for press in range(presses):
        terminal.read(0.1)
        found.append(answered(terminal, b"j" if press % 16 < 8 else b"k"))
    return found


def ask(terminal: Terminal, file: Path) -> dict[str, Any]:
    """What a program under `bench.inside` tells of itself."""
    file.write_text("")
    os.kill(terminal.pid, signal.SIGUSR1)
    for _ in range(200):
        terminal.read(0.05)
        if text := file.read_text():
            return dict(json.loads(text))
    raise NotSeenError("the program did not tell what it holds")
