"""The logs of the pods that the selection is about, and all that can be chosen about them."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar, get_args

import msgspec

from k8stui.logs.content import Form
from k8stui.logs.feed import LogFeed, Older, Stream, Tailing
from k8stui.logs.selection import ALL_ROLES, NOTHING, Selection
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.targets import Role
from k8stui.logs.zones import zone_of
from k8stui.resources.document import Document
from k8stui.resources.record import Tone
from k8stui.viewmodels.filter_error import FilterError
from k8stui.viewmodels.log_details import entry_document, line_document
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.log_feed import ChosenStreams
from k8stui.viewmodels.log_files import LogFiles
from k8stui.viewmodels.log_filter import (
    ContainerFilter,
    parse_containers,
    parse_log_filter,
    parse_patterns,
)
from k8stui.viewmodels.log_order import Order
from k8stui.viewmodels.log_pane import LogPane
from k8stui.viewmodels.log_text import Names, Shown, Times

T = TypeVar("T")
_TIMES: tuple[Times, ...] = get_args(Times)
_ORDERS: tuple[Order, ...] = ("time", "arrival", "grouped")
_NAMES: tuple[Names, ...] = get_args(Names)
_AROUND: tuple[int | None, ...] = (0, 3, 10, None)
_MOST_TURNS = 200
_CASES: tuple[bool | None, ...] = (None, True, False)
ORDER_WORDS = {"time": "by time", "arrival": "as it arrives", "grouped": "by container"}
CASE_WORDS = {None: "as written", True: "case ignored", False: "case matters"}
AROUND_WORDS = {0: "only what matches", 3: "±3 lines", 10: "±10 lines", None: "all lines"}

ReadPrevious = Callable[[Sequence[Stream]], Awaitable[tuple[LogFeed, int]]]
"""Gives the logs of the instances before, and how many containers have one."""


def _after(present: T, ways: Sequence[T]) -> T:
    return ways[(ways.index(present) + 1) % len(ways)]


class SubjectLogs:
    """Follows whatever is selected; the streams that stay selected go on without a break.

    Args:
        tail: The engine, which runs already.
        stop: Ends it.
        read_previous: Reads the logs of the instances before.
        shown: What is shown at first.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        tail: Tailing,
        stop: Callable[[], object],
        read_previous: ReadPrevious | None = None,
        shown: Shown | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.tail = tail
        self.feed = ChosenStreams(tail)
        self.live = LogPane(self.feed, shown or Shown(order="time"), wall=wall)
        self.pane = self.live
        """What is on the screen: the live log, or that of the instances before."""
        self.filter_text = ""
        self.highlight_text = ""
        self.container_text = ""
        self.fields_text = ""
        self.ignore_case: bool | None = None
        self.roles: frozenset[Role] = ALL_ROLES
        self.since = "tail"
        """From when on the log is shown, in words."""
        self.reading_older = False
        self.files = LogFiles(tail, lambda: self.pane)
        self._stood_at = 0
        self._stop = stop
        self._read_previous = read_previous
        self._wall = wall
        self._containers = ContainerFilter()
        self._shown: tuple[frozenset[str], str] = (frozenset(), "")
        self._key: object = None
        self._listeners: list[Callable[[], None]] = []
        self._unlisten: Callable[[], None] | None = None

    # -- whose logs ---------------------------------------------------------------------------

    def show(self, uids: frozenset[str], container: str = "", key: object = None) -> bool:
        """Tails the containers of these pods, or the one of that name in them.

        Args:
            uids: The pods.
            container: Only this one, "" for all.
            key: Names what is selected. With the same key as before further pods are new ones
                (of a rollout), which are read from their first line.

        Returns:
            Whether it is another selection than before.
        """
        if (uids, container) == self._shown and key == self._key:
            return False
        same = key is not None and key == self._key and container == self._shown[1]
        self._shown, self._key = (uids, container), key
        if not same:
            self.feed.hide(frozenset())
            self.since = "tail"
            self.leave_previous()
        self._select(history=not same)
        return not same

    def _select(self, *, history: bool = True) -> None:
        uids, container = self._shown
        if not uids:
            self.tail.select(NOTHING)
            return
        only = re.compile(rf"^{re.escape(container)}$") if container else self._containers.include
        selection = Selection(
            uids=uids,
            container=only,
            exclude_containers=self._containers.exclude,
            roles=self.roles,
        )
        self.tail.select(selection, history=history)

    @property
    def uids(self) -> frozenset[str]:
        """The pods whose logs are shown."""
        return self._shown[0]

    def set_containers(self, text: str) -> None:
        """Reads only the containers that a line like `app !istio-proxy` names.

        Raises:
            FilterError: it can't be understood; what is read stays.
        """
        self._containers = parse_containers(text)
        self.container_text = text.strip()
        self._select()

    def toggle_role(self, role: Role) -> bool:
        """Reads the containers of this role, or not; returns which."""
        self.roles ^= {role}
        self._select()
        return role in self.roles

    def hide(self, streams: frozenset[int]) -> None:
        """Makes these the streams whose lines are not shown; they are read all the same."""
        self.feed.hide(streams)
        self.live.advance()
        self._tell()

    def raise_limits(self) -> tuple[int, int]:
        """Lets twice as many streams be open; gives how many in all and on each node."""
        before = self.tail.limits
        limits = msgspec.structs.replace(
            before, streams=2 * before.streams, per_node=2 * before.per_node
        )
        self.tail.set_limits(limits)
        return limits.streams, limits.per_node

    # -- what was before ----------------------------------------------------------------------

    async def read_older(self, lines: int = 1000) -> Older:
        """Reads lines before the first ones of every stream."""
        if self.is_previous:
            return Older(0, complete=True)
        self.reading_older = True
        try:
            older = await self.tail.load_older(lines)
        finally:
            self.reading_older = False
        self._settle()
        return older

    async def read_from(self, moment: float) -> str:
        """Reads all from this moment (epoch seconds) on that is not held; says what is missing."""
        first = self.pane.span[0]
        if self.is_previous or (first and first <= moment * NANOSECONDS):
            return ""
        older = await self.tail.load_older(since=int(moment))
        self._settle()
        return older.message

    def _settle(self) -> None:
        """Puts in order what was read."""
        for _ in range(_MOST_TURNS):
            if not self.live.advance():
                break

    def stand_still(self) -> None:
        """What comes from now on is not seen as it comes."""
        self._stood_at = self.tail.ring.end

    @property
    def unseen(self) -> int:
        """How many lines came since the log stands still and were dropped before they were seen."""
        return 0 if self.is_previous else max(0, self.tail.ring.first - self._stood_at)

    def follow_again(self) -> None:
        """The end is shown again: the room for older lines is given back."""
        self.since = "tail"
        if not self.is_previous:
            self.tail.ring.drop_older()

    # -- which lines --------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Shows only the lines that the filter keeps, over the whole buffer; "" shows all.

        Raises:
            FilterError: it can't be understood; what is shown stays.
        """
        include, exclude = parse_log_filter(text, self.ignore_case)
        self._show(include=include, exclude=exclude)
        self.filter_text = text.strip()

    def set_highlight(self, text: str) -> None:
        """Marks what is found, without hiding other lines. Raises FilterError, likewise."""
        self._show(highlight=parse_patterns(text, self.ignore_case))
        self.highlight_text = text.strip()

    def next_case(self) -> str:
        """Makes case count in filter and highlight in the next way; returns its name."""
        self.ignore_case = _after(self.ignore_case, _CASES)
        with contextlib.suppress(FilterError):
            self.set_filter(self.filter_text)
            self.set_highlight(self.highlight_text)
        return CASE_WORDS[self.ignore_case]

    def next_around(self) -> str:
        """Shows more lines around what the filter finds; returns how many."""
        around = _after(self.pane.shown.around, _AROUND)
        self._show(around=around)
        return AROUND_WORDS[around]

    def set_timeline(self, wanted: bool) -> None:
        """Puts events and state changes among the lines, or takes them out."""
        self.live.show(self.live.shown._replace(timeline=wanted))

    # -- how they look ------------------------------------------------------------------------

    def next_times(self) -> str:
        """Shows times in the next way; returns its name."""
        times = _after(self.pane.shown.times, _TIMES)
        self._show(times=times)
        return times

    def set_zone(self, text: str) -> None:
        """Shows times in another zone. Raises FilterError for one that doesn't exist."""
        name = "" if text.strip().lower() in ("", "local") else text.strip()
        try:
            zone_of(name)
        except ValueError as error:
            raise FilterError(str(error), 0) from None
        self._show(zone=name)

    def next_form(self) -> str:
        """Shows JSON and logfmt lines in the next form; returns its name."""
        ways: tuple[Form, ...] = ("raw", "compact", "pretty")
        if self.pane.shown.fields:
            ways = (*ways, "fields")
        form = _after(self.pane.shown.form, ways)
        self._show(form=form)
        return form

    def set_fields(self, text: str) -> None:
        """Shows only these fields of JSON and logfmt lines: `level msg http.status`."""
        fields = tuple(text.replace(",", " ").split())
        form: Form = "fields" if fields else "raw"
        self._show(fields=fields, form=form)
        self.fields_text = text.strip()

    def next_order(self) -> str:
        """Puts the lines in another order; returns its name."""
        order = _after(self.pane.shown.order, _ORDERS)
        self._show(order=order)
        return ORDER_WORDS[order]

    def next_names(self) -> str:
        """Shows the streams' names in the next way; returns its name."""
        names = _after(self.pane.shown.names, _NAMES)
        self._show(names=names)
        return names

    def name_clusters(self, wanted: bool) -> None:
        """Puts the name of its cluster before each stream's, or leaves it out."""
        self._show(clusters=wanted)

    def toggle_colours(self) -> bool:
        """Shows lines in their own colours, or not; returns whether it does now."""
        self._show(colours=not self.pane.shown.colours)
        return self.pane.shown.colours

    def _show(self, **changes: object) -> None:
        shown = self.pane.shown._replace(**changes)  # type: ignore[arg-type]
        self.pane.show(shown)
        if self.pane is not self.live:
            # The way back finds the same filter and form.
            self.live.show(shown._replace(timeline=self.live.shown.timeline))

    def mark(self) -> None:
        """Draws a line at the present moment."""
        now = int(self._wall() * NANOSECONDS)
        self.live.add_entry(Entry(now, "mark", kind="mark", tone=Tone.ACCENT))

    def text_of(self, rows: range) -> str:
        """These rows as they are shown, without names and times; clean text."""
        texts = []
        for row in rows:
            with contextlib.suppress(IndexError):
                texts.append(self.pane.line(row).text)
        return "\n".join(texts)

    def details(self, row: int) -> Document | None:
        """All that is known of the line at a row, None when it is held no more."""
        pane = self.pane
        try:
            entry = pane.entry_at(row)
            if entry is not None:
                return entry_document(entry, pane.writer())
            return line_document(pane.feed, pane.writer(), pane.raw_line(row), self._wall)
        except IndexError:
            return None

    # -- the instances before -----------------------------------------------------------------

    @property
    def is_previous(self) -> bool:
        """Whether the logs of the instances before are on the screen."""
        return self.pane is not self.live

    async def show_previous(self) -> int:
        """Reads the logs of the instances before and shows them; gives how many there are.

        What can't be read is shown as well, and counts: it is not known that there is none.
        """
        if self._read_previous is None:
            return 0
        key = self._shown
        feed, found = await self._read_previous(self.tail.streams())
        found = found or len(feed.ring)
        if found and key == self._shown:
            shown = self.live.shown._replace(timeline=False)
            self._change_pane(LogPane(feed, shown, wall=self._wall))
        return found

    def leave_previous(self) -> None:
        """Shows the present log again."""
        if self.pane is not self.live:
            self._change_pane(self.live)

    def _change_pane(self, pane: LogPane) -> None:
        self.pane = pane
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = pane.subscribe(self._tell)
        while pane.advance() and pane is not self.live:
            pass
        self._tell()

    # -- news ---------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back when lines came or a stream's state changed; returns what ends that."""
        self._listeners.append(callback)
        if self._unlisten is None:
            self._unlisten = self.pane.subscribe(self._tell)

        def end() -> None:
            self._listeners.remove(callback)
            if not self._listeners and self._unlisten is not None:
                self._unlisten()
                self._unlisten = None

        return end

    def _tell(self) -> None:
        for callback in list(self._listeners):
            callback()

    def close(self) -> None:
        """Ends the engine and the file."""
        self.files.end()
        self._stop()
