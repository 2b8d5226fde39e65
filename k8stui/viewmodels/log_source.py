"""What a log on the screen asks of its view model."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from k8stui.resources.record import Tone


class LogLine(NamedTuple):
    """One line of a log. All text is clean and one line; never markup."""

    text: str
    stream: str = ""
    """Names where it comes from (pod and container), shown before the text."""
    palette: int = 0
    """A stable number of the stream, from which its colour is taken."""
    time: str = ""
    """The time as it is shown; empty shows none."""
    kind: Literal["line", "divider", "notice"] = "line"
    """A divider is a rule across the screen (container restarted), a notice k8stui's own word."""
    tone: Tone = Tone.PLAIN


class LogSource(Protocol):
    """A window on a growing log. Indexes never change: `first_index` grows as lines are evicted.

    When the answer to what an index means changes (a new filter), give the widget a new source or
    call its `source_replaced`.
    """

    @property
    def version(self) -> int:
        """Grows whenever lines arrived or were evicted."""
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
