"""How much is worked out anew for a change: the event loop has one thread, keys wait for it."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.resources.workloads import workload_for
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster
from tests.ui.running import MEDIUM, running

_WORKLOADS, _PODS = 400, 25
_SLICE = 50
"""Rows that one turn of the event loop may make: a row costs a tenth of a millisecond."""


async def test_only_what_a_change_touches_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster()
    made: list[str] = []

    def counting(record: Any, *rest: Any, **named: Any) -> Any:
        made.append(record.uid)
        return workload_for(record, *rest, **named)

    monkeypatch.setattr("k8stui.viewmodels.workload_rows.workload_for", counting)
    for number in range(_WORKLOADS):
        name = f"d{number}"
        cluster.apply(
            make.deployment(name, desired=_PODS),
            make.replicaset(name, "h", desired=_PODS),
            *[make.of_deployment(name, "h", f"p{each}") for each in range(_PODS)],
        )
    async with running(cluster, MEDIUM) as run:
        await run.sees(f"Workloads  {_WORKLOADS}")
        await run.until(lambda: len(set(made)) == _WORKLOADS)
        await run.settle()

        made.clear()
        cluster.apply(make.of_deployment("d7", "h", "p3", restarts=1, version=2))
        await run.settle()
        assert made == [make.uid_of("Deployment", "d7")]

        made.clear()
        cluster.use({f"d{number}-h-p0": (12, 88) for number in range(_WORKLOADS)})
        await run.settle()
        run.screen.tick()
        run.screen.tick_tables()
        assert not made

        cluster.apply(
            *[
                make.of_deployment(f"d{number}", "h", "p3", restarts=1, version=3)
                for number in range(300)
            ]
        )
        cluster.ticker.advance(1.0)
        assert len(made) <= _SLICE
        await run.until(lambda: len(made) >= 300)
        assert len(made) == len(set(made)) == 300
