"""What a log on the screen asks of its view model."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from k8stui.logs.sgr import Painted
from k8stui.resources.record import Tone


class Mark(NamedTuple):
    """A part of a line's text that was found."""

    start: int
    end: int
    role: Literal["include", "highlight"]


Anchor = tuple[int, int]
"""What names a row whatever its number is; see `LogSource.anchor`."""


class LogLine(NamedTuple):
    """One line of a log. All text is clean and one line; never markup."""

    text: str
    stream: str = ""
    """Names where it comes from (pod and container), shown before the text."""
    palette: int = 0
    """A stable number of the stream, from which its colour is taken."""
    time: str = ""
    """The time as it is shown; empty shows none."""
    kind: Literal["line", "divider", "notice", "entry"] = "line"
    """A divider is a rule across the screen (container restarted), a notice k8stui's own word, an
    entry an event or a change of state."""
    tone: Tone = Tone.PLAIN
    marks: tuple[Mark, ...] = ()
    """In order; they may overlap."""
    painted: tuple[Painted, ...] = ()
    """Colours that the line brings itself, in order."""


class LogSource(Protocol):
    """A window on a growing log. Indexes stay: `first_index` grows as lines are evicted, and gets
    smaller when older ones are put before.

    When the answer to what an index means changes (a new filter), `generation` grows: call the
    widget's `source_replaced`.
    """

    @property
    def version(self) -> int:
        """Grows whenever lines arrived or were evicted."""
        ...

    @property
    def generation(self) -> int:
        """Grows when indexes mean other lines than before."""
        ...

    @property
    def look(self) -> int:
        """Grows when the user chose to see other lines, or to see them in another way."""
        ...

    @property
    def first_index(self) -> int:
        """The index of the oldest line that is held."""
        ...

    @property
    def line_count(self) -> int:
        """How many lines are held: `first_index` up to `first_index + line_count - 1`."""
        ...

    def line(self, index: int) -> LogLine:
        """The line at this index; asked for lines on the screen and while searching only.

        Raises:
            IndexError: the line is not held.
        """
        ...

    @property
    def filling(self) -> bool:
        """Whether older lines are still being put before the first one."""
        ...

    def anchor(self, index: int) -> Anchor | None:
        """Names the row at this index, None when there is none."""
        ...

    def locate(self, anchor: Anchor) -> tuple[int, bool]:
        """The index of the row, or of the one nearest in time, and whether it is the row itself."""
        ...

    @property
    def searching(self) -> bool:
        """Whether there is anything that `n` could go to."""
        ...

    @property
    def match_count(self) -> int:
        """How many lines hold what `n` goes to."""
        ...

    def next_match(self, index: int, *, backwards: bool = False) -> int | None:
        """The next row behind (or before) this index that `n` goes to, round the end too."""
        ...
