"""Pods come and go while the event loop is held up, streams wait and the selection changes.

A small share of what `python -m tests.unit.logs.churn` runs.
"""

from __future__ import annotations

import pytest

from tests.unit.logs.churn import Churning, churn


@pytest.mark.parametrize("seed", range(4))
def test_what_nobody_could_read_is_told_of_and_all_else_comes_once(seed: int) -> None:
    damage = churn(seed, 10, Churning(faults=200))

    assert damage.lines > 5_000
    assert damage.told > 0
    assert (damage.lost, damage.doubled, damage.torn, damage.displaced) == (0, 0, 0, 0)
