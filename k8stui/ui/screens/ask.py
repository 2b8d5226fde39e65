"""A question with one line for the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Ask(ModalScreen[str | None]):
    """Gives what was typed, None when left.

    Args:
        title: What is asked.
        hint: What may be typed.
        value: What stands there at first.
        problem: Says what is wrong with an answer, "" when nothing is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False)]

    def __init__(
        self, title: str, hint: str, value: str = "", problem: Callable[[str], str] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._problem = problem

    def compose(self) -> ComposeResult:
        with Vertical(id="ask") as box:
            box.border_title = Content(self._title)
            entry = Input(self._value, id="ask-input", compact=True)
            entry.cursor_blink = False
            yield entry
            yield Static(self._hint, id="ask-hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        wrong = self._problem(event.value) if self._problem else ""
        if wrong:
            self.query_one("#ask-hint", Static).update(wrong)
        elif event.value.strip():
            self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        self.dismiss(None)
