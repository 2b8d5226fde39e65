"""The line of keys at the bottom."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events

from k8stui.actions.registry import ACTIONS, ActionSpec, Place
from k8stui.ui.widgets.one_line import OneLine, Part


class KeyBar(OneLine):
    """The keys of the registry's footer actions, as many as fit; a click does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "key-bar--key",
        "key-bar--title",
        "key-bar--refused",
    }

    def __init__(self) -> None:
        super().__init__()
        self._spans: list[tuple[int, int, str]] = []
        self._place: Place = "app"
        self._refused: frozenset[str] = frozenset()

    def show_place(self, place: Place) -> None:
        """Shows the keys that hold in this sort of pane."""
        if place != self._place:
            self._place = place
            self._fill()

    def show_refused(self, actions: frozenset[str]) -> None:
        """Dims the keys of these actions; pressed, they still say why not."""
        if actions != self._refused:
            self._refused = actions
            self._fill()

    def on_mount(self) -> None:
        self._fill()

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        parts: list[Part] = [(" ", "")]
        self._spans = []
        x = 1
        for spec in _that_fit(self._place, self.size.width - x):
            if spec.id in self._refused:
                parts.append((f"{spec.key_text} {spec.title}  ", "key-bar--refused"))
            else:
                parts += [
                    (spec.key_text, "key-bar--key"),
                    (f" {spec.title}  ", "key-bar--title"),
                ]
            width = _width(spec)
            self._spans.append((x, x + width - 2, spec.keys[0]))
            x += width
        self.show(tuple(parts))

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.app.simulate_key(key)


def _width(spec: ActionSpec) -> int:
    return cell_len(f"{spec.key_text} {spec.title}  ")


def _footer(place: Place) -> list[ActionSpec]:
    """The footer's actions in their order: the pane's own in place of the others, then the last."""
    specs = sorted(
        (spec for spec in ACTIONS if spec.footer and spec.place != "logs"),
        key=lambda spec: spec.footer,
    )
    if place != "logs":
        return specs
    own = [spec for spec in ACTIONS if spec.footer and spec.place == place]
    search = [spec for spec in specs if spec.id == "filter"]
    return [*search, *sorted(own, key=lambda spec: spec.footer), *specs[-2:]]


def _that_fit(place: Place, room: int) -> list[ActionSpec]:
    """The footer's actions without those that have to go; help and quit stay."""
    specs = _footer(place)
    *others, _, _ = specs
    order = {id(spec): at for at, spec in enumerate(specs)}
    for spec in sorted(others, key=lambda spec: (-spec.footer_ease, -order[id(spec)])):
        if sum(map(_width, specs)) - 2 <= room:
            break
        specs.remove(spec)
    return specs
