"""What the fake cluster tells by its watch is what it answers when it is asked."""

from __future__ import annotations

import pytest

from k8stui.logs.pods import decode_log_pod
from tests.unit.logs.fake_node import FakeCluster, FakeContainer, pod_json
from tests.unit.logs.virtual_time import run_virtual


@pytest.mark.parametrize("lives", [0, 1, 2, 3])
@pytest.mark.parametrize("state", ["running", "terminated", "CrashLoopBackOff", "cleared"])
def test_both_ways_give_the_same_state(lives: int, state: str) -> None:
    async def work() -> None:
        cluster = FakeCluster()
        container = cluster.add(FakeContainer("uid-0", "pod-0"))
        for number in range(lives):
            if number:
                container.die(number)
            container.start()
        if lives and state != "running":
            container.die(3)
        container.waits_for = state if lives and state == "CrashLoopBackOff" else ""
        container.cleared = state == "cleared"
        cluster.report()
        told = cluster.known["uid-0"]
        assert decode_log_pod(pod_json(told)).containers == told.containers

    run_virtual(work())
