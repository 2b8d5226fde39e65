"""The scenarios by name, and how a world comes to be in one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from k8stui.demo import troubles
from k8stui.demo.build import Stage
from k8stui.demo.cluster import install, start_clockwork
from k8stui.demo.filler import fill
from k8stui.demo.shop import AGE, base, shop
from k8stui.demo.world import World

Scenario = Callable[[Stage], None]
SCENARIOS: Final[dict[str, tuple[Scenario, ...]]] = {
    "shop": (shop,),
    "stuck-rollout": (shop, troubles.stuck_rollout),
    "crash-loop": (shop, troubles.crash_loop),
    "oom": (shop, troubles.oom),
    "never-ready": (shop, troubles.never_ready),
    "unschedulable": (shop, troubles.unschedulable),
    "unbound-claim": (shop, troubles.unbound_claim),
    "lost-node": (shop, troubles.lost_node),
    "noisy-neighbour": (shop, troubles.noisy_neighbour),
    "failed-job": (shop, troubles.failed_job),
    "suspended-cronjob": (shop, troubles.suspended_cronjob),
    "stale-config": (shop, troubles.stale_config),
    "lost-service": (shop, troubles.lost_service),
    "logs": (shop, troubles.hostile_logs),
    "empty": (),
}
DEFAULT: Final = "default"
SCENARIOS[DEFAULT] = tuple(
    dict.fromkeys(part for parts in list(SCENARIOS.values()) for part in parts)
)


def build(
    name: str = DEFAULT, *, pods: int = 0, speed: float = 1.0, now: float | None = None
) -> World:
    """A world in which a scenario has already happened.

    Args:
        name: One of SCENARIOS.
        pods: Fill up to so many pods in all.
        speed: See `World`.
        now: The moment at which the scenario ends; the present when None.

    Raises:
        KeyError: when there is no such scenario.
    """
    parts = SCENARIOS[name]
    end = time.time() if now is None else now
    world = World(end - AGE, speed)
    install(world)
    stage = Stage(world, end)
    base(stage)
    for part in parts:
        part(stage)
    world.run_until(end)
    start_clockwork(world)
    world.events.expire()
    fill(world, pods)
    world.store.compact()
    return world
