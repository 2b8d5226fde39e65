"""The logs of a selection as a screen shows them: filtered, ordered, put into a form to be read.

Nothing here asks the cluster: all is done over what the ring holds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from k8stui.logs.content import TONES, Form, level_of, plain_text, shown_lines
from k8stui.logs.export import SaveForm, save_lines
from k8stui.logs.feed import LogFeed, StreamName
from k8stui.logs.patterns import Filter, Pattern
from k8stui.logs.ring import DIVIDER, KIND_MASK, LINE, RawLine
from k8stui.logs.stamps import NANOSECONDS
from k8stui.resources.age import human_duration
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.log_merge import TimeMerge
from k8stui.viewmodels.log_rows import Rows
from k8stui.viewmodels.log_source import LogLine

Times = Literal["off", "short", "full", "relative"]
Order = Literal["arrival", "time", "grouped"]

_STEP = 1024
_BUDGET_SECONDS = 0.02
"""How long one look at the ring may take; what is left is taken up at the next."""


class Shown(NamedTuple):
    """What decides which lines are shown and how."""

    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    form: Form = "raw"
    fields: tuple[str, ...] = ()
    times: Times = "short"
    order: Order = "arrival"


class LogPane:
    """A `LogSource` over an engine.

    Args:
        feed: The engine.
        shown: What is shown at first.
        clock: A monotonic clock in seconds.
        wall: Seconds since the epoch.
    """

    def __init__(
        self,
        feed: LogFeed,
        shown: Shown | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.shown = shown or Shown()
        self.generation = 0
        """Grows when indexes mean other lines than before: the widget's `source_replaced`."""
        self.paused = False
        self.missed = 0
        """Lines that were evicted before they could be shown, while paused."""
        self._feed = feed
        self._clock = clock
        self._wall = wall
        self._version = 0
        self._rows = Rows()
        self._seen = feed.ring.first
        self._feed_generation = feed.generation
        self._filter = Filter(self.shown.include, self.shown.exclude)
        self._merge = TimeMerge()
        self._resorting = len(feed.ring) > 0
        """Whether all that is held is to be put in order anew."""
        self._labels: dict[int, str] = {}
        self._clocks: dict[int, str] = {}

    # -- what the widget asks -----------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows whenever lines arrived or were evicted; looks for new ones."""
        self._sync()
        return self._version

    @property
    def first_index(self) -> int:
        """The index of the oldest line that is held."""
        self._sync()
        return self._rows.first

    @property
    def line_count(self) -> int:
        """How many lines are held."""
        return len(self._rows)

    def line(self, index: int) -> LogLine:
        """The line at this index. Raises IndexError when it isn't held."""
        position, sub = self._rows.at(index)
        try:
            raw = self._feed.ring[position]
        except IndexError:
            return LogLine("(no longer held)", kind="notice", tone=Tone.MUTED)
        if raw.mark & KIND_MASK != LINE:
            return self._mark(raw)
        level = level_of(raw.message)
        tone = Tone.PLAIN if level is None else TONES.get(level, Tone.PLAIN)
        if self.shown.form == "raw":
            text = plain_text(raw.message)
        else:
            parts = shown_lines(raw.message, self.shown.form, self.shown.fields)
            text = parts[min(sub, len(parts) - 1)]
        first = sub == 0
        return LogLine(
            text,
            stream=self._label(raw.stream) if first else " ",
            palette=self._feed.colour_of(raw.stream),
            time=self._time(raw.time) if first else "",
            tone=tone,
        )

    def subscribe(self, callback: Callable[[], None], /) -> Callable[[], None]:
        """Calls back when there may be something new to show; returns what ends that."""
        timers: set[asyncio.TimerHandle] = set()

        def again() -> None:
            timers.clear()
            changed()

        def changed() -> None:
            callback()
            behind = not self.paused and self._seen < self._feed.ring.end
            if (behind or len(self._merge)) and not timers:
                delay = 0.02 if behind else self._merge.hold_back / 4
                timers.add(asyncio.get_running_loop().call_later(delay, again))

        unsubscribe = self._feed.subscribe(changed)

        def end() -> None:
            unsubscribe()
            for timer in timers:
                timer.cancel()

        return end

    # -- what the user changes ----------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        """Changes what is shown, over the whole buffer."""
        if shown == self.shown:
            return
        times_only = shown._replace(times=self.shown.times) == self.shown
        self.shown = shown
        if times_only:
            self._clocks.clear()
            self._version += 1
            self.generation += 1
            return
        self._filter = Filter(shown.include, shown.exclude)
        self._start_again()

    def pause(self) -> None:
        """Holds new lines back; they stay in the buffer."""
        self._sync()
        self.paused = True

    def resume(self) -> None:
        """Shows what came meanwhile."""
        self.paused = False
        self._version += 1

    @property
    def waiting(self) -> int:
        """How many lines came since the pause began, before any filter."""
        return self._feed.ring.end - self._seen if self.paused else 0

    # -- looking for something ----------------------------------------------------------------

    def find(self, pattern: Pattern, start: int, *, backwards: bool = False) -> int | None:
        """The next row from `start` on (included) whose text holds the pattern."""
        first, end = self._rows.first, self._rows.first + len(self._rows)
        numbers = range(min(start, end - 1), first - 1, -1) if backwards else range(start, end)
        for number in numbers:
            if number >= first and pattern.search(self.line(number).text):
                return number
        return None

    def index_at(self, seconds: float) -> int | None:
        """The first row whose time is not before this moment (epoch seconds), None if none is."""
        wanted = int(seconds * NANOSECONDS)
        # Streams are nearly in the order of time: near enough to land at the right place.
        low, high = self._rows.first, self._rows.first + len(self._rows)
        end = high
        while low < high:
            middle = (low + high) // 2
            if self._time_of(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < end else None

    def _time_of(self, number: int) -> int:
        try:
            return self._feed.ring[self._rows.at(number)[0]].time
        except IndexError:
            return 0

    def raw_line(self, index: int) -> RawLine:
        """The line at this row as it came, for a detail view, copying and saving."""
        return self._feed.ring[self._rows.at(index)[0]]

    def save(self, path: Path, form: SaveForm = "text", *, all_lines: bool = False) -> int:
        """Writes what is shown, or all that is held, to a file of mode 0600.

        Returns:
            How many lines were written.

        Raises:
            K8sTuiError: it can't be written.
        """
        return save_lines(path, self._all_lines() if all_lines else self._shown_lines(), form)

    def _all_lines(self) -> Iterator[tuple[StreamName, RawLine]]:
        ring = self._feed.ring
        for _, line in ring.range(ring.first, ring.end):
            yield self._feed.name_of(line.stream), line

    def _shown_lines(self) -> Iterator[tuple[StreamName, RawLine]]:
        first = self._rows.first
        for number in range(first, first + len(self._rows)):
            position, sub = self._rows.at(number)
            if sub == 0 and position >= self._feed.ring.first:
                line = self._feed.ring[position]
                yield self._feed.name_of(line.stream), line

    # -- keeping up with the ring -------------------------------------------------------------

    def _start_again(self) -> None:
        self._rows.clear()
        self._seen = self._feed.ring.first
        self._merge = TimeMerge(self._merge.hold_back)
        self._resorting = len(self._feed.ring) > 0
        self.generation += 1
        self._version += 1
        self._sync()

    def _sync(self) -> None:
        ring = self._feed.ring
        if self._feed_generation != self._feed.generation:
            self._feed_generation = self._feed.generation
            self._start_again()
            return
        if self._seen < ring.first:
            if self.paused:
                self.missed += ring.first - self._seen
            self._seen = ring.first
        if not self.paused and self._seen < ring.end:
            self._take_up()
        if len(self._merge):
            released = self._merge.take(self._clock())
            self._add(released)
        held = self._rows.first
        self._rows.evict(ring.first)
        if held != self._rows.first:
            self._version += 1

    def _take_up(self) -> None:
        ring, until = self._feed.ring, time.perf_counter() + _BUDGET_SECONDS
        grouped: list[tuple[int, int]] = []
        catching_up = self._resorting
        self._resorting = False
        while self._seen < ring.end:
            block = ring.block(self._seen, min(ring.end, self._seen + _STEP))
            picked = self._picked(block.streams, block.marks, block.messages)
            if self.shown.order == "time":
                now = -1e9 if catching_up else self._clock()
                self._merge.add(
                    [(block.times[at], block.streams[at], self._seen + at) for at in picked],
                    now,
                    int(self._wall() * NANOSECONDS),
                )
            elif self.shown.order == "grouped":
                grouped += [(block.streams[at], self._seen + at) for at in picked]
            elif len(picked) == len(block.messages) and self.shown.form != "pretty":
                self._rows.append_range(self._seen, self._seen + len(picked))
                self._version += 1
            else:
                self._add([self._seen + at for at in picked])
            self._seen += len(block.messages)
            # History is sorted as a whole; what comes live may take several turns.
            whole = self.shown.order == "grouped" or (self.shown.order == "time" and catching_up)
            if not whole and time.perf_counter() > until:
                break
        self._add([index for _, index in sorted(grouped)])

    def _picked(
        self, streams: Sequence[int], marks: Sequence[int], messages: Sequence[bytes]
    ) -> Sequence[int]:
        """The positions of the lines that are shown."""
        hidden = {stream for stream in set(streams) if not self._feed.is_selected(stream)}
        picked: Sequence[int] = range(len(messages))
        if self._filter:
            passing = self._filter.passing(messages)
            told = [at for at, mark in enumerate(marks) if mark & KIND_MASK] if any(marks) else []
            picked = sorted({*passing, *told}) if told else passing
        if hidden:
            picked = [at for at in picked if streams[at] not in hidden]
        return picked

    def _add(self, indexes: Sequence[int]) -> None:
        if not indexes:
            return
        if self.shown.form == "pretty":
            for index in indexes:
                try:
                    message = self._feed.ring[index].message
                except IndexError:
                    continue
                self._rows.append_split(index, len(shown_lines(message, "pretty")))
        else:
            self._rows.append_lines(indexes)
        self._version += 1

    # -- texts --------------------------------------------------------------------------------

    def _mark(self, raw: RawLine) -> LogLine:
        divider = raw.mark & KIND_MASK == DIVIDER
        text = clean_text(raw.message.decode("utf-8", "replace"))
        return LogLine(
            f"{self._label(raw.stream)}: {text}",
            stream=self._label(raw.stream),
            palette=self._feed.colour_of(raw.stream),
            time=self._time(raw.time),
            kind="divider" if divider else "notice",
            tone=Tone.WARN,
        )

    def _label(self, stream: int) -> str:
        label = self._labels.get(stream)
        if label is None:
            name = self._feed.name_of(stream)
            label = self._labels[stream] = f"{name.pod} {name.container}"
        return label

    def _time(self, nanoseconds: int) -> str:
        if self.shown.times == "off" or not nanoseconds:
            return ""
        seconds, rest = divmod(nanoseconds, NANOSECONDS)
        if self.shown.times == "relative":
            return human_duration(max(0.0, self._wall() - seconds))
        known = self._clocks.get(seconds)
        if known is None:
            moment = datetime.fromtimestamp(seconds).astimezone()
            form = "%H:%M:%S" if self.shown.times == "short" else "%Y-%m-%dT%H:%M:%S{}%z"
            if len(self._clocks) > 10_000:
                self._clocks.clear()
            known = self._clocks[seconds] = moment.strftime(form)
        return known if self.shown.times == "short" else known.format(f".{rest // 1_000_000:03d}")
