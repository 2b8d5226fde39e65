"""How an object does, in one tone and one word."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.resources.record import Tone


class Health(NamedTuple):
    """The tone decides glyph and colour on the screen; the word stands beside them."""

    tone: Tone
    word: str
    """One short clean word or reason, e.g. `Running` or `CrashLoopBackOff`."""


_RANK = {Tone.ERROR: 3, Tone.WARN: 2, Tone.ACCENT: 1}


def severity(health: Health) -> int:
    """Sorts by need of attention: 3 error, 2 warning, 1 in progress, 0 the rest."""
    return _RANK.get(health.tone, 0)
