"""A node's clock that is off, and a stream that is behind, are told from each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from k8stui.logs.skew import Skew

BEGAN = 1_000.0


def seen(lates: Sequence[float], every: float = 1.0) -> tuple[float, float]:
    """The clock and how far behind, after lines that came so late, one every so many seconds."""
    skew, now = Skew(), BEGAN
    for at, late in enumerate(lates):
        now = BEGAN + at * every
        skew.note(int((now - late) * 1e9), now)
    return round(skew.seconds, 3), round(skew.behind(now), 3)


@pytest.mark.parametrize(
    ("lates", "clock", "behind"),
    [
        pytest.param([0.1] * 9, 0, 0, id="as it is written"),
        pytest.param([0.1, 30, 30], 0, 0, id="late lines"),
        pytest.param([30, 31], 0, 0, id="too few to tell"),
        pytest.param([30, 30.9, 30.5, 30.4, 30.5, 30.1], -30, 0, id="a clock that is behind"),
        pytest.param([-5, -4.2, -4.9, -4.9, -4.8, -4.9], 5, 0, id="a clock that is ahead"),
        pytest.param([-1.9, -1.5, -1.5, -1.5, -1.5, -1.5], 0, 0, id="nearly right"),
        pytest.param([*range(9)], 0, 8, id="falls behind"),
        pytest.param([5 + late for late in range(9)], 0, 13, id="is behind from the beginning"),
        pytest.param([30 - 3 * at for at in range(9)], 0, 6, id="catches up"),
        pytest.param([0.1] * 6 + [9, 9, 9, 0.1], 0, 0, id="late by an outage, then as usual"),
        pytest.param([30.0] * 6 + [31 + at for at in range(9)], -30, 9, id="both"),
        pytest.param([0.1] * 6 + [50.0] * 100, -50, 0, id="a clock that was set"),
        pytest.param([50.0] * 9 + [0.1] * 9, 0, 0, id="was not the clock after all"),
    ],
)
def test_a_clock_is_told_from_a_stream_that_is_behind(
    lates: list[float], clock: float, behind: float
) -> None:
    assert seen(lates) == (clock, behind)


def test_many_lines_at_once_are_one_look() -> None:
    assert seen([30.0] * 1_000, every=0.001) == (0.0, 0.0)


def test_what_came_long_ago_tells_nothing_of_now() -> None:
    skew = Skew()
    for at in range(9):
        skew.note(int(BEGAN * 1e9), BEGAN + at)

    assert skew.behind(BEGAN + 8) == pytest.approx(8)
    assert skew.behind(BEGAN + 20) == 0
