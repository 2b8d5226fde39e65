"""What may pass to the cluster: reads and self reviews go free, all else needs a ticket."""

from __future__ import annotations

import re

from k8stui.errors import WriteRefused

# A websocket handshake is a GET, but what it opens writes in effect.
_WRITES_BY_GET = frozenset({"exec", "attach", "portforward", "proxy"})
_SELF_REVIEWS = re.compile(
    r"/apis/(authorization\.k8s\.io/v\d\w*/selfsubject(access|rules)reviews"
    r"|authentication\.k8s\.io/v\d\w*/selfsubjectreviews)"
)
# Names and groups never need an escape; one in a path could hide a segment from this check.
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_:~-][A-Za-z0-9._:~-]*)+")


def subresource_of(path: str) -> str:
    """The subresource that an API path names (`log` in `…/pods/web-1/log`), or ""."""
    segments = path.split("/")[1:]
    rest = segments[3:] if segments[0] == "apis" else segments[2:]
    if len(rest) > 2 and rest[0] == "namespaces":
        rest = rest[2:]
    if rest and rest[0] in _WRITES_BY_GET:  # the API's old form, /api/v1/proxy/…
        return rest[0]
    return rest[2] if len(rest) > 2 else ""


def admit(method: str, path: str) -> None:
    """Lets a request pass, or refuses it before a byte is written.

    Free are GET (but not exec, attach, portforward and proxy) and POST to the self-review APIs.

    Raises:
        WriteRefused: for everything else.
    """
    if _PLAIN_PATH.fullmatch(path):
        if method == "GET" and subresource_of(path) not in _WRITES_BY_GET:
            return
        if method == "POST" and _SELF_REVIEWS.fullmatch(path):
            return
    raise WriteRefused(f"refused to send {method} {path}: it may write, and no ticket allows it")
