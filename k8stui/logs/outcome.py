"""How one log request went."""

from __future__ import annotations

import msgspec


class Moved(Exception):
    """The container was restarted: the answer is not the log that was asked for."""


class Outcome(msgspec.Struct):
    """How one request went that came to its end."""

    new: int
    rest: bytes
    """A last line without a line feed."""
    fits: bool
    """Whether all that was seen came again."""
    status: str = ""
    """What the kubelet wrote in place of lines."""
