"""The rows of the Workloads pane: what has one, what it says, and what comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from k8stui.resources.containers import Container
from k8stui.resources.cronjobs import CronJob
from k8stui.resources.deployments import Deployment
from k8stui.resources.jobs import Job
from k8stui.resources.pods import Pod
from k8stui.resources.record import Context, NoUsage, Record
from k8stui.resources.replicasets import ReplicaSet
from k8stui.resources.workloads import (
    COLUMNS,
    GLYPHS,
    Source,
    Workload,
    is_workload,
    summary_text,
    workload_for,
)

Recorded = Callable[[str], tuple[float, list[Record]]]
NOW = 1_000_000.0


def rows_of(records: list[Record], now: float) -> list[Workload]:
    children: dict[str, list[Record]] = {}
    for record in records:
        children.setdefault(record.owner_uid, []).append(record)
    rows = []
    for record in records:
        if not isinstance(record, Source) or not is_workload(record):
            continue
        owned = children.get(record.uid, [])
        below = [*owned, *(one for owner in owned for one in children.get(owner.uid, []))]
        pods = [one for one in (record, *below) if isinstance(one, Pod)]
        rows.append(workload_for(record, pods, owned, now=now))
    context = Context(now, NoUsage())
    return sorted(rows, key=lambda row: sort_key(row, context))


def sort_key(row: Workload, context: Context) -> Any:
    assert COLUMNS[0].sort is not None
    return COLUMNS[0].sort(row, context)


def lines(rows: list[Workload], now: float) -> list[str]:
    context = Context(now, NoUsage())
    return [" | ".join(column.text(row, context) for column in COLUMNS[:3]) for row in rows]


@pytest.mark.parametrize(
    ("namespace", "want"),
    [
        (
            "shop",
            [
                "✗ deploy/crasher | 0/1 | CrashLoopBackOff",
                "✗ deploy/neverready | 0/1 | not ready, deadline exceeded",
                "✗ deploy/nopull | 0/1 | ErrImageNeverPull, deadline exceeded",
                "! pod/toobig | 0/1 | unschedulable",
                "✓ ds/agent | 1/1 | rev 1",
                "✓ sts/db | 2/2 | rev 1",
                "✓ deploy/web | 3/3 | rev 1",
            ],
        ),
        (
            "batch",
            [
                "✓ cronjob/every-minute |  | last ok 22s ago",
                "✓ job/report | 1/1 | complete 23m ago",
            ],
        ),
        ("quota", ["! deploy/quota | 3/4 | FailedCreate, rev 2 ▶ 0%"]),
        (
            "rollouts",
            [
                "✗ deploy/deadline | 2/2 | ErrImageNeverPull, deadline exceeded",
                "✗ ds/dsbad | 0/1 | ErrImageNeverPull, rev 2 ▶ 0%",
                "! deploy/big | 2/2 | unschedulable, rev 2 ▶ 0%",
                "! deploy/crash | 2/2 | CrashLoopBackOff, rev 2 ▶ 0%",
                "! deploy/nodeadline | 2/2 | ErrImageNeverPull, rev 2 ▶ 0%",
                "! deploy/nopull | 2/2 | ErrImageNeverPull, rev 2 ▶ 0%",
                "! deploy/probe | 2/2 | not ready, rev 2 ▶ 0%",
                "! sts/stsbad | 2/3 | ErrImageNeverPull, rev 2 ▶ 0%",
                "✓ ds/agent | 1/1 | rev 2",
                "✓ rs/bare | 1/1 | ok",
                "✓ sts/db | 3/3 | rev 2",
                "· ds/dsod | 1/1 | rev 2 on 0/1 (OnDelete)",
                "✓ deploy/expr | 1/1 | rev 1",
                "✓ rs/foreign | 1/1 | ok",
                "✓ pod/lone | 1/1 | Running",
                "· ds/nowhere | 0/0 | no node",
                "· sts/ondelete | 3/3 | rev 2 on 0/3 (OnDelete)",
                "· sts/part | 3/3 | rev 2 on 1/3 (partition)",
                "· deploy/paused | 2/2 | paused",
                "✓ deploy/quota | 2/2 | rev 1",
                "✓ deploy/recreate | 2/2 | rev 2",
                "✓ deploy/web | 2/2 | rev 3",
                "· deploy/zero | 0/0 | scaled to 0",
            ],
        ),
    ],
)
def test_rows_of_a_recorded_namespace_what_is_wrong_first(
    recorded: Recorded, namespace: str, want: list[str]
) -> None:
    now, records = recorded(namespace)
    assert lines(rows_of(records, now), now) == want


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        (Deployment(uid="1", name="a", owner_kind="Operator", owner_group="x.io"), True),
        (ReplicaSet(uid="1", name="a"), True),
        (ReplicaSet(uid="1", name="a", owner_group="apps", owner_kind="Deployment"), False),
        (ReplicaSet(uid="1", name="a", owner_group="argoproj.io", owner_kind="Rollout"), True),
        (Job(uid="1", name="a"), True),
        (Job(uid="1", name="a", owner_group="batch", owner_kind="CronJob"), False),
        (Pod(uid="1", name="a"), True),
        (Pod(uid="1", name="a", owner_group="", owner_kind="Node"), True),
        (Pod(uid="1", name="a", owner_group="apps", owner_kind="ReplicaSet"), False),
        (Pod(uid="1", name="a", owner_group="batch", owner_kind="Job"), False),
        (Pod(uid="1", name="a", owner_group="batch.volcano.sh", owner_kind="Job"), True),
    ],
)
def test_what_nothing_shown_controls_has_a_row(record: Record, shown: bool) -> None:
    assert is_workload(record) is shown


def deployment(**changes: Any) -> Deployment:
    one = Deployment(
        uid="d", name="web", desired=3, replicas=3, updated=3, ready=3, available=3, revision=1
    )
    return msgspec.structs.replace(one, **changes)


def pod(**changes: Any) -> Pod:
    one = Pod(
        uid="p",
        name="web-1",
        phase="Running",
        status="Running",
        ready=1,
        total=1,
        is_ready=True,
        scheduled=True,
        created=int(NOW) - 500,
    )
    return msgspec.structs.replace(one, **changes)


def container(**changes: Any) -> Container:
    one = Container(name="app", image="web:1", state="running", ready=True)
    return msgspec.structs.replace(one, **changes)


STARTING = pod(ready=0, is_ready=False, containers=(container(ready=False, started=int(NOW) - 5),))
WEDGED = pod(ready=0, is_ready=False, containers=(container(ready=False, started=int(NOW) - 300),))
RESTARTED = pod(
    restarts=2,
    last_restart=int(NOW) - 180,
    containers=(container(restarts=2, last_finished=int(NOW) - 180, last_reason="OOMKilled"),),
)


@pytest.mark.parametrize(
    ("source", "pods", "want"),
    [
        (deployment(), (), "✓ deploy/web | 3/3 | rev 1"),
        # A healthy surge is no fault, and neither is its new pod that has just been started.
        (deployment(replicas=4, updated=1), (STARTING,), "▶ deploy/web | 3/3 | rev 1 ▶ 0%"),
        (
            deployment(desired=0, replicas=0, updated=0, ready=0, available=0),
            (),
            "· deploy/web | 0/0 | scaled to 0",
        ),
        (deployment(deleted=int(NOW) - 5), (), "· deploy/web | 3/3 | terminating"),
        (deployment(deleted=int(NOW) - 900), (), "! deploy/web | 3/3 | stuck terminating"),
        (deployment(paused=True), (), "· deploy/web | 3/3 | paused"),
        (deployment(), (RESTARTED,), "! deploy/web | 3/3 | OOMKilled 3m ago"),
        (
            ReplicaSet(uid="r", name="x", desired=2, replicas=2, ready=1, available=1),
            (WEDGED,),
            "! rs/x | 1/2 | not ready",
        ),
        (
            ReplicaSet(uid="r", name="x", desired=1, replicas=1),
            (WEDGED,),
            "✗ rs/x | 0/1 | not ready",
        ),
        (
            ReplicaSet(uid="r", name="x", desired=1, replicas=1),
            (STARTING,),
            "▶ rs/x | 0/1 | starting",
        ),
        (
            ReplicaSet(uid="r", name="x", desired=5, replicas=2),
            (STARTING,),
            "▶ rs/x | 0/5 | scaling",
        ),
        (
            Job(uid="j", name="x", status="Failed", reason="BackoffLimitExceeded", completions=1),
            (),
            "✗ job/x | 0/1 | failed: BackoffLimitExceeded",
        ),
        (Job(uid="j", name="x", suspended=True, completions=1), (), "· job/x | 0/1 | suspended"),
        (
            Job(uid="j", name="x", active=1, failed=2, completions=1),
            (),
            "! job/x | 0/1 | running, 2 failed",
        ),
        (
            Job(uid="j", name="x", active=1, completions=4, succeeded=1),
            (),
            "▶ job/x | 1/4 | running",
        ),
        (CronJob(uid="c", name="x", suspended=True), (), "· cronjob/x |  | suspended"),
        (CronJob(uid="c", name="x"), (), "· cronjob/x |  | not run yet"),
        (
            CronJob(uid="c", name="x", last_schedule=int(NOW) - 240),
            (),
            "✓ cronjob/x |  | last run 4m ago",
        ),
        (
            CronJob(uid="c", name="x", last_success=int(NOW) - 240),
            (),
            "✓ cronjob/x |  | last ok 4m ago",
        ),
        (pod(), (), "✓ pod/web-1 | 1/1 | Running"),
        (pod(phase="Succeeded", status="Completed", ready=0), (), "· pod/web-1 | 0/1 | completed"),
        (
            pod(phase="Failed", status="Evicted", reason="Evicted"),
            (),
            "✗ pod/web-1 | 1/1 | Evicted",
        ),
        (pod(deleted=int(NOW) + 20, status="Terminating"), (), "· pod/web-1 | 1/1 | terminating"),
        (
            pod(deleted=int(NOW) - 90, status="Terminating"),
            (),
            "! pod/web-1 | 1/1 | stuck terminating",
        ),
    ],
)
def test_states_and_their_words(source: Source, pods: tuple[Pod, ...], want: str) -> None:
    assert lines([workload_for(source, pods, now=NOW)], NOW) == [want]


@pytest.mark.parametrize(
    ("active", "ends", "want"),
    [
        (0, [("Complete", 600), ("Failed", 300)], "✗ failed: BackoffLimitExceeded 5m ago"),
        (0, [("Failed", 600), ("Complete", 300)], "✓ last ok 5m ago"),
        (1, [("Failed", 300), ("Running", 0)], "! running, last failed"),
        (1, [("Complete", 300), ("Running", 0)], "▶ running"),
    ],
)
def test_a_cronjob_is_as_good_as_its_last_job(
    active: int, ends: list[tuple[str, int]], want: str
) -> None:
    jobs = [
        Job(
            uid=str(number),
            name=f"x-{number}",
            owner_uid="c",
            status=status,
            reason="BackoffLimitExceeded" if status == "Failed" else "",
            created=number,
            ended=int(NOW) - ago if ago else 0,
        )
        for number, (status, ago) in enumerate(ends)
    ]
    row = workload_for(CronJob(uid="c", name="x", active=active), (), jobs, now=NOW)
    assert f"{row.glyph} {summary_text(row, NOW)}" == want


def test_time_alone_turns_starting_into_not_ready_and_the_row_says_when_to_look() -> None:
    source = ReplicaSet(uid="r", name="x", desired=1, replicas=1)
    early = workload_for(source, (STARTING,), now=NOW)
    assert NOW < early.look_again <= NOW + 30
    late = workload_for(source, (STARTING,), now=NOW + 60)
    assert (early.summary, late.summary) == ("starting", "not ready")
    assert workload_for(deployment(), (pod(),), now=NOW).look_again == 0


def test_each_tone_has_a_glyph_of_one_cell_and_only_calm_ones_share_theirs() -> None:
    assert {len(glyph) for glyph in GLYPHS.values()} == {1}
    assert len(set(GLYPHS.values())) == 5


def test_a_row_keeps_what_names_its_source() -> None:
    source = deployment(namespace="shop", labels=("app=web",), created=7)
    row = workload_for(source, (RESTARTED,), now=NOW)
    assert (row.group, row.plural, row.namespace, row.uid) == ("apps", "deployments", "shop", "d")
    assert (row.labels, row.created, row.restarts) == (("app=web",), 7, 2)
