"""A moment as a person types it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from k8stui.viewmodels.filter_error import FilterError
from k8stui.viewmodels.log_moment import parse_moment

NOW = datetime(2026, 11, 26, 14, 5, 30, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")


def at(*parts: int, zone: tzinfo = UTC) -> float:
    return datetime(*parts, tzinfo=zone).timestamp()  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("-15m", NOW - 900),
        ("-1h30m", NOW - 5400),
        ("-2d", NOW - 172_800),
        (" -45s ", NOW - 45),
        ("14:05", at(2026, 11, 26, 14, 5)),
        ("14:05:29.5", at(2026, 11, 26, 14, 5, 29)),
        # What would be in the future was yesterday.
        ("14:06", at(2026, 11, 25, 14, 6)),
        ("9:00", at(2026, 11, 26, 9)),
        ("2026-11-20 08:00", at(2026, 11, 20, 8)),
        ("2026-11-20T08:00:01Z", at(2026, 11, 20, 8, 0, 1)),
        ("2026-11-20T08:00:01+02:00", at(2026, 11, 20, 6, 0, 1)),
        ("2026-11-20T08:00:01.123456789Z", at(2026, 11, 20, 8, 0, 1) + 0.123456),
        ("2026-11-20", at(2026, 11, 20)),
    ],
)
def test_moments(text: str, moment: float) -> None:
    assert parse_moment(text, NOW, UTC) == pytest.approx(moment, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("15:00", BERLIN, at(2026, 11, 26, 15, zone=BERLIN)),
        ("15:10", BERLIN, at(2026, 11, 25, 15, 10, zone=BERLIN)),
        ("2026-07-01 12:00", BERLIN, at(2026, 7, 1, 10)),
        ("03:00", timezone(timedelta(hours=-8)), at(2026, 11, 26, 11)),
        # What names its own zone keeps it.
        ("2026-07-01T12:00Z", BERLIN, at(2026, 7, 1, 12)),
    ],
)
def test_what_names_no_zone_is_of_the_one_that_is_shown(
    text: str, zone: tzinfo, moment: float
) -> None:
    assert parse_moment(text, NOW, zone) == moment


def test_without_a_zone_it_is_this_machine_s() -> None:
    assert parse_moment("14:05", NOW, None) == at(2026, 11, 26, 14, 5)


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "14:61", "-15", "15m", "-15x", "2026-13-01", "\x1b[2J", "9" * 50]
)
def test_what_is_no_moment_is_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(FilterError) as error:
        parse_moment(text, NOW, UTC)
    assert "try -15m" in str(error.value)
    assert "\x1b" not in str(error.value)
