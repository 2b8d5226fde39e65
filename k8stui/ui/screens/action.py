"""The dialog of every action: preview, confirm, perform, follow to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from k8stui.actions.intents import PODS, Delete, Evict, Request
from k8stui.actions.interface import Actions, Preview
from k8stui.resources.document import Document, Line
from k8stui.ui._textual_compat.screens import Dialog
from k8stui.ui.action_run import ActionRun
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.preview_text import healthier, preview_document, previews_title
from k8stui.viewmodels.standing import Standing


class ActionScreen(Dialog[bool]):
    """Nothing is sent before it is confirmed; leaving it later stops nothing.

    Gives whether what was done is to be taken back.

    Args:
        actions: What previews and performs.
        requests: What is to be done to which objects.
        standing: Tells how the object of a preview stands, to follow it.
        left: Takes over a run that is not at its end when the dialog is left.
        note: What is to be known of the choice of objects, "" for nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "confirm", "Confirm", show=False, priority=True),
        Binding("escape", "leave", "Leave", show=False, priority=True),
        Binding("c", "copy", "Copy the kubectl command", show=False),
        Binding("f", "force", "Force", show=False),
        Binding("p", "propagation", "Propagation", show=False),
        Binding("ctrl+z", "undo", "Take back", show=False),
    ]

    def __init__(
        self,
        actions: Actions,
        requests: Sequence[Request],
        standing: Callable[[Preview], Standing],
        left: Callable[[ActionRun], None],
        note: str = "",
    ) -> None:
        super().__init__()
        self._actions = actions
        self._requests = tuple(requests)
        self._note = note
        self._standing = standing
        self._left = left
        self._previews: tuple[Preview, ...] = ()
        self._asked_again = False
        self.run_: ActionRun | None = None
        self._text = TextView(id="action-text")
        self._text.wrap = True
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
        self._previews = tuple(
            healthier(each, self._standing(each).revisions)
            for each in await self._actions.preview_all(self._requests)
        )
        document = preview_document(self._previews, self._note)
        self._show(document.title, document.lines)
        by_name = bool(self._ready()) and self._confirmation() == "name"
        self._typed.display = by_name
        if by_name:
            self._typed.value = ""
            self._typed.placeholder = f"type {self._names()} to confirm"
            self._typed.focus()
        else:
            self._text.focus()
        self._say(self._ways())

    def _ways(self) -> str:
        """What can be pressed now."""
        ready = len(self._ready())
        if not ready:
            said = ["Esc leaves; nothing was sent"]
        elif self._confirmation() == "name":
            # The keys of letters type here.
            return "type it in full, then Enter · Esc leaves"
        else:
            of = f" to {ready} of {len(self._previews)}" if ready < len(self._previews) else ""
            does = "asks once more" if self._confirmation() == "again" else "does it"
            said = [f"Enter {does}{of}", "Esc leaves", "c copies the kubectl command"]
        if (forced := self._forced()) is not None:
            past = isinstance(forced.intent, Evict)
            said.append("f past the budgets" if past else "f without grace")
        if (other := self._otherwise()) is not None:
            said.append(f"p {other.propagation} instead")
        return " · ".join(said)

    def _names(self) -> str:
        """What must be typed: every name, where there are several."""
        return " ".join(each.subject.name for each in self._ready())

    def _forced(self) -> Request | None:
        """The same by force, for one pod: its name will be asked for."""
        if len(self._requests) != 1 or self._requests[0].subject.kind != PODS:
            return None
        intent, subject = self._requests[0]
        if isinstance(intent, Delete | Evict) and not intent.force:
            return Request(msgspec.structs.replace(intent, force=True), subject)
        return None

    def _otherwise(self) -> Delete | None:
        """The same deletion with the next way to treat what is owned."""
        intent, subject = self._requests[0]
        if not isinstance(intent, Delete) or subject.kind == PODS or not self._ready():
            return None
        following = {"Background": "Foreground", "Foreground": "Orphan", "Orphan": "Background"}
        return msgspec.structs.replace(intent, propagation=following[intent.propagation])

    def action_force(self) -> None:
        forced = self._forced()
        if forced is not None and self._previews and self.run_ is None:
            self._ask_anew((forced,))

    def action_propagation(self) -> None:
        if self._previews and self.run_ is None and (other := self._otherwise()) is not None:
            self._ask_anew([Request(other, subject) for _, subject in self._requests])

    def _ask_anew(self, requests: Sequence[Request]) -> None:
        self._requests = tuple(requests)
        self._previews = ()
        self._asked_again = False
        self._say("asking the server · Esc leaves")
        self.run_worker(self._preview(), exclusive=True)

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
                self.dismiss(False)
            return
        if not self._ready():
            return
        way = self._confirmation()
        if way == "name" and " ".join(self._typed.value.split()) != self._names():
            self._say(f"that is not {self._names()} · Esc leaves")
        elif way == "again" and not self._asked_again:
            # Enter pressed twice by accident must not be enough.
            self._asked_again = True
            self._say("Sure? y does it · Enter and Esc leave")
        elif way == "again":
            self.dismiss(False)
        else:
            self._perform()

    def key_y(self) -> None:
        if self._asked_again and self.run_ is None:
            self._perform()

    def _perform(self) -> None:
        self._typed.display = False
        self._text.focus()
        self._say("Esc leaves; it goes on, and the verdict is told")
        self.run_ = ActionRun(self._actions, self._previews, self._standing, self._run_changed)
        # The run outlives this dialog: it belongs to the app.
        self.app.run_worker(self.run_.run(), group="actions", exit_on_error=False)

    def _run_changed(self) -> None:
        run = self.run_
        if run is not None and self.is_attached:
            self._show(run_title(run, self._previews), run.lines())
            if run.finished:
                back = self._undo_text()
                self._say("Enter and Esc close" + (f" · ^z {back}" if back else ""))

    def _undo_text(self) -> str:
        """What `^z` would do about this run, "" where nothing takes it back."""
        run = self.run_
        undo = self._actions.undo() if run is not None and run.finished and run.accepted else None
        if undo is None:
            return ""
        return undo.text if len(undo.requests) == 1 else "takes all of it back"

    def action_undo(self) -> None:
        if self._undo_text():
            self.dismiss(True)
            return
        told = "nothing takes this back"
        if self.run_ is None:
            told = "nothing is done yet that could be taken back"
        elif not self.run_.finished:
            told = "it can be taken back, if at all, when it has ended"
        self.app.notify(told, timeout=4)

    def action_leave(self) -> None:
        if self.run_ is not None and not self.run_.finished:
            self._left(self.run_)
        self.dismiss(False)

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
    return f"{previews_title(previews)}: {'ended' if run.finished else 'under way'}"
