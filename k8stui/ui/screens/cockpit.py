"""The home screen: workloads, their pods, their revisions, and the selection's logs and facts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.geometry import Size

from k8stui.actions.intents import Subject as ActionSubject
from k8stui.resources.record import Tone
from k8stui.ui.screens.acting import ActingScreen
from k8stui.ui.widgets.covered import CoveredColumn, CoveredRow
from k8stui.ui.widgets.pane import PaneBeside, TablePane
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.ui.widgets.rollout_pane import RolloutPane
from k8stui.ui.widgets.tab_strip import TabStrip
from k8stui.viewmodels.cockpit import Cockpit, Pane
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.subject import Subject
from k8stui.viewmodels.table_view import TableView

PANES: tuple[tuple[Pane, str], ...] = (
    ("workloads", "Workloads"),
    ("pods", "Pods"),
    ("rollout", "Rollout"),
    ("detail", "Detail"),
)
_WIDE = (190, 30)
_MEDIUM = (100, 26)


class CockpitScreen(ActingScreen):
    """Four panes over one selection; narrow or low terminals show one at a time."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        super().__init__(cluster, clock)
        self._started = False
        self._first_read = False
        self.model = Cockpit(cluster, self._model_changed, clock, self.surroundings)
        self.workloads = TablePane(self.model.workloads, pane_id="workloads")
        self.pods = PaneBeside(self.model.pods, pane_id="pods")
        self.rollout = RolloutPane(self.model.revisions)
        self.pane_strip = TabStrip(PANES)
        self.pane_strip.id = "pane-strip"
        self._shown: Pane = "workloads"
        self._zoomed = False
        self._leave = [
            self.model.workloads.subscribe(self._workloads_changed),
            self.model.pods.subscribe(self._pods_changed),
            self.model.revisions.subscribe(self._revisions_changed),
            self.model.containers.subscribe(self._containers_changed),
        ]

    def compose_body(self) -> ComposeResult:
        # Before there are widgets: later, all of them would be styled anew.
        self._restyle(self._layout(self.app.size))
        yield self.pane_strip
        with CoveredColumn(id="body"):
            with CoveredRow(id="top"):
                yield self.workloads
                with Container(id="side"):
                    yield self.pods
                    yield self.rollout
            yield self.detail

    def on_mount(self) -> None:
        self._started = True
        self._first_read = self.model.is_read
        self.workloads.table.focus()
        self._titles()

    def on_unmount(self) -> None:
        for leave in self._leave:
            leave()
        self.model.close()

    def line_changed(self) -> None:
        super().line_changed()
        self.model.show_trends(not self.host.low_bandwidth)

    def tick_tables(self) -> None:
        self.model.tick()
        super().tick_tables()
        self._titles()

    # -- layout -------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._restyle(self._layout(event.size))
        self.pane_strip.activate(self._shown)

    def _layout(self, size: Size) -> dict[str, bool]:
        """The classes that a size asks for."""
        columns, lines = size
        wide = columns >= _WIDE[0] and lines >= _WIDE[1]
        medium = not wide and columns >= _MEDIUM[0] and lines >= _MEDIUM[1]
        sizes = {"-wide": wide, "-medium": medium, "-single": not wide and not medium}
        return {"-every": not self.cluster.namespace} | sizes | self._shows(self._shown)

    def _show_pane(self, pane: Pane) -> None:
        self._shown = pane
        self._restyle(self._shows(pane))
        self.pane_strip.activate(pane)

    def _shows(self, pane: Pane) -> dict[str, bool]:
        return {f"-show-{name}": name == pane for name, _ in PANES}

    def _restyle(self, classes: dict[str, bool]) -> None:
        """Sets classes together: after each by itself all widgets would be styled anew."""
        before = self._styling()
        for name, is_set in classes.items():
            self.set_class(is_set, name, update=False)
        if self._styling() != before:
            self.update_node_styles()

    def _styling(self) -> frozenset[str]:
        """The classes that the style sheets look at: where all panes are shown, not which is."""
        if self.has_class("-single") or self.has_class("-zoomed"):
            return self.classes
        return frozenset(name for name in self.classes if not name.startswith("-show-"))

    def _widget_of(self, pane: Pane) -> ResourceTable | None:
        panes = {"workloads": self.workloads, "pods": self.pods, "rollout": self.rollout}
        return panes[pane].table if pane in panes else None

    def focus_pane(self, pane: Pane) -> None:
        """Moves the focus to a pane, which is shown where only one is."""
        self._show_pane(pane)
        (self._widget_of(pane) or self.detail.body).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if event.widget is not self.focused:
            return  # keys came faster: the focus has gone on, and so has the pane that is shown
        for node in event.widget.ancestors_with_self:
            if node.id in dict(PANES):
                self._show_pane(node.id)
                if node.id != "detail":
                    self.model.focus = node.id
                    self.subject_moved()
                return

    @on(TabStrip.Chosen)
    def _tab_chosen(self, event: TabStrip.Chosen) -> None:
        event.stop()
        if event.tab in dict(PANES):
            self.focus_pane(event.tab)
        else:
            self.show_tab(event.tab)

    def action_next_pane(self) -> None:
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, by: int) -> None:
        names = [name for name, _ in PANES]
        self.focus_pane(names[(names.index(self._shown) + by) % len(names)])

    def action_zoom(self) -> None:
        self._zoomed = not self._zoomed
        self.set_class(self._zoomed, "-zoomed")

    def action_back(self) -> None:
        table = self.focused_table()
        view = self.table_view(table) if table else None
        if self.clear_log_filter():
            return
        if view is not None and view.filter is not None and table is not None:
            view.set_filter(None)
            self.filter_changed(table)
        elif table is not None and self.clear_marks(table):
            pass
        elif self._zoomed:
            self.action_zoom()
        elif self.model.open_pod is not None and self._shown == "pods":
            self._leave_pod()
        elif self._shown == "detail":
            self.focus_pane(self.model.focus)
        elif self._shown != "workloads":
            self.focus_pane("workloads")

    # -- selection ----------------------------------------------------------------------------

    def table_view(self, table: ResourceTable) -> TableView[Any] | None:
        views: dict[ResourceTable, TableView[Any] | None] = {
            self.workloads.table: self.model.workloads,
            self.pods.table: self.model.containers if self.model.open_pod else self.model.pods,
            self.rollout.table: self.model.revisions,
            self.detail.events: self.events.view,
        }
        return views.get(table)

    def subject(self) -> Subject | None:
        return self.model.subject()

    def _catch_up(self) -> None:
        """Takes from the tables what they know already while their messages are on the way.

        Keys come faster than that: an action is for the row that the cursor stands on.
        """
        if self._shown != "detail":
            self.model.focus = self._shown
        self._take_workload()
        if self.model.open_pod is None:
            self.model.select_pod(self.pods.table.cursor_key)
        self.model.select_revision(self.rollout.table.cursor_key)

    def _take_workload(self) -> None:
        key = self.workloads.table.cursor_key
        if self.model.open_pod is not None and key != self.model.workload_key:
            self._leave_pod()
        self.model.select_workload(key)

    def subjects(self) -> Sequence[ActionSubject]:
        self._catch_up()
        return self.model.action_subjects()

    def hidden_marks(self) -> int:
        return self.model.hidden_marks()

    def compared(self) -> tuple[Sequence[ActionSubject], tuple[int | None, int | None]]:
        marked = sorted(row.revision for row in self.model.revisions.marked_records())
        subjects, compared = super().compared()
        return subjects, (marked[0], marked[1]) if len(marked) == 2 else compared

    def rollout_subjects(self) -> tuple[Sequence[ActionSubject], int]:
        self._catch_up()
        return self.model.rollback_subjects()

    @on(ResourceTable.RowHighlighted, "#workloads-table")
    def _workload_highlighted(self) -> None:
        self._take_workload()
        self.subject_moved()

    @on(ResourceTable.RowHighlighted, "#pods-table")
    def _pod_highlighted(self) -> None:
        key = self.pods.table.cursor_key
        if self.model.open_pod is not None:
            self.model.select_container(key)
        else:
            self.model.select_pod(key)
        self.subject_moved()

    @on(ResourceTable.RowHighlighted, "#rollout-table")
    def _revision_highlighted(self) -> None:
        self.model.select_revision(self.rollout.table.cursor_key)
        self.subject_moved()

    @on(ResourceTable.RowActivated)
    def _activated(self, event: ResourceTable.RowActivated) -> None:
        if event.table is self.workloads.table:
            self.focus_pane("pods")
        elif event.table is self.pods.table and self.model.open_pod is None:
            self._enter_pod(event.key)
        elif event.table is self.pods.table:
            self.action_show_detail("logs")
        elif event.table is self.rollout.table:
            self.action_show_detail("describe")

    def _enter_pod(self, key: str) -> None:
        self.model.enter_pod(key)
        self.pods.table.show_source(self.model.containers)
        self._titles()
        self.subject_moved()

    def _leave_pod(self) -> None:
        pod = self.model.open_pod
        self.model.leave_pod()
        self.pods.table.show_source(self.model.pods, pod.uid if pod else None)
        self._titles()
        self.subject_moved()

    def focus_detail(self) -> None:
        self.focus_pane("detail")

    # -- what changed -------------------------------------------------------------------------

    def _model_changed(self) -> None:
        if self._started:
            # The last list may have brought no rows: told after the rows, it ends the first read.
            self._first_read = self._first_read or self.model.is_read
            self._titles()
            self.show_status()
            self.subject_changed()

    def surroundings_changed(self) -> None:
        if self._started:
            self._titles()
            # Their lists may be the last that were still read.
            self.show_status()

    def _workloads_changed(self) -> None:
        table = self.workloads.table
        table.refresh_rows()
        if not self._first_read and self.model.workloads.row_count():
            # Rows come kind by kind: whatever came first is not what someone chose to look at.
            table.move_cursor(self.model.workloads.key_at(0))
        self._titles()

    def _pods_changed(self) -> None:
        if self.model.open_pod is None:
            self.pods.table.refresh_rows()

    def _containers_changed(self) -> None:
        if self.model.open_pod is not None:
            self.pods.table.refresh_rows()

    def _revisions_changed(self) -> None:
        self.rollout.table.refresh_rows()

    def filter_changed(self, table: ResourceTable) -> None:
        super().filter_changed(table)
        table.refresh_rows()
        self._titles()

    def _titles(self) -> None:
        model = self.model
        note, tone = model.note("pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps")
        self._title(self.workloads, "Workloads", model.workloads, note, tone)
        pod = model.open_pod
        subject = model.workload
        of = f" of {subject.name}" if subject else ""
        if pod is not None:
            self._title(self.pods, f"Containers of {pod.name}", model.containers, "Esc: pods")
        else:
            self._title(self.pods, f"Pods{of}", model.pods, *model.pods_note())
        self._title(self.rollout, f"Rollout{of}", model.revisions)
        self.rollout.show_notes(model.rollout())
        for crashed in model.crashes_to_ask():
            self.run_worker(self.ask_last_line(crashed), group="last line")
        self.workloads.table.set_empty(*model.empty_text("workloads"))
        self.pods.table.set_empty(*model.empty_text("pods"))
        self.rollout.table.set_empty(*model.empty_text("rollout"))

    def _title(
        self,
        pane: TablePane,
        name: str,
        view: TableView[Any],
        note: str = "",
        tone: Tone = Tone.PLAIN,
    ) -> None:
        filter_text = f"/{view.filter.describe()}" if view.filter else ""
        pane.title_line.set_title(name, view.count_text(), filter_text or note, tone)
