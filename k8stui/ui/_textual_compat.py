"""Everything that leans on Textual's internals or on a behaviour of one of its versions."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


def resize_virtual(view: ScrollView, size: Size) -> None:
    """Sets the size of what is scrolled without a layout.

    Assigning `virtual_size` lays out and repaints the whole screen. That is only needed where a
    scroll bar may come or go, so the view must have fixed ones (`overflow-y: scroll`). A page
    that holds everything gets an empty bar.
    """
    if view.virtual_size == size:
        return
    view.set_reactive(Widget.virtual_size, size)
    if view.show_vertical_scrollbar:
        view.vertical_scrollbar.window_virtual_size = size.height


def move_offset(view: ScrollView, y: int) -> None:
    """Scrolls without repainting: for offsets that follow rows which moved, so nothing moves.

    The caller repaints the lines that differ.
    """
    y = max(0, min(y, view.max_scroll_y))
    view.set_reactive(Widget.scroll_y, y)
    view.set_reactive(Widget.scroll_target_y, y)
    if view.show_vertical_scrollbar:
        view.vertical_scrollbar.position = y
