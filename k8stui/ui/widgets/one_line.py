"""A widget of one line that repaints only when its text really changed."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

Part = tuple[str, str]
"""(text, component class without the widget's prefix, "" for the base style)."""


class OneLine(Widget):
    """Draws parts of text in component styles on one line; the rest of the line stays empty."""

    DEFAULT_CSS = """
    OneLine {
        height: 1;
        width: 1fr;
    }
    """

    can_focus = False

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()

    def show(self, left: tuple[Part, ...], right: tuple[Part, ...] = ()) -> None:
        """Shows parts at the left and at the right end, which is cut when both do not fit."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        left, right = self._strip(self._left), self._strip(self._right)
        if left.cell_length + right.cell_length > width:
            right = right.crop(0, max(0, width - left.cell_length))
        room = max(0, width - right.cell_length)
        strip = Strip.join([left.adjust_cell_length(room, base), right])
        return strip.adjust_cell_length(width, base)

    def _strip(self, parts: tuple[Part, ...]) -> Strip:
        return Strip(
            Segment(text, self.get_component_rich_style(style) if style else self.rich_style)
            for text, style in parts
        )
