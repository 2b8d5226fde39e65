"""Turns the chunks of one log request into lines, without those that were seen before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from k8stui.logs.overlap import Overlap, Replay
from k8stui.logs.ring import LINE, UNSTAMPED
from k8stui.logs.splitter import LONGEST_LINE, LogSplitter
from k8stui.logs.stamps import (
    NANOSECONDS,
    STAMPED,
    is_stamp_start,
    parse_stamp,
    read_stamped,
)

Emit = Callable[[Sequence[int], Sequence[bytes], Sequence[int] | None], None]
"""Takes times, messages and marks (None: all plain lines) of lines that are new."""

_KUBELET_TEXT = re.compile(
    rb"unable to retrieve container logs for |rpc error: code = |too many open files"
    rb"|failed to (create fsnotify|watch|open log|read log|tail|seek|try open|try resolving sym)"
    rb"|an error occurred when try|unexpected stream type|Unable to retrieve container logs"
)


def is_kubelet_text(line: bytes) -> bool:
    """Whether this is what a kubelet writes into an answer in place of a line."""
    return _KUBELET_TEXT.match(line) is not None


class Intake:
    """Reads one answer. The owner decides what to do when its beginning does not fit.

    Args:
        overlap: The memory of the container instance.
        replay: What must come again first; None for a first request.
        emit: Takes the new lines.
        until: Nanoseconds; a first line that is later can't be of this instance. 0 for any.
        unlike: Hashes of the first lines of other instances' logs, which must not come again.
    """

    def __init__(
        self,
        overlap: Overlap,
        replay: Replay | None,
        emit: Emit,
        longest: int = LONGEST_LINE,
        *,
        until: int = 0,
        unlike: frozenset[int | None] = frozenset(),
    ) -> None:
        self.overlap = overlap
        self.replay = replay
        self.new = 0
        """Lines that were new."""
        self.status = ""
        """What the kubelet wrote into the answer in place of lines."""
        self._emit = emit
        self._until = until
        self._unlike = unlike
        self.again = False
        """Whether the answer is the log of that other instance."""
        self._splitter = LogSplitter(longest)
        self._held: list[bytes] = []
        self._second = 0

    def feed(self, chunk: bytes) -> bool:
        """Takes a chunk.

        Returns:
            False when the answer does not go on where the last one ended: nothing is taken
            until `start_over`.
        """
        lines = self._splitter.feed(chunk)
        if self._held:
            self._held += lines
            return False
        return self._take(lines)

    def start_over(self, overlap: Overlap) -> None:
        """Takes what was held, and all that follows, as the lines of a new instance or file."""
        self.overlap, self.replay = overlap, None
        held, self._held = self._held, []
        self._take(held)

    def finish(self) -> bytes:
        """Ends the answer.

        Returns:
            A last line that has no line feed, or the beginning of its timestamp; any other text
            becomes the `status`.
        """
        rest = self._splitter.take()
        if self.replay is not None and self.replay.complete:
            self.replay_done()
        if not rest:
            return b""
        if parse_stamp(rest.partition(b" ")[0]) is None:
            if is_stamp_start(rest):
                return rest
            self.status = rest.decode("utf-8", "replace")
            return b""
        if self.replay is not None and self.replay.known(hash(rest)):
            if self.replay.complete:
                self.replay_done()
            return b""
        return rest

    def commit(self, rest: bytes) -> None:
        """Takes what `finish` returned as a line that has come to its end."""
        self.replay = None
        if parse_stamp(rest.partition(b" ")[0]) is not None:
            self._take([rest])

    def _take(self, lines: Sequence[bytes]) -> bool:
        if self._until and lines:
            first, until = parse_stamp(lines[0].partition(b" ")[0]), self._until
            self._until = 0
            if first is not None and first > until:
                self._held = list(lines)
                return False
        if self._unlike and lines:
            self.again, self._unlike = hash(lines[0]) in self._unlike, frozenset()
            if self.again:
                self._held = list(lines)
                return False
        if self.replay is not None:
            for position, line in enumerate(lines):
                if self.replay.complete:
                    self.replay_done()
                    lines = lines[position:]
                    break
                if not self._replayed(line):
                    self._held = list(lines[position:])
                    return False
            else:
                return True
        self._fresh(lines)
        return True

    def replay_done(self) -> None:
        """All that was seen has come again."""
        self.fits = True
        self.replay = None

    fits = False
    """Whether all lines seen before the request came again in it."""

    def _replayed(self, line: bytes) -> bool:
        """Takes one line that may have been seen; False when the answer does not fit."""
        replay = self.replay
        assert replay is not None
        time = parse_stamp(line.partition(b" ")[0])
        if time is not None:
            self._second = time // NANOSECONDS
        elif not self._second or is_kubelet_text(line):
            # The rest of a long line that began before the overlap, or no line at all.
            self._note(line)
            return True
        if replay.known(hash(line)) or replay.unwanted(self._second):
            return True
        if not replay.hits:
            return False
        self._fresh((line,))
        return True

    def _fresh(self, lines: Sequence[bytes]) -> None:
        found = read_stamped(lines) if lines else None
        if found is None:
            self._fresh_mixed(lines)
            return
        (times, runs), overlap = found, self.overlap
        if overlap.first_key is None:
            overlap.begin(times[0], lines[0])
        keys, at = [hash(line) for line in lines], 0
        for second, count in runs:
            overlap.extend(second, keys[at : at + count])
            at += count
        overlap.last_time = times[-1]
        self.new += len(lines)
        self._emit(times, [line[STAMPED:] for line in lines], None)

    def _fresh_mixed(self, lines: Sequence[bytes]) -> None:
        """Lines of which some have no stamp, or one that is cut short of its last zeros."""
        overlap, parse = self.overlap, parse_stamp
        add, last = overlap.add, overlap.last_time
        times: list[int] = []
        messages: list[bytes] = []
        marks: list[int] | None = None
        for line in lines:
            stamp, _, message = line.partition(b" ")
            time = parse(stamp)
            if time is None:
                if is_kubelet_text(line):
                    self._note(line)
                    continue
                if marks is None:
                    marks = [LINE] * len(times)
                time, message = last, line
                marks.append(UNSTAMPED)
            else:
                last = time
                if marks is not None:
                    marks.append(LINE)
            if overlap.first_key is None:
                overlap.begin(time, line)
            times.append(time)
            messages.append(message)
            add(time // NANOSECONDS, hash(line))
        overlap.last_time = last
        if messages:
            self.new += len(messages)
            self._emit(times, messages, marks)

    def _note(self, line: bytes) -> None:
        if is_kubelet_text(line):
            self.status = line.decode("utf-8", "replace")
