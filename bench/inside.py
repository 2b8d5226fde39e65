"""Runs k8stui so that it can be asked what it holds: `python -m bench.inside FILE ARGUMENTS...`.

On SIGUSR1 it writes into FILE, as JSON, how many tasks and tracked objects there are, and the
longest turn of the event loop (milliseconds of CPU) since it was asked before, with its work.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from k8stui.cli import main


class Turns:
    """The longest turn of the event loop, in CPU time so that other programs do not count."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.work = ""

    def watch(self) -> None:
        handles: Any = asyncio.Handle
        run = handles._run

        def timed(handle: asyncio.Handle) -> None:
            start = time.thread_time()
            run(handle)
            took = time.thread_time() - start
            if took > self.longest:
                self.longest, self.work = took, _name_of(handle)

        handles._run = timed

    def taken(self) -> dict[str, object]:
        told = {"stall": self.longest * 1000, "work": self.work}
        self.longest, self.work = 0.0, ""
        return told


def _name_of(handle: Any) -> str:
    """The coroutine or function that a handle ran."""
    callback = handle._callback
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        return getattr(task.get_coro(), "__qualname__", repr(task))
    return getattr(callback, "__qualname__", repr(handle))


class _MallocInfo(ctypes.Structure):
    """glibc's `struct mallinfo2`."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _allocated() -> dict[str, object]:
    """What is in use, and what only fragments keep: to tell which of them grows."""
    told: dict[str, object] = {"blocks": sys.getallocatedblocks()}
    info = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if info is not None:
        info.restype = _MallocInfo
        found = info()
        told |= {"used": (found.uordblks + found.hblkhd) / 1e6, "free": found.fordblks / 1e6}
    return told


TURNS = Turns()


def _tell(*_: object) -> None:
    stall = TURNS.taken()
    gc.collect()
    held = {"tasks": len(asyncio.all_tasks()), "objects": len(gc.get_objects())}
    Path(sys.argv[1]).write_text(json.dumps(held | stall | _allocated()))


if __name__ == "__main__":
    TURNS.watch()
    signal.signal(signal.SIGUSR1, _tell)
    sys.exit(main(sys.argv[2:]))
