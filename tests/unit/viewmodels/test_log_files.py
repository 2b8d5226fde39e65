"""Files of log lines: written beside the event loop, with the lines of one moment."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.logs import export
from k8stui.logs.export import SaveForm
from k8stui.logs.feed import StreamName
from k8stui.logs.held_lines import HeldLines
from k8stui.logs.ring import RawLine, Ring
from k8stui.viewmodels import log_files
from k8stui.viewmodels.log_files import LogFiles
from k8stui.viewmodels.log_filter import parse_patterns
from k8stui.viewmodels.log_pane import Shown
from tests.ui.fake_cluster import FakeTail
from tests.unit.viewmodels.log_feed import Feed, pane_of, texts

Lines = Iterator[tuple[StreamName, RawLine]]


def files_of(feed: Feed, shown: Shown | None = None) -> LogFiles:
    """Of a pane over this feed, all of whose lines have been looked at."""
    pane, _ = pane_of(feed, shown)
    texts(pane)
    return LogFiles(FakeTail.__new__(FakeTail), lambda: pane)


def written(directory: Path) -> list[bytes]:
    """What is in the files there."""
    return [path.read_bytes() for path in directory.iterdir()]


class Gate:
    """Lets a save begin to write only when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = threading.Event()
        self.threads: list[int] = []
        self._began = asyncio.Event()
        loop = asyncio.get_running_loop()
        write = export.save_lines

        def save_lines(path: Path, lines: Lines, form: SaveForm = "text") -> int:
            self.threads.append(threading.get_ident())
            loop.call_soon_threadsafe(self._began.set)
            self.opened.wait(30)
            return write(path, lines, form)

        monkeypatch.setattr(log_files, "save_lines", save_lines)

    async def reached(self) -> None:
        """A save waits here."""
        await asyncio.wait_for(self._began.wait(), 30)


async def test_a_save_holds_what_there_was_and_is_written_in_a_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed(lines=10)
    feed.put(*(f"first {n}" for n in range(10)))
    gate, files = Gate(monkeypatch), files_of(feed)

    saving = asyncio.create_task(files.save(tmp_path, "web", "raw"))
    await gate.reached()
    assert files.saving == 1
    feed.put(*(f"later {n}" for n in range(10)))
    gate.opened.set()
    path, count = await saving

    assert (count, files.saving) == (10, 0)
    assert path.read_bytes() == b"".join(b"first %d\n" % n for n in range(10))
    assert threading.get_ident() not in gate.threads
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_save_that_nobody_waits_for_any_more_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = Feed()
    feed.put("one", "two")
    gate, files = Gate(monkeypatch), files_of(feed)

    saving = asyncio.create_task(files.save(tmp_path, "web", "raw"))
    await gate.reached()
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    assert files.saving == 0
    gate.opened.set()
    await asyncio.get_running_loop().shutdown_default_executor()

    assert written(tmp_path) == [b"one\ntwo\n"]


async def test_two_saves_of_one_second_are_two_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "strftime", lambda *_: "20260102-030405")
    feed = Feed()
    feed.put("one")
    files = files_of(feed)

    both = await asyncio.gather(files.save(tmp_path, "web"), files.save(tmp_path, "web"))
    third, _ = await files_of(feed).save(tmp_path, "web")

    names = [path.name for path, _ in both]
    assert names == ["web-20260102-030405.log", "web-20260102-030405-2.log"]
    assert third.name == "web-20260102-030405-3.log"
    assert len(written(tmp_path)) == 3


@pytest.mark.parametrize(("every", "expected"), [(False, b"a1\na3\n"), (True, b"a1\nb2\na3\n")])
async def test_shown_lines_or_all_that_are_held(
    tmp_path: Path, every: bool, expected: bytes
) -> None:
    feed = Feed()
    feed.put("a1", "b2", "a3")
    files = files_of(feed, Shown(include=parse_patterns("a", None)))

    path, _ = await files.save(tmp_path, "web", "raw", all_lines=every)

    assert path.read_bytes() == expected


def _held(ring: Ring) -> list[bytes]:
    return [line.message for line in HeldLines(ring)]


def test_lines_that_outlive_their_neighbours_are_held_too() -> None:
    ring = Ring(lines=3, quota=1)
    ring.append(0, 1, b"quiet")
    for n in range(5000):
        ring.append(1, 2 + n, b"noisy %d" % n)
    held = HeldLines(ring)
    expected = [b"quiet", b"noisy 4997", b"noisy 4998", b"noisy 4999"]

    assert [line.message for line in held] == expected
    assert held.streams() == {0, 1}
    assert held[0].message == b"quiet"
    assert held[5000].message == b"noisy 4999"
    with pytest.raises(IndexError):
        held[1]
    ring.clear()
    assert [line.message for line in held] == expected


def test_older_lines_in_front_of_the_first_are_held_in_order() -> None:
    ring = Ring()
    ring.extend(0, range(3000), [b"%d" % n for n in range(3000)])
    ring.prepend([0] * 1500, range(1500), [b"-%d" % n for n in range(1500)], [0] * 1500)
    held = HeldLines(ring)

    assert _held(ring) == [line.message for _, line in ring.range(ring.first, ring.end)]
    assert held[ring.first] == ring[ring.first]
    assert all(held[at] == ring[at] for at in range(ring.first, ring.end))
