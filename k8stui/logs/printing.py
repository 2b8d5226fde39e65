"""Writes the lines of `k8stui logs`, and the news of its streams."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Mapping, Sequence
from typing import BinaryIO, TextIO

from k8stui.logs.arguments import LogOptions
from k8stui.logs.book import StreamBook
from k8stui.logs.feed import Stream, StreamState
from k8stui.logs.output import LineOrigin, Style, make_format
from k8stui.logs.ring import DIVIDER, KIND_MASK, LINE
from k8stui.resources.text import clean_text

_OPEN = {StreamState.LIVE, StreamState.POLLING}
_BEGINS = ("", "ContainerCreating", "PodInitializing")
"""Reasons to wait that need no word: they pass."""


class Printing:
    """Lines go to one stream, all else to another one.

    Args:
        options: What the command line asks for.
        book: Whose the lines are.
        output: Where lines go.
        errors: Where all else goes.
        environ: For NO_COLOR.
        contexts: Whether the cluster is printed: where there are several.
    """

    def __init__(
        self,
        options: LogOptions,
        book: StreamBook,
        output: BinaryIO,
        errors: TextIO,
        environ: Mapping[str, str],
        *,
        contexts: bool = False,
    ) -> None:
        terminal = output.isatty()
        colour = options.color == "always" or (
            options.color == "auto" and terminal and not environ.get("NO_COLOR")
        )
        self._book = book
        self._output = output
        self._errors = errors
        self._quiet = options.only_log_lines
        self._filter = options.filter
        self.contexts = contexts
        """Whether the cluster is told with all that is told."""
        self._namespaces = options.all_namespaces or len(options.namespaces) > 1
        self._format = make_format(
            Style(
                output=options.output,
                timestamps=options.timestamps,
                zone=options.zone,
                contexts=contexts,
                namespaces=self._namespaces,
                colour=colour,
                terminal=terminal,
                highlight=options.highlight,
            ),
            options.template,
            self._report,
        )
        self._origins: dict[int, LineOrigin] = {}
        self._states: dict[int, StreamState] = {}
        self._follows = options.follow
        self._waiting: set[int] = set()
        self._told: dict[str, str] = {}
        self.broken = asyncio.Event()
        """Set when whoever read the output has gone."""

    def lines(
        self,
        stream: int,
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int] | None,
    ) -> None:
        """Prints lines of one stream; a `LogTail`'s sink."""
        if marks is not None and any(mark & KIND_MASK != LINE for mark in marks):
            self._mixed(stream, times, messages, marks)
            return
        if self._filter:
            passing = self._filter.passing(messages)
            times = [times[at] for at in passing]
            messages = [messages[at] for at in passing]
        if not messages or self.broken.is_set():
            return
        try:
            self._output.write(self._format(times, messages, self._origin(stream)))
            self._output.flush()
        except BrokenPipeError:
            self.broken.set()

    def _mixed(
        self,
        stream: int,
        times: Sequence[int],
        messages: Sequence[bytes],
        marks: Sequence[int],
    ) -> None:
        for time, message, mark in zip(times, messages, marks, strict=True):
            if mark & KIND_MASK == LINE:
                self.lines(stream, (time,), (message,), None)
            elif mark & KIND_MASK != DIVIDER or not self._quiet:
                self.say(f"! {self._name(stream)}: {message.decode('utf-8', 'replace')}")

    def say(self, text: str) -> None:
        """Tells of something that is no log line."""
        self._errors.write(clean_text(text) + "\n")
        self._errors.flush()

    def _report(self, text: str) -> None:
        self.say_once(text, text)

    def say_once(self, subject: str, text: str) -> None:
        """Tells it, unless it is what was last told of the subject; "" forgets that."""
        if text and text != self._told.get(subject):
            self.say(text)
        self._told[subject] = text

    def streams(self, streams: Sequence[Stream]) -> None:
        """Tells which streams began, ended, or are in trouble since the last call."""
        for stream in streams:
            known = self._states.get(stream.index)
            if stream.state is StreamState.WAITING and self._follows:
                self._tell_waiting(stream)
            if known == stream.state:
                continue
            self._states[stream.index] = stream.state
            name = self._name(stream.index)
            begins = stream.state in _OPEN and known not in _OPEN | {StreamState.RECONNECTING}
            if not self._quiet and (begins or stream.state is StreamState.ENDED):
                self.say(f"{'+' if begins else '-'} {name}")
            if stream.state in (StreamState.FORBIDDEN, StreamState.RECONNECTING):
                self.say(f"! {name}: {stream.state}: {stream.last_error}")

    def _tell_waiting(self, stream: Stream) -> None:
        """Once for each stream: images are pulled, and not pulled, in turn."""
        if stream.last_error not in _BEGINS and stream.index not in self._waiting:
            self._waiting.add(stream.index)
            self.say(f"! {self._name(stream.index)}: waiting: {stream.last_error}")

    def watch_reader(self) -> None:
        """Notices at once when the other end of a pipe is closed, not only at the next line."""
        try:
            descriptor = self._output.fileno()
            if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                return
            # A pipe's writing end never becomes readable: what is told is that it is broken.
            asyncio.get_running_loop().add_reader(descriptor, self._broke, descriptor)
        except (OSError, ValueError, NotImplementedError):
            return

    def _broke(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        self.broken.set()

    def _name(self, stream: int) -> str:
        name = self._book.name_of(stream)
        context = f"{name.context} " if self.contexts else ""
        namespace = f"{name.namespace} " if self._namespaces else ""
        return f"{context}{namespace}{name.pod} › {name.container}"

    def _origin(self, stream: int) -> LineOrigin:
        origin = self._origins.get(stream)
        if origin is None:
            pod, name = self._book.tail_of(stream).pod, self._book.name_of(stream)
            origin = self._origins[stream] = LineOrigin(
                name.namespace,
                name.pod,
                name.container,
                pod.node,
                pod.labels,
                self._book.colour_of(stream),
                name.context,
            )
        return origin
