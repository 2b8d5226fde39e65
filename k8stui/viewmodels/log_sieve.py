"""Which lines of an order are shown: patterns, and lines around what they find."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from k8stui.logs.patterns import Pattern
from k8stui.logs.ring import KIND_MASK, LINE, Ring
from k8stui.logs.sgr import RAW_SGR
from k8stui.viewmodels.log_entries import Entries
from k8stui.viewmodels.log_rows import is_entry


class Batch(NamedTuple):
    """Lines as patterns see them: without colour codes and without a carriage return at the end."""

    lines: Sequence[int]
    """Ring indexes, and numbers of entries."""
    texts: Sequence[bytes]
    told: frozenset[int] = frozenset()
    """The positions of what no pattern hides."""
    entries: frozenset[int] = frozenset()
    """The positions of entries: only an exclude hides them."""

    def turned(self) -> Batch:
        """The same, the last line first."""
        last = len(self.lines) - 1
        return Batch(
            self.lines[::-1],
            self.texts[::-1],
            frozenset(last - at for at in self.told),
            frozenset(last - at for at in self.entries),
        )


def read_batch(ring: Ring, entries: Entries, lines: Sequence[int]) -> Batch:
    """The texts of these lines; those that are held no more are left out."""
    if isinstance(lines, range) and len(lines):
        return _whole_blocks(ring, lines)
    kept: list[int] = []
    texts: list[bytes] = []
    told, others = set(), set()
    for line in lines:
        if is_entry(line):
            entry = entries.get(line)
            if entry is None:
                continue
            others.add(len(kept))
            texts.append(f"{entry.about} {entry.text}".encode())
        else:
            try:
                raw = ring[line]
            except IndexError:
                continue
            if raw.mark & KIND_MASK != LINE:
                told.add(len(kept))
            texts.append(raw.message)
        kept.append(line)
    return Batch(kept, _searched(texts), frozenset(told), frozenset(others))


def _whole_blocks(ring: Ring, lines: range) -> Batch:
    start, end = max(lines.start, ring.first), lines.stop
    texts: list[bytes] = []
    told: set[int] = set()
    at = start
    while at < end:
        block = ring.block(at, end)
        if any(block.marks):
            told |= {at - start + n for n, mark in enumerate(block.marks) if mark & KIND_MASK}
        texts += block.messages
        at += len(block.messages)
    return Batch(range(start, max(start, end)), _searched(texts), frozenset(told))


def _searched(texts: list[bytes]) -> list[bytes]:
    joined = b"".join(texts)
    if b"\x1b" in joined:
        texts = [RAW_SGR.sub(b"", text) if b"\x1b" in text else text for text in texts]
    if b"\r" in joined:
        texts = [text.removesuffix(b"\r") for text in texts]
    return texts


def hits_of(batch: Batch, patterns: Sequence[Pattern]) -> set[int]:
    """The positions of the log lines that one of the patterns finds."""
    if not patterns:
        return set()
    return set().union(*(pattern.lines(batch.texts) for pattern in patterns)) - batch.told


class Sieve:
    """Lets through what an include finds and no exclude does, and so many lines around it.

    Args:
        include: One of them must be found; empty takes all.
        exclude: None of them may be found; they go first.
        around: Lines before and behind each find that are shown too; None shows all lines that
            aren't excluded.
    """

    def __init__(
        self, include: Sequence[Pattern], exclude: Sequence[Pattern], around: int | None = 0
    ) -> None:
        self.include = tuple(include) if around is not None else ()
        self.exclude = tuple(exclude)
        self._around = around or 0
        self._waiting: dict[object, tuple[deque[int], list[int]]] = {}
        self.hits: set[int] = set()
        """The positions of the lines of the last batch that an include found."""

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def keep(self, batch: Batch, side: object) -> list[int]:
        """The lines that are shown; in a context also some of the batch before.

        Args:
            batch: Lines of one part that stand together.
            side: Names the part and the direction it is read in: batches with the same name
                follow each other.
        """
        dropped = hits_of(batch, self.exclude)
        if not self.include:
            return [line for at, line in enumerate(batch.lines) if at not in dropped]
        self.hits = hits_of(batch, self.include)
        hits = (self.hits - batch.entries) - dropped
        told = batch.told | (batch.entries - dropped)
        if self._around:
            return self._with_context(batch, side, hits, told, dropped)
        return [batch.lines[at] for at in sorted(hits | told)]

    def _with_context(
        self, batch: Batch, side: object, hits: set[int], told: frozenset[int], dropped: set[int]
    ) -> list[int]:
        count = self._around
        before, after = self._waiting.setdefault(side, (deque(maxlen=count), [0]))
        kept: list[int] = []
        for at, line in enumerate(batch.lines):
            if at in hits:
                kept += before
                before.clear()
                kept.append(line)
                after[0] = count
            elif at in told:
                kept.append(line)
            elif at not in dropped:
                if after[0]:
                    kept.append(line)
                    after[0] -= 1
                else:
                    before.append(line)
        return kept
