"""The timestamps that the kubelet puts before each line, as whole nanoseconds."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby

NANOSECONDS = 1_000_000_000
_STAMP = re.compile(rb"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_FIXED_UTC = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\Z")
_SECONDS: dict[bytes, int] = {}
_SECONDS_MOST = 4096
STAMPED = 31
"""Bytes before the message where the stamp is of fixed length: it and a space."""
_FIXED_LENGTH = 30
"""`2026-01-02T03:04:05.123456789Z`: RFC3339NanoFixed in UTC, what kubelets send."""


def parse_stamp(stamp: bytes) -> int | None:
    """Nanoseconds since the epoch of an RFC 3339 timestamp, None for any other text."""
    if len(stamp) == _FIXED_LENGTH and stamp[29] == 0x5A and (fraction := stamp[20:29]).isdigit():
        seconds = _SECONDS.get(stamp[:20])
        if seconds is None:
            seconds = _seconds(stamp[:20])
        if seconds is not None:
            return seconds * NANOSECONDS + int(fraction)
    match = _STAMP.fullmatch(stamp)
    return None if match is None else _general(match)


def read_stamped(lines: Sequence[bytes]) -> tuple[list[int], list[tuple[int, int]]] | None:
    """The times of lines that all begin with a stamp of fixed length, several times as fast.

    Returns:
        Nanoseconds of each line, and (whole second, how many lines) for neighbours that share
        it; None when a line begins otherwise.
    """
    fractions = [line[20:29] for line in lines]
    if [line[29:31] for line in lines].count(b"Z ") != len(lines):
        return None
    if not b"".join(fractions).isdigit():
        return None
    times: list[int] = []
    runs: list[tuple[int, int]] = []
    for head, alike in groupby([line[:20] for line in lines]):
        seconds = _SECONDS.get(head)
        if seconds is None and (seconds := _seconds(head)) is None:
            return None
        start, count = len(times), sum(1 for _ in alike)
        base = seconds * NANOSECONDS
        times += [base + int(fraction) for fraction in fractions[start : start + count]]
        runs.append((seconds, count))
    return times, runs


def _seconds(head: bytes) -> int | None:
    """Epoch seconds of `2026-01-02T03:04:05.`, remembered: lines share their seconds."""
    if _FIXED_UTC.match(head) is None:
        return None
    if len(_SECONDS) >= _SECONDS_MOST:
        _SECONDS.clear()
    parts = (head[0:4], head[5:7], head[8:10], head[11:13], head[14:16], head[17:19])
    try:
        _SECONDS[head] = seconds = timegm(tuple(int(part) for part in parts))
    except ValueError:
        return None
    return seconds


def _general(match: re.Match[bytes]) -> int | None:
    *numbers, fraction, zone = match.groups()
    try:
        seconds = timegm(tuple(int(number) for number in numbers))
    except ValueError:
        return None
    if zone != b"Z":
        minutes = int(zone[1:3]) * 60 + int(zone[4:6])
        seconds += -60 * minutes if zone[:1] == b"+" else 60 * minutes
    return seconds * NANOSECONDS + int((fraction or b"0").ljust(9, b"0"))


def is_stamp_start(text: bytes) -> bool:
    """Whether this could be a timestamp that was cut off, or one without anything after it."""
    if len(text) > 35:
        return False
    pattern = b"dddd-dd-ddTdd:dd:dd.ddddddddd"
    for code, wanted in zip(text, pattern, strict=False):
        digit = 0x30 <= code <= 0x39
        if (wanted == 0x64) != digit and not (wanted == 0x64 and code in b"Z+-:"):
            return False
        if wanted != 0x64 and code != wanted:
            return False
    return True


def since_time(seconds: int) -> str:
    """Whole epoch seconds as the `sinceTime` parameter wants them."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
