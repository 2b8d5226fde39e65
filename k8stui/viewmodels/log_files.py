"""Log lines in files: saved as they are shown, or written along as they come."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import get_args

from k8stui.logs.export import SaveForm, Written, save_lines
from k8stui.logs.feed import Stream, Tailing
from k8stui.logs.tee import Tee
from k8stui.resources.text import clean_text
from k8stui.viewmodels.log_pane import LogPane

FORMS: dict[str, SaveForm] = {form: form for form in get_args(SaveForm)}
"""By their names."""
_TOLD_SECONDS = 0.25
"""Between two words of how far a file has come."""

SaveWhole = Callable[
    [Path, Sequence[Stream], SaveForm, bool, Callable[[Written], None]], Awaitable[Written]
]
"""Writes all that the server has of streams, or of their instances before, and tells how far it is.

Raises K8sTuiError; leaves no file when it is cancelled.
"""


class LogFiles:
    """Writes private files into a directory, with names that tell whose logs they are.

    Args:
        tail: The engine.
        pane: What is on the screen.
    """

    def __init__(self, tail: Tailing, pane: Callable[[], LogPane]) -> None:
        self.tee: Tee | None = None
        self.tee_path: Path | None = None
        self.saving = 0
        """How many files are being written at present."""
        self.save_whole: SaveWhole | None = None
        """Set by whoever has the doors to the server."""
        self.whole: Written | None = None
        """How far the file from the server has come, None where none is written."""
        self._tail = tail
        self._pane = pane
        self._untee: Callable[[], None] | None = None
        self._paths: set[Path] = set()
        """Of all files so far: two of one second are two files."""

    async def save(
        self, directory: Path, name: str, form: SaveForm = "text", *, all_lines: bool = False
    ) -> tuple[Path, int]:
        """Writes the lines of this moment to a private file there, in a thread.

        The file comes into being even when nobody waits for it any more.

        Returns:
            Its path and the number of lines.

        Raises:
            K8sTuiError: it can't be written.
        """
        path = self._file(directory, name, "jsonl" if form == "jsonl" else "log")
        lines = self._pane().held(all_lines=all_lines)
        self.saving += 1
        try:
            return path, await asyncio.to_thread(save_lines, path, lines, form)
        finally:
            self.saving -= 1

    async def save_as(self, directory: Path, name: str, *, form: str, all_lines: bool) -> str:
        """The same, in one of the forms `text`, `raw` and `jsonl`; says what was done."""
        path, lines = await self.save(directory, name, FORMS[form], all_lines=all_lines)
        return f"{lines:,} lines saved to {clean_text(str(path))}"

    async def save_from_server(
        self,
        directory: Path,
        name: str,
        *,
        form: str,
        streams: Sequence[Stream],
        previous: bool,
        changed: Callable[[], None],
    ) -> str:
        """Writes all that the server has of these streams to a private file, log by log.

        One at a time; it ends without a file when it is cancelled.

        Args:
            directory: Where the file is to be.
            name: Whose logs they are.
            form: `text`, `raw` or `jsonl`.
            streams: Whose logs are wanted.
            previous: Whether those of their instances before are meant.
            changed: Called a few times a second: `whole` says something else.

        Returns:
            What was done, in words.

        Raises:
            K8sTuiError: it can't be written, or a log can't be read.
        """
        if self.save_whole is None or self.whole is not None:
            return "a file from the server is being written already"
        path = self._file(directory, name, "jsonl" if form == "jsonl" else "log")
        next_word = 0.0

        def told(state: Written) -> None:
            nonlocal next_word
            self.whole = state
            now = time.monotonic()
            if now >= next_word:
                next_word = now + _TOLD_SECONDS
                changed()

        self.whole = Written(of=len(streams))
        try:
            done = await self.save_whole(path, streams, FORMS[form], previous, told)
        finally:
            self.whole = None
        none = f"; {done.without} of {done.of} containers have no log" if done.without else ""
        return f"{done.lines:,} lines saved to {clean_text(str(path))}{none}"

    async def toggle_tee(self, directory: Path, name: str) -> str:
        """Begins to write all lines that come to a file as well, or ends it; says what was done.

        Raises:
            K8sTuiError: it can't be opened.
        """
        tee, path = self.tee, self.tee_path
        if tee is not None and path is not None:
            self.end()
            await tee.closed()
            why = f"; {tee.error}" if tee.error else ""
            return f"{tee.written:,} lines written to {clean_text(str(path))}{why}"
        path = self._file(directory, name, "tee.log")
        self.tee, self.tee_path = Tee(self._tail, path), path
        self._untee = self._tail.on_lines(self.tee.lines)
        return f"all lines that come are written to {clean_text(str(path))} too"

    def end(self) -> None:
        """Ends the file that is written along, where there is one."""
        if self._untee is not None:
            self._untee()
        if self.tee is not None:
            self.tee.close()
        self.tee = self._untee = None

    def _file(self, directory: Path, name: str, ending: str) -> Path:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        safe = re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-.")[:100] or "logs"
        path, number = directory / f"{safe}-{stamp}.{ending}", 1
        while path in self._paths or path.exists():
            number += 1
            path = directory / f"{safe}-{stamp}-{number}.{ending}"
        self._paths.add(path)
        return path
