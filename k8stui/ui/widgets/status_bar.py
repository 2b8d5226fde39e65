"""The header line of every screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len

from k8stui.resources.record import Tone
from k8stui.ui.widgets.one_line import OneLine
from k8stui.ui.widgets.one_line import Part as Drawn
from k8stui.viewmodels.status_parts import Part

_SEPARATOR = " · "
_BLANKS = 8
"""Around and between place, state and cluster."""


class StatusBar(OneLine):
    """Draws the header: place and state at the left, the cluster at the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"status-bar--{tone.value}" for tone in Tone if tone is not Tone.PLAIN
    }

    def __init__(self) -> None:
        super().__init__(widget_id="status-bar")
        self._parts: tuple[Sequence[Part], Part, Sequence[Part]] = ((), Part(""), ())

    def show_parts(self, place: Sequence[Part], state: Part, cluster: Sequence[Part]) -> None:
        self._parts = (place, state, cluster)
        self._fill()

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        place, state, cluster = self._parts
        width = self.size.width
        texts = (_joined(place), state.text, _joined(cluster))
        if sum(map(cell_len, texts)) + _BLANKS > width:
            place, cluster = _shortened(place), _shortened(cluster)
            least = cell_len(state.text if state.short is None else state.short)
            # Whether what one sees is true stands before how the cluster does.
            while cluster and _room(width, place, cluster) < least:
                cluster = cluster[1:]
            room = _room(width, place, cluster)
            if cell_len(state.text) > room:
                text = state.short if state.short is not None and room < 24 else state.text
                state = state._replace(text=_cut(text, max(room, least)))
        left = [(" ", ""), *_drawn(place), ("   ", ""), _draw(state)]
        self.show(tuple(left), (*_drawn(cluster), (" ", "")))


def _room(width: int, place: Sequence[Part], cluster: Sequence[Part]) -> int:
    """What these leave to the state between them."""
    return width - cell_len(_joined(place)) - cell_len(_joined(cluster)) - _BLANKS


def _shortened(parts: Sequence[Part]) -> list[Part]:
    return [
        part if part.short is None else part._replace(text=part.short)
        for part in parts
        if part.short != ""
    ]


def _joined(parts: Sequence[Part]) -> str:
    return _SEPARATOR.join(part.text for part in parts)


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else text[: max(0, width - 1)] + "…"


def _draw(part: Part) -> Drawn:
    return part.text, f"status-bar--{part.tone.value}" if part.tone else ""


def _drawn(parts: Sequence[Part]) -> list[Drawn]:
    drawn: list[Drawn] = []
    for place, part in enumerate(parts):
        if place:
            drawn.append((_SEPARATOR, "status-bar--muted"))
        drawn.append(_draw(part))
    return drawn
