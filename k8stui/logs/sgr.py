"""The colours that a line brings itself: SGR sequences as roles that the theme makes readable."""

from __future__ import annotations

import re
from typing import NamedTuple

from k8stui.resources.text import clean_text

SGR = re.compile(r"\x1b\[([0-9;:]*)m")
RAW_SGR = re.compile(rb"\x1b\[[0-9;:]*m")
COLOURS = ("grey", "red", "green", "yellow", "blue", "magenta", "cyan")
"""What a foreground is taken for. White and no colour are the theme's own."""
_NAMES = (*COLOURS, "")
_STEPS = (0, 95, 135, 175, 215, 255)
"""The steps of the cube of 256 colours."""
_MOST_CODES = 1_000
"""Of one line that are followed; the text behind them has no colour."""
_DULL = 40
"""With less between its strongest and weakest part a colour is a grey."""


class Painted(NamedTuple):
    """A part of a line's text that has a colour of its own."""

    start: int
    end: int
    role: str
    """One of `ROLES`."""


class _Pen:
    """The state between two sequences: only what can't make text unreadable is kept."""

    def __init__(self) -> None:
        self.colour = ""
        self.bold = self.dim = False

    @property
    def role(self) -> str:
        colour = self.colour or ("grey" if self.dim else "")
        return "-".join(part for part in ("own", colour, "bold" if self.bold else "") if part)

    def take(self, parameters: str) -> None:
        """Follows one sequence; backgrounds, reverse and hidden text are left out."""
        codes = [int(code[:4] or 0) for code in re.split("[;:]", parameters)] if parameters else [0]
        at = 0
        while at < len(codes):
            code = codes[at]
            at += 1
            if code in (38, 48):
                colour, at = _extended(codes, at)
                self.colour = colour if code == 38 else self.colour
            elif code == 0:
                self.colour, self.bold, self.dim = "", False, False
            elif code in (1, 2):
                self.bold, self.dim = self.bold or code == 1, self.dim or code == 2
            elif code == 22:
                self.bold = self.dim = False
            elif code == 39:
                self.colour = ""
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.colour = _NAMES[code % 10]


ROLES = tuple(
    "-".join(part for part in ("own", colour, weight) if part)
    for colour in _NAMES
    for weight in ("", "bold")
    if colour or weight
)


def painted_text(text: str, longest: int) -> tuple[str, tuple[Painted, ...]]:
    """The clean text without its sequences, and which parts have which colour.

    Args:
        text: One line.
        longest: Characters of it, without the sequences, that are wanted at most.
    """
    pen, clean, length, end = _Pen(), "", 0, 0
    painted: list[Painted] = []
    pieces = SGR.split(text, _MOST_CODES)
    if len(pieces) > 2 * _MOST_CODES:
        pieces[-2:] = ["0", SGR.sub("", pieces[-1])]
    for number, piece in enumerate(pieces):
        if number % 2:
            pen.take(piece)
            continue
        piece = clean_text(piece[: longest - length])
        length += len(pieces[number])
        end = len(clean) + len(piece)
        if piece and pen.role != "own":
            painted.append(Painted(len(clean), end, pen.role))
        clean += piece
        if length > longest:
            break
    return clean, tuple(painted)


def _extended(codes: list[int], at: int) -> tuple[str, int]:
    """The colour of `38;5;n` or `38;2;r;g;b` behind the first code, and where the next code is."""
    kind = codes[at] if at < len(codes) else 0
    if kind == 5 and at + 1 < len(codes):
        return _of_256(codes[at + 1]), at + 2
    if kind == 2 and at + 3 < len(codes):
        return _nearest(codes[at + 1], codes[at + 2], codes[at + 3]), at + 4
    return "", len(codes)


def _of_256(number: int) -> str:
    if number < 16:
        return _NAMES[number % 8]
    if number >= 232:
        return "grey" if number < 250 else ""
    number -= 16
    return _nearest(_STEPS[number // 36 % 6], _STEPS[number // 6 % 6], _STEPS[number % 6])


def _nearest(red: int, green: int, blue: int) -> str:
    """The named colour with the same strong parts."""
    strongest, weakest = max(red, green, blue), min(red, green, blue)
    if strongest - weakest < _DULL:
        return "" if weakest > 180 else "grey"
    middle = (strongest + weakest) / 2
    return _NAMES[(red > middle) + 2 * (green > middle) + 4 * (blue > middle)]
