"""All objects of one kind, whatever it is, with the detail pane below when asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult

from k8stui.actions.intents import ROLLABLE
from k8stui.actions.intents import Subject as ActionSubject
from k8stui.actions.interface import Preview
from k8stui.resources.columns import namespace_column
from k8stui.resources.phase import Phase
from k8stui.resources.record import Column, Tone
from k8stui.resources.usage_columns import TREND_IDS
from k8stui.ui.screens.acting import ActingScreen
from k8stui.ui.widgets.covered import CoveredColumn
from k8stui.ui.widgets.pane import TablePane
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.ui.widgets.tab_strip import TabStrip
from k8stui.viewmodels.filters import FilterError, parse_filter
from k8stui.viewmodels.live import LiveCluster, ObjectRef, TableFeed
from k8stui.viewmodels.phase_note import phase_note, phase_text
from k8stui.viewmodels.standing import Standing
from k8stui.viewmodels.subject import Subject
from k8stui.viewmodels.subject_pods import SubjectPods
from k8stui.viewmodels.table_view import Sort, TableView


class BrowseScreen(ActingScreen):
    """A table over the whole screen.

    Args:
        feed: The objects; closed with the screen.
        selector: The label selector that they were chosen by.
        filter_text: A filter to begin with.
        sort: Column id to sort by, the largest first.
    """

    def __init__(
        self,
        cluster: LiveCluster,
        feed: TableFeed,
        selector: str = "",
        filter_text: str = "",
        sort: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(cluster, clock)
        self.feed = feed
        self._selector = selector
        self._filter_text = filter_text
        self._sort = sort
        self._columns: Sequence[Column[Any]] = feed.columns()
        self._without_trends = self.host.low_bandwidth
        self.view: TableView[Any] = TableView(
            [feed.collection],
            self._shown_columns(),
            default_sort=Sort("name"),
            usage=cluster.usage,
            clock=clock,
        )
        self.pane = TablePane(self.view, pane_id="browse")
        self._detail_open = False
        self._pods = SubjectPods(cluster.collection)
        self._leave = [
            self.view.subscribe(self._rows_changed),
            feed.collection.subscribe(lambda _: self._take_columns()),
            cluster.collection("pods").subscribe(lambda _: self._pods_changed()),
        ]

    def compose_body(self) -> ComposeResult:
        with CoveredColumn(id="body"):
            yield self.pane
            yield self.detail

    def on_mount(self) -> None:
        self.detail.display = False
        self.detail.show_tab("describe")
        self._take_columns()
        self.pane.table.focus()
        self._title()

    def on_unmount(self) -> None:
        for leave in self._leave:
            leave()
        self.view.close()
        self.feed.close()

    def tick_tables(self) -> None:
        self._take_columns()
        self.view.live_tick(self.clock())
        super().tick_tables()
        self._title()

    def phases(self) -> list[tuple[str, Phase]]:
        return [(self.feed.kind.key, self.feed.collection.phase)]

    def line_changed(self) -> None:
        super().line_changed()
        self._take_columns()

    # -- columns ------------------------------------------------------------------------------

    def _take_columns(self) -> None:
        """Takes the columns when the server has told them, and what waited for them."""
        known, low = self.feed.columns(), self.host.low_bandwidth
        if not known:
            return
        if known is not self._columns or low is not self._without_trends:
            self._columns, self._without_trends = known, low
            self.view.set_columns(self._shown_columns())
            self.pane.table.refresh_rows()
        if self._sort in (column.id for column in known):
            self.view.set_sort(self._sort, descending=True)
        self._sort = ""
        self._take_filter()

    def _shown_columns(self) -> Sequence[Column[Any]]:
        shown = self._columns
        if self._without_trends:
            shown = tuple(column for column in shown if column.id not in TREND_IDS)
        every = self.feed.kind.namespaced and not self.feed.namespace
        return (namespace_column(), *shown) if every and shown else shown

    def _take_filter(self) -> None:
        if not self._filter_text:
            return
        try:
            self.view.set_filter(parse_filter(self._filter_text, self.view.definitions))
            self._filter_texts[self.pane.table] = self._filter_text
        except FilterError as error:
            self.app.notify(str(error), severity="warning", markup=False)
        self._filter_text = ""
        self.pane.table.refresh_rows()

    # -- selection ----------------------------------------------------------------------------

    def table_view(self, table: ResourceTable) -> TableView[Any] | None:
        if table is self.pane.table:
            return self.view
        return self.events.view if table is self.detail.events else None

    def subject(self) -> Subject | None:
        key = self.pane.table.cursor_key
        record = self.view.record(key) if key else None
        if record is None:
            return None
        kind = self.feed.kind
        ref = ObjectRef(kind.key, record.namespace, record.name)
        title = f"{kind.singular or kind.kind.lower()}/{record.name}"
        marked = self.view.marked_records()
        if len(marked) > 1:
            title = f"{len(marked)} marked {kind.plural}"
        chosen = marked or [record]
        pods = frozenset(pod.uid for each in chosen for pod in self._pods.pods(kind.key, each))
        uids = frozenset(uid for each in chosen for uid in self._pods.uids(kind.key, each))
        marks = frozenset(each.uid for each in marked)
        refs = tuple(ObjectRef(kind.key, each.namespace, each.name) for each in marked)
        version = record.resource_version
        return Subject(title, ref, version, uids, pods, marks=marks, marked=refs)

    def subjects(self) -> Sequence[ActionSubject]:
        key = self.pane.table.cursor_key
        under = [record] if key and (record := self.view.record(key)) is not None else []
        return [
            ActionSubject(self.feed.kind.key, each.namespace, each.name, each.uid)
            for each in self.view.marked_records() or under
        ]

    def hidden_marks(self) -> int:
        return self.view.hidden_marks()

    def _standing(self, preview: Preview) -> Standing:
        """The kind that is shown is watched here, whatever it is and wherever."""
        found = Standing(None)
        if preview.subject.kind in ROLLABLE:
            found = super()._standing(preview)
        return found if found.record else Standing(self.feed.collection.get(preview.subject.uid))

    @on(ResourceTable.RowHighlighted, "#browse-table")
    def _highlighted(self) -> None:
        if self._detail_open:
            self.subject_moved()

    @on(ResourceTable.RowActivated, "#browse-table")
    def _activated(self) -> None:
        self.action_show_detail("logs" if self.feed.kind.key == "pods" else "describe")

    def action_show_detail(self, tab: str) -> None:
        self._set_open(True)
        super().action_show_detail(tab)

    @on(TabStrip.Chosen)
    def _tab_chosen(self, event: TabStrip.Chosen) -> None:
        self.show_tab(event.tab)

    def _set_open(self, is_open: bool) -> None:
        self._detail_open = is_open
        self.detail.display = is_open

    # -- moving -------------------------------------------------------------------------------

    def action_next_pane(self) -> None:
        if not self._detail_open:
            return
        if self.pane.table.has_focus:
            self.focus_detail()
        else:
            self.pane.table.focus()

    def action_previous_pane(self) -> None:
        self.action_next_pane()

    def action_zoom(self) -> None:
        if self._detail_open:
            self.pane.display = not self.pane.display
            if not self.pane.display:
                self.focus_detail()

    def action_back(self) -> None:
        if self.clear_log_filter():
            return
        if not self.pane.display:
            self.pane.display = True
        elif self._detail_open:
            self._set_open(False)
            self.pane.table.focus()
        elif self.view.filter is not None:
            self.view.set_filter(None)
            self._filter_texts.pop(self.pane.table, None)
            self._title()
        elif not self.clear_marks(self.pane.table) and self.is_active:
            self.app.pop_screen()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        if not self.pane.display and event.widget is self.pane.table:
            self.pane.display = True

    # -- what changed -------------------------------------------------------------------------

    def _rows_changed(self) -> None:
        self.pane.table.refresh_rows()
        self._title()
        if self._detail_open:
            self.subject_changed()

    def _pods_changed(self) -> None:
        if self._detail_open and self.feed.kind.key != "pods":
            self.subject_changed()

    def filter_changed(self, table: ResourceTable) -> None:
        self._title()

    def _title(self) -> None:
        kind = self.feed.kind
        where = f" in {self.feed.namespace}" if self.feed.namespace else ""
        chosen = f" with {self._selector}" if self._selector else ""
        text, tone = phase_note(kind.key, self.feed.collection.phase)
        note = f"/{self.view.filter.describe()}" if self.view.filter else text
        self.pane.title_line.set_title(
            f"{kind.kind} ({kind.key}){where}{chosen}", self.view.count_text(), note, tone
        )
        if text or self.view.no_match:
            told = phase_text(kind.key, self.feed.collection.phase)
            self.pane.table.set_empty(told or self.view.no_match, tone)
        else:
            self.pane.table.set_empty(f"no {kind.plural}{where}{chosen}", Tone.MUTED)
