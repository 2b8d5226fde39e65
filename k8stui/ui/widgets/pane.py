"""A titled part of the cockpit."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from k8stui.resources.record import Tone
from k8stui.ui.widgets.covered import CoveredColumn
from k8stui.ui.widgets.one_line import OneLine, Part
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.viewmodels.table_source import TableSource


class PaneTitle(OneLine):
    """The title line; it carries a mark while its pane has the focus."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pane-title--name",
        "pane-title--count",
        "pane-title--note",
        "pane-title--warn",
        "pane-title--error",
    }

    def __init__(self) -> None:
        super().__init__()
        self._heading = ""
        self._count = ""
        self._note = ""
        self._tone = Tone.PLAIN
        self._focused = False

    def set_title(
        self, name: str, count: str = "", note: str = "", tone: Tone = Tone.PLAIN
    ) -> None:
        """Sets what is written: clean text. `note` stands at the right, in `tone`."""
        self._heading, self._count, self._note, self._tone = name, count, note, tone
        self._fill()

    def set_focused(self, focused: bool) -> None:
        self._focused = focused
        # Not `:focus-within`: of that, Textual tells descendants one focus too late.
        self.set_class(focused, "-focused")
        self._fill()

    def _fill(self) -> None:
        left: list[Part] = [
            ("▌" if self._focused else " ", "pane-title--name"),
            (self._heading, "pane-title--name"),
        ]
        if self._count:
            left.append((f"  {self._count}", "pane-title--count"))
        style = {Tone.WARN: "pane-title--warn", Tone.ERROR: "pane-title--error"}
        right: list[Part] = []
        if self._note:
            right.append((f" {self._note} ", style.get(self._tone, "pane-title--note")))
        self.show(tuple(left), tuple(right))


class TablePane(CoveredColumn):
    """A title over a table."""

    def __init__(self, source: TableSource, *, pane_id: str) -> None:
        super().__init__(id=pane_id, classes="pane")
        self.title_line = PaneTitle()
        self.table = ResourceTable(source, id=f"{pane_id}-table")

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self.table

    def on_descendant_focus(self) -> None:
        self.title_line.set_focused(True)

    def on_descendant_blur(self) -> None:
        self.title_line.set_focused(False)


class PaneBeside(TablePane):
    """A pane that may stand beside another one, with a line between them."""

    BLANK: ClassVar[bool] = False
