"""A short list to pick one thing from: a namespace, a context, a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from k8stui.resources.text import clean_text
from k8stui.ui._textual_compat.screens import Dialog


class Choice(NamedTuple):
    """One thing to pick."""

    id: str
    title: str
    note: str = ""
    current: bool = False
    dim: bool = False
    """It can be picked and will say why not."""


def _row(choice: Choice, widest: int) -> Text | Table:
    """A line, or more where the note needs them: the end of a reason tells where it holds."""
    title = Text("● " if choice.current else "  ", no_wrap=True, overflow="ellipsis")
    title.append(clean_text(choice.title), style="dim" if choice.dim else "")
    if not choice.note:
        return title
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=widest + 2)
    row.add_column(overflow="fold")
    row.add_row(title, Text(clean_text(choice.note), style="dim"))
    return row


class Picker(Dialog[str | None]):
    """Gives the picked id, or what was typed where that is allowed, or None.

    Args:
        title: What is picked.
        choices: In the order shown.
        note: A line under the title, such as why the list is not complete.
        free: Whether a name that isn't in the list may be typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("pageup", "move(-10)", "Previous page", show=False, priority=True),
        Binding("pagedown", "move(10)", "Next page", show=False, priority=True),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], note: str = "", free: bool = False
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._note = note
        self._free = free
        self._widest = max((cell_len(clean_text(each.title)) for each in choices), default=0)

    def compose(self) -> ComposeResult:
        with Vertical(id="picker") as box:
            box.border_title = Text(self._title)
            entry = Input(placeholder="type to narrow", id="picker-input", compact=True)
            entry.cursor_blink = False
            yield entry
            if self._note:
                yield Static(clean_text(self._note), id="picker-note", markup=False)
            yield OptionList(id="picker-list")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._fill("")
        self.query_one(Input).focus()

    def _fill(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        wanted = typed.lower()
        shown = [each for each in self._choices if wanted in each.title.lower()]
        shown.sort(key=lambda each: not each.title.lower().startswith(wanted) if wanted else False)
        for each in shown:
            options.add_option(Option(_row(each, self._widest), id=each.id))
        options.highlighted = 0 if shown else None
        if not shown:
            word = "Enter takes it as typed" if self._free and typed else "nothing matches"
            options.add_option(Option(Text(f"  {word}", style="dim"), disabled=True))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._fill(event.value.strip())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)
        elif self._free and event.value.strip():
            self.dismiss(event.value.strip())

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            now = options.highlighted
            options.highlighted = min(max(now + by, 0), options.option_count - 1)

    def action_leave(self) -> None:
        self.dismiss(None)
