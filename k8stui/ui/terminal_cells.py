"""What the terminal shows, cell by cell, so that only cells that differ are sent to it.

Textual sends every line that was drawn again from its widget's left edge on, and the whole screen
after each layout; over SSH that is most of what there is to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import ne
from typing import NamedTuple

from rich.cells import get_character_cell_size, split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from textual.strip import Strip

Cell = tuple[str, str]
"""A character (empty in the second cell of a wide one) and the SGR parameters of its style."""

_UNKNOWN: Cell = ("", "?")
"""Equal to no cell: what the terminal shows there is not known."""
_WORTH_A_MOVE = 8
"""Cells that stay are skipped where they are so many: a move and a style cost as much."""


_WORTH_ERASING = 12
"""Blanks are erased together where they are so many: that and a move take about ten bytes."""
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Underlined, reversed, struck through, framed: what shows on a blank."""
_ERASE_IN_COLOUR = ("xterm", "tmux", "alacritty", "foot", "rxvt", "linux", "wezterm", "ghostty")
"""What `TERM` begins with where erased cells take the background (terminfo's `bce`)."""


def erases_in_colour(term: str) -> bool:
    """Whether a terminal of this kind erases in the present background, and not in its own."""
    return term.startswith(_ERASE_IN_COLOUR)


class Piece(NamedTuple):
    """A stretch of one line, as it is to be shown."""

    y: int
    x: int
    segments: Iterable[Segment]


class TerminalCells:
    """Remembers what was sent. Whoever writes past it must call `forget`.

    Args:
        erases: Whether erased cells take the present background: see `erases_in_colour`.
    """

    def __init__(self, *, erases: bool = False) -> None:
        self._erases = erases
        self._lines: dict[int, list[Cell]] = {}

    def forget(self) -> None:
        """The terminal may show anything: all is sent again."""
        self._lines.clear()

    def take(self, pieces: Iterable[Piece], colours: ColorSystem) -> str:
        """The escape sequences that make the terminal show these; empty when it does already.

        They leave the terminal without a style, and the cursor anywhere.
        """
        pen = _Pen(self._erases)
        for y, x, segments in pieces:
            known = self._lines.setdefault(y, [])
            wanted = cells_of(segments, colours)
            end_of_piece = x + len(wanted)
            if len(known) < end_of_piece:
                known += [_UNKNOWN] * (end_of_piece - len(known))
            before = known[x:end_of_piece]
            if before == wanted:
                continue
            for start, end in _differing(wanted, before):
                pen.draw(y, x + start, wanted[start:end])
            known[x:end_of_piece] = wanted
        return pen.finished()


def cells_of(segments: Iterable[Segment], colours: ColorSystem) -> list[Cell]:
    """The cells that these segments fill."""
    found: list[Cell] = []
    for text, style, _ in segments:
        sgr = Strip.render_ansi(style, colours) if style else ""
        if text.isascii() or _is_narrow(text):
            if " " in text and (blank := _blank_of(sgr)) != sgr:
                found += [(each, blank if each == " " else sgr) for each in text]
            else:
                found += [(each, sgr) for each in text]
            continue
        for begin, end, width in split_graphemes(text)[0]:
            found.append((text[begin:end], sgr))
            found += [("", sgr)] * (width - 1)
    return found


@lru_cache(maxsize=2048)
def _is_narrow(text: str) -> bool:
    return all(get_character_cell_size(character) == 1 for character in text)


def _differing(wanted: list[Cell], before: list[Cell]) -> Iterator[tuple[int, int]]:
    """Where these cells differ from those before, near stretches joined; (start, end) each."""
    differs = [place for place, differ in enumerate(map(ne, wanted, before)) if differ]
    if not differs:
        return
    start = last = differs[0]
    for place in differs[1:]:
        if place - last > _WORTH_A_MOVE:
            yield _whole(wanted, start, last)
            start = place
        last = place
    yield _whole(wanted, start, last)


def _whole(wanted: list[Cell], start: int, last: int) -> tuple[int, int]:
    """The stretch, so that it cuts no wide character in two."""
    while start and not wanted[start][0]:
        start -= 1
    end = last + 1
    while end < len(wanted) and not wanted[end][0]:
        end += 1
    return start, end


