"""Durations as kubectl's tables write them."""

from __future__ import annotations

UNKNOWN = "<unknown>"
_MINUTE = 60
_HOUR = 3600
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def human_duration(seconds: float) -> str:
    """A duration in two or three figures, as apimachinery's `duration.HumanDuration`.

    `<invalid>` for what lies more than a second in the future: clocks differ that little.
    """
    span = int(seconds)
    if span < 0:
        return "0s" if span == -1 else "<invalid>"
    if span < 2 * _MINUTE:
        return f"{span}s"
    if span < 10 * _MINUTE:
        return _two(span, _MINUTE, "m", 1, "s")
    if span < 3 * _HOUR:
        return f"{span // _MINUTE}m"
    if span < 8 * _HOUR:
        return _two(span, _HOUR, "h", _MINUTE, "m")
    if span < 2 * _DAY:
        return f"{span // _HOUR}h"
    if span < 8 * _DAY:
        return _two(span, _DAY, "d", _HOUR, "h")
    if span < 2 * _YEAR:
        return f"{span // _DAY}d"
    if span < 8 * _YEAR:
        return _two(span, _YEAR, "y", _DAY, "d")
    return f"{span // _YEAR}y"


def age(created: int, now: float) -> str:
    """How long ago `created` was, `<unknown>` for 0. Both in epoch seconds."""
    return human_duration(now - created) if created else UNKNOWN


def _two(span: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    rest = span % large // small
    return (
        f"{span // large}{large_unit}{rest}{small_unit}" if rest else f"{span // large}{large_unit}"
    )
