"""How a log line is laid out: its stream's name, its time, its text."""

from __future__ import annotations

from k8stui.resources.record import Tone
from k8stui.ui.widgets import cells
from k8stui.ui.widgets.line_text import Span, TextLine
from k8stui.ui.widgets.log_colours import PALETTE
from k8stui.viewmodels.log_source import LogLine

WIDEST_STREAM = 60


class LogLayout:
    """Remembers the widest name of a stream that was seen: all names take as many cells.

    Args:
        width: Cells of a row.
    """

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.names_width = 0

    def text_line(self, line: LogLine, *, names: bool, times: bool) -> TextLine:
        """The line with its prefix."""
        if line.kind == "divider":
            return _divider(line, self.width)
        role = str(line.tone) or ("" if line.kind == "line" else line.kind)
        if line.kind == "notice":
            return TextLine(line.text, (Span(0, len(line.text), role),))
        prefix = ""
        spans: list[Span] = []
        if line.stream and names:
            prefix = self._name(line.stream)
            whose = "entry" if line.kind == "entry" else f"stream-{line.palette % PALETTE}"
            spans.append(Span(0, len(prefix), whose))
        if line.time and times:
            spans.append(Span(len(prefix), len(prefix) + len(line.time), "time"))
            prefix += line.time + " "
        text = prefix + line.text
        shift = len(prefix)
        at = shift
        for start, end, own in line.painted:
            if role and at < start + shift:
                spans.append(Span(at, start + shift, role))
            spans.append(Span(start + shift, end + shift, own))
            at = end + shift
        if role and at < len(text):
            spans.append(Span(at, len(text), role))
        marks = tuple(Span(a + shift, b + shift, found) for a, b, found in line.marks)
        return TextLine(text, tuple(spans), cells.width_of(prefix), shift, marks=marks)

    def _name(self, stream: str) -> str:
        most = max(8, min(WIDEST_STREAM, self.width * 2 // 5))
        width = min(most, cells.width_of(stream))
        self.names_width = width = max(self.names_width, width)
        return cells.pad(cells.cut_middle(stream, width), width) + " "


def _divider(line: LogLine, width: int) -> TextLine:
    """A rule across the screen with its text near the left."""
    lead = f"── {line.text} "
    text = lead + "─" * max(2, width - cells.width_of(lead))
    role = "divider" if line.tone is Tone.PLAIN else str(line.tone)
    return TextLine(text, (Span(0, len(text), role),), search_from=3)
