"""Where the cursor and the window of a table stand after its rows changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

IndexOf = Callable[[str], int | None]


def nearest_survivor(window: Sequence[str], line: int, index_of: IndexOf) -> int | None:
    """The new index of the row nearest to the line of a row that went, below before above.

    Args:
        window: The keys that were on the screen.
        line: The line in the window where the row stood; may be outside.
        index_of: Where a key is now.
    """
    for distance in range(1, len(window) + abs(line) + 1):
        for near in (line + distance, line - distance):
            if 0 <= near < len(window):
                index = index_of(window[near])
                if index is not None:
                    return index
    return None


def anchored_top(window: Sequence[str], top: int, index_of: IndexOf) -> int:
    """The offset at which the first surviving row of the window stays on its line."""
    for line, key in enumerate(window):
        index = index_of(key)
        if index is not None:
            return max(0, index - line)
    return top
