"""The log requests of the API, and what its refusals mean."""

from __future__ import annotations

import re

from k8stui.logs.stamps import since_time

RESUME = re.compile(r"too many open files|fsnotify|inotify|failed to watch", re.IGNORECASE)
"""The node has no file watcher left: it can be asked for the log, but not to follow it."""

CONTAINER_GONE = re.compile(r"code = NotFound .*container")
"""The kubelet looked whether the container still runs, and it had been removed."""

_WAITS = re.compile(
    r"waiting to start|is waiting|ContainerCreating|PodInitializing|not available"
    r"|does not have a host assigned|trying and failing to pull"
)


def waits_to_start(message: str) -> bool:
    """Whether a 400 or 404 only means that there is no log yet."""
    return _WAITS.search(message) is not None


def log_path(namespace: str, pod: str) -> str:
    """The API path of a pod's logs."""
    return f"/api/v1/namespaces/{namespace}/pods/{pod}/log"


def log_params(
    container: str,
    *,
    follow: bool,
    previous: bool = False,
    since: int | None = None,
    since_seconds: int | None = None,
    tail: int | None = None,
    limit: int | None = None,
) -> list[tuple[str, str]]:
    """The query of a log request.

    Args:
        container: Its name.
        follow: Whether the answer goes on while lines are written.
        previous: The log of the instance before.
        since: Whole epoch seconds, inclusive; goes before `since_seconds`.
        since_seconds: Seconds before now by the node's clock, at least 1.
        tail: How many lines from the end.
        limit: Bytes after which the answer ends.
    """
    params = [("container", container), ("timestamps", "true")]
    if follow:
        params.append(("follow", "true"))
    if previous:
        params.append(("previous", "true"))
    if since is not None:
        params.append(("sinceTime", since_time(since)))
    elif since_seconds is not None:
        params.append(("sinceSeconds", str(max(1, since_seconds))))
    if tail is not None:
        params.append(("tailLines", str(tail)))
    if limit is not None:
        params.append(("limitBytes", str(limit)))
    return params
