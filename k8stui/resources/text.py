"""Makes text from the cluster safe for a terminal."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from sys import intern

# Bidirectional controls reorder what is read, zero-width ones hide it: shown as code points.
_INVISIBLE = [
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x00AD,
    0x061C,
    0x180E,
    0xFEFF,
    *range(0xFDD0, 0xFDF0),
    *range(0xFFF9, 0xFFFC),
    0xFFFE,
    0xFFFF,
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE0080),
]
_TABLE: dict[int, str] = (
    {code: "^" + chr(code + 64) for code in range(32)}
    | {9: "        ", 127: "^?"}
    | {code: f"<{code:02X}>" for code in range(0x80, 0xA0)}
    | {code: f"<U+{code:04X}>" for code in _INVISIBLE}
    | dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
)
# Blank or nothing at all, though they count as letters and marks. Variation selectors 15 and 16
# make an emoji or a text of what is before them.
_BLANK = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164"
    "\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
# More marks than any script puts on one letter hide the lines above and below.
_FLOOD = (
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # Not at the start, which it would make 10 ms longer: most text is ASCII.
    return re.compile(pattern)


def clean_text(text: str) -> str:
    """One line that holds no control, bidirectional or invisible character.

    Controls become visible carets (`^[` for escape), tabs eight spaces, C1 and
    bidirectional controls their code points. Of more than four marks on one letter the rest is
    left out. Other printable text is returned as it is.
    """
    if not text.isprintable():
        text = text.translate(_TABLE)
    if text.isascii():
        return text
    text = _compiled(_BLANK).sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
    return _compiled(_FLOOD).sub(r"\1", text)


@lru_cache(maxsize=8192)
def clean_word(text: str) -> str:
    """`clean_text` of what many objects hold, shared between them: a node, a phase, a reason."""
    return intern(clean_text(text))


def clean_lines(text: str) -> list[str]:
    """The lines of a longer text, each one clean."""
    return [clean_text(line) for line in text.replace("\r\n", "\n").split("\n")]
