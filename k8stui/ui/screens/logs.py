"""The keys of the log pane: what each of them does to the logs of the screen's subject."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from textual import events, on
from textual.widgets import Input

from k8stui.errors import K8sTuiError
from k8stui.ui.screens.main_screen import MainScreen
from k8stui.ui.screens.picker import Choice, Picker
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.ui.widgets.log_view import LogView
from k8stui.ui.widgets.prompt import Prompt
from k8stui.viewmodels.filters import FilterError
from k8stui.viewmodels.live import LiveCluster
from k8stui.viewmodels.log_clusters import LogClusters
from k8stui.viewmodels.subject import Subject

_MOST_COPIED = 100_000
"""Characters; many terminals take no more through OSC 52."""


class TypedLine(NamedTuple):
    """What a line is typed for."""

    use: Callable[[str], object]
    """Takes the text. Raises FilterError for one that it can't take."""
    live: bool = False
    """Whether it is taken at every key."""
    before: str = ""
    """What Escape goes back to."""


class LogScreen(MainScreen):
    """Does what the log pane's keys say; the widget and the model are its own."""

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        super().__init__(cluster, clock)
        self.logs = cluster.open_logs()
        self.log_clusters = LogClusters(self.logs, self.log_subject_changed, clock)
        self._typed: TypedLine | None = None

    @property
    def log_view(self) -> LogView:
        """The widget."""
        raise NotImplementedError

    def subject(self) -> Subject | None:
        """What the logs are of."""
        raise NotImplementedError

    def log_subject_changed(self) -> None:
        """There may be other pods whose logs are shown."""

    def show_log_header(self) -> None:
        """The line over the log is looked at again."""

    @on(events.DescendantFocus)
    def _pane_focused(self, event: events.DescendantFocus) -> None:
        if not isinstance(event.widget, Input):
            in_logs = isinstance(event.widget, LogView)
            self.query_one(KeyBar).show_place("logs" if in_logs else "app")

    def matches_text(self) -> str:
        """Where the search stands: `3/120`; "" where nothing is looked for."""
        pane = self.logs.pane
        if not pane.searching:
            return ""
        current = self.log_view.current_match
        rank = pane.rank(current) if current is not None else 0
        return f"{rank:,}/{pane.match_count:,}" if rank else f"{pane.match_count:,} found"

    def on_mount(self) -> None:
        # Told of by messages, it would be painted a frame after the lines.
        for what in ("follow", "taken_up"):
            self.watch(self.log_view, what, self.show_log_header, init=False)

    @on(LogView.MatchShown)
    @on(LogView.SelectionChanged)
    def _view_moved(self) -> None:
        self.show_log_header()

    def _changed(self, what: str = "") -> None:
        """The user chose something: painted at once."""
        if self.log_view.source is not self.logs.pane:
            self.log_view.show_source(self.logs.pane)
        else:
            self.log_view.source_replaced()
        self.show_log_header()
        if what:
            self.tell(what)

    def say(self, text: str, seconds: float) -> bool:
        """Says it in the line over the log; False where it has no room there."""
        raise NotImplementedError

    def tell(self, text: str, seconds: float = 2.0) -> None:
        """Says something for a moment; never parsed as markup.

        A notice in the corner would cover the newest lines.
        """
        if not self.say(text, seconds):
            self.app.notify(text, markup=False, timeout=seconds)

    # -- lines that are typed -----------------------------------------------------------------

    def _type(self, hint: str, text: str, typed: TypedLine) -> None:
        self._typed = typed
        self._filtered = self.focused
        self.prompt.open("line", text, hint=hint)

    def _use(self, text: str) -> bool:
        if self._typed is None:
            return True
        try:
            self._typed.use(text)
        except FilterError as error:
            self.prompt.show_error(str(error))
            return False
        self.prompt.show_error("")
        self._changed()
        return True

    @on(Prompt.Changed)
    def _line_changed(self, event: Prompt.Changed) -> None:
        if event.mode == "line":
            self.prompt.show_error("")
            if self._typed is not None and self._typed.live:
                self._use(event.text)

    @on(Prompt.Submitted)
    def _line_submitted(self, event: Prompt.Submitted) -> None:
        if event.mode == "line" and self._use(event.text):
            self._leave_prompt()

    @on(Prompt.Cancelled)
    def _line_cancelled(self, event: Prompt.Cancelled) -> None:
        if event.mode == "line":
            if self._typed is not None and self._typed.live:
                self._use(self._typed.before)
            self._leave_prompt()

    # -- which lines --------------------------------------------------------------------------

    def filter_logs(self, text: str) -> None:
        self.logs.set_filter(text)
        self._changed()

    def log_filter_text(self) -> str:
        return self.logs.filter_text

    def clear_log_filter(self) -> bool:
        """Shows all lines again where the logs have the focus; whether a filter was on."""
        if not isinstance(self.focused, LogView) or not self.logs.filter_text:
            return False
        self.filter_logs("")
        return True

    def action_log_highlight(self) -> None:
        hint = "what to mark: timeout | /5\\d\\d/   n and N go there"
        self._type(hint, self.logs.highlight_text, TypedLine(self.logs.set_highlight, live=True))

    def action_log_match(self, which: str) -> None:
        if which == "next":
            self.log_view.action_next_match()
        else:
            self.log_view.action_previous_match()

    def action_log_around(self) -> None:
        self._changed(f"around matches: {self.logs.next_around()}")

    def action_log_case(self) -> None:
        self._changed(f"filter and Find: {self.logs.next_case()}")

    def action_log_fields(self) -> None:
        typed = TypedLine(self.logs.set_fields)
        self._type("fields to show: level msg http.status", self.logs.fields_text, typed)

    def action_log_containers(self) -> None:
        typed = TypedLine(self.logs.set_containers)
        self._type("containers: app !istio-proxy /^web/", self.logs.container_text, typed)

    def action_log_init(self) -> None:
        taken = self.logs.toggle_role("init")
        self._changed(f"init containers: {'shown' if taken else 'left out'}")

    def action_log_ephemeral(self) -> None:
        taken = self.logs.toggle_role("ephemeral")
        self._changed(f"ephemeral containers: {'shown' if taken else 'left out'}")

    def action_log_streams(self) -> None:
        from k8stui.ui.screens.streams import StreamsScreen

        self.app.push_screen(StreamsScreen(self.logs, self.clock), lambda _: self._changed())

    def action_log_clusters(self) -> None:
        here, added = self.cluster.context, self.log_clusters.contexts
        choices = [
            Choice(each.name, each.name, f"{each.cluster} · {each.user}", each.name in added)
            for each in self.host.clusters.contexts()
            if each.name != here
        ]
        if not choices:
            self.tell("the kubeconfig has no other context", 4.0)
            return

        def picked(context: str | None) -> None:
            if context is not None:
                self.run_worker(self._toggle_cluster(context), group="clusters")

        self.app.push_screen(Picker("Add the logs of another cluster", choices), picked)

    async def _toggle_cluster(self, context: str) -> None:
        if context in self.log_clusters.contexts:
            await self.log_clusters.remove(context)
            return
        try:
            await self.log_clusters.add(self.host.clusters, context, self.cluster.namespace)
        except K8sTuiError as error:
            self.fail(error)

    # -- how they look ------------------------------------------------------------------------

    def action_log_follow(self) -> None:
        self.log_view.action_toggle_follow()

    def action_log_follow_as_k9s(self) -> None:
        """The key that scales everywhere else: what it did here is said."""
        self.log_view.action_toggle_follow()
        what = "follows" if self.log_view.follow else "stands still"
        self.tell(f"{what}; s scales outside of the log: Esc, then s", 4.0)

    def action_log_wrap(self) -> None:
        self.log_view.action_toggle_wrap()

    def action_log_times(self) -> None:
        self._changed(f"times: {self.logs.next_times()}")

    def action_log_zone(self) -> None:
        typed = TypedLine(self.logs.set_zone)
        self._type("time zone: UTC, local, Europe/Berlin", self.logs.pane.shown.zone, typed)

    def action_log_form(self) -> None:
        self._changed(f"JSON and logfmt: {self.logs.next_form()}")

    def action_log_order(self) -> None:
        self._changed(f"order: {self.logs.next_order()}")

    def action_log_names(self) -> None:
        self._changed(f"names: {self.logs.next_names()}")

    def action_log_colours(self) -> None:
        on = self.logs.toggle_colours()
        self._changed(f"colours of the lines themselves: {'on' if on else 'off'}")

    def action_log_mark(self) -> None:
        self.logs.mark()
        self._changed()

    # -- lines, one or many -------------------------------------------------------------------

    def action_log_select(self) -> None:
        self.log_view.action_toggle_selection()

    def action_log_copy(self) -> None:
        rows = self.log_view.selection
        text = self.logs.text_of(rows)
        if not text:
            return
        cut = len(text) > _MOST_COPIED
        self.app.copy_to_clipboard(text[:_MOST_COPIED])
        lines = f"{len(rows):,} lines" if len(rows) > 1 else "1 line"
        self.tell(f"copied {lines}{', cut: too long for a clipboard' if cut else ''}")
        self.log_view.end_selection()

    def action_log_line(self) -> None:
        row = self.log_view.current_line
        if row is not None:
            from k8stui.ui.screens.log_detail import LogLineScreen

            self.app.push_screen(LogLineScreen(self.logs, row))

    # -- the instances before -----------------------------------------------------------------

    def action_log_previous(self) -> None:
        if self.logs.is_previous:
            self.logs.leave_previous()
            self._changed()
        else:
            self.run_worker(self._show_previous(), group="previous", exclusive=True)

    async def _show_previous(self) -> None:
        found = await self.logs.show_previous()
        if not found:
            self.tell("no container here has ended before: there is no previous log", 5.0)
        elif self.is_attached:
            self._changed()
