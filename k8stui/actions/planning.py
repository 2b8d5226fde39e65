"""What the makers of plans share: the plan, and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from k8stui.actions.intents import Intent
from k8stui.actions.interface import Confirm, Facts
from k8stui.cluster.writes import Write
from k8stui.resources.diff import Change


class CantDo(Exception):
    """The state of things does not allow it; the text says why."""


class AlreadySo(CantDo):
    """It is as the action would leave it."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One write and what it comes to; the fields are a preview's."""

    write: Write
    title: str = ""
    sentences: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    confirm: Confirm = "enter"
    before: Facts = Facts()
    after: Facts = Facts()
    intent: Intent | None = None
    """The intent with what it left open filled in, for the kubectl command."""


def preconditions(obj: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The part of a patch that makes it a conflict if this is not the object any more."""
    meta = obj.get("metadata") or {}
    return {"metadata": {key: str(meta[key]) for key in ("uid", "resourceVersion") if key in meta}}
