"""How far back the lines of one container go that are in the ring."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.logs.ring import KIND_MASK, LINE, UNSTAMPED, Ring

_ANCHORS = 64
_BEFORE_ALL = -(1 << 62)

Stamped = tuple[int, bytes]
"""Nanoseconds and message: what tells a line."""


class Edge:
    """Where the held lines of one instance begin.

    Attributes:
        held: How many lines of the instance are held.
        anchors: The first of them; empty when none is.
        previous: Whether the instance is the one before the current one.
        first: The index of the first anchor.
        before: Where no line is held: nanoseconds of the newest line that was taken in.
    """

    def __init__(
        self,
        held: int,
        anchors: list[Stamped],
        *,
        previous: bool,
        first: int = _BEFORE_ALL,
        before: int = 0,
    ) -> None:
        self.held = held
        self.anchors = anchors
        self.previous = previous
        self.first = first
        self.before = before


class History:
    """Which indexes of the ring belong to which instance of a container.

    The API server reads the current instance's log and that of the one before, no other.
    """

    def __init__(self) -> None:
        self.current_from = _BEFORE_ALL
        """From this index on lines are of the current instance."""
        self.previous_from = _BEFORE_ALL
        """From this index on, up to `current_from`, they are of the one before."""
        self.has_previous = False
        """Whether the log of the instance before can be asked for."""
        self.current_whole = False
        """Whether the first held line of the current instance is the first of its file."""
        self.ended = False
        """Whether nothing older can be read."""
        self._oldest = 0

    @property
    def may_go_on(self) -> bool:
        """Whether the server may have lines that are older than those that are held."""
        return not self.ended

    def restarted(self, end: int) -> None:
        """What comes from this index on is of the next instance."""
        self.previous_from, self.current_from = self.current_from, end
        self.has_previous, self.current_whole, self.ended = True, False, False

    def begin(self, end: int, *, has_previous: bool) -> None:
        """The first instance that is read begins here; what was shown is of the one before."""
        self.has_previous = has_previous
        self.current_from = end

    def noted(self, oldest: int) -> None:
        """The ring held lines from this index on when it was last found how far back they go."""
        self._oldest = oldest

    def moved(self, indexes: Sequence[tuple[int, int]]) -> None:
        """Lines that were kept have other indexes now: pairs of the old and the new one."""
        current = next((now for old, now in indexes if old >= self.current_from), None)
        previous = next((now for old, now in indexes if old >= self.previous_from), None)
        if current is not None and self.current_from != _BEFORE_ALL:
            self.current_from = current
        if previous is not None and self.previous_from != _BEFORE_ALL:
            self.previous_from = previous

    def grew(self, edge: Edge, after_divider: int | None) -> None:
        """Older lines than those of the edge were put in front of them."""
        self.previous_from = _BEFORE_ALL
        if not edge.previous:
            self.current_from = _BEFORE_ALL
        elif after_divider is not None:
            self.current_from = after_divider

    def edge(self, ring: Ring, stream: int, before: int) -> Edge | None:
        """Where the oldest held lines of the stream begin; None when nothing older can be read.

        Args:
            ring: With the stream's lines.
            stream: Its number.
            before: Nanoseconds of the newest line of it that was taken in.
        """
        if ring.first > self._oldest:
            # What was found to be the beginning has been pushed out since.
            self.current_whole = self.ended = False
        if self.ended:
            return None
        first = next(ring.indexes_of(stream), None)
        if first is None:
            if self.current_whole:
                return Edge(0, [], previous=True) if self.has_previous else None
            return Edge(0, [], previous=False, before=before) if before else None
        if first < self.previous_from:
            return None
        if first >= self.current_from:
            if self.current_whole:
                return Edge(0, [], previous=True) if self.has_previous else None
            return self._edge(ring, stream, ring.end, previous=False)
        return self._edge(ring, stream, self.current_from, previous=True)

    def _edge(self, ring: Ring, stream: int, end: int, *, previous: bool) -> Edge:
        anchors: list[Stamped] = []
        first = _BEFORE_ALL
        for index in ring.indexes_of(stream):
            if index >= end or len(anchors) == _ANCHORS:
                break
            line = ring[index]
            if line.mark & KIND_MASK == LINE and not line.mark & UNSTAMPED:
                first = first if anchors else index
                anchors.append((line.time, line.message))
        return Edge(ring.count_of(stream, end), anchors, previous=previous, first=first)
