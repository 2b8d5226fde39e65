"""The names of the detail pane's tabs, on one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.message import Message

from k8stui.ui.widgets.one_line import OneLine, Part


class TabStrip(OneLine):
    """Shows which tab is active, and what it is about at the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tab-strip--active",
        "tab-strip--tab",
        "tab-strip--note",
    }

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        tab: str

    def __init__(self, tabs: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._tabs = tabs
        self._active = tabs[0][0]
        self._note = ""
        self._spans: list[tuple[int, int, str]] = []

    def on_mount(self) -> None:
        self._fill()

    def activate(self, tab: str) -> None:
        self._active = tab
        self._fill()

    def set_note(self, note: str) -> None:
        """What stands at the right end: the subject and state of the active tab."""
        self._note = note
        self._fill()

    def _fill(self) -> None:
        parts: list[Part] = []
        self._spans = []
        x = 0
        for place, (tab, title) in enumerate(self._tabs):
            if place:
                parts.append(("│", "tab-strip--tab"))
                x += 1
            # Brackets tell the active tab where colours don't.
            text = f"[{title}]" if tab == self._active else f" {title} "
            parts.append((text, "tab-strip--active" if tab == self._active else "tab-strip--tab"))
            self._spans.append((x, x + cell_len(text), tab))
            x += cell_len(text)
        self.show(tuple(parts), ((f" {self._note} ", "tab-strip--note"),) if self._note else ())

    def on_click(self, event: events.Click) -> None:
        for start, end, tab in self._spans:
            if start <= event.x < end:
                self.post_message(self.Chosen(tab))
