"""The line over a log: how it is shown at the left, how its streams do at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.timer import Timer

from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.ui.widgets.one_line import OneLine
from k8stui.ui.widgets.one_line import Part as Drawn
from k8stui.viewmodels.status_parts import Part

_SEPARATOR = " · "


class LogHeader(OneLine):
    """The right side stays whole; of the left one, what doesn't fit is left out from its end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"log-header--{tone.value}" for tone in Tone if tone is not Tone.PLAIN
    }

    DEFAULT_CSS = """
    LogHeader {
        & > .log-header--ok { color: $text-success; }
        & > .log-header--warn { color: $text-warning; }
        & > .log-header--error { color: $text-error; text-style: bold; }
        & > .log-header--muted { color: $text-muted; }
        & > .log-header--accent { color: $text-accent; }
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._modes: Sequence[Part] = ()
        self._states: Sequence[Part] = ()
        self._said = ""
        self._until: Timer | None = None

    def show_parts(self, modes: Sequence[Part], states: Sequence[Part]) -> None:
        """Shows these; an equal line is not painted again."""
        if (modes, states) != (self._modes, self._states):
            self._modes, self._states = modes, states
            self._fill()

    def say(self, text: str, seconds: float) -> bool:
        """Says something at the left for a moment; False where there is no room for it."""
        if cell_len(text) + _width(self._states[-1:]) + 3 > self.size.width:
            return False
        if self._until is not None:
            self._until.stop()
        self._until = self.set_timer(seconds, self._said_it)
        self._said = clean_text(text)
        self._fill()
        return True

    def _said_it(self) -> None:
        self._said, self._until = "", None
        self._fill()

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        modes, states = list(self._modes), list(self._states)
        width = self.size.width
        if self._said:
            modes = [Part(self._said, Tone.ACCENT)]
            while len(states) > 1 and _width(states) + _width(modes) + 3 > width:
                del states[0]
        while len(states) > 1 and _width(states) + 3 > width:
            del states[0]
        while len(modes) > 1 and _width(modes) + _width(states) + 3 > width:
            modes.pop()
        self.show((*_drawn(modes),), (*_drawn(states), (" ", "")))


def _width(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) + len(_SEPARATOR) for part in parts)


def _drawn(parts: Sequence[Part]) -> list[Drawn]:
    drawn: list[Drawn] = [(" ", "")]
    for place, part in enumerate(parts):
        if place:
            drawn.append((_SEPARATOR, "log-header--muted"))
        drawn.append((part.text, f"log-header--{part.tone.value}" if part.tone else ""))
    return drawn