class _Pen:
    """Writes cells in order, with as few moves and changes of style as it takes."""

    def __init__(self, erases: bool) -> None:
        self._erases = erases
        self._parts: list[str] = []
        self._sgr = ""
        self._at = (-1, -1)

    def draw(self, y: int, x: int, cells: list[Cell]) -> None:
        put = self._parts.append
        if self._at != (y, x):
            put(f"\x1b[{y + 1};{x + 1}H")
        end = x + len(cells)
        place = 0
        while place < len(cells):
            character, sgr = cells[place]
            if sgr != self._sgr and not (character == " " and _blank_of(self._sgr) == sgr):
                put(f"\x1b[{_change_of_style(self._sgr, sgr)}m")
                self._sgr = sgr
            if len(character) > 1 or character > "\uffff":
                width = _width_at(cells, place)
                put(_placed(character, width, y, x + place))
                place += width
                continue
            if character != " " or not self._erases:
                put(character)
                place += 1
                continue
            blanks = _blanks(cells, place)
            place += blanks
            if blanks < _WORTH_ERASING or not _is_erased(sgr):
                put(" " * blanks)
            elif place < len(cells):
                put(f"\x1b[{blanks}X\x1b[{blanks}C")
            else:
                put(f"\x1b[{blanks}X")
                end -= blanks
        self._at = (y, end)

    def finished(self) -> str:
        if self._sgr:
            self._parts.append("\x1b[m")
        return "".join(self._parts)


def _width_at(cells: list[Cell], place: int) -> int:
    """How many cells the character takes that begins here."""
    end = place + 1
    while end < len(cells) and not cells[end][0]:
        end += 1
    return end - place


def _placed(character: str, width: int, y: int, x: int) -> str:
    """Sends what terminals don't agree upon how wide it is: emoji, and what is put together.

    Its cells are blanked before, in case that it takes fewer, and what follows is put where it
    belongs, in case that it takes more.
    """
    return f"{' ' * width}\x1b[{y + 1};{x + 1}H{character}\x1b[{y + 1};{x + width + 1}H"


def _blanks(cells: list[Cell], start: int) -> int:
    """How many cells from here on are the same blank."""
    blank, end = cells[start], start + 1
    while end < len(cells) and cells[end] == blank:
        end += 1
    return end - start


@lru_cache(maxsize=1024)
def _blank_of(sgr: str) -> str:
    """Of a style what shows on a blank; all of it where its foreground does."""
    look = _look(sgr)
    return sgr if _SEEN_ON_BLANKS & set(look.attributes) else look.background


@lru_cache(maxsize=1024)
def _is_erased(sgr: str) -> bool:
    """Whether a blank of this style shows its background and nothing else."""
    return not _SEEN_ON_BLANKS & set(_look(sgr).attributes)


class _Look(NamedTuple):
    """A style's SGR parameters, apart."""

    attributes: tuple[str, ...]
    colour: str
    background: str


@lru_cache(maxsize=4096)
def _change_of_style(before: str, after: str) -> str:
    """The SGR parameters that lead from one style to another."""
    old, new = _look(before), _look(after)
    lost = set(old.attributes) - set(new.attributes)
    if lost or (old.colour and not new.colour) or (old.background and not new.background):
        return f"0;{after}" if after else ""
    parts = [each for each in new.attributes if each not in old.attributes]
    if new.colour != old.colour:
        parts.append(new.colour)
    if new.background != old.background:
        parts.append(new.background)
    return ";".join(parts)


@lru_cache(maxsize=1024)
def _look(sgr: str) -> _Look:
    attributes: list[str] = []
    colour = background = ""
    codes = iter(sgr.split(";")) if sgr else iter(())
    for code in codes:
        if code in ("38", "48"):
            kind = next(codes, "")
            rest = [next(codes, "") for _ in range({"2": 3, "5": 1}.get(kind, 0))]
            code = ";".join((code, kind, *rest))
        number = int(code.partition(";")[0] or 0)
        if number == 48 or 40 <= number <= 49 or 100 <= number <= 107:
            background = code
        elif number == 38 or 30 <= number <= 39 or 90 <= number <= 97:
            colour = code
        else:
            attributes.append(code)
    return _Look(tuple(attributes), colour, background)
