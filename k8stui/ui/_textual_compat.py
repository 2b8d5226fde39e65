"""Everything that leans on Textual's internals or on a behaviour of one of its versions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.color import ColorSystem
from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.css.styles import StylesBase
from textual.driver import Driver
from textual.events import Resize, ScreenResume
from textual.geometry import Offset, Region, Size, Spacing
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, OptionList

from k8stui.ui.terminal_cells import Piece, TerminalCells, erases_in_colour
from k8stui.ui.terminal_line import TerminalLine


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


class FirstTheme(_App):
    """For an App whose theme is known before it runs."""

    def begin_with_theme(self, name: str) -> None:
        """Sets the theme; assigned, it would have all style sheets read twice at the start."""
        self.set_reactive(App.theme, name)
        theme = self.current_theme
        dark = theme.dark
        classes = {f"-theme-{theme.name}": True, "-dark-mode": dark, "-light-mode": not dark}
        self.update_classes(classes, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())


class NarrowPaint(_App):
    """For an App that sends only cells that differ, and none while the line can't take them.

    Attributes:
        line: How the line to the terminal does.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.line = TerminalLine()
        self._cells = TerminalCells(erases=erases_in_colour(os.environ.get("TERM", "")))
        self._cursor_at: Offset | None = None
        super().__init__(*args, **kwargs)

    def use_colours(self, few: bool) -> None:
        """Sixteen colours, or as many as the terminal has. Needs a repaint."""
        usual = self.__dict__.setdefault("_usual_colours", self.console._color_system)
        self.console._color_system = ColorSystem.STANDARD if few and usual else usual

    def forget_terminal(self) -> None:
        """Something else wrote to the terminal: all is painted again."""
        self._cells.forget()
        self.refresh()

    def ask_terminal(self) -> None:
        """Asks where the cursor is: the answer (`on_cursor_position`) tells that all has come."""
        if self._driver is not None and not self._driver.is_headless:
            self.line.asked()
            self._driver.write("\x1b[6n")
            self._driver.flush()

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        driver: Driver = super()._build_driver(headless, inline, mouse, size)
        file = getattr(driver, "_file", None)
        if file is not None:
            driver.__dict__["_file"] = self.line.through(file)
        return driver

    def on_mount(self) -> None:
        self.app_suspend_signal.subscribe(self, lambda _: self._cells.forget())
        self.app_resume_signal.subscribe(self, lambda _: self.forget_terminal())

    def on_resize(self) -> None:
        # Terminals move text about when their size changes.
        self.forget_terminal()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        shows = self._running and not self._closed and not self._batch_count
        if (
            not isinstance(renderable, (ChopsUpdate, LayoutUpdate))
            or driver is None
            or driver.is_headless
            or not shows
        ):
            super()._display(screen, renderable)
            return
        if screen._compositor.size != self.size:
            # Laid out for the terminal as it was: what is too wide would stand at the right edge.
            # The layout that comes paints all.
            self._cells.forget()
            return
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        text = self._cells.take(_pieces_of(renderable), colours)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if text or cursor != self._cursor_at:
            self._cursor_at = cursor
            self.line.painted(size := len(text.encode()))
            super()._display(screen, _Rendered(text))
            if self.line.would_tell(size):
                self.ask_terminal()
        else:
            self.post_display_hook()


class _Rendered(CompositorUpdate):
    """An update whose escape sequences are made already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich__(self) -> str:
        return self._text

    def render_segments(self, console: object) -> str:
        return self._text


def _pieces_of(update: ChopsUpdate | LayoutUpdate) -> Iterator[Piece]:
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield Piece(y, update.region.x, [segment for strip in line for segment in strip])
        return
    for y, start, stop in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < stop and end > start:
                yield Piece(y, x, strip)


_HELD = 0.05
"""Seconds for which the terminal takes nothing, before frames wait for it."""

if TYPE_CHECKING:
    _Screen = Screen[Any]
else:
    _Screen = object


class StyledOnce(_Screen):
    """For a Screen whose widgets are all there from the start, styled once and then painted.

    Textual styles each widget as it is mounted, and all of them again when the screen is shown.
    It paints the screen when it is shown, when it is told its size, and once more soon after; and
    after a layout although the whole screen is to be painted next.
    """

    PAINTS_AT_ONCE: ClassVar[bool] = False
    """Paint as soon as it is laid out, and not with what comes until the next frame is due."""
    _has_been_shown = False
    _paints_soon = False
    _paints_next = False

    async def _dispatch_message(self, message: Message) -> None:
        # Left before it was mounted it has no widgets that a handler could look for.
        with suppress(*(() if self in self.app.screen_stack else (NoMatches,))):
            await super()._dispatch_message(message)

    def _on_screen_resume(self, event: ScreenResume) -> None:
        if not self._has_been_shown:
            self._has_been_shown = True
            self._paints_soon = True
            event.refresh_styles = False

    async def _on_resize(self, event: Resize) -> None:
        if self._paints_soon:
            # A key that waits is answered between the two layouts.
            await asyncio.sleep(0)
            if self.PAINTS_AT_ONCE:
                self.call_next(self._on_timer_update)

    def _compositor_refresh(self) -> None:
        if self._paints_soon:
            return
        if self._paints_next:
            self._paints_next = False
            return
        super()._compositor_refresh()

    def _on_timer_update(self) -> None:
        self._paints_soon = False
        shows = self.is_current and not self.app._batch_count
        self._paints_next = shows and self._layout_required and self._repaint_required
        super()._on_timer_update()
        self._paints_next = False


class PatientScreen(_Screen):
    """For a Screen of a `NarrowPaint` app: paints the newest state when the line is free again.

    Frames behind each other on a slow line would show what was, and block the event loop when
    Textual's queue of them is full.
    """

    _waits = False

    def _on_timer_update(self) -> None:
        line = self.app.line if isinstance(self.app, NarrowPaint) else None
        if line is None or line.blocked < _HELD:
            super()._on_timer_update()
            return
        self._update_timer.pause()
        if not self._waits:
            self._waits = True
            self.set_timer(_HELD, self._look_again)

    def _look_again(self) -> None:
        self._waits = False
        self._update_timer.resume()


_Result = TypeVar("_Result")


def _nothing() -> AwaitComplete:
    untyped: Any = AwaitComplete
    done: AwaitComplete = untyped.nothing()
    return done


class Dialog(StyledOnce, ModalScreen[_Result]):
    """A modal screen that is left once, and painted once when it is shown.

    Textual's takes the screen below with it when two keys that leave it arrive before it is gone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "app.help", "Help", show=False),
    ]

    def dismiss(self, result: _Result | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else _nothing()


class Palette(CommandPalette):
    """Textual's command palette, which may be left at any moment and is left once."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else _nothing()

    async def _dispatch_message(self, message: Message) -> None:
        # A second Enter must not run the command a second time.
        chosen = isinstance(message, Input.Submitted | OptionList.OptionSelected)
        if not chosen or self.is_active:
            await super()._dispatch_message(message)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _gather_commands(self, search_value: str) -> None:
        gather: Any = CommandPalette._gather_commands
        # Left at once, it has no list any more: Textual's worker would end the program.
        with suppress(NoMatches):
            await gather.__wrapped__(self, search_value)
