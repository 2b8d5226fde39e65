"""Log lines in files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from k8stui.errors import K8sTuiError
from k8stui.logs.content import whole_text
from k8stui.logs.feed import StreamName
from k8stui.logs.ring import KIND_MASK, LINE, RawLine
from k8stui.logs.stamps import NANOSECONDS
from k8stui.paths import open_private

SaveForm = Literal["text", "raw", "jsonl"]


class Written(msgspec.Struct, frozen=True):
    """How far a file has come that is written log by log."""

    of: int
    """How many logs are wanted."""
    logs: int = 0
    """How many of them were read to their end."""
    lines: int = 0
    without: int = 0
    """How many containers have no log."""


def safe_file_name(text: str, ending: str) -> str:
    """A file name for this: letters, digits, dot, dash and underscore, not hidden, not long."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")[:120]
    return f"{name or 'log'}.{ending}"


def utc_stamp(nanoseconds: int) -> str:
    """RFC 3339 in UTC with nine decimals."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def file_line(name: StreamName, line: RawLine, form: SaveForm) -> bytes:
    """One line as a file has it. Only `raw` keeps the bytes, escape sequences among them."""
    if form == "raw":
        return line.message + b"\n"
    if form == "jsonl":
        fields = {
            "time": utc_stamp(line.time),
            "context": name.context,
            "namespace": name.namespace,
            "pod": name.pod,
            "container": name.container,
            "kind": "line" if line.mark & KIND_MASK == LINE else "notice",
            "message": line.message.decode("utf-8", "replace"),
        }
        return msgspec.json.encode(fields) + b"\n"
    text = whole_text(line.message)
    return f"{utc_stamp(line.time)} {name.pod} {name.container} {text}\n".encode()


def write_lines(file: BinaryIO, lines: Iterable[tuple[StreamName, RawLine]], form: SaveForm) -> int:
    """Writes lines to a file; `raw` leaves notices out. Gives the number of those written."""
    count = 0
    for name, line in lines:
        if form != "raw" or line.mark & KIND_MASK == LINE:
            file.write(file_line(name, line, form))
            count += 1
    return count


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner can read, which is there when the block has come to its end.

    Raises:
        K8sTuiError: it can't be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = open_private(beside, os.O_WRONLY | os.O_EXCL)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise K8sTuiError(f"can't write {path}: {error.strerror}") from error


def save_lines(
    path: Path, lines: Iterable[tuple[StreamName, RawLine]], form: SaveForm = "text"
) -> int:
    """Writes lines to a file that only its owner can read; it is there whole or not at all.

    Returns:
        How many lines were written.

    Raises:
        K8sTuiError: it can't be written.
    """
    with whole_file(path) as file:
        return write_lines(file, lines, form)
