"""A moment as a person types it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from k8stui.resources.text import clean_text
from k8stui.viewmodels.filter_error import FilterError

_AGO = re.compile(r"-((?:\d+[dhms])+)")
_PART = re.compile(r"(\d+)([dhms])")
_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?")
_FRACTION = re.compile(r"(\.\d{6})\d+")


def parse_moment(text: str, now: float, zone: tzinfo | None) -> float:
    """Epoch seconds of `-15m`, `14:05`, `2026-01-31 14:05:10` or an RFC 3339 time.

    Args:
        text: What was typed. A time of day is the last one that is not in the future.
        now: Epoch seconds.
        zone: Of what names none; None is this machine's own.

    Raises:
        FilterError: it is no moment.
    """
    text = text.strip()
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - sum(int(n) * _SECONDS[unit] for n, unit in _PART.findall(ago[1]))
    here = datetime.fromtimestamp(now, zone) if zone else datetime.fromtimestamp(now).astimezone()
    try:
        clock = _CLOCK.fullmatch(text)
        if clock is not None:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            moment = here.replace(hour=hour, minute=minute, second=second, microsecond=0)
            if moment > here:
                moment -= timedelta(days=1)
            return moment.timestamp()
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone) if zone else moment.astimezone()
        return moment.timestamp()
    except (ValueError, OverflowError):
        shown = clean_text(text)
        raise FilterError(f"no moment: {shown}; try -15m, 14:05 or 2026-01-31 14:05", 0) from None
