"""What changed in a collection since the last time its subscribers were told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import msgspec

from k8stui.resources.record import Record
from k8stui.store.ticker import Ticker

logger = logging.getLogger(__name__)

R = TypeVar("R", bound=Record)
T = TypeVar("T")
_SLOW = 0.05


class Last(msgspec.Struct, Generic[R], frozen=True):
    """How a record that went was last told of."""

    record: R
    lost: bool
    """Whether nothing was told of its end: a new list did not have it any more."""


class ChangeSet(msgspec.Struct, Generic[R], frozen=True):
    """The difference between two moments, by uid; each uid is in one of the three at most."""

    added: Mapping[str, R]
    changed: Mapping[str, tuple[R, R]]
    """(old, new); never equal."""
    removed: Mapping[str, R]
    phase_changed: bool = False
    """The collection's `phase` or `synced` is not what it was."""
    last: Mapping[str, Last[R]] = {}
    """How those of `removed` were when they went, which subscribers may never have been told."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.phase_changed)


def difference(
    before: Mapping[str, R | None],
    now: Mapping[str, R],
    *,
    phase_changed: bool = False,
    last: Mapping[str, Last[R]] | None = None,
) -> ChangeSet[R]:
    """The change set from what stood at some uids (None: nothing) to what stands there now.

    Args:
        before: How the rows stood.
        now: How they stand.
        phase_changed: Whether something besides the rows changed.
        last: How those that went were when they went.
    """
    added: dict[str, R] = {}
    changed: dict[str, tuple[R, R]] = {}
    removed: dict[str, R] = {}
    for uid, old in before.items():
        new = now.get(uid)
        if old is None:
            if new is not None:
                added[uid] = new
        elif new is None:
            removed[uid] = old
        elif old != new:
            changed[uid] = (old, new)
    ends = {uid: last[uid] for uid in removed if uid in last} if last else {}
    return ChangeSet(added, changed, removed, phase_changed, ends)


def tell(ticker: Ticker, callback: Callable[[T], None], news: T) -> None:
    """Calls a subscriber; what it raises or how long it takes is logged and stops nobody else."""
    began = ticker.time()
    try:
        callback(news)
    except Exception:
        logger.exception("a subscriber failed: %r", callback)
    took = ticker.time() - began
    if took > _SLOW:
        logger.warning("a subscriber took %.0f ms: %r", took * 1000, callback)
