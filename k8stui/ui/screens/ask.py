"""A question with one line for the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from k8stui.resources.text import clean_text
from k8stui.ui._textual_compat.screens import Dialog


class Ask(Dialog[str | None]):
    """Gives what was typed, None when left.

    Args:
        title: What is asked.
        hint: What may be typed.
        value: What stands there at first.
        problem: Says what is wrong with an answer, "" when nothing is.
        choices: (answer, note) that the up and down keys put into the line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("up", "choose(-1)", "Previous", show=False, priority=True),
        Binding("down", "choose(1)", "Next", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        value: str = "",
        problem: Callable[[str], str] | None = None,
        choices: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._problem = problem
        self._choices = choices
        self._list = OptionList(id="ask-list")

    def compose(self) -> ComposeResult:
        with Vertical(id="ask") as box:
            box.border_title = Content(self._title)
            entry = Input(self._value, id="ask-input", compact=True)
            entry.cursor_blink = False
            yield entry
            yield Static(self._hint, id="ask-hint", markup=False)
            yield self._list

    def on_mount(self) -> None:
        self._list.can_focus = False
        self._list.display = bool(self._choices)
        for answer, note in self._choices:
            label = Text(no_wrap=True, overflow="ellipsis")
            label.append(clean_text(answer))
            label.append(f"  {clean_text(note)}", style="dim")
            self._list.add_option(Option(label))
        self.query_one(Input).focus()

    def action_choose(self, by: int) -> None:
        """Puts the next of the choices into the line, where it can still be changed."""
        if self._choices:
            at = self._list.highlighted
            first = 0 if by > 0 else len(self._choices) - 1
            self._take(first if at is None else (at + by) % len(self._choices))

    def _take(self, index: int) -> None:
        self._list.highlighted = index
        entry = self.query_one(Input)
        entry.value = self._choices[index][0]
        entry.cursor_position = len(entry.value)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)

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
