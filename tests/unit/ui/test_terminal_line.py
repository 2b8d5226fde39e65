"""Whether the line to the terminal counts as slow."""

from __future__ import annotations

import io

import pytest

from k8stui.ui.terminal_line import TerminalLine


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> TerminalLine:
    return TerminalLine(clock)


def _start(line: TerminalLine, clock: Clock, answer: float, frame: int, frame_answer: float) -> str:
    """The first question before the first frame, the second one after it."""
    line.asked()
    line.painted(frame)
    line.asked()
    clock.now += frame_answer
    line.answered(answer)
    line.answered()
    return line.why_slow


@pytest.mark.parametrize(
    ("answer", "frame", "frame_answer", "slow"),
    [
        (0.002, 10_000, 0.010, ""),
        (0.2, 10_000, 0.25, ""),
        (0.2, 10_000, 1.45, "8.0 kB/s"),
        (0.4, 10_000, 0.41, "400 ms"),
        (0.001, 500, 0.3, ""),
    ],
    ids=["near", "far but wide", "200 ms and 64 kbit/s", "very far", "too little to tell"],
)
def test_the_start_tells(
    line: TerminalLine, clock: Clock, answer: float, frame: int, frame_answer: float, slow: str
) -> None:
    assert _start(line, clock, answer, frame, frame_answer) == slow


def test_a_small_first_frame_leaves_it_to_a_later_one(line: TerminalLine, clock: Clock) -> None:
    assert _start(line, clock, 0.2, 900, 0.31) == ""
    line.painted(500)
    assert not line.would_tell(500), "too little to tell"
    line.painted(4000)
    assert line.would_tell(4000)
    line.asked()
    assert not line.would_tell(4000), "one question at a time"
    clock.now += 0.7
    line.answered()
    assert line.why_slow == "8.0 kB/s"
    line.painted(4000)
    assert not line.would_tell(4000), "it is known"


def test_a_terminal_that_never_answers_is_not_slow(line: TerminalLine, clock: Clock) -> None:
    line.asked()
    line.painted(10_000)
    clock.now += 60
    assert line.why_slow == ""


def test_answers_that_nobody_asked_for_tell_nothing(line: TerminalLine) -> None:
    line.answered()
    assert line.why_slow == ""


def test_a_write_that_waits_long_is_slow(line: TerminalLine, clock: Clock) -> None:
    line.write_began()
    clock.now += 0.2
    assert line.blocked == pytest.approx(0.2)
    assert line.why_slow == ""
    clock.now += 0.4
    assert line.why_slow
    line.write_ended()
    assert line.blocked == 0
    assert line.why_slow


def test_the_file_is_written_through(line: TerminalLine) -> None:
    file = io.StringIO()
    through = line.through(file)
    through.write("abc")
    through.flush()
    assert file.getvalue() == "abc"
    assert line.blocked == 0


def test_the_meter_counts_since_it_was_read(line: TerminalLine, clock: Clock) -> None:
    line.painted(3000)
    clock.now += 2
    assert line.meter() == 1500
    clock.now += 1
    assert line.meter() == 0
