"""Everything that leans on Textual's internals or on a behaviour of one of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
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
    if not view.show_vertical_scrollbar:
        return
    bar = view.vertical_scrollbar
    if max(bar.window_virtual_size, size.height) <= bar.window_size:
        # An empty bar stays as it is: nothing to paint.
        bar.set_reactive(ScrollBar.window_virtual_size, size.height)
    else:
        bar.window_virtual_size = size.height


def move_offset(view: ScrollView, y: int) -> None:
    """Scrolls without repainting: for offsets that follow rows which moved, so nothing moves.

    The caller repaints the lines that differ.
    """
    y = max(0, min(y, view.max_scroll_y))
    view.set_reactive(Widget.scroll_y, y)
    view.set_reactive(Widget.scroll_target_y, y)
    if view.show_vertical_scrollbar:
        view.vertical_scrollbar.position = y


if TYPE_CHECKING:
    _App = App[Any]
else:
    _App = object


class QuietCrash(_App):
    """For an App whose tracebacks belong in the log: Textual prints them with local variables.

    Locals may hold credentials and text from the cluster.
    """

    @property
    def crash(self) -> Exception | None:
        """What ended the app, None when it ended by itself."""
        return self._exception

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()
