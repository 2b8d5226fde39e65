"""What Textual's App leaves to be wished: quiet crashes, a theme from the start, narrow paints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.geometry import Offset
from textual.screen import Screen

from k8stui.ui.terminal_cells import Piece, TerminalCells, erases_in_colour
from k8stui.ui.terminal_line import TerminalLine

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
