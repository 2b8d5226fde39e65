"""One widget alone on a screen, with what it writes and how often it draws a line counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from tests.ui.counting_driver import CountingDriver, counted, settle

W = TypeVar("W", bound=Widget)


class OneWidgetApp(App[None]):
    """Shows one widget."""

    CSS = "Screen { overflow: hidden; }"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget

    def on_mount(self) -> None:
        self.widget.focus()


class Stage(Generic[W]):
    """The widget, the pilot, and what happened since the last `settle`."""

    def __init__(self, widget: W, pilot: Pilot[None], driver: CountingDriver) -> None:
        self.widget = widget
        self.pilot = pilot
        self.driver = driver
        self.drawn: list[int] = []
        """The lines of the screen that were drawn."""
        self.messages: list[Message] = []
        self._watch_lines()

    def _watch_lines(self) -> None:
        draw = self.widget.render_line

        def counting(y: int) -> Strip:
            self.drawn.append(y)
            return draw(y)

        self.widget.render_line = counting  # type: ignore[method-assign]

    def reset(self) -> None:
        self.driver.reset()
        self.drawn.clear()
        self.messages.clear()

    async def settle(self) -> None:
        await settle(self.pilot)

    async def press(self, *keys: str) -> None:
        """Presses keys with the counts at zero and waits until all is painted."""
        self.reset()
        await self.pilot.press(*keys)
        await self.settle()

    @property
    def bytes(self) -> int:
        return self.driver.bytes_written

    def lines(self) -> list[str]:
        """What the widget shows, line by line, trailing spaces left out."""
        height = self.widget.size.height
        drawn = [self.widget.render_line(y).text.rstrip() for y in range(height)]
        self.drawn.clear()
        return drawn

    def posted(self, kind: type[Message]) -> list[Message]:
        """The messages of a kind that the widget posted."""
        return [message for message in self.messages if isinstance(message, kind)]


@asynccontextmanager
async def staged(widget: W, size: tuple[int, int] = (160, 52)) -> AsyncIterator[Stage[W]]:
    """Puts the widget on the whole screen, focused and settled."""
    app = OneWidgetApp(widget)
    async with counted(app, size) as (pilot, driver):
        stage = Stage(widget, pilot, driver)
        post = widget.post_message

        def keep(message: Message) -> bool:
            stage.messages.append(message)
            return post(message)

        widget.post_message = keep  # type: ignore[method-assign]
        yield stage
