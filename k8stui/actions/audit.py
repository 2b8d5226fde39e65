"""The audit file: what was done with k8stui, by whom and how it ended, as lines of JSON."""

from __future__ import annotations

import fcntl
import getpass
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from k8stui.actions.interface import Facts, Outcome, Preview, Verdict
from k8stui.paths import open_private
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

FILE_NAME: Final = "audit.jsonl"
_MOST_READ: Final = 2**20
"""Bytes of the file's end that are looked at to show it."""

MOST_BYTES: Final = 8 * 2**20
"""From this size on the file is set aside and a new one begun."""
KEPT: Final = 4
"""Files set aside: `audit.jsonl.1` is the newest of them; what is older than the last is gone."""

Phase = Literal["sending", "answered", "verdict"]


class Who(msgspec.Struct, frozen=True):
    """Who acts, where."""

    user: str
    """As the cluster knows it."""
    context: str
    server: str
    login: str = ""
    """The account on this machine."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. An action has one for each phase that it reached, under the same id."""

    time: str
    """RFC 3339, UTC."""
    id: str
    phase: Phase
    user: str
    login: str
    context: str
    server: str
    namespace: str
    kind: str
    name: str
    uid: str
    action: str
    title: str
    before: Facts
    after: Facts
    dry_run: str = ""
    result: str = ""
    answer: str = ""
    """The server's own words, or what is known instead."""
    verdict: str = ""
    warnings: tuple[str, ...] = ()
    kubectl: str = ""


def login_name() -> str:
    """The account on this machine, empty where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


class Audit:
    """Appends to the file; each line is on the disk before `write` returns.

    Args:
        path: The file, which only its owner may read.
    """

    def __init__(self, path: Path, who: Who) -> None:
        self.path = path
        self._who = who

    def write(
        self,
        phase: Phase,
        audit_id: str,
        preview: Preview,
        now: float,
        *,
        outcome: Outcome | None = None,
        verdict: Verdict | None = None,
    ) -> str:
        """Writes one line; returns "" or why it could not be written.

        Args:
            now: Epoch seconds.
        """
        entry = Entry(
            time=datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            id=audit_id,
            phase=phase,
            user=self._who.user,
            login=self._who.login,
            context=self._who.context,
            server=self._who.server,
            namespace=preview.subject.namespace,
            kind=preview.subject.kind,
            name=preview.subject.name,
            uid=preview.seen.uid,
            action=type(preview.intent).__name__.lower(),
            title=preview.title,
            before=preview.before,
            after=preview.after,
            dry_run=preview.dry_run,
            result=outcome.result if outcome else "",
            answer=(outcome.answer or outcome.text) if outcome else "",
            verdict=f"{verdict.state}: {verdict.text}" if verdict else "",
            warnings=preview.warnings,
            kubectl=preview.kubectl,
        )
        try:
            descriptor = self._opened()
            try:
                # One write of a whole line: lines of two programs never mix.
                os.write(descriptor, msgspec.json.encode(entry) + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            logger.warning("the audit file can't be written: %s", error)
            return f"{self.path} can't be written: {error.strerror}"
        return ""

    def _opened(self) -> int:
        """The file to append to, locked against another program that sets it aside."""
        while True:
            descriptor = open_private(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                mine, there = os.fstat(descriptor), os.stat(self.path)
                if mine.st_ino == there.st_ino and mine.st_size < MOST_BYTES:
                    return descriptor
                if mine.st_ino == there.st_ino:
                    self._set_aside()
            except FileNotFoundError:
                pass  # another program is setting it aside right now
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    def _set_aside(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            older = self._aside(number)
            if older.exists():
                older.replace(self._aside(number + 1))
        self.path.replace(self._aside(1))

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def entries(self, most: int) -> tuple[Entry, ...]:
        """The last actions, the newest first, each by the last phase that was written of it."""
        latest: dict[str, Entry] = {}
        for entry in self._read():
            latest[entry.id] = _joined(latest.pop(entry.id, None), entry)
        return tuple(reversed(latest.values()))[:most]

    def _read(self) -> Iterator[Entry]:
        # What was just set aside belongs to what is shown.
        for line in (*_end_of(self._aside(1)), *_end_of(self.path)):
            try:
                yield msgspec.json.decode(line, type=Entry)
            except msgspec.MsgspecError:
                continue


def _end_of(path: Path) -> list[bytes]:
    """The last lines of a file, none of one that can't be read; the first may be cut."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _MOST_READ))
            return file.read().splitlines()
    except OSError:
        return []


def _joined(earlier: Entry | None, later: Entry) -> Entry:
    """A verdict's line says nothing of the answer: that is in the line before."""
    if earlier is None or later.result:
        return later
    return msgspec.structs.replace(later, result=earlier.result, answer=earlier.answer)


def entry_line(entry: Entry) -> str:
    """An action on one line: `2026-11-21 10:04:11  alice  prod  Scale deploy/web … → done`."""
    end = entry.verdict or entry.answer or "no answer was written down"
    state, _, told = end.partition(": ")
    if told.startswith(state):
        end = told  # `done in 41s` says what `done` does
    where = f"{entry.context}/{entry.namespace}" if entry.namespace else entry.context
    change = " → ".join(dict.fromkeys(filter(None, (entry.before.text(), entry.after.text()))))
    parts = (entry.time[:19].replace("T", " "), entry.user, where, entry.title, change, end)
    return clean_text("  ".join(part for part in parts if part))
