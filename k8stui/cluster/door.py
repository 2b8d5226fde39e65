"""What may pass to the cluster: reads and self reviews go free, all else needs a ticket."""

from __future__ import annotations

import re

from k8stui.cluster.ticket import WriteTicket
from k8stui.errors import WriteRefused

_ROOTS = frozenset({"/version", "/api", "/apis"})
# A websocket handshake is a GET, but what it opens (exec, attach, portforward, proxy and whatever
# an aggregated API calls its own) writes in effect: only subresources known to be read go free.
_READABLE = frozenset({"log", "status", "scale"})
_NOT_KINDS = frozenset({"exec", "attach", "portforward", "proxy", "redirect", "watch"})
_SELF_REVIEWS = re.compile(
    r"/apis/(authorization\.k8s\.io/v\d\w*/selfsubject(access|rules)reviews"
    r"|authentication\.k8s\.io/v\d\w*/selfsubjectreviews)"
)
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_GROUP_OR_VERSION = re.compile(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?")
# What could hide a segment from this check when a server or a proxy reads the path again.
_TREACHEROUS = frozenset("/%\\?#;")


def _is_name(segment: str) -> bool:
    """Whether this may be an object's name: RBAC's hold spaces, `@` and letters of any script."""
    return (
        segment not in ("", ".", "..")
        and segment.isprintable()
        and _TREACHEROUS.isdisjoint(segment)
    )


def _is_read(path: str) -> bool:
    """Whether a GET of this path, not percent-encoded, only reads."""
    if path in _ROOTS:
        return True
    first, *rest = path.split("/")[1:] or [""]
    head = {"api": 1, "apis": 2}.get(first)
    if not path.startswith("/") or head is None or not rest:
        return False
    if not all(_GROUP_OR_VERSION.fullmatch(part) for part in rest[:head]):
        return False
    rest = rest[head:]
    if len(rest) > 2 and rest[0] == "namespaces" and _LABEL.fullmatch(rest[1]):
        rest = rest[2:]
    if not rest:
        return True
    kind, names, below = rest[0], rest[1:2], rest[2:]
    return (
        bool(_LABEL.fullmatch(kind))
        and kind not in _NOT_KINDS
        and all(_is_name(name) for name in names)
        and (not below or (len(below) == 1 and below[0] in _READABLE))
    )


def admit(method: str, path: str) -> None:
    """Lets a request pass, or refuses it before a byte is written.

    Free are GET of discovery, collections, objects and the subresources that are only read, and
    POST to the self-review APIs.

    Args:
        path: The API path as it is meant: nothing in it is percent-encoded yet.

    Raises:
        WriteRefused: for everything else.
    """
    if method == "GET" and _is_read(path):
        return
    if method == "POST" and _SELF_REVIEWS.fullmatch(path):
        return
    raise WriteRefused(f"refused to send {method} {path!r}: it may write, and no ticket allows it")


_WRITES = frozenset({("PATCH", ""), ("PATCH", "scale"), ("DELETE", ""), ("POST", "eviction")})
"""(method, subresource) of every write there is: of one named object, never of a collection."""


def _written_subresource(path: str) -> str | None:
    """The subresource of the one object that this path names; None where it names no object."""
    first, *rest = path.split("/")[1:] or [""]
    head = {"api": 1, "apis": 2}.get(first)
    if not path.startswith("/") or head is None:
        return None
    if not all(_GROUP_OR_VERSION.fullmatch(part) for part in rest[:head]):
        return None
    rest = rest[head:]
    if len(rest) > 3 and rest[0] == "namespaces" and _LABEL.fullmatch(rest[1]):
        rest = rest[2:]
    kind, names, below = rest[:1], rest[1:2], rest[2:]
    if not names or not _LABEL.fullmatch(kind[0]) or not _is_name(names[0]) or len(below) > 1:
        return None
    return below[0] if below else ""


def admit_write(ticket: WriteTicket, method: str, path: str) -> None:
    """Lets one write pass for its ticket, which is spent by it, or refuses it.

    Raises:
        WriteRefused: no ticket, one for another request or used before, or a request that no
            ticket can allow.
    """
    if type(ticket) is not WriteTicket:
        raise WriteRefused(f"refused to send {method} {path!r}: no ticket allows it")
    ticket.spend(method, path)
    if (method, _written_subresource(path)) not in _WRITES:
        raise WriteRefused(f"refused to send {method} {path!r}: no ticket can allow it")
