"""The state of a collection's connection to the cluster."""

from __future__ import annotations

import msgspec


class Syncing(msgspec.Struct, frozen=True):
    """The first list is under way."""

    received: int = 0
    total: int | None = None
    """How many there are, where the server tells (it does not with selectors)."""


class Live(msgspec.Struct, frozen=True):
    """The watch is open: what is shown is what the cluster has."""

    since: float
    """Epoch seconds."""


class Stale(msgspec.Struct, frozen=True):
    """The connection is lost; rows are as of `since`."""

    since: float
    """Epoch seconds of the last moment at which the data was known to be current."""
    reason: str
    next_try: float
    """Epoch seconds."""
    read: bool = True
    """Whether all of it was ever read; where not, `since` is when that was begun."""
    status: int = 0
    """The HTTP status with which the server refused it, 0 where it did not answer."""


class Forbidden(msgspec.Struct, frozen=True):
    """The user may not list or watch this here."""

    message: str
    """The server's own sentence, clean."""
    verb: str = "list"


class Unauthorized(msgspec.Struct, frozen=True):
    """The cluster does not accept the credentials (any more)."""

    message: str


class Missing(msgspec.Struct, frozen=True):
    """The cluster has no such kind."""

    message: str = ""


Phase = Syncing | Live | Stale | Forbidden | Unauthorized | Missing
