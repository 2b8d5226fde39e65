"""How one line of a log reads: its time, its stream's name, its form, what is highlighted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Literal, NamedTuple

from k8stui.logs.content import TONES, Form, level_of, own_colours, plain_text, shown_lines
from k8stui.logs.feed import LogFeed
from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import DIVIDER, KIND_MASK, LINE, RawLine
from k8stui.logs.sgr import Painted
from k8stui.logs.stamps import NANOSECONDS
from k8stui.logs.zones import zone_of
from k8stui.resources.age import human_duration
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.log_merge import HOLD_BACK
from k8stui.viewmodels.log_order import Order
from k8stui.viewmodels.log_source import LogLine, Mark

Times = Literal["off", "short", "full", "relative"]
Names = Literal["short", "full", "off"]
_MOST_CLOCKS = 10_000
_MOST_MARKS = 200
"""Places of one line that are highlighted."""


class Shown(NamedTuple):
    """What decides which lines are shown and how."""

    include: tuple[Pattern, ...] = ()
    exclude: tuple[Pattern, ...] = ()
    highlight: tuple[Pattern, ...] = ()
    around: int | None = 0
    """Lines around what an include finds; None shows all lines, and only marks what is found."""
    form: Form = "raw"
    fields: tuple[str, ...] = ()
    times: Times = "short"
    zone: str = ""
    """An IANA name, "" for this machine's own."""
    names: Names = "short"
    order: Order = "arrival"
    hold_back: float = HOLD_BACK
    """Seconds that a line waits for earlier ones of other streams, in an order by time."""
    timeline: bool = False
    """Whether events and state changes stand among the lines."""
    clusters: bool = False
    """Whether streams are named with their cluster: there are several."""
    colours: bool = True
    """Whether lines are shown in the colours that they bring themselves."""


class LineWriter:
    """Writes lines as they are shown.

    Args:
        feed: Names the streams.
        wall: Seconds since the epoch.
    """

    def __init__(self, feed: LogFeed, shown: Shown, wall: Callable[[], float]) -> None:
        self._feed = feed
        self._shown = shown
        self._wall = wall
        self._zone = zone_of(shown.zone)
        self._labels: dict[int, str] = {}
        self._clocks: dict[int, str] = {}
        # Each row of a line that is spread out asks for all of them.
        self._spread = lru_cache(maxsize=128)(
            partial(shown_lines, form=shown.form, fields=shown.fields)
        )

    def log_line(self, raw: RawLine, sub: int = 0) -> LogLine:
        """A row of a line."""
        if raw.mark & KIND_MASK != LINE:
            return self._told(raw)
        level = level_of(raw.message)
        shown = self._shown
        painted: tuple[Painted, ...] = ()
        if shown.form == "raw":
            if shown.colours and b"\x1b" in raw.message:
                text, painted = own_colours(raw.message)
            else:
                text = plain_text(raw.message)
        else:
            parts = self._spread(raw.message)
            text = parts[min(sub, len(parts) - 1)]
        first = sub == 0
        return LogLine(
            text,
            stream=self.label(raw.stream) if first else " ",
            palette=self._feed.colour_of(raw.stream),
            time=self.time_text(raw.time) if first else "",
            tone=Tone.PLAIN if level is None else TONES.get(level, Tone.PLAIN),
            marks=self._marks(text),
            painted=painted,
        )

    def entry_line(self, entry: Entry) -> LogLine:
        """An event, a state change or a mark."""
        moment = self.time_text(entry.time)
        if entry.kind == "mark":
            full = self.time_text(entry.time, "full")
            return LogLine(f"mark {full}", time=moment, kind="divider", tone=Tone.ACCENT)
        sort = "event" if entry.kind == "event" else "state"
        text = f"{sort}: {entry.text}"
        where = f"{entry.context}/" if self._shown.clusters and entry.context else ""
        return LogLine(
            text,
            stream=f"◆ {where}{entry.about}",
            time=moment,
            kind="entry",
            tone=entry.tone,
            marks=self._marks(text),
        )

    def _told(self, raw: RawLine) -> LogLine:
        text = clean_text(raw.message.decode("utf-8", "replace"))
        return LogLine(
            f"{self.label(raw.stream, 'short')}: {text}",
            stream=self.label(raw.stream),
            palette=self._feed.colour_of(raw.stream),
            time=self.time_text(raw.time),
            kind="divider" if raw.mark & KIND_MASK == DIVIDER else "notice",
            tone=Tone.WARN,
        )

    def _marks(self, text: str) -> tuple[Mark, ...]:
        """What include and highlight patterns find in the text, from left to right."""
        shown, marks = self._shown, []
        for pattern in shown.include:
            marks += [Mark(a, b, "include") for a, b in pattern.spans(text, _MOST_MARKS)]
        for pattern in shown.highlight:
            marks += [Mark(a, b, "highlight") for a, b in pattern.spans(text, _MOST_MARKS)]
        return tuple(sorted(marks))

    def label(self, stream: int, names: Names | None = None) -> str:
        """The stream's name as it stands before its lines."""
        wanted = names or self._shown.names
        if wanted == "off":
            return ""
        clusters = self._shown.clusters
        if names is not None:
            return _label(self._feed, stream, names, clusters)
        label = self._labels.get(stream)
        if label is None:
            label = self._labels[stream] = _label(self._feed, stream, wanted, clusters)
        return label

    def time_text(self, nanoseconds: int, times: Times | None = None) -> str:
        """A moment as it stands before a line, "" where none is shown or known."""
        wanted = times or self._shown.times
        if wanted == "off" or not nanoseconds:
            return ""
        seconds, rest = divmod(nanoseconds, NANOSECONDS)
        if wanted == "relative":
            return human_duration(max(0.0, self._wall() - seconds)).rjust(5)
        if times is not None:
            return self._clock(seconds, wanted).format(f".{rest // 1_000_000:03d}")
        known = self._clocks.get(seconds)
        if known is None:
            if len(self._clocks) > _MOST_CLOCKS:
                self._clocks.clear()
            known = self._clocks[seconds] = self._clock(seconds, wanted)
        return known if wanted == "short" else known.format(f".{rest // 1_000_000:03d}")

    def _clock(self, seconds: int, times: Times) -> str:
        moment = datetime.fromtimestamp(seconds, self._zone)
        if self._zone is None:
            moment = moment.astimezone()
        return moment.strftime("%H:%M:%S" if times == "short" else "%Y-%m-%dT%H:%M:%S{}%z")


def _label(feed: LogFeed, stream: int, names: Names, clusters: bool) -> str:
    name = feed.name_of(stream)
    if names == "short":
        pod = f"{clean_text(name.context)}/{name.pod}" if clusters else name.pod
        # A container that is called as its workload says nothing that the pod's name doesn't.
        if name.pod.startswith(f"{name.container}-"):
            return pod
        return f"{pod} {name.container}"
    where = "/".join(part for part in (name.context, name.namespace) if part)
    return f"{where}/{name.pod} {name.container}"


def row_count(message: bytes, form: Form, fields: Sequence[str] = ()) -> int:
    """How many rows a line takes in this form."""
    return len(shown_lines(message, form, tuple(fields))) if form == "pretty" else 1
