"""Cuts a stream of chunks into lines, keeping no more than a bounded part of a very long one."""

from __future__ import annotations

LONGEST_LINE = 1 << 20


class LogSplitter:
    """Unlike a watch's splitter it keeps empty lines and bounds the memory of one line.

    Args:
        longest: Bytes of one line that are kept; the rest is counted and left out.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._parts: list[bytes] = []
        self._held = 0
        self._dropped = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that this chunk completes, without their line feeds."""
        lines = chunk.split(b"\n")
        last = lines.pop()
        if lines and self._parts:
            self._hold(lines[0])
            lines[0] = self.take()
        if last:
            self._hold(last)
        longest = self._longest
        if len(chunk) > longest:
            return [line if len(line) <= longest else shortened(line, longest) for line in lines]
        return lines

    @property
    def pending(self) -> bytes:
        """What came after the last line feed."""
        return b"".join(self._parts)

    def take(self) -> bytes:
        """The pending text, which is then forgotten."""
        text = b"".join(self._parts)
        if self._dropped:
            text += _more(self._dropped)
        self._parts = []
        self._held = self._dropped = 0
        return text

    def _hold(self, part: bytes) -> None:
        room = max(0, self._longest - self._held)
        if len(part) > room:
            self._dropped += len(part) - room
            part = part[:room]
        if part:
            self._parts.append(part)
            self._held += len(part)


def shortened(line: bytes, longest: int) -> bytes:
    """The start of a line that is too long, and how much more there was."""
    return line[:longest] + _more(len(line) - longest)


def _more(count: int) -> bytes:
    return f" … +{count} bytes".encode()
