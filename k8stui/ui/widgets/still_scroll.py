"""A scroll view that never animates: one animated page costs 460 kB on the wire."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp

from k8stui.ui._textual_compat.views import draw_bar, draw_bare

SIDEWAYS = 8
"""Cells by which the wheel scrolls sideways."""


class StillScroll(ScrollView, can_focus=True, inherit_bindings=False):
    """Takes what the scroll bar and the wheel ask for; a subclass moves its window at once.

    The bar is always there: one that came and went would cost a layout of the whole screen.
    """

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    StillScroll {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    COMPONENT_PREFIX: ClassVar[str] = ""
    """What the names of the component classes begin with."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        draw_bare(self)
        self._line_styles: dict[tuple[str, ...], Style] = {}

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        if shown:
            draw_bar(self.vertical_scrollbar)

    def _style_of(self, *names: str) -> Style:
        """The styles of these components laid over each other, on the widget's own."""
        style = self._line_styles.get(names)
        if style is None:
            style = self.rich_style
            for name in filter(None, names):
                component = f"{self.COMPONENT_PREFIX}--{name}"
                own = self.get_component_rich_style(component, partial=True)
                # Only the full style has translucent and automatic colours resolved.
                full = self.get_component_rich_style(component)
                style += own.without_color
                style += Style(
                    color=full.color if own.color else None,
                    bgcolor=full.bgcolor if own.bgcolor else None,
                )
            self._line_styles[names] = style
        return style

    def notify_style_update(self) -> None:
        self._line_styles.clear()
        super().notify_style_update()

    def scroll_to_row(self, row: int) -> None:
        """Brings this row to the top."""
        raise NotImplementedError

    def scroll_by_rows(self, rows: int) -> None:
        """Moves the window down (up when negative)."""
        raise NotImplementedError

    def scroll_by_pages(self, pages: int) -> None:
        """Moves the window down by pages (up when negative)."""
        raise NotImplementedError

    def scroll_sideways(self, by: int) -> None:
        """Moves the window by cells to the right (left when negative)."""

    def on_scroll_to(self, message: ScrollTo) -> None:
        message.stop()
        message.prevent_default()
        if message.y is not None:
            self.scroll_to_row(round(message.y))

    def on_scroll_up(self, message: ScrollUp) -> None:
        message.stop()
        message.prevent_default()
        self.scroll_by_pages(-1)

    def on_scroll_down(self, message: ScrollDown) -> None:
        message.stop()
        message.prevent_default()
        self.scroll_by_pages(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn_wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn_wheel(event, -1)

    def _turn_wheel(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        event.prevent_default()
        if event.shift or event.ctrl:
            self.scroll_sideways(direction * SIDEWAYS)
        else:
            self.scroll_by_rows(direction * max(1, round(self.app.scroll_sensitivity_y)))
