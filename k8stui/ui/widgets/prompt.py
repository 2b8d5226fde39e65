"""The line at the bottom that takes a command or a filter, with ways to complete it above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from k8stui.resources.text import clean_text
from k8stui.viewmodels.command_line import Completion

Mode = Literal["command", "filter", "line"]
"""A line is what a screen asks for by itself."""
Completer = Callable[[str], Sequence[Completion]]


class PromptInput(Input):
    """An input whose arrows and Tab belong to the completions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right", "take", "Complete", show=False),
        Binding("up", "move(-1)", "Previous", show=False),
        Binding("down", "move(1)", "Next", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    @dataclass
    class Moved(Message):
        by: int

    class Taken(Message):
        """The highlighted completion is wanted."""

    class Left(Message):
        """The prompt is left without an effect."""

    def action_move(self, by: int) -> None:
        self.post_message(self.Moved(by))

    def action_take(self) -> None:
        if self.cursor_position < len(self.value):
            self.cursor_position += 1
        else:
            self.post_message(self.Taken())

    def action_leave(self) -> None:
        self.post_message(self.Left())


class Prompt(Vertical):
    """Hidden until asked for; what is typed goes out as messages."""

    @dataclass
    class Changed(Message):
        """The text changed while typing."""

        mode: Mode
        text: str

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        mode: Mode
        text: str
        completion: str = ""
        """The completion that was highlighted, "" for none."""

    @dataclass
    class Cancelled(Message):
        """Escape was pressed."""

        mode: Mode

    def __init__(self) -> None:
        super().__init__(id="prompt")
        self.mode: Mode = "filter"
        self._completer: Completer | None = None
        self._chosen = False
        """Whether the highlighted completion was moved to, and so is what Enter is for."""

    def compose(self) -> ComposeResult:
        completions = OptionList(id="completions")
        completions.can_focus = False
        yield completions
        yield Static("", id="prompt-error", markup=False)
        # A blinking cursor would send bytes for ever.
        prompt = PromptInput(id="prompt-input", compact=True)
        prompt.cursor_blink = False
        yield prompt

    def on_mount(self) -> None:
        self.display = False

    def open(
        self,
        mode: Mode,
        text: str = "",
        completer: Completer | None = None,
        hint: str = "",
    ) -> None:
        """Shows the prompt with `text` in it and takes the focus; `hint` says what is expected."""
        self.mode = mode
        self._completer = completer
        self.display = True
        self.border_title = ""
        entry = self.query_one(PromptInput)
        entry.placeholder = hint or (
            "kind, ns NAME, ctx NAME: :svc -n shop app=web"
            if mode == "command"
            else "text  !text  /regex/  ~fuzzy  app=web  restarts>3  cpu>500m  age<2h"
        )
        with self.prevent(Input.Changed):
            entry.value = text
        entry.cursor_position = len(text)
        self.show_error("")
        self._complete(text)
        # Not by message: the next key must find it.
        self.screen.set_focus(entry)

    def close(self) -> None:
        self.display = False

    def complete_again(self) -> None:
        """The completer knows more than before."""
        self._complete(self.query_one(PromptInput).value)

    def show_error(self, text: str) -> None:
        """Says beneath the completions what is wrong with the text, "" for nothing."""
        line = self.query_one("#prompt-error", Static)
        line.display = bool(text)
        line.update(clean_text(text))

    def _complete(self, text: str) -> None:
        self._chosen = False
        options = self.query_one(OptionList)
        options.clear_options()
        found = self._completer(text) if self._completer else ()
        options.display = bool(found)
        for each in found:
            label = Text(no_wrap=True)
            label.append(f"{clean_text(each.text):<28} ")
            label.append(clean_text(each.note), style="dim")
            options.add_option(Option(label, id=each.text))
        options.highlighted = 0 if found else None

    def _highlighted(self) -> str | None:
        options = self.query_one(OptionList)
        if options.highlighted is None or not options.display:
            return None
        return options.get_option_at_index(options.highlighted).id

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._complete(event.value)
        self.post_message(self.Changed(self.mode, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        completion = self._highlighted() or ""
        text = completion if self._chosen and completion else event.value
        self.post_message(self.Submitted(self.mode, text, completion))

    @on(PromptInput.Moved)
    def _moved(self, event: PromptInput.Moved) -> None:
        event.stop()
        options = self.query_one(OptionList)
        if options.display and options.option_count:
            self._chosen = True
            options.highlighted = ((options.highlighted or 0) + event.by) % options.option_count

    @on(PromptInput.Taken)
    def _taken(self, event: PromptInput.Taken) -> None:
        event.stop()
        if (chosen := self._highlighted()) is not None:
            entry = self.query_one(PromptInput)
            entry.value = f"{chosen} "
            entry.cursor_position = len(entry.value)

    @on(PromptInput.Left)
    def _left(self, event: PromptInput.Left) -> None:
        event.stop()
        self.post_message(self.Cancelled(self.mode))

    @on(OptionList.OptionSelected)
    def _option(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id:
            self.post_message(self.Submitted(self.mode, event.option_id))
