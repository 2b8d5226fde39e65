"""Scrolling and painting of views line by line, without what Textual does around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual._styles_cache import StylesCache
from textual.color import Color
from textual.css.styles import StylesBase
from textual.geometry import Region, Size, Spacing
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
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


class _BareLines(StylesCache):
    """Lines as their widget draws them, without the styles around them."""

    def render_line(
        self,
        styles: StylesBase,
        y: int,
        size: Size,
        content_size: Size,
        padding: Spacing,
        base_background: Color,
        background: Color,
        render_content_line: Callable[[int], Strip],
        *others: Any,
    ) -> Strip:
        inside, _ = self.get_inner_outer(base_background, background)
        return render_content_line(y).adjust_cell_length(size.width, inside.rich_style)


class _BarLines(StylesCache):
    """The lines of a vertical scroll bar, few of which differ."""

    def render_widget(self, widget: Widget, crop: Region) -> list[Strip]:
        # Textual has a console draw the bar, looks for borders line by line, and splits it again.
        assert isinstance(widget, ScrollBar)
        bar = widget.render()
        assert isinstance(bar, ScrollBarRender)
        style = bar.style
        assert isinstance(style, Style)
        assert style.color
        assert style.bgcolor
        drawn = bar.render_bar(
            size=widget.size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=widget.size.width,
            back_color=style.bgcolor,
            bar_color=style.color,
        )
        background = widget.background_colors[1]
        base = widget.visual_style.rich_style
        made: dict[int, Strip] = {}
        for segment in drawn.segments:
            if id(segment) not in made:
                own = Segment(segment.text, base + segment.style)
                strip = Strip([own], widget.size.width)
                for each in widget.get_line_filters():
                    strip = strip.apply_filter(each, background)
                made[id(segment)] = strip
        strips = [made[id(segment)] for segment in drawn.segments[crop.y : crop.bottom]]
        if crop.column_span != (0, widget.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips


def draw_bar(bar: ScrollBar) -> None:
    """Draws a vertical scroll bar that has no border with a tenth of the work."""
    bar._styles_cache = _BarLines()


def draw_bare(view: ScrollView) -> None:
    """Leaves borders, padding, tint and opacity out of a view that has none of them.

    Looking for them line by line is half of what a page costs. A strip that is drawn again stays
    the same object, which remembers how it was filtered and cut.
    """
    view._styles_cache = _BareLines()
