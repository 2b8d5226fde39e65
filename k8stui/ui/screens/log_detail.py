"""One log line over everything else: all that is known of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from k8stui.ui._textual_compat.screens import Dialog
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.subject_logs import SubjectLogs


class LogLineScreen(Dialog[None]):
    """Left and right go to the lines beside it; the others scroll.

    Args:
        logs: The logs.
        row: The index of the line's row.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave", "Leave", show=False),
        Binding("left,p", "step(-1)", "Line before", show=False, priority=True),
        Binding("right,n", "step(1)", "Next line", show=False, priority=True),
        Binding("c", "copy", "Copy", show=False),
    ]

    def __init__(self, logs: SubjectLogs, row: int) -> None:
        super().__init__()
        self._logs = logs
        self._row = row
        self._anchor = logs.pane.anchor(row)

    def compose(self) -> ComposeResult:
        with Vertical(id="text") as box:
            box.border_subtitle = "← → lines beside · c copies · Esc closes"
            yield TextView(id="text-body")

    def on_mount(self) -> None:
        view = self.query_one(TextView)
        view.wrap = True
        view.focus()
        self._show()

    def _show(self) -> None:
        document = self._logs.details(self._row)
        if document is not None:
            self.query_one("#text").border_title = Content(document.title)
            self.query_one(TextView).show_document(document, key=self._row)

    def action_step(self, by: int) -> None:
        """Goes to the next line that can be shown in this direction."""
        if self._anchor is not None:
            self._row = self._logs.pane.locate(self._anchor)[0]
        row = self._logs.pane.line_beside(self._row, by)
        if row is not None:
            self._row, self._anchor = row, self._logs.pane.anchor(row)
            self._show()

    def action_copy(self) -> None:
        text = self._logs.text_of(range(self._row, self._row + 1))
        if text:
            self.app.copy_to_clipboard(text)
            self.app.notify("copied 1 line", markup=False, timeout=2)

    def action_leave(self) -> None:
        self.dismiss(None)
