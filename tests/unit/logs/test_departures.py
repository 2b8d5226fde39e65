"""Pods are deleted and replaced in the midst of restarts and outages.

A small share of what `python -m tests.unit.logs.departures` runs.
"""

from __future__ import annotations

import pytest

from tests.unit.logs.departures import Departing, departures


@pytest.mark.parametrize("seed", range(4))
def test_what_nobody_could_read_is_told_of_and_all_else_comes_once(seed: int) -> None:
    damage = departures(seed, 6, Departing(faults=150))

    assert damage.lines > 10_000
    assert damage.told > 0
    assert (damage.lost, damage.doubled, damage.torn, damage.displaced) == (0, 0, 0, 0)
    assert damage.most_open == 1
