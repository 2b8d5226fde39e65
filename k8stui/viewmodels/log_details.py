"""All that is known of one log line, as a text to be read."""

from __future__ import annotations

import time
from collections.abc import Callable

from k8stui.logs.content import level_of, parse_fields, shown_lines
from k8stui.logs.export import utc_stamp
from k8stui.logs.feed import LogFeed
from k8stui.logs.ring import KIND_MASK, LINE, UNSTAMPED, RawLine
from k8stui.logs.stamps import NANOSECONDS
from k8stui.resources.age import human_duration
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.log_entries import Entry
from k8stui.viewmodels.log_text import LineWriter

_MOST_RAW = 4_096
_ROW = 16


def line_document(
    feed: LogFeed, writer: LineWriter, raw: RawLine, wall: Callable[[], float] = time.time
) -> Document:
    """A log line: whose it is, when it was written, its bytes, its fields."""
    name = feed.name_of(raw.stream)
    lines = [
        *([_field("Context", name.context)] if name.context else []),
        _field("Namespace", name.namespace),
        _field("Pod", name.pod),
        _field("Container", name.container),
        *_times(raw, writer, wall),
        _field("Bytes", f"{len(raw.message):,}"),
    ]
    level = level_of(raw.message) if raw.mark & KIND_MASK == LINE else None
    if level is not None:
        lines.append(_field("Level", level.value))
    values = parse_fields(raw.message)
    lines += [Line(""), Line("Text", kind="heading")]
    lines += [Line(text) for text in shown_lines(raw.message, "raw")]
    if values is not None:
        lines += [Line(""), Line("Fields", kind="heading")]
        lines += [Line(text) for text in shown_lines(raw.message, "pretty")]
    lines += [Line(""), Line("Bytes as they came", kind="heading"), *_dump(raw.message)]
    return Document(f"{name.pod} {name.container}", tuple(lines))


def entry_document(entry: Entry, writer: LineWriter) -> Document:
    """An event, a state change or a mark."""
    kinds = {"event": "event", "change": "state change", "mark": "mark of your own"}
    lines = (
        *([_field("Context", entry.context)] if entry.context else []),
        _field("Kind", kinds[entry.kind]),
        _field("About", entry.about or "-"),
        _field("Time", writer.time_text(entry.time, "full")),
        Line(""),
        Line(entry.text, tone=entry.tone),
    )
    return Document(entry.about or "mark", lines)


def _field(label: str, text: str) -> Line:
    return Line(clean_text(text), kind="field", label=label)


def _times(raw: RawLine, writer: LineWriter, wall: Callable[[], float]) -> list[Line]:
    if not raw.time:
        return [_field("Time", "not known")]
    ago = human_duration(max(0.0, wall() - raw.time / NANOSECONDS))
    lines = [
        _field("Time", f"{writer.time_text(raw.time, 'full')} ({ago} ago)"),
        _field("Time in UTC", utc_stamp(raw.time)),
    ]
    if raw.mark & UNSTAMPED:
        lines.append(Line("came without a time: it is that of the line before", tone=Tone.WARN))
    return lines


def _dump(message: bytes) -> list[Line]:
    """Offset, bytes in hexadecimal, and the printable characters of ASCII among them."""
    lines = []
    for at in range(0, min(len(message), _MOST_RAW), _ROW):
        piece = message[at : at + _ROW]
        shown = "".join(chr(code) if 32 <= code < 127 else "." for code in piece)
        lines.append(Line(f"{at:06x}  {piece.hex(' '):<47}  {shown}", kind="columns"))
    if len(message) > _MOST_RAW:
        rest = len(message) - _MOST_RAW
        lines.append(Line(f"… and {rest:,} bytes more; save the line to have them all"))
    return lines
