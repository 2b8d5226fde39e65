"""CPU and memory in use as columns, for every kind that the metrics server samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from k8stui.resources.quantity import format_memory, format_millicores
from k8stui.resources.record import Column, Context, Measure, Record, Tone, Usage

R = TypeVar("R", bound=Record)
Sample = Callable[[R, Context], Usage | None]

_BARS = "▁▂▃▄▅▆▇█"
_TREND_WIDTH = 8
TREND_IDS = frozenset({"trend", "mem_trend"})
"""The columns that change with every sample."""
_QUIET_MILLICORES = 20
_QUIET_BYTES = 16 << 20
WARN_PERCENT = 75
ERROR_PERCENT = 90


def percent(used: int, of: int) -> int | None:
    """Whole percent, rounded down as kubectl and k9s do; None of nothing."""
    return used * 100 // of if of > 0 else None


def sparkline(samples: Sequence[int], full: int) -> str:
    """The last eight samples as bars from zero to the largest of them, or to `full` if more.

    `full` keeps the noise of an idle pod from looking like a mountain.
    """
    shown = samples[-_TREND_WIDTH:]
    most = max(full, *shown) if shown else 1
    top = len(_BARS) - 1
    return "".join(_BARS[max(0, sample) * top // max(most, 1)] for sample in shown)


def cpu_column(sample: Sample[R], priority: int = 0) -> Column[R]:
    """CPU as `kubectl top` prints it, empty without a sample."""
    return _amount_column(
        "cpu", "CPU", sample, lambda usage: usage.cpu, format_millicores, "millicores", priority
    )


def memory_column(sample: Sample[R], priority: int = 0) -> Column[R]:
    """MEM as `kubectl top` prints it, empty without a sample."""
    return _amount_column(
        "mem", "MEM", sample, lambda usage: usage.memory, format_memory, "bytes", priority
    )


def percent_column(
    column_id: str,
    title: str,
    sample: Sample[R],
    used: Callable[[Usage], int],
    of: Callable[[R], int],
    *,
    priority: int,
    tones: bool = False,
) -> Column[R]:
    """Use in whole percent of something, empty without a sample or without that something.

    Args:
        tones: Whether much is bad: a warning from 75 percent, an error from 90.
    """

    def value(record: R, context: Context) -> float | None:
        usage = sample(record, context)
        return percent(used(usage), of(record)) if usage else None

    def text(record: R, context: Context) -> str:
        amount = value(record, context)
        return "" if amount is None else str(amount)

    def tone(record: R, context: Context) -> Tone:
        amount = value(record, context) if tones else None
        if amount is None or amount < WARN_PERCENT:
            return Tone.PLAIN
        return Tone.ERROR if amount >= ERROR_PERCENT else Tone.WARN

    return Column(
        id=column_id,
        title=title,
        text=text,
        sort=lambda record, context: _or_less(value(record, context)),
        value=value,
        measure="percent",
        tone=tone,
        align="right",
        priority=priority,
    )


def cpu_trend_column(sample: Sample[R], priority: int) -> Column[R]:
    """The last CPU samples as a sparkline; sorts by the last one."""
    return _trend_column(
        "trend",
        "TREND",
        sample,
        lambda usage: usage.cpu_trend,
        lambda usage: usage.cpu,
        _QUIET_MILLICORES,
        priority,
    )


def memory_trend_column(sample: Sample[R], priority: int) -> Column[R]:
    """The last memory samples as a sparkline; sorts by the last one."""
    return _trend_column(
        "mem_trend",
        "MEM TREND",
        sample,
        lambda usage: usage.memory_trend,
        lambda usage: usage.memory,
        _QUIET_BYTES,
        priority,
    )


def _amount_column(
    column_id: str,
    title: str,
    sample: Sample[R],
    used: Callable[[Usage], int],
    show: Callable[[int], str],
    measure: Measure,
    priority: int,
) -> Column[R]:
    def value(record: R, context: Context) -> float | None:
        usage = sample(record, context)
        return used(usage) if usage else None

    def text(record: R, context: Context) -> str:
        usage = sample(record, context)
        return show(used(usage)) if usage else ""

    return Column(
        id=column_id,
        title=title,
        text=text,
        sort=lambda record, context: _or_less(value(record, context)),
        value=value,
        measure=measure,
        align="right",
        priority=priority,
    )


def _trend_column(
    column_id: str,
    title: str,
    sample: Sample[R],
    trend: Callable[[Usage], Sequence[int]],
    used: Callable[[Usage], int],
    full: int,
    priority: int,
) -> Column[R]:
    def text(record: R, context: Context) -> str:
        usage = sample(record, context)
        return sparkline(trend(usage), full) if usage else ""

    def sort(record: R, context: Context) -> float:
        usage = sample(record, context)
        return used(usage) if usage else -1

    return Column(
        id=column_id,
        title=title,
        text=text,
        sort=sort,
        priority=priority,
        min_width=_TREND_WIDTH,
    )


def _or_less(amount: float | None) -> float:
    """No sample sorts below an idle one."""
    return -1 if amount is None else amount
