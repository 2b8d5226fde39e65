"""The containers of one pod as rows of a table."""

from __future__ import annotations

from typing import Final

from k8stui.resources.age import human_duration
from k8stui.resources.columns import number_column, since_column, text_column
from k8stui.resources.containers import Container
from k8stui.resources.pods import Pod
from k8stui.resources.quantity import format_memory, format_millicores
from k8stui.resources.record import Column, Context, Record, Tone, Usage
from k8stui.resources.usage_columns import percent


class ContainerRow(Record, frozen=True, gc=False, kw_only=True):
    """One container; the uid is the pod's and the container's name together."""

    order: int
    container: Container
    cpu: int | None = None
    """Millicores in the last sample, None without one."""
    memory: int | None = None
    """Bytes, likewise."""


def container_rows(pod: Pod, usage: Usage | None) -> list[ContainerRow]:
    """A pod's containers in the order of its spec."""
    used = {name: (cpu, memory) for name, cpu, memory in usage.containers} if usage else {}
    rows = []
    for order, container in enumerate(pod.containers):
        cpu, memory = used.get(container.name, (None, None))
        rows.append(
            ContainerRow(
                uid=f"{pod.uid}/{container.name}",
                namespace=pod.namespace,
                name=container.name,
                order=order,
                container=container,
                cpu=cpu,
                memory=memory,
            )
        )
    return rows


def _state(row: ContainerRow) -> str:
    one = row.container
    if one.state == "running":
        return "Running" if one.ready or one.kind == "ephemeral" else "Running, not ready"
    if one.state == "terminated" and one.signal:
        return f"{one.reason or 'Terminated'} (signal {one.signal})"
    if one.state == "terminated" and one.exit_code:
        return f"{one.reason or 'Error'} (exit {one.exit_code})"
    return one.reason or one.state.capitalize() or "Waiting"


def _state_tone(row: ContainerRow, _context: Context) -> Tone:
    one = row.container
    if one.state == "running":
        return Tone.OK if one.ready or one.kind == "ephemeral" else Tone.WARN
    if one.state == "terminated":
        return Tone.ERROR if one.exit_code or one.signal else Tone.MUTED
    starting = one.reason in ("", "ContainerCreating", "PodInitializing")
    return Tone.ACCENT if starting else Tone.ERROR


def _last(row: ContainerRow, context: Context) -> str:
    one = row.container
    if not one.last_reason and not one.last_finished:
        return ""
    code = f"signal {one.last_signal}" if one.last_signal else f"exit {one.last_exit_code}"
    ago = f" {human_duration(context.now - one.last_finished)} ago" if one.last_finished else ""
    return f"{one.last_reason or 'ended'} ({code}){ago}"


def _percent_text(used: int | None, limit: int) -> str:
    share = None if used is None else percent(used, limit)
    return "" if share is None else str(share)


def _limit_tone(used: int | None, limit: int) -> Tone:
    share = None if used is None else percent(used, limit)
    if share is None or share < 75:
        return Tone.PLAIN
    return Tone.ERROR if share >= 90 else Tone.WARN


CONTAINER_COLUMNS: Final[tuple[Column[ContainerRow], ...]] = (
    Column(
        id="name",
        title="CONTAINER",
        text=lambda row, _: row.name,
        sort=lambda row, _: row.name,
        min_width=8,
    ),
    text_column("state", "STATE", _state, tone=_state_tone),
    number_column(
        "restarts",
        "RESTARTS",
        lambda row: row.container.restarts,
        tone=lambda row, _: Tone.WARN if row.container.restarts else Tone.PLAIN,
    ),
    Column(
        id="cpu",
        title="CPU",
        text=lambda row, _: "" if row.cpu is None else format_millicores(row.cpu),
        sort=lambda row, _: -1 if row.cpu is None else row.cpu,
        value=lambda row, _: row.cpu,
        measure="millicores",
        align="right",
        priority=1,
    ),
    Column(
        id="mem",
        title="MEM",
        text=lambda row, _: "" if row.memory is None else format_memory(row.memory),
        sort=lambda row, _: -1 if row.memory is None else row.memory,
        value=lambda row, _: row.memory,
        measure="bytes",
        align="right",
        priority=1,
    ),
    Column(
        id="cpu_l",
        title="%CPU/L",
        text=lambda row, _: _percent_text(row.cpu, row.container.cpu_limit),
        tone=lambda row, _: _limit_tone(row.cpu, row.container.cpu_limit),
        align="right",
        priority=2,
    ),
    Column(
        id="mem_l",
        title="%MEM/L",
        text=lambda row, _: _percent_text(row.memory, row.container.memory_limit),
        tone=lambda row, _: _limit_tone(row.memory, row.container.memory_limit),
        align="right",
        priority=2,
    ),
    Column(
        id="last",
        title="LAST END",
        text=_last,
        tone=lambda row, _: Tone.WARN if row.container.last_exit_code else Tone.PLAIN,
        live=True,
        priority=2,
    ),
    text_column("kind", "KIND", lambda row: row.container.kind, priority=4),
    text_column("image", "IMAGE", lambda row: row.container.image, priority=3),
    Column(
        id="order",
        title="#",
        text=lambda row, _: str(row.order + 1),
        sort=lambda row, _: row.order,
        measure="number",
        align="right",
        priority=9,
    ),
    since_column("age", "SINCE", lambda row: row.container.started, never=""),
)
