"""Screens that are styled once, painted when the line is free, and left at any moment."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import work
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.events import Resize, ScreenResume
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList

from k8stui.ui._textual_compat.app import NarrowPaint

_HELD = 0.05
"""Seconds for which the terminal takes nothing, before frames wait for it."""

if TYPE_CHECKING:
    _Screen = Screen[Any]
else:
    _Screen = object


class LeftEarly(_Screen):
    """For a Screen that may be left before it was mounted: keys can come faster than it."""

    async def _dispatch_message(self, message: Message) -> None:
        # It has no widgets then that a handler could look for.
        with suppress(*(() if self in self.app.screen_stack else (NoMatches,))):
            await super()._dispatch_message(message)


class StyledOnce(LeftEarly):
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
