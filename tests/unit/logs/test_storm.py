"""No line is lost or doubled, whatever happens to connections and containers.

A small share of what `python -m tests.unit.logs.storm` runs.
"""

from __future__ import annotations

import pytest

from tests.unit.logs.storm import Weather, storm


@pytest.mark.parametrize("seed", range(3))
def test_every_line_of_every_instance_comes_once_and_in_order(seed: int) -> None:
    damage = storm(seed, 6, Weather(faults=150))

    assert damage.lines > 10_000
    assert (damage.lost, damage.doubled, damage.displaced, damage.gaps) == (0, 0, 0, 0)
    assert damage.most_open == 1


def test_timestamps_that_go_back_by_a_second_change_nothing() -> None:
    damage = storm(11, 4, Weather(faults=150, jitter=1_000_000_000))

    assert (damage.lost, damage.doubled, damage.displaced, damage.gaps) == (0, 0, 0, 0)


def test_silent_ends_alone_are_survived() -> None:
    damage = storm(12, 4, Weather(faults=150, kinds=("eof",)))

    assert (damage.lost, damage.doubled, damage.displaced, damage.gaps) == (0, 0, 0, 0)
