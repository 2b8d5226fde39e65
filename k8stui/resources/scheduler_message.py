"""The scheduler's own words, without what tells a reader nothing."""

from __future__ import annotations

import re
from typing import Final

_VAIN: Final = (
    r"\d+ (?:Preemption is not helpful for scheduling"
    r"|No preemption victims found for incoming pods?)"
)
_VAIN_PREEMPTION: Final = re.compile(
    rf"\s*preemption: 0/\d+ nodes are available: {_VAIN}(?:, {_VAIN})*\.?\s*$"
)
_NODES: Final = re.compile(r"(\d) node\(s\) ")


def scheduler_message(message: str) -> str:
    """Why no node takes the pod, counted by node: `0/4 nodes are available: 2 had taint …, …`.

    What it says of preemption goes where that only says that it would not help, and so does the
    `node(s)` after each number: both push the reasons out of a narrow pane.
    """
    if not message:  # of nearly all pods
        return ""
    return _NODES.sub(r"\1 ", _VAIN_PREEMPTION.sub("", message))
