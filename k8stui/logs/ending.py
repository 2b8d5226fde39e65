"""Whether a stream that ended had come to the end of its log."""

from __future__ import annotations

import msgspec

from k8stui.logs.skew import NOTABLE_SECONDS
from k8stui.logs.targets import Termination


class Ending(msgspec.Struct, frozen=True):
    """How the last followed stream of a container instance ended by itself.

    A kubelet ends the answer of a followed log when the container has ended and all of its log
    was sent. Proxies and dying kubelets end it just so, but at any other time.
    """

    at: float
    """Epoch seconds, by our clock."""
    rest: bytes
    """A last line without a line feed."""

    def is_after(self, end: Termination | None, ahead: float) -> bool:
        """Whether the container had ended by then, as far as its status tells.

        Args:
            end: How it ended; None when that is not known.
            ahead: By how many seconds the node's clock is ahead of ours.
        """
        if end is None or not end.finished:
            return True
        return end.finished - ahead <= self.at + NOTABLE_SECONDS
