"""The logs of the pods that the selection is about."""

from __future__ import annotations

import re
from collections.abc import Callable

from k8stui.logs.feed import StreamState, Tailing
from k8stui.logs.selection import NOTHING, Selection
from k8stui.viewmodels.log_pane import LogPane, Shown


class SubjectLogs:
    """Follows whatever is selected; the streams that stay selected go on without a break.

    Args:
        tail: The engine, which runs already.
        stop: Ends it.
    """

    def __init__(self, tail: Tailing, stop: Callable[[], object]) -> None:
        self.pane = LogPane(tail, Shown(order="time"))
        self._tail = tail
        self._stop = stop
        self._shown: tuple[frozenset[str], str] = (frozenset(), "")

    def show(self, uids: frozenset[str], container: str = "") -> None:
        """Tails the containers of these pods, or the one of that name in them."""
        if (uids, container) == self._shown:
            return
        self._shown = (uids, container)
        if not uids:
            self._tail.select(NOTHING)
            return
        only = re.compile(rf"^{re.escape(container)}$") if container else None
        self._tail.select(Selection(uids=uids, container=only))

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back when lines came or a stream's state changed; returns what ends that."""
        return self.pane.subscribe(callback)

    def state_text(self) -> str:
        """How many streams there are, and whether any is in trouble."""
        counts = self._tail.state_counts()
        total = sum(counts.values())
        if not total:
            return "no streams"
        live = counts[StreamState.LIVE] + counts[StreamState.POLLING]
        words = [f"{total} stream{'s' if total != 1 else ''}"]
        quiet = (StreamState.LIVE, StreamState.ENDED)
        words += [f"{count} {state}" for state, count in counts.items() if state not in quiet]
        if counts[StreamState.ENDED] and live:
            words.append(f"{counts[StreamState.ENDED]} ended")
        evicted = self._tail.ring.evicted
        if evicted:
            words.append(f"{evicted:,} older lines dropped")
        return " · ".join(words)

    def close(self) -> None:
        self._stop()
