"""The table of log streams: how each of them does."""

from __future__ import annotations

from typing import Final

from k8stui.logs.feed import Stream, StreamState
from k8stui.logs.stamps import NANOSECONDS
from k8stui.resources.age import human_duration
from k8stui.resources.columns import number_column, text_column
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.text import clean_text

_TONES = {
    StreamState.LIVE: Tone.OK,
    StreamState.POLLING: Tone.OK,
    StreamState.RECONNECTING: Tone.WARN,
    StreamState.FORBIDDEN: Tone.ERROR,
    StreamState.ENDED: Tone.MUTED,
    StreamState.QUEUED: Tone.WARN,
}


class StreamRow(Record, frozen=True, gc=False, kw_only=True):
    """One stream; the uid is its index."""

    stream: Stream
    hidden: bool


def stream_rows(streams: list[Stream], hidden: frozenset[int]) -> list[StreamRow]:
    """A row for each stream."""
    return [
        StreamRow(
            uid=str(each.index),
            namespace=each.namespace,
            name=each.pod,
            stream=each,
            hidden=each.index in hidden,
        )
        for each in streams
    ]


def _state_tone(row: StreamRow, _context: Context) -> Tone:
    return _TONES.get(row.stream.state, Tone.ACCENT)


def _last_line(row: StreamRow, context: Context) -> str:
    last = row.stream.last_line
    return human_duration(max(0.0, context.now - last / NANOSECONDS)) if last else "none yet"


def _rate(row: StreamRow) -> str:
    rate = row.stream.rate
    return f"{rate:,.0f}/s" if rate >= 10 or not rate else f"{rate:.1f}/s"


STREAM_COLUMNS: Final[tuple[Column[StreamRow], ...]] = (
    Column(
        id="pod",
        title="POD",
        text=lambda row, _: row.stream.pod,
        sort=lambda row, _: row.stream.pod,
        min_width=12,
    ),
    text_column("container", "CONTAINER", lambda row: row.stream.container),
    text_column("shown", "SHOWN", lambda row: "hidden" if row.hidden else "yes", priority=2),
    text_column("state", "STATE", lambda row: row.stream.state.value, tone=_state_tone),
    number_column("lines", "LINES", lambda row: row.stream.lines),
    Column(
        id="rate",
        title="RATE",
        text=lambda row, _: _rate(row),
        sort=lambda row, _: row.stream.rate,
        align="right",
    ),
    number_column(
        "restarts",
        "RESTARTS",
        lambda row: row.stream.restarts,
        tone=lambda row, _: Tone.WARN if row.stream.restarts else Tone.PLAIN,
        priority=1,
    ),
    number_column("reconnects", "RECONN", lambda row: row.stream.reconnects, priority=2),
    Column(
        id="last",
        title="LAST LINE",
        text=_last_line,
        sort=lambda row, _: -row.stream.last_line,
        live=True,
        align="right",
    ),
    Column(
        id="behind",
        title="BEHIND",
        text=lambda row, _: f"{row.stream.behind:,.0f}s" if row.stream.behind else "",
        sort=lambda row, _: row.stream.behind,
        tone=lambda _row, _: Tone.WARN,
        align="right",
        priority=2,
    ),
    Column(
        id="skew",
        title="CLOCK",
        text=lambda row, _: f"{row.stream.skew:+,.0f}s" if row.stream.skew else "",
        sort=lambda row, _: row.stream.skew,
        tone=lambda _row, _: Tone.WARN,
        align="right",
        priority=2,
    ),
    text_column("role", "KIND", lambda row: row.stream.role, priority=4),
    text_column("node", "NODE", lambda row: row.stream.node, priority=3),
    text_column(
        "error",
        "LAST ERROR",
        lambda row: clean_text(row.stream.last_error),
        tone=lambda row, _: Tone.WARN,
        priority=1,
    ),
)
