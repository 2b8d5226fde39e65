"""How many pods a rolling update may add and take away at a time."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from k8stui.resources.text import clean_text


class RollingUpdate(msgspec.Struct, gc=False, rename="camel"):
    max_surge: int | str | None = None
    max_unavailable: int | str | None = None


class UpdateLimits(NamedTuple):
    """maxSurge and maxUnavailable as written and resolved to pods."""

    surge_text: str = ""
    """`25%` or `1`; empty where the strategy has none."""
    unavailable_text: str = ""
    surge: int = 0
    unavailable: int = 0


def int_or_percent(value: int | str | None, total: int, *, round_up: bool) -> int:
    """An IntOrString resolved against `total` pods; 0 for what is neither."""
    if isinstance(value, int):
        return value
    if not value or not value.endswith("%"):
        return 0
    try:
        share = int(value[:-1]) * total
    except ValueError:
        return 0
    return -(-share // 100) if round_up else share // 100


def resolve(
    rolling: RollingUpdate | None, total: int, *, round_unavailable_up: bool
) -> UpdateLimits:
    """The limits against `total` pods, as the controllers resolve them.

    Surge is rounded up. Unavailable is rounded down for Deployments and up for DaemonSets,
    and is 1 where both would be 0.
    """
    rolling = rolling or RollingUpdate()
    surge = int_or_percent(rolling.max_surge, total, round_up=True)
    unavailable = int_or_percent(rolling.max_unavailable, total, round_up=round_unavailable_up)
    return UpdateLimits(
        clean_text(str(rolling.max_surge or 0)),
        clean_text(str(rolling.max_unavailable or 0)),
        surge,
        unavailable if surge or unavailable else 1,
    )
