"""Chunks become lines, whatever their cuts; what was seen is left out, what is no line is told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from k8stui.logs.intake import Intake
from k8stui.logs.overlap import Overlap
from k8stui.logs.splitter import LogSplitter
from k8stui.logs.stamps import is_stamp_start, parse_stamp, since_time

STAMP = b"2026-01-02T03:04:%02d.%09dZ "


def line(second: int, text: bytes, nano: int = 0) -> bytes:
    return STAMP % (second, nano) + text + b"\n"


class Taken:
    """An intake, and the messages that came out."""

    def __init__(self, overlap: Overlap | None = None, *, resume: bool = False) -> None:
        self.messages: list[bytes] = []
        self.marks: list[int] = []
        self.overlap = overlap or Overlap()
        replay = self.overlap.replay() if resume else None
        self.intake = Intake(self.overlap, replay, self._emit)

    def _emit(
        self, times: Sequence[int], messages: Sequence[bytes], marks: Sequence[int] | None
    ) -> None:
        assert len(times) == len(messages)
        self.messages += messages
        self.marks += marks or [0] * len(messages)


@pytest.mark.parametrize("size", [1, 2, 7, 33, 10_000])
def test_the_cuts_between_chunks_do_not_matter(size: int) -> None:
    body = line(1, b"one") + line(2, b"") + line(3, "drei €".encode()) + line(4, b"x\r")
    taken = Taken()
    for at in range(0, len(body), size):
        assert taken.intake.feed(body[at : at + size])

    assert taken.messages == [b"one", b"", "drei €".encode(), b"x\r"]
    assert taken.intake.finish() == b""


def test_a_resumed_answer_brings_only_what_is_new() -> None:
    first = Taken()
    first.intake.feed(line(1, b"a") + line(2, b"b") + line(2, b"b"))
    second = Taken(first.overlap, resume=True)
    second.intake.feed(
        line(1, b"a") + line(2, b"b") + line(2, b"b") + line(2, b"b") + line(3, b"c")
    )

    assert second.messages == [b"b", b"c"]


def test_a_second_drop_in_the_middle_of_the_replay_changes_nothing() -> None:
    overlap = Overlap()
    body = b"".join(line(5, b"line", nano) for nano in range(50))
    Taken(overlap).intake.feed(body)
    for cut in (100, 300, 900):
        again = Taken(overlap, resume=True)
        again.intake.feed(body[:cut])
        assert again.messages == []
    last = Taken(overlap, resume=True)
    last.intake.feed(body + line(5, b"new", 50))

    assert last.messages == [b"new"]


def test_an_answer_that_does_not_go_on_where_the_last_ended_is_held_back() -> None:
    first = Taken()
    first.intake.feed(line(1, b"a"))
    second = Taken(first.overlap, resume=True)

    assert not second.intake.feed(line(9, b"other"))
    assert not second.intake.feed(line(9, b"more"))
    assert second.messages == []
    second.intake.start_over(Overlap())
    assert second.messages == [b"other", b"more"]


def test_lines_from_before_the_tail_stay_out_of_a_resumed_answer() -> None:
    overlap = Overlap(partial=True)
    Taken(overlap).intake.feed(line(5, b"shown", 3))
    again = Taken(overlap, resume=True)
    again.intake.feed(line(5, b"older", 1) + line(5, b"old", 2) + line(5, b"shown", 3))
    again.intake.feed(line(5, b"new", 4))

    assert again.messages == [b"new"]


@pytest.mark.parametrize(
    "text",
    [
        b"failed to create fsnotify watcher: too many open files",
        b"unable to retrieve container logs for containerd://abc",
        b'rpc error: code = NotFound desc = an error occurred when try to find container "x"',
        b'failed to try resolving symlinks in path "/var/log/pods/a_b_c/d/0.log": lstat 0.log: no',
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_the_kubelets_own_words_are_no_log_lines(text: bytes, end: bytes) -> None:
    taken = Taken()
    taken.intake.feed(line(1, b"a") + text + end)

    assert taken.intake.finish() == b""
    assert taken.messages == [b"a"]
    assert taken.intake.status == text.decode()


def test_a_piece_without_a_timestamp_gets_the_time_of_the_line_before() -> None:
    taken = Taken()
    taken.intake.feed(line(1, b"a") + b"glued piece\n" + line(2, b"b"))

    assert taken.messages == [b"a", b"glued piece", b"b"]
    assert taken.marks == [0, 4, 0]


def test_the_rest_of_a_long_line_at_the_start_of_a_resumed_answer_is_left_out() -> None:
    first = Taken()
    first.intake.feed(line(1, b"a"))
    second = Taken(first.overlap, resume=True)
    second.intake.feed(b"xxxx tail of a line from before\n" + line(1, b"a") + line(2, b"b"))

    assert second.messages == [b"b"]


def test_a_cut_line_waits_until_it_is_known_to_be_the_last() -> None:
    taken = Taken()
    taken.intake.feed(line(1, b"a") + STAMP % (2, 0) + b"half")

    rest = taken.intake.finish()
    assert rest == STAMP % (2, 0) + b"half"
    assert taken.messages == [b"a"]
    taken.intake.commit(rest)
    assert taken.messages == [b"a", b"half"]


def test_a_line_of_fifty_megabytes_is_cut_and_the_next_one_is_whole() -> None:
    splitter = LogSplitter()
    found = splitter.feed(b"start ")
    for _ in range(50):
        found += splitter.feed(b"x" * (1 << 20))
        assert len(splitter.pending) <= 1 << 20
    found += splitter.feed(b"\nnext\n")

    assert len(found[0]) < (1 << 20) + 100
    assert found[0].endswith(" … +51380230 bytes".encode())
    assert found[1] == b"next"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"2026-01-02T03:04:05.000000001Z", 1767323045000000001),
        (b"2026-01-02T03:04:05Z", 1767323045000000000),
        (b"2026-01-02T03:04:05.5Z", 1767323045500000000),
        (b"2026-01-02T05:04:05.123456789+02:00", 1767323045123456789),
        (b"2026-13-02T03:04:05.000000001Z", None),
        (b"2026-01-02T03:04:05.0000000+1Z", None),
        (b"failed", None),
        (b"", None),
    ],
)
def test_timestamps(text: bytes, expected: int | None) -> None:
    assert parse_stamp(text) == expected


def test_the_start_of_a_timestamp_is_told_from_other_text() -> None:
    assert is_stamp_start(b"2026-01-0")
    assert not is_stamp_start(b"failed to")


def test_since_time_is_in_whole_seconds() -> None:
    assert since_time(1767323045) == "2026-01-02T03:04:05Z"
