"""The lower part of the cockpit: logs, events, describe and YAML of the selection."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult

from k8stui.ui.widgets.covered import CoveredColumn
from k8stui.ui.widgets.log_header import LogHeader
from k8stui.ui.widgets.log_view import LogView
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.ui.widgets.tab_strip import TabStrip
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.log_source import LogSource
from k8stui.viewmodels.table_source import TableSource

Tab = Literal["logs", "events", "describe", "yaml"]
TABS: tuple[tuple[Tab, str], ...] = (
    ("logs", "Logs"),
    ("events", "Events"),
    ("describe", "Describe"),
    ("yaml", "YAML"),
)


class DetailPane(CoveredColumn):
    """Tabs over one body; only the active tab's body is displayed."""

    def __init__(self, logs: LogSource, events: TableSource) -> None:
        super().__init__(id="detail")
        self.tab: Tab = "logs"
        self.strip = TabStrip(TABS)
        self.log_header = LogHeader(widget_id="detail-log-header")
        self.logs = LogView(logs, id="detail-logs", classes="detail-body")
        self.events = ResourceTable(events, id="detail-events", classes="detail-body")
        self.describe = TextView(id="detail-describe", classes="detail-body")
        self.yaml = TextView(id="detail-yaml", classes="detail-body")

    def compose(self) -> ComposeResult:
        yield self.strip
        yield self.log_header
        yield self.logs
        yield self.events
        yield self.describe
        yield self.yaml

    def on_mount(self) -> None:
        self._display()

    def on_descendant_focus(self) -> None:
        self.strip.set_class(True, "-focused")

    def on_descendant_blur(self) -> None:
        self.strip.set_class(False, "-focused")

    @property
    def body(self) -> LogView | ResourceTable | TextView:
        """The active tab's widget."""
        bodies: dict[Tab, LogView | ResourceTable | TextView] = {
            "logs": self.logs,
            "events": self.events,
            "describe": self.describe,
            "yaml": self.yaml,
        }
        return bodies[self.tab]

    def show_tab(self, tab: Tab) -> None:
        """Makes a tab the active one; the focus follows when it was inside."""
        had_focus = self.has_focus_within
        self.tab = tab
        self.strip.activate(tab)
        self._display()
        if had_focus:
            self.body.focus()

    def step_tab(self, by: int) -> Tab:
        """The tab so many places to the right (left when negative)."""
        names = [tab for tab, _ in TABS]
        return names[(names.index(self.tab) + by) % len(names)]

    def _display(self) -> None:
        for each in (self.logs, self.events, self.describe, self.yaml):
            each.display = each is self.body
        self.log_header.display = self.tab == "logs"
