"""A node's clock that is off is noticed, a line that is merely late is not."""

from __future__ import annotations

import pytest

from k8stui.logs.skew import Skew


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        ((0.1, 0.2, 0.1), 0.0),
        ((0.1, 30.0, 30.0), 0.0),
        ((30.0, 31.0), 0.0),
        ((30.0, 31.0, 30.5), -30.0),
        ((-5.0, -4.0, -4.9), 5.0),
        ((-1.9, 0.0, 0.0), 0.0),
    ],
)
def test_only_what_every_line_shows_counts(delays: tuple[float, ...], expected: float) -> None:
    skew = Skew()
    for delay in delays:
        skew.note(1_000_000_000_000, 1000.0 + delay)

    assert skew.seconds == pytest.approx(expected)
