"""Makes text from the cluster safe for a terminal."""

from __future__ import annotations

from functools import lru_cache
from sys import intern

# Bidirectional controls reorder what is read, zero-width ones hide it: shown as code points.
_INVISIBLE = [
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x061C,
    0x180E,
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
]
_TABLE: dict[int, str] = (
    {code: "^" + chr(code + 64) for code in range(32)}
    | {9: "        ", 127: "^?"}
    | {code: f"<{code:02X}>" for code in range(0x80, 0xA0)}
    | {code: f"<U+{code:04X}>" for code in _INVISIBLE}
    | dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
)


def clean_text(text: str) -> str:
    """One line that holds no control, bidirectional or invisible character.

    Controls become visible carets (`^[` for escape), tabs eight spaces, C1 and
    bidirectional controls their code points. Printable text is returned as it is.
    """
    return text if text.isprintable() else text.translate(_TABLE)


@lru_cache(maxsize=8192)
def clean_word(text: str) -> str:
    """`clean_text` of what many objects hold, shared between them: a node, a phase, a reason."""
    return intern(clean_text(text))


def clean_lines(text: str) -> list[str]:
    """The lines of a longer text, each one clean."""
    return [clean_text(line) for line in text.replace("\r\n", "\n").split("\n")]
