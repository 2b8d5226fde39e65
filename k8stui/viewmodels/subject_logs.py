"""The logs of the pods that the selection is about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, get_args

from k8stui.logs.feed import StreamState, Tailing
from k8stui.logs.selection import NOTHING, Selection
from k8stui.viewmodels.log_filter import parse_log_filter
from k8stui.viewmodels.log_pane import LogPane, Shown, Times

T = TypeVar("T")
_TIMES: tuple[Times, ...] = get_args(Times)


def _after(present: T, ways: Sequence[T]) -> T:
    return ways[(ways.index(present) + 1) % len(ways)]


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
        self.filter_text = ""

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

    def set_filter(self, text: str) -> None:
        """Shows only the lines that the filter keeps, over the whole buffer; "" shows all.

        Raises:
            FilterError: it can't be understood; what is shown stays.
        """
        include, exclude = parse_log_filter(text)
        self.pane.show(self.pane.shown._replace(include=include, exclude=exclude))
        self.filter_text = text.strip()

    def next_times(self) -> str:
        """Shows times in the next way; returns its name."""
        times = _after(self.pane.shown.times, _TIMES)
        self.pane.show(self.pane.shown._replace(times=times))
        return times

    def next_form(self) -> str:
        """Shows JSON and logfmt lines in the next form; returns its name."""
        form = _after(self.pane.shown.form, ("raw", "compact", "pretty"))
        self.pane.show(self.pane.shown._replace(form=form))
        return form

    def save(self, directory: Path, name: str) -> tuple[Path, int]:
        """Writes the shown lines to a private file there; gives its path and their number.

        Raises:
            K8sTuiError: it can't be written.
        """
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = directory / f"{re.sub(r'[^A-Za-z0-9.-]+', '-', name)}-{stamp}.log"
        return path, self.pane.save(path)

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
        if self.filter_text:
            words.append(f"/{self.filter_text}")
        evicted = self._tail.ring.evicted
        if evicted:
            words.append(f"{evicted:,} older lines dropped")
        return " · ".join(words)

    def close(self) -> None:
        self._stop()
