"""Sending little to the terminal: when it is asked for, or when the line turns out to be slow."""

from __future__ import annotations

from textual import events
from textual.screen import Screen

from k8stui.resources.record import Tone
from k8stui.store.ticker import Pace
from k8stui.ui._textual_compat.app import NarrowPaint
from k8stui.viewmodels.status_parts import Part

SELDOM = 2.0
"""Seconds between two news of what changed; ten times a second is usual."""


class ThriftyApp(NarrowPaint):
    """An App with a low-bandwidth mode and a meter of what it sends."""

    low_bandwidth = False
    _wanted: bool | None = None
    """What was asked for; None leaves it to what the line can carry."""
    _why_thrifty = ""
    _meter: float | None = None
    _paces: tuple[Pace, ...] = ()

    def want_low_bandwidth(self, wanted: bool | None) -> None:
        """What the command line says: yes, no, or (None) as the line turns out."""
        self._wanted = wanted
        if wanted:
            self._be_thrifty(True)

    def keep_pace(self, pace: Pace) -> None:
        """Makes news of the cluster that is shown as frequent as the line allows."""
        self._paces = (pace,)
        pace.period = SELDOM if self.low_bandwidth else Pace().period

    def on_mount(self) -> None:
        # Of two answers, one before and one after the first frame, the difference is the frame's.
        self.ask_terminal()
        self.call_after_refresh(self.ask_terminal)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        self.line.answered(event.time)
        self.look_at_line()

    def look_at_line(self) -> None:
        """Goes over to low bandwidth where the line is slow and nobody has said otherwise."""
        if self._meter is not None:
            self._meter = self.line.meter()
        if self._wanted is None and not self.low_bandwidth and (why := self.line.why_slow):
            self._why_thrifty = why
            self._be_thrifty(True)

    def line_parts(self) -> list[Part]:
        """What the header says of the line."""
        parts = []
        if self.low_bandwidth:
            why = f"slow line: {self._why_thrifty} · " if self._why_thrifty else ""
            parts.append(Part(f"{why}low bandwidth", Tone.WARN, "low bw"))
        if self._meter is not None:
            parts.append(Part(_rate(self._meter), Tone.ACCENT))
        return parts

    def action_low_bandwidth(self) -> None:
        self._wanted = not self.low_bandwidth
        self._why_thrifty = ""
        self._be_thrifty(self._wanted)

    def action_meter(self) -> None:
        if self._meter is None:
            self.line.meter()
            self._meter = 0.0
        else:
            self._meter = None
        self._tell_screens()

    def _be_thrifty(self, on: bool) -> None:
        self.low_bandwidth = on
        self.use_colours(few=on)
        for pace in self._paces:
            self.keep_pace(pace)
        self._tell_screens()
        if self.is_running:
            self.refresh()

    def _tell_screens(self) -> None:
        for screen in self.screen_stack if self.is_running else ():
            if isinstance(screen, ThriftyScreen):
                screen.line_changed()


class ThriftyScreen(Screen[None]):
    """A screen that shows how the line does, and less where it is slow."""

    def line_changed(self) -> None:
        """The app went over to low bandwidth or back, or its meter was switched."""


def _rate(bytes_per_second: float) -> str:
    if bytes_per_second < 1000:
        return f"{bytes_per_second:.0f} B/s"
    return f"{bytes_per_second / 1000:.1f} kB/s"
