"""The dialog of every action: preview, confirm, perform, follow to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from k8stui.actions.intents import Intent, Subject
from k8stui.actions.interface import Actions, Preview
from k8stui.resources.document import Document, Line
from k8stui.ui.action_run import ActionRun
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.preview_text import preview_document
from k8stui.viewmodels.standing import Standing


class ActionScreen(ModalScreen[None]):
    """Nothing is sent before it is confirmed; leaving it later stops nothing.

    Args:
        actions: What previews and performs.
        intent: What is to be done.
        subjects: To which objects.
        standing: Tells how the object of a preview stands, to follow it.
        left: Takes over a run that is not at its end when the dialog is left.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "confirm", "Confirm", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
        Binding("c", "copy", "Copy the kubectl command", show=False),
    ]

    def __init__(
        self,
        actions: Actions,
        intent: Intent,
        subjects: Sequence[Subject],
        standing: Callable[[Preview], Standing],
        left: Callable[[ActionRun], None],
    ) -> None:
        super().__init__()
        self._actions = actions
        self._intent = intent
        self._subjects = subjects
        self._standing = standing
        self._left = left
        self._previews: tuple[Preview, ...] = ()
        self._asked_again = False
        self.run_: ActionRun | None = None
        self._text = TextView(id="action-text")
        self._typed = Input(id="action-name", compact=True)
        self._hint = Static("", id="action-hint", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="action"):
            yield self._text
            yield self._typed
            yield self._hint

    def on_mount(self) -> None:
        self._typed.display = False
        self._typed.cursor_blink = False
        self._show("asking the server", (Line("… the server tries it dry"),))
        self._say("Esc leaves")
        self._text.focus()
        self.run_worker(self._preview(), exclusive=True)

    def _show(self, title: str, lines: tuple[Line, ...]) -> None:
        self.query_one("#action").border_title = Content(title)
        self._text.show_document(Document(title, lines), key=title)

    def _say(self, text: str) -> None:
        self._hint.update(text)

    # -- preview ------------------------------------------------------------------------------

    async def _preview(self) -> None:
        self._previews = await self._actions.preview_all(self._intent, self._subjects)
        document = preview_document(self._previews)
        self._show(document.title, document.lines)
        if not self._ready():
            self._say("Esc leaves · nothing was sent")
        elif self._confirmation() == "name":
            self._typed.display = True
            self._typed.placeholder = f"type {self._subjects[0].name} to confirm"
            self._typed.focus()
            self._say("type the name, then Enter · Esc leaves")
        else:
            count = len(self._ready())
            of = f" on {count} of {len(self._previews)}" if len(self._previews) > 1 else ""
            does = "asks once more" if self._confirmation() == "again" else "does it"
            self._say(f"Enter {does}{of} · Esc leaves · c copies the kubectl command")

    def _ready(self) -> list[Preview]:
        return [preview for preview in self._previews if preview.can_go]

    def _confirmation(self) -> str:
        """The strictest that any of them asks for."""
        wanted = {preview.confirm for preview in self._ready()}
        return next((way for way in ("name", "again") if way in wanted), "enter")

    # -- confirm ------------------------------------------------------------------------------

    def action_confirm(self) -> None:
        if self.run_ is not None:
            if self.run_.finished:
                self.dismiss(None)
            return
        if not self._ready():
            return
        way = self._confirmation()
        if way == "name" and self._typed.value.strip() != self._subjects[0].name:
            self._say(f"that is not {self._subjects[0].name} · Esc leaves")
        elif way == "again" and not self._asked_again:
            # Enter pressed twice by accident must not be enough.
            self._asked_again = True
            self._say("Sure? y does it · Enter and Esc leave")
        elif way == "again":
            self.dismiss(None)
        else:
            self._perform()

    def key_y(self) -> None:
        if self._asked_again and self.run_ is None:
            self._perform()

    def _perform(self) -> None:
        self._typed.display = False
        self._text.focus()
        self._say("Esc leaves; it goes on, and the verdict is told")
        self.run_ = ActionRun(self._actions, self._ready(), self._standing, self._run_changed)
        # The run outlives this dialog: it belongs to the app.
        self.app.run_worker(self.run_.run(), group="actions", exit_on_error=False)

    def _run_changed(self) -> None:
        run = self.run_
        if run is not None and self.is_attached:
            self._show(run_title(run, self._previews), run.lines())
            if run.finished:
                self._say("Enter and Esc close · ctrl-z takes it back where that can be")

    def action_leave(self) -> None:
        if self.run_ is not None and not self.run_.finished:
            self._left(self.run_)
        self.dismiss(None)

    def action_copy(self) -> None:
        commands = "\n".join(each.kubectl for each in self._previews if each.kubectl)
        if commands:
            self.app.copy_to_clipboard(commands)
            self.app.notify("copied", timeout=2)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()


def run_title(run: ActionRun, previews: Sequence[Preview]) -> str:
    """The dialog's title while it is under way and after."""
    title = previews[0].title if len(previews) == 1 else f"{len(previews)} objects"
    return f"{title}: {'done' if run.finished else 'under way'}"
