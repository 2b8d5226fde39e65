"""Values as people type them in comparisons: `500m`, `100Mi`, `1h30m`, `80%`."""

from __future__ import annotations

import re

from k8stui.resources.quantity import millicores
from k8stui.resources.record import Measure

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_BYTES = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(?:([kmgtpe])(i?)b?|b)?", re.IGNORECASE)
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdwy])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdwy])")
_POWERS = "kmgtpe"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}

EXAMPLES: dict[Measure, str] = {
    "number": "3",
    "millicores": "500m or 1.5",
    "bytes": "100Mi or 2G",
    "seconds": "90s, 15m, 2h or 1d12h",
    "percent": "80%",
    "text": "Running",
}
"""What a value of a measure looks like, for messages."""


def parse_value(text: str, measure: Measure) -> float | None:
    """A typed value in the measure's unit, None for what isn't one.

    CPU is in cores (`0.5`) or millicores (`500m`); bytes may have any of Kubernetes' or people's
    suffixes in any case (`m` is mega here: nobody asks for thousandths of a byte); durations are
    as kubectl prints ages, and plain numbers are seconds.
    """
    if measure == "millicores":
        amount = millicores(text)
        return None if amount is None else float(amount)
    if measure == "bytes":
        return _bytes(text)
    if measure == "seconds" and _DURATION.fullmatch(text):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if measure == "percent":
        text = text.removesuffix("%")
    return float(text) if _NUMBER.fullmatch(text) else None


def _bytes(text: str) -> float | None:
    match = _BYTES.fullmatch(text)
    if match is None:
        return None
    number, suffix, binary = match.groups()
    power = _POWERS.index(suffix.lower()) + 1 if suffix else 0
    return float(number) * float((1024 if binary else 1000) ** power)
