"""Log lines that are written to a file as they come."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from k8stui.errors import K8sTuiError
from k8stui.logs.export import SaveForm, file_line
from k8stui.logs.feed import LogFeed, StreamName
from k8stui.logs.ring import KIND_MASK, LINE, RawLine
from k8stui.paths import open_private

_MOST_WAITING = 256 << 20
"""Bytes of lines that may wait to be written: memory goes before a disk that is too slow."""

_Batch = list[tuple[StreamName, RawLine]]


class Tee:
    """Writes lines to a file as they come, over every reconnect and restart, in a thread.

    Args:
        feed: The engine; `lines` is to be its `on_lines` hook.
        path: Appended to; only its owner can read it.

    Raises:
        K8sTuiError: the file can't be opened.
    """

    def __init__(self, feed: LogFeed, path: Path, form: SaveForm = "text") -> None:
        self.error = ""
        """Why it stopped, empty while it writes."""
        self.written = 0
        """Lines so far."""
        self._feed = feed
        self._form = form
        try:
            descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise K8sTuiError(f"can't write {path}: {error.strerror}") from error
        self._file = os.fdopen(descriptor, "ab")
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._given = 0
        """Bytes that were given to the thread."""
        self._done = 0
        """Bytes that it is done with."""
        # Not a daemon: what was given to it is written before the program ends.
        self._thread = Thread(target=self._run, name="tee")
        self._thread.start()

    def lines(self, first: int) -> None:
        """Takes what is in the ring from `first` on."""
        if self.error:
            return
        ring, name_of = self._feed.ring, self._feed.name_of
        batch = [(name_of(line.stream), line) for _, line in ring.range(first, ring.end)]
        self._given += _size(batch)
        if self._given - self._done > _MOST_WAITING:
            self.error = "stopped: lines come faster than they can be written"
        self._batches.put(batch)

    def close(self) -> None:
        """Ends the file when all that was taken is in it; nothing more is taken."""
        self._batches.put(None)

    async def closed(self) -> None:
        """Returns when the file has come to its end, some time after `close`."""
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            while (batch := self._batches.get()) is not None:
                self._write(batch)
                self._done += _size(batch)
                if self._batches.empty():
                    self._file.flush()
            self._file.close()
        except OSError as error:
            self.error = f"can't write: {error.strerror}"
        with contextlib.suppress(OSError):
            self._file.close()

    def _write(self, batch: _Batch) -> None:
        for name, line in batch:
            if self._form != "raw" or line.mark & KIND_MASK == LINE:
                self._file.write(file_line(name, line, self._form))
                self.written += 1


def _size(batch: _Batch) -> int:
    return sum(len(line.message) for _, line in batch)
