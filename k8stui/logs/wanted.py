"""Which of a container's instances are wanted, by what is told when it is first seen."""

from __future__ import annotations

from k8stui.logs.selection import Start
from k8stui.logs.targets import ContainerStatus, LogPod

YOUNG_SECONDS = 600
"""What began before our eyes is not older than this."""


def is_young(since: int, now: float) -> bool:
    """Whether what began then is new; both in epoch seconds, 0 where it is not known."""
    return not since or now - since < YOUNG_SECONDS


def first_wanted(pod: LogPod, status: ContainerStatus, start: Start, now: float) -> int:
    """The number of the first instance that is wanted: until it is read others may follow it."""
    if not status.instance:
        return status.restarts + 1 if status.restarts else 0
    return 0 if start.born and is_young(pod.created, now) else status.restarts
