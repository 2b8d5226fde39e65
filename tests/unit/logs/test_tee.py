"""Lines that are written along: in a thread, whole, and none of them twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from k8stui.logs import tee
from k8stui.logs.export import SaveForm, file_line
from k8stui.logs.feed import StreamName
from k8stui.logs.ring import NOTICE, RawLine
from k8stui.logs.tee import Tee
from tests.unit.viewmodels.log_feed import Feed


def put(feed: Feed, along: Tee, *texts: str) -> None:
    """Lines that come while they are written along."""
    first = feed.ring.end
    feed.put(*texts)
    along.lines(first)


async def test_all_that_comes_is_written_whole_before_it_is_closed(tmp_path: Path) -> None:
    feed, path = Feed(lines=2), tmp_path / "tee.log"
    feed.put("before")
    along = Tee(feed, path, "raw")
    long = "x" * 100_000
    put(feed, along, "one")
    put(feed, along, "two", long)
    feed.ring.append(0, 0, b"a notice", NOTICE)
    along.lines(feed.ring.end - 1)
    along.close()
    await along.closed()

    assert path.read_text() == f"one\ntwo\n{long}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (along.written, along.error) == (3, "")


async def test_text_holds_the_whole_line(tmp_path: Path) -> None:
    feed, path = Feed(), tmp_path / "tee.log"
    along = Tee(feed, path)
    put(feed, along, "x" * 100_000)
    along.close()
    await along.closed()

    assert path.read_text().split()[-1] == "x" * 100_000


async def test_the_event_loop_neither_writes_nor_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, threads = threading.Event(), set()

    def slow(name: StreamName, line: RawLine, form: SaveForm) -> bytes:
        threads.add(threading.get_ident())
        opened.wait(30)
        return file_line(name, line, form)

    monkeypatch.setattr(tee, "file_line", slow)
    feed, path = Feed(), tmp_path / "tee.log"
    along = Tee(feed, path, "raw")
    put(feed, along, "one")
    put(feed, along, "two")
    along.close()
    assert path.read_bytes() == b""
    opened.set()
    await along.closed()

    assert path.read_bytes() == b"one\ntwo\n"
    assert threading.get_ident() not in threads


async def test_a_disk_that_is_too_slow_ends_it_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tee, "_MOST_WAITING", 5)
    feed, path = Feed(), tmp_path / "tee.log"
    along = Tee(feed, path, "raw")
    put(feed, along, "much too long")
    put(feed, along, "not taken")
    along.close()
    await along.closed()

    assert along.error == "stopped: lines come faster than they can be written"
    assert path.read_bytes() == b"much too long\n"


async def test_a_file_that_can_not_be_written_is_told() -> None:
    feed = Feed()
    along = Tee(feed, Path("/dev/full"), "raw")
    put(feed, along, "one")
    along.close()
    await along.closed()

    assert along.error == "can't write: No space left on device"
