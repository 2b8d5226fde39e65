"""The header line: how fresh the data is, and how the cluster does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8stui.resources.age import human_duration
from k8stui.resources.nodes import Node
from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Tone, UsageLookup
from k8stui.viewmodels.phase_note import UNREAD
from k8stui.viewmodels.status_parts import Part


def connection_part(phases: Sequence[tuple[str, Phase]], now: float) -> Part:
    """One word for all that is watched: the worst state counts."""
    states = [phase for _, phase in phases]
    for phase in states:
        if isinstance(phase, Unauthorized):
            return Part(f"✗ login refused: {phase.message}", Tone.ERROR, "✗ login")
    stale = [phase for phase in states if isinstance(phase, Stale)]
    if stale:
        oldest = min(stale, key=lambda phase: (not phase.read, phase.since))
        since = human_duration(max(0.0, now - oldest.since))
        wait = max(0, round(min(phase.next_try for phase in stale) - now))
        again = f"next try in {wait} s" if wait else "trying now"
        if not oldest.read:
            return Part(f"! {UNREAD} · {again} · {oldest.reason}", Tone.ERROR, "! not read")
        return Part(
            f"! stale for {since} · {again} · {oldest.reason}", Tone.ERROR, f"! stale {since}"
        )
    syncing = [(key, phase) for key, phase in phases if isinstance(phase, Syncing)]
    if syncing:
        key, first = max(syncing, key=lambda each: each[1].received)
        of = f" of {first.total:,}" if first.total else ""
        amount = f" {first.received:,}{of}" if first.received else ""
        return Part(f"… reading {key.partition('.')[0]}{amount}", Tone.ACCENT, "… reading")
    if any(isinstance(phase, Live) for phase in states):
        return Part("● live", Tone.OK)
    if any(isinstance(phase, Forbidden) for phase in states):
        return Part("✗ nothing may be read here", Tone.ERROR, "✗ forbidden")
    return Part("… connecting", Tone.ACCENT)


def nodes_parts(nodes: Iterable[Node], phase: Phase, usage: UsageLookup) -> list[Part]:
    """CPU and memory used of what can be allocated, and how many nodes are not ready."""
    total = not_ready = cpu = memory = cpu_used = memory_used = 0
    sampled = False
    for node in nodes:
        total += 1
        not_ready += not node.ready
        use = usage.node(node.name)
        if use is not None:
            sampled = True
            cpu += node.allocatable_cpu
            memory += node.allocatable_memory
            cpu_used += use.cpu
            memory_used += use.memory
    parts = []
    if sampled and cpu and memory:
        parts.append(_percent("cpu", cpu_used * 100 // cpu))
        parts.append(_percent("mem", memory_used * 100 // memory))
    if isinstance(phase, (Forbidden, Missing)):
        parts.append(Part("nodes: no right to list them", Tone.MUTED, ""))
    elif total:
        parts.append(Part(f"{total} node{'s' if total != 1 else ''}", short=f"{total}n"))
        if not_ready:
            parts.append(Part(f"✗ {not_ready} NotReady", Tone.ERROR, f"✗{not_ready}"))
    return parts


def _percent(name: str, percent: int) -> Part:
    tone = Tone.ERROR if percent >= 90 else Tone.WARN if percent >= 75 else Tone.PLAIN
    mark = "!" if percent >= 75 else ""
    return Part(f"{name} {percent}%{mark}", tone)
