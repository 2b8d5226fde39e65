"""What one stream says of itself: its state, and its marks between the lines."""

from __future__ import annotations

from k8stui.logs.engine import Shared
from k8stui.logs.feed import StreamState
from k8stui.logs.overlap import Overlap
from k8stui.logs.ring import DIVIDER, NOTICE
from k8stui.logs.targets import ContainerStatus, Termination, describe_end
from k8stui.resources.text import clean_text


class StreamReport:
    """The part of a stream that others see.

    Args:
        shared: The way out for marks, and who is told of states.
        index: The stream's number.
    """

    def __init__(self, shared: Shared, index: int) -> None:
        self.index = index
        self.state = StreamState.QUEUED
        self.state_since = shared.wall()
        """Epoch seconds."""
        self.last_error = ""
        self.finished = False
        """Whether nothing more is to be had until the status changes."""
        self._shared = shared
        self._overlap = Overlap()

    @property
    def last_line(self) -> int:
        """The time of the newest line, in nanoseconds since the epoch by the node's clock."""
        return self._overlap.last_time

    def fail(self, error: BaseException) -> None:
        """Ends the stream for a fault of ours, which would only come again."""
        self.finished = True
        self._gap("possible gap: k8stui failed to read on, its own log tells why")
        self._set(StreamState.ENDED, f"k8stui failed: {type(error).__name__}")

    def _divider(self, status: ContainerStatus, end: Termination | None) -> None:
        how = describe_end(end)
        text = f"restarted, {how}, instance {status.restarts}" if how else "restarted"
        self._mark(clean_text(text), DIVIDER)

    def _gap(self, text: str) -> None:
        self._mark(text, NOTICE)

    def _notice(self, text: str, time: int = 0) -> None:
        self._mark(text, NOTICE, time)

    def _mark(self, text: str, mark: int, time: int = 0) -> None:
        at = time or self._overlap.last_time
        self._shared.emit(self.index, (at,), (text.encode(),), (mark,))

    def _set(self, state: StreamState, error: str | None = None) -> None:
        news = error is not None and error != self.last_error
        if error is not None:
            self.last_error = error
        elif state == StreamState.LIVE:
            self.last_error = ""
        if state != self.state:
            self.state, self.state_since = state, self._shared.wall()
            news = True
        if news:
            self._shared.changed()
