"""Cuts, pads and wraps text by terminal cells (a CJK character or an emoji takes two)."""

from __future__ import annotations

from rich.cells import cell_len, split_graphemes

ELLIPSIS = "…"


def width_of(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def head(text: str, width: int) -> str:
    """The longest beginning that takes at most `width` cells."""
    if text.isascii():
        return text[:width] if width > 0 else ""
    return text[: head_index(text, 0, width)]


def head_index(text: str, start: int, width: int) -> int:
    """Where the longest piece from `start` ends that takes at most `width` cells."""
    if text.isascii():
        return min(len(text), start + max(0, width))
    room = width
    end = start
    # Only a piece is looked at: a line may hold a megabyte.
    piece = text[start : start + 4 * max(0, width) + 8]
    for begin, stop, cells in split_graphemes(piece)[0]:
        if cells > room:
            return start + begin
        room -= cells
        end = start + stop
    return end


def tail(text: str, width: int) -> str:
    """The longest end that takes at most `width` cells."""
    if width <= 0:
        return ""
    if text.isascii():
        return text[-width:]
    room = width
    piece = text[-(4 * width + 8) :]
    begin = len(piece)
    for start, _stop, cells in reversed(split_graphemes(piece)[0]):
        if cells > room:
            break
        room -= cells
        begin = start
    return piece[begin:]


def cut_end(text: str, width: int) -> str:
    """The text itself where it fits, else its beginning and an ellipsis."""
    if width_of(text) <= width:
        return text
    return head(text, width - 1) + ELLIPSIS if width > 0 else ""


def cut_middle(text: str, width: int) -> str:
    """The text itself where it fits, else its two ends round an ellipsis.

    The end gets the larger half: what tells one pod's name from another's is there.
    """
    if width_of(text) <= width:
        return text
    if width <= 2:
        return tail(text, width)
    front = head(text, (width - 1) // 2)
    return front + ELLIPSIS + tail(text, width - 1 - width_of(front))


def pad(text: str, width: int, align: str = "left") -> str:
    """The text filled with spaces to `width` cells; a longer one is returned as it is."""
    missing = width - width_of(text)
    if missing <= 0:
        return text
    return " " * missing + text if align == "right" else text + " " * missing


def wrap(text: str, width: int, hanging: int = 0, *, words: bool = True) -> list[tuple[int, int]]:
    """Where the lines of a wrapped text begin and end.

    Args:
        text: One line.
        width: Cells of the first line.
        hanging: Cells by which the following lines are indented.
        words: Break at spaces where there is one in the line's second half, so that no line is
            nearly empty; False breaks at the edge, so that lines can be joined again as they were.

    Returns:
        (start, end) of each line in `text`; at least one. Spaces at a break belong to neither.
    """
    if width_of(text) <= width or width <= 0:
        return [(0, len(text))]
    lines: list[tuple[int, int]] = []
    start, room = 0, width
    while start < len(text):
        # At least one character a line, or a wide one in a one-cell column would never end.
        end = max(head_index(text, start, room), start + 1)
        if words and end < len(text) and text[end] != " ":
            space = text.rfind(" ", start, end)
            if space - start > (end - start) // 2:
                end = space
        lines.append((start, end))
        start = end
        while words and start < len(text) and text[start] == " ":
            start += 1
        room = max(1, width - hanging)
    return lines
