"""Columns that all kinds share, and short ways to make the common sorts of column."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from k8stui.resources.age import UNKNOWN, age, human_duration
from k8stui.resources.record import Column, Context, Record, Tone

R = TypeVar("R", bound=Record)

_DIGITS = re.compile(r"([0-9]{1,18})")

NONE = "<none>"
"""What kubectl prints for something that isn't there."""


def name_column() -> Column[R]:
    """NAME."""
    return Column(id="name", title="NAME", text=_name, sort=_name_key, min_width=8)


def namespace_column() -> Column[R]:
    """NAMESPACE, for views of all namespaces."""
    return Column(
        id="namespace", title="NAMESPACE", text=lambda record, _: record.namespace, min_width=8
    )


def age_column(priority: int = 0) -> Column[R]:
    """AGE since creationTimestamp; the youngest sorts first."""
    return Column(
        id="age",
        title="AGE",
        text=lambda record, context: age(record.created, context.now),
        sort=lambda record, _: -record.created,
        value=lambda record, context: context.now - record.created if record.created else None,
        measure="seconds",
        live=True,
        priority=priority,
    )


def labels_column(priority: int = 4) -> Column[R]:
    """LABELS as `kubectl get --show-labels` prints them."""
    return Column(
        id="labels",
        title="LABELS",
        text=lambda record, _: ",".join(record.labels) or NONE,
        priority=priority,
    )


def text_column(
    column_id: str,
    title: str,
    get: Callable[[R], str],
    *,
    priority: int = 0,
    tone: Callable[[R, Context], Tone] | None = None,
) -> Column[R]:
    """A text that depends on the record alone."""
    return Column(
        id=column_id,
        title=title,
        text=lambda record, _: get(record),
        priority=priority,
        tone=tone or plain,
    )


def number_column(
    column_id: str,
    title: str,
    get: Callable[[R], int],
    *,
    priority: int = 0,
    tone: Callable[[R, Context], Tone] | None = None,
) -> Column[R]:
    """A whole number that depends on the record alone."""
    return Column(
        id=column_id,
        title=title,
        text=lambda record, _: str(get(record)),
        sort=lambda record, _: get(record),
        value=lambda record, _: get(record),
        measure="number",
        align="right",
        priority=priority,
        tone=tone or plain,
    )


def since_column(
    column_id: str,
    title: str,
    get: Callable[[R], int],
    *,
    priority: int = 0,
    never: str = UNKNOWN,
    tone: Callable[[R, Context], Tone] | None = None,
) -> Column[R]:
    """How long ago the moment (epoch seconds) was; `never` for 0, which sorts last."""

    def text(record: R, context: Context) -> str:
        moment = get(record)
        return human_duration(context.now - moment) if moment else never

    def seconds(record: R, context: Context) -> float | None:
        moment = get(record)
        return context.now - moment if moment else None

    return Column(
        id=column_id,
        title=title,
        text=text,
        sort=lambda record, _: -get(record),
        value=seconds,
        measure="seconds",
        live=True,
        priority=priority,
        tone=tone or plain,
    )


def natural_key(text: str) -> str:
    """Sorts numbers within texts by value: `db-9` before `db-10`.

    One text instead of a tuple of its parts: 10,000 of them are sorted in a quarter of the time.
    """
    # Pods share what stands before the last dash with all others of their ReplicaSet.
    head, dash, tail = text.rpartition("-")
    return f"{_head_key(head)}{dash}{_DIGITS.sub(_number_in, tail)}"


@lru_cache(maxsize=4096)
def _head_key(text: str) -> str:
    return _DIGITS.sub(_number_in, text)


def _number_in(match: re.Match[str]) -> str:
    return _number_key(match[0])


@lru_cache(maxsize=4096)
def _number_key(digits: str) -> str:
    """Digits behind how many there are, told by a control character: no text has those."""
    digits = digits.lstrip("0")
    return chr(len(digits) + 1) + digits


def plain(_record: Any, _context: Context) -> Tone:
    """The tone of a cell that says nothing by its tone."""
    return Tone.PLAIN


def _name(record: Record, _context: Context) -> str:
    return record.name


def _name_key(record: Record, _context: Context) -> object:
    return natural_key(record.name), record.namespace
