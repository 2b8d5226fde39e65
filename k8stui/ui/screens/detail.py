"""A screen with a detail pane: logs, events, describe and YAML of whatever is selected."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import cast

from textual.timer import Timer

from k8stui.errors import K8sTuiError
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.ui.screens.log_history import LogHistoryScreen
from k8stui.ui.widgets.detail_pane import TABS, DetailPane, Tab
from k8stui.ui.widgets.log_view import LogView
from k8stui.viewmodels.events import SubjectEvents
from k8stui.viewmodels.live import LiveCluster, ObjectRef, View
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.subject import Subject
from k8stui.viewmodels.subject_timeline import SubjectTimeline

logger = logging.getLogger(__name__)

_SETTLE_SECONDS = 0.15
"""How long changes of the subject are gathered."""
_REST_SECONDS = 0.3
"""A cursor that is passing by opens no streams and asks for nothing."""
_RELOAD_SECONDS = 2.0
"""An object that changes all the time is read again no more often than this."""


class DetailScreen(LogHistoryScreen):
    """Keeps the active tab of the detail pane about the subject of the screen."""

    def __init__(self, cluster: LiveCluster, clock: Callable[[], float] = time.time) -> None:
        super().__init__(cluster, clock)
        self.events = SubjectEvents(cluster, clock)
        self.detail = DetailPane(self.logs.pane, self.events.view)
        self._settling: Timer | None = None
        self._revealed: ObjectRef | None = None
        """The one Secret whose values are shown; the next one is masked again."""
        self._documents: dict[Tab, tuple[object, ...]] = {}
        """What each document tab shows: subject, version and whether secrets are revealed."""
        self._loading: tuple[object, ...] | None = None
        """Which document is being read: its tab, subject and whether secrets are revealed."""
        self._timeline = SubjectTimeline(cluster, self._timeline_told, clock)
        self._leave_detail = [
            self.events.view.subscribe(self._events_changed),
            self.logs.subscribe(self._logs_changed),
        ]

    def on_unmount(self) -> None:
        for leave in self._leave_detail:
            leave()
        self._timeline.end()
        self.events.close()
        if self.log_clusters.contexts:
            self.app.run_worker(self.log_clusters.close(), group="clusters")
        self.logs.close()

    def line_changed(self) -> None:
        super().line_changed()
        self.detail.logs.be_thrifty(self.host.low_bandwidth)

    def tick_tables(self) -> None:
        if self.detail.tab == "logs" and self.logs.pane.shown.times == "relative":
            self.detail.logs.source_replaced()
        self.events.tick()
        super().tick_tables()

    @property
    def log_view(self) -> LogView:
        return self.detail.logs

    def focus_detail(self) -> None:
        """Moves the focus into the detail pane."""
        self.detail.body.focus()

    def show_tab(self, tab: str) -> None:
        """Makes a tab the active one and fills it."""
        self.detail.show_tab(cast("Tab", tab))
        self._fill()

    def action_show_detail(self, tab: str) -> None:
        self.show_tab(tab)
        self.focus_detail()

    def action_next_tab(self) -> None:
        self.show_tab(self.detail.step_tab(1))

    def action_previous_tab(self) -> None:
        self.show_tab(self.detail.step_tab(-1))

    def action_reveal(self) -> None:
        subject = self.subject()
        if subject is not None:
            self._revealed = None if self._revealed == subject.ref else subject.ref
            self._fill()

    def action_copy_name(self) -> None:
        subject = self.subject()
        if subject is not None:
            self.app.copy_to_clipboard(subject.ref.name)
            self.app.notify(f"copied: {subject.ref.name}", markup=False, timeout=3)

    def marks_changed(self) -> None:
        self.subject_moved()

    def subject_changed(self) -> None:
        """A newer state of the subject: the active tab follows shortly."""
        if self._settling is None:
            self._settling = self.set_timer(_SETTLE_SECONDS, self._settled)

    def subject_moved(self) -> None:
        """Another subject: the active tab follows once the cursor rests."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_REST_SECONDS, self._settled)
        self._note(self.subject())

    def _settled(self) -> None:
        self._settling = None
        self._fill()

    def _fill(self) -> None:
        subject = self.subject()
        tab = self.detail.tab
        if subject is None or subject.ref != self._revealed:
            self._revealed = None
        self._note(subject)
        if tab == "logs":
            self._show_logs(subject)
        elif tab == "events":
            self.events.show(subject.uids if subject else frozenset())
            self.detail.events.set_empty(*self.events.empty_text())
        elif subject is not None:
            reveal = self._revealed == subject.ref
            loading = (tab, subject.ref, reveal)
            wanted = (subject.ref, subject.version, reveal)
            # What is being read is not begun again for each change: on a slow line no reading
            # would ever end.
            if self._documents.get(tab) != wanted and self._loading != loading:
                self._loading = loading
                self.run_worker(self._load(tab, subject, loading), group="document", exclusive=True)

    def _show_logs(self, subject: Subject | None) -> None:
        if subject is None:
            self.logs.show(frozenset())
            return
        elsewhere = self.log_clusters.pods(subject.refs)
        # Pods of a cluster that has just been added are no new ones: they begin with their tail.
        key = (subject.marks or subject.ref, self.log_clusters.found)
        if self.logs.show(subject.pods | elsewhere, subject.container, key):
            # Never the lines of one object under the name of another: from its end, following.
            self.log_view.show_source(self.logs.pane)
            self.show_log_header()
            self._tell_timeline(subject)
        elif self.logs.live.shown.timeline:
            self._timeline.follow(subject.uids | subject.pods)
            self.log_clusters.follow_timelines()

    # -- events and state changes among the lines ---------------------------------------------

    def action_log_timeline(self) -> None:
        wanted = not self.logs.live.shown.timeline
        self.logs.leave_previous()
        self.logs.set_timeline(wanted)
        subject = self.subject()
        if wanted and subject is not None:
            self._tell_timeline(subject)
        else:
            self._timeline.end()
            self.log_clusters.end_timelines()
        self._changed(f"events and state changes: {'shown' if wanted else 'left out'}")

    def _tell_timeline(self, subject: Subject) -> None:
        """Begins anew with the entries of this subject, where they are wanted."""
        self.logs.live.forget_entries("event", "change")
        if self.logs.live.shown.timeline:
            self._timeline.begin(subject.uids | subject.pods)
            self.log_clusters.begin_timelines()

    def _timeline_told(self, entry: Entry) -> None:
        self.logs.live.add_entry(entry)

    async def _load(self, tab: Tab, subject: Subject, loading: tuple[object, ...]) -> None:
        """Reads the object; while it keeps changing, at most every two seconds."""
        reveal = self._revealed == subject.ref
        shown = self._documents.get(tab)
        try:
            if shown is not None and (shown[0], shown[2]) == (subject.ref, reveal):
                await asyncio.sleep(_RELOAD_SECONDS)
                now = self.subject()
                subject = now if now is not None and now.ref == subject.ref else subject
            document = await self._read(tab, subject, reveal)
        finally:
            if self._loading is loading:
                self._loading = None
        self._documents[tab] = (subject.ref, subject.version, reveal)
        view = self.detail.describe if tab == "describe" else self.detail.yaml
        view.show_document(document, key=subject.ref)
        self._fill()

    async def _read(self, tab: Tab, subject: Subject, reveal: bool) -> Document:
        try:
            return await self.cluster.document(cast("View", tab), subject.ref, reveal)
        except K8sTuiError as error:
            lines = tuple(Line(text, tone=Tone.ERROR) for text in error.lines())
            return Document(subject.title, lines)
        except Exception:
            # An object that nobody has thought of must not end the session.
            logger.exception("%s of %s", tab, subject.ref)
            text = "this can't be shown; what went wrong is in k8stui's log"
            return Document(subject.title, (Line(text, tone=Tone.ERROR),))

    def _note(self, subject: Subject | None) -> None:
        """What stands at the right of the tabs: the subject."""
        note = subject.title if subject else ""
        if subject is not None and self._revealed == subject.ref and self.detail.tab != "logs":
            note += " · revealed"
        self.detail.strip.set_note(note)
        self.show_log_header()

    def show_log_header(self) -> None:
        from k8stui.viewmodels.log_empty import empty_log
        from k8stui.viewmodels.log_header import mode_parts, state_parts

        if self.detail.tab == "logs" and self.is_mounted:
            view = self.detail.logs
            if not self.logs.pane.line_count:
                collection = self.cluster.collection("pods")
                found = map(collection.get, sorted(self.logs.uids))
                pods = [pod for pod in found if pod is not None]
                view.set_empty(*empty_log(self.logs, pods, collection.phase))
            self.detail.log_header.show_parts(
                mode_parts(self.logs, self.matches_text(), self.log_clusters.notes()),
                state_parts(self.logs, follow=view.follow, new=view.new_lines),
            )

    def say(self, text: str, seconds: float) -> bool:
        header = self.detail.log_header
        return self.detail.tab == "logs" and header.say(text, seconds)

    def _events_changed(self) -> None:
        if self.detail.tab == "events":
            self.detail.events.refresh_rows()

    def log_subject_changed(self) -> None:
        self.subject_changed()

    def _logs_changed(self) -> None:
        if self.detail.tab == "logs" and self.is_mounted:
            if self.detail.logs.source is not self.logs.pane:
                self._changed()
            self.detail.logs.source_changed()


__all__ = ["TABS", "DetailScreen"]
