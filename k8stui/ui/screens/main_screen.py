"""What all full screens share: header, prompt, key bar, and the actions that need no selection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from k8stui.errors import K8sTuiError
from k8stui.resources.document import Document, Line
from k8stui.resources.phase import Phase
from k8stui.resources.text import clean_text
from k8stui.ui._textual_compat.screens import PatientScreen, StyledOnce
from k8stui.ui.bindings import OPENS_PROMPT, registry_bindings
from k8stui.ui.host import Host
from k8stui.ui.low_bandwidth import ThriftyScreen
from k8stui.ui.screens.help import TextScreen
from k8stui.ui.screens.picker import Choice, Picker
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.ui.widgets.log_view import LogView
from k8stui.ui.widgets.prompt import Prompt
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.ui.widgets.status_bar import StatusBar
from k8stui.ui.widgets.text_view import TextView
from k8stui.viewmodels.command_line import (
    CommandError,
    Completion,
    GoToContext,
    GoToKind,
    GoToNamespace,
    Vocabulary,
    complete,
    entered_command,
    is_namespace,
)
from k8stui.viewmodels.filters import FilterError, parse_filter
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.status_line import connection_part, nodes_parts
from k8stui.viewmodels.status_parts import place_parts
from k8stui.viewmodels.table_view import TableView

LOG_FILTER_HINT = "what to show: timeout | /5\\d\\d/   and what not: !health !/GET .*ready/"
_TABLE_TICKS = 5
"""Seconds between two looks at ages: forty of them that tick each second are 8 kB/s over SSH."""
_SELDOM_TICKS = 30
"""The same where little is to be sent."""


class MainScreen(StyledOnce, PatientScreen, ThriftyScreen, inherit_bindings=False):
    """A screen with the cluster's header above, the keys below and a prompt when asked for."""

    BINDINGS: ClassVar[list[BindingType]] = registry_bindings()
    AUTO_FOCUS = ""
    BLANK: ClassVar[bool] = True

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.cluster = cluster
        self.clock = clock
        """Epoch seconds."""
        self.status = StatusBar()
        self.prompt = Prompt()
        self._ticks = 0
        self._leave_nodes: Callable[[], None] = lambda: None
        self._vocabulary = Vocabulary()
        self._filtered: Widget | None = None
        self._filter_texts: dict[ResourceTable, str] = {}

    @property
    def host(self) -> Host:
        """The app, as far as screens know it."""
        return cast("Host", self.app)

    def compose(self) -> ComposeResult:
        yield self.status
        yield from self.compose_body()
        yield self.prompt
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """What stands between header and keys."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(1.0, self.tick)
        self._leave_nodes = self.cluster.collection("nodes").subscribe(lambda _: self.show_status())
        self.line_changed()

    def on_unmount(self) -> None:
        self._leave_nodes()

    def tick(self) -> None:
        """A second has passed."""
        self.host.look_at_line()
        self.show_status()
        self._ticks += 1
        if self._ticks % (_SELDOM_TICKS if self.host.low_bandwidth else _TABLE_TICKS) == 0:
            self.tick_tables()

    def line_changed(self) -> None:
        self.show_status()

    def tick_tables(self) -> None:
        """The ages on the screen are looked at again."""
        for table in self.query(ResourceTable):
            if table.is_on_screen:
                table.tick()

    def show_status(self) -> None:
        cluster = self.cluster
        nodes = cluster.collection("nodes")
        self.status.show_parts(
            place_parts(
                cluster.context,
                cluster.namespace,
                cluster.user,
                cluster.read_only,
                cluster.demo,
                cluster.selector,
            ),
            connection_part(self.phases(), self.clock()),
            [
                *self.host.line_parts(),
                *nodes_parts(nodes.rows.values(), nodes.phase, cluster.usage),
            ],
        )

    def phases(self) -> list[tuple[str, Phase]]:
        """The phases that the header sums up."""
        return list(self.cluster.phases())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a line that is typed, `:` and `/` are characters."""
        return not (action in OPENS_PROMPT and isinstance(self.focused, Input))

    # -- what a screen answers ----------------------------------------------------------------

    def table_view(self, table: ResourceTable) -> TableView[Any] | None:
        """The view model behind a table of this screen."""
        raise NotImplementedError

    def filter_changed(self, table: ResourceTable) -> None:
        """A table's filter is another one: its title says so."""

    def filter_logs(self, text: str) -> None:
        """Shows only the lines of the logs that a filter keeps. Raises FilterError."""

    def log_filter_text(self) -> str:
        """The filter of the logs that is in force."""
        return ""

    def focused_table(self) -> ResourceTable | None:
        """The table that has the focus, or had it before the prompt."""
        focused = self.focused if self.focused is not None else self._filtered
        return focused if isinstance(focused, ResourceTable) else None

    # -- prompt -------------------------------------------------------------------------------

    def action_filter(self) -> None:
        target = self.focused
        if not isinstance(target, (ResourceTable, TextView, LogView)):
            return
        self._filtered = target
        text = hint = ""
        if isinstance(target, ResourceTable):
            view = self.table_view(target)
            text = self._filter_texts.get(target, "") if view else ""
        elif isinstance(target, LogView):
            text, hint = self.log_filter_text(), LOG_FILTER_HINT
        self.prompt.open("filter", text, hint=hint)

    async def action_command(self) -> None:
        self._filtered = self.focused
        self.prompt.open("command", completer=self._complete)
        self.run_worker(self._learn_words(), group="vocabulary", exclusive=True)

    def _complete(self, text: str) -> tuple[Completion, ...]:
        return complete(text, self._vocabulary)

    async def _learn_words(self) -> None:
        clusters = self.host.clusters
        contexts = [choice.name for choice in clusters.contexts()]
        recent = list(clusters.recent_namespaces(self.cluster.context))
        self._vocabulary = Vocabulary((), recent, contexts)
        kinds = await self.cluster.kinds()
        self._vocabulary = Vocabulary(kinds, recent, contexts)
        if self.prompt.display and self.prompt.mode == "command":
            self.prompt.complete_again()
        await self._learn_namespaces()

    async def _learn_namespaces(self) -> None:
        recent = list(self.host.clusters.recent_namespaces(self.cluster.context))
        names, problem = await self.cluster.namespaces()
        self._vocabulary = self._vocabulary._replace(
            namespaces=recent + [name for name in names if name not in recent],
            every_namespace=None if problem else names,
        )

    @on(Prompt.Changed)
    def _prompt_changed(self, event: Prompt.Changed) -> None:
        if event.mode == "filter":
            self._apply_filter(event.text)
        elif event.mode == "command":
            self.prompt.show_error("")

    def _apply_filter(self, text: str) -> bool:
        target = self._filtered
        if isinstance(target, ResourceTable):
            view = self.table_view(target)
            if view is None:
                return True
            try:
                view.set_filter(parse_filter(text, view.definitions))
            except FilterError as error:
                self.prompt.show_error(str(error))
                return False
            self.prompt.show_error("")
            self._filter_texts[target] = text
            target.refresh_rows()
            self.filter_changed(target)
        elif isinstance(target, LogView):
            try:
                self.filter_logs(text)
            except FilterError as error:
                self.prompt.show_error(str(error))
                return False
            self.prompt.show_error("")
        elif isinstance(target, TextView):
            target.search(text)
        return True

    @on(Prompt.Cancelled)
    def _prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        if event.mode == "filter":
            self._apply_filter("")
        if event.mode != "line":
            self._leave_prompt()

    @on(Prompt.Submitted)
    async def _prompt_submitted(self, event: Prompt.Submitted) -> None:
        if event.mode == "filter":
            if self._apply_filter(event.text):
                self._leave_prompt()
            return
        if event.mode == "line":
            return
        if not self._vocabulary.kinds:
            self._vocabulary = self._vocabulary._replace(kinds=await self.cluster.kinds())
        if is_namespace(event.text) and self._vocabulary.every_namespace is None:
            await self._learn_namespaces()
        try:
            command = entered_command(event.text, event.completion, self._vocabulary)
        except CommandError as error:
            self.prompt.show_error(str(error))
            return
        self._leave_prompt()
        match command:
            case GoToKind():
                await self.host.browse(self.cluster, command)
            case GoToNamespace(namespace=namespace):
                self.host.open_cluster(None, namespace)
            case GoToContext(context=context):
                self.host.open_cluster(context, None)
            case _:
                await self._program_command(command.name)

    async def _program_command(self, name: str) -> None:
        match name:
            case "cockpit":
                self.go_to_cockpit()
            case "audit":
                self._show_audit()
            case "namespaces" | "contexts":
                await self.run_action(name)
            case _:
                await self.run_action(f"app.{name}")

    def _show_audit(self) -> None:
        """What was done with k8stui, the newest first."""
        actions = self.cluster.actions
        lines = [Line(text) for text in actions.audit_lines()]
        lines = lines or [Line("nothing has been done yet")]
        title = f"Audit: {clean_text(str(actions.audit_file))}"
        self.app.push_screen(TextScreen(Document(title, tuple(lines))))

    def _leave_prompt(self) -> None:
        self.prompt.close()
        if self._filtered is not None and self._filtered.is_attached:
            self._filtered.focus()

    # -- going elsewhere ----------------------------------------------------------------------

    def go_to_cockpit(self) -> None:
        """Leaves every screen above the cockpit."""
        while len(self.app.screen_stack) > 2:
            self.app.pop_screen()

    def action_contexts(self) -> None:
        choices = [
            Choice(
                each.name,
                each.name,
                f"{each.cluster} · {each.user} · ns {each.namespace}",
                each.name == self.cluster.context,
            )
            for each in self.host.clusters.contexts()
        ]
        self.app.push_screen(Picker("Switch to context", choices), self._context_picked)

    def _context_picked(self, context: str | None) -> None:
        if context and context != self.cluster.context:
            self.host.open_cluster(context, None)

    def action_namespaces(self) -> None:
        worker = self.run_worker(self._pick_namespace(), group="namespaces", exclusive=True)
        self.host.hold_keys_for(worker)

    async def _pick_namespace(self) -> None:
        recent = list(self.host.clusters.recent_namespaces(self.cluster.context))
        names, problem = await self.cluster.namespaces()
        # A recent name that is gone would only lead to an empty cockpit.
        first = [name for name in recent if name in names or problem]
        rest = [name for name in names if name not in first]
        now = self.cluster.namespace
        choices = [Choice("", "all namespaces", "", not now)]
        choices += [Choice(name, name, "recent", name == now) for name in first]
        choices += [Choice(name, name, "", name == now) for name in rest]
        note = f"{problem}; type a name" if problem else ""
        await self.app.push_screen(
            Picker("Switch to namespace", choices, note, free=bool(problem)),
            self._namespace_picked,
        )

    def _namespace_picked(self, namespace: str | None) -> None:
        if namespace is not None and namespace != self.cluster.namespace:
            self.host.open_cluster(None, namespace)

    def action_all_namespaces(self) -> None:
        if self.cluster.namespace:
            self.host.open_cluster(None, "")

    def action_reconnect(self) -> None:
        self.cluster.wake()

    # -- sorting ------------------------------------------------------------------------------

    def action_sort(self) -> None:
        table = self.focused_table()
        view = self.table_view(table) if table is not None else None
        if table is None or view is None:
            return
        column, descending = view.sort
        choices = [
            Choice(
                each.id,
                each.title or each.id,
                ("↓ now; again turns it round" if descending else "↑ now; again turns it round")
                if each.id == column
                else "",
                each.id == column,
            )
            for each in view.columns()
        ]

        def picked(chosen: str | None) -> None:
            if chosen is not None:
                self.sort_by(table, chosen)

        self.app.push_screen(Picker("Sort by", choices), picked)

    def sort_by(self, table: ResourceTable, column: str) -> None:
        """Sorts by a column; the one it is sorted by already is turned round."""
        view = self.table_view(table)
        if view is not None:
            view.sort_by(column)
            table.refresh_rows()

    @on(ResourceTable.HeaderSelected)
    def _header_selected(self, event: ResourceTable.HeaderSelected) -> None:
        self.sort_by(event.table, event.column_id)

    def marks_changed(self) -> None:
        """Other rows are marked than before."""

    def fail(self, error: K8sTuiError) -> None:
        """Says an error to the person, once."""
        self.app.notify("\n".join(error.lines()), severity="error", markup=False)
