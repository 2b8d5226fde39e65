"""Status conditions, as scalars."""

from __future__ import annotations

from collections.abc import Iterable
from sys import intern
from typing import NamedTuple

import msgspec

from k8stui.resources.text import clean_text
from k8stui.resources.wire import epoch


class StatusCondition(msgspec.Struct, gc=False, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_update_time: str | None = None
    last_transition_time: str | None = None


class Condition(NamedTuple):
    """One condition of an object's status. Text is clean, times are epoch seconds (0: not told)."""

    type: str
    status: str
    reason: str
    message: str
    last_update: int
    last_transition: int


def conditions_of(wire: list[StatusCondition] | None) -> tuple[Condition, ...]:
    """The conditions in the API's order."""
    return tuple(
        Condition(
            intern(clean_text(one.type)),
            intern(clean_text(one.status)),
            intern(clean_text(one.reason)),
            clean_text(one.message),
            epoch(one.last_update_time),
            epoch(one.last_transition_time),
        )
        for one in wire or ()
    )


def condition(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """The condition of that type."""
    return next((one for one in conditions if one.type == kind), None)
