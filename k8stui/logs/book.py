"""Which streams there are, by the numbers under which their lines stand in the ring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from k8stui.logs.container import ContainerTail
from k8stui.logs.engine import LogTransport
from k8stui.logs.feed import Stream, StreamName
from k8stui.logs.history import History
from k8stui.logs.palette import Palette


class StreamBook:
    """Gives streams their numbers, names and colours; shared by engines that share a ring."""

    def __init__(self) -> None:
        self.selected: set[int] = set()
        """The numbers of the streams of the present selection."""
        self._names: list[StreamName] = []
        self._colours: list[int] = []
        self._palette = Palette()
        self._tails: dict[int, ContainerTail] = {}

    @property
    def next_index(self) -> int:
        """The number of the next stream."""
        return len(self._names)

    def enter(self, tail: ContainerTail) -> None:
        """A stream with the number `next_index` was opened."""
        key = tail.key
        self._names.append(StreamName(key.context, key.namespace, tail.pod.name, key.container))
        self._colours.append(self._palette.take(_colour_name(tail)))
        self._tails[tail.index] = tail
        self.selected.add(tail.index)

    def leave(self, tail: ContainerTail) -> None:
        """The stream is not selected any more; its name stays known."""
        del self._tails[tail.index]
        self._palette.give_back(_colour_name(tail))
        self.selected.discard(tail.index)

    def name_of(self, stream: int) -> StreamName:
        """Where the lines of this stream come from."""
        return self._names[stream]

    def colour_of(self, stream: int) -> int:
        """A stable number for the stream's colour."""
        return self._colours[stream]

    def history_of(self, stream: int) -> History | None:
        """How far back the lines of this stream go; None when it is not selected any more."""
        tail = self._tails.get(stream)
        return None if tail is None else tail.history

    def tail_of(self, stream: int) -> ContainerTail:
        """The stream with this number, which is still selected. Raises KeyError otherwise."""
        return self._tails[stream]

    def transport_of(self, stream: int) -> LogTransport:
        """The door to the cluster of this stream. Raises KeyError likewise."""
        return self._tails[stream].transport


class Booked:
    """A feed whose streams stand in a book.

    Args:
        book: Which gives the streams their numbers.
    """

    def __init__(self, book: StreamBook) -> None:
        self._book = book

    @property
    def book(self) -> StreamBook:
        """Which engines that share the ring share too."""
        return self._book

    def is_selected(self, stream: int) -> bool:
        """Whether lines of this stream are of the present selection."""
        return stream in self._book.selected

    def name_of(self, stream: int) -> StreamName:
        """Where the lines of this stream come from."""
        return self._book.name_of(stream)

    def colour_of(self, stream: int) -> int:
        """A stable number for the stream's colour."""
        return self._book.colour_of(stream)


def stream_rows(
    tails: Iterable[ContainerTail], selected: set[int], behind: Mapping[int, float]
) -> list[Stream]:
    """A row of the table of streams for each of these.

    Args:
        tails: The streams.
        selected: The numbers of those of the present selection.
        behind: By how many seconds the lines of a stream come late, where they do.
    """
    return [
        Stream(
            index=tail.index,
            namespace=tail.key.namespace,
            pod=tail.pod.name,
            container=tail.key.container,
            role=tail.role,
            node=tail.pod.node,
            state=tail.state,
            lines=tail.lines,
            reconnects=tail.reconnects,
            restarts=tail.restarts,
            rate=tail.rate,
            last_line=tail.last_line,
            last_error=tail.last_error,
            selected=tail.index in selected,
            context=tail.key.context,
            skew=tail.skew.seconds,
            behind=behind.get(tail.index, 0.0),
            older=tail.history.may_go_on,
            state_since=tail.state_since,
        )
        for tail in tails
    ]


def _colour_name(tail: ContainerTail) -> str:
    return f"{tail.pod.name}/{tail.key.container}"
