"""What pods and nodes use: made up, steady, and moving plausibly."""

from __future__ import annotations

import math

from k8stui.demo.model import Obj, dig, digest, quantity, seconds_of
from k8stui.demo.programs import program_of
from k8stui.demo.world import World

WINDOW = 15.0
SYSTEM_CPU, SYSTEM_MEMORY = 140, 620 * 2**20


def container_usage(pod: Obj, spec: Obj, started: float, now: float) -> tuple[int, int]:
    """(millicores, bytes) of a running container."""
    program, age = program_of(spec), max(now - started, 0.0)
    seed = digest(pod["metadata"]["uid"], spec["name"])
    phase, period = seed % 628 / 100, 240 + seed % 300
    wave = 1 + 0.22 * math.sin(now / period * 6.28 + phase) + 0.1 * math.sin(now / 37 + phase)
    spike = 1.9 if digest(seed, int(now // 60)) % 23 == 0 else 1.0
    warm = 1.6 if age < 30 else 1.0
    cpu = program.cpu * wave * spike * warm
    memory = program.memory * (0.82 + 0.18 * (1 - math.exp(-age / 600)))
    memory *= 1 + 0.03 * math.sin(now / 90 + phase)
    limits = (spec.get("resources") or {}).get("limits") or {}
    if program.oom and program.runs:
        top = quantity(limits.get("memory")) or program.memory
        memory = top * min(0.35 + 0.65 * age / program.runs, 1.0)
    if limits.get("cpu"):
        cpu = min(cpu, quantity(limits["cpu"]) * 1000)
    if limits.get("memory"):
        memory = min(memory, quantity(limits["memory"]))
    return max(int(cpu), 1), int(memory)


def pod_usage(pod: Obj, now: float) -> list[tuple[str, int, int]]:
    """(name, millicores, bytes) of each running container."""
    spec, status = pod["spec"], pod.get("status") or {}
    specs = {c["name"]: c for c in [*(spec.get("initContainers") or []), *spec["containers"]]}
    moment = now - now % WINDOW
    out = []
    for entry in [
        *(status.get("containerStatuses") or []), *(status.get("initContainerStatuses") or []),
    ]:  # fmt: skip
        since = dig(entry, "state", "running", "startedAt")
        if since and entry["name"] in specs:
            used = container_usage(pod, specs[entry["name"]], seconds_of(since), moment)
            out.append((entry["name"], *used))
    return out


def node_usage(world: World, node: Obj) -> tuple[int, int]:
    """(millicores, bytes) of a node, its system daemons included."""
    now = world.now()
    cpu, memory = SYSTEM_CPU, SYSTEM_MEMORY
    for pod in world.store.on_node(node["metadata"]["name"]):
        for _, milli, used in pod_usage(pod, now):
            cpu, memory = cpu + milli, memory + used
    capacity = dig(node, "status", "allocatable") or {}
    return (
        min(cpu, int(quantity(capacity.get("cpu")) * 1000)),
        min(memory, int(quantity(capacity.get("memory")))),
    )
