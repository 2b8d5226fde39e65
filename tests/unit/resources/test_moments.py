"""What happened to objects, told from their events and records."""

from __future__ import annotations

import msgspec
import pytest

from k8stui.resources.containers import Container
from k8stui.resources.deployments import Deployment
from k8stui.resources.events import Event
from k8stui.resources.moments import (
    Moment,
    event_moment,
    pod_gone,
    pod_news,
    pod_past,
    workload_news,
)
from k8stui.resources.pods import Pod
from k8stui.resources.record import Record, Tone

POD = Pod(uid="u", namespace="shop", name="web-1", created=1000, resource_version="1")
APP = Container(name="app", image="app:1")
RUNNING = Container(name="app", image="app:1", state="running", started=1010)


def with_container(**fields: object) -> Pod:
    return changed(POD, containers=(msgspec.structs.replace(APP, **fields),))


def changed(pod: Pod, **fields: object) -> Pod:
    return msgspec.structs.replace(pod, **fields)


@pytest.mark.parametrize(
    ("fields", "text", "tone", "time"),
    [
        ({"type": "Warning", "reason": "BackOff", "message": "no"}, "BackOff: no", Tone.WARN, 30),
        ({"type": "Normal", "reason": "Pulled", "message": "ok"}, "Pulled: ok", Tone.PLAIN, 30),
        (
            {"reason": "Killing", "message": "x", "field_path": "spec.containers{app}", "count": 3},
            "Killing (app) ×3: x",
            Tone.PLAIN,
            30,
        ),
        ({"reason": "New", "message": "x", "last_seen": 0}, "New: x", Tone.PLAIN, 20),
    ],
)
def test_an_event_is_told_at_the_time_it_was_last_seen(
    fields: dict[str, object], text: str, tone: Tone, time: int
) -> None:
    given = {"object_kind": "Pod", "object_name": "web-1", "created": 20, "last_seen": 30} | fields
    event = Event(uid="e", namespace="shop", name="e", **given)  # type: ignore[arg-type]
    assert event_moment(event) == Moment(time, "pod/web-1", text, tone, "event")


@pytest.mark.parametrize(
    ("pod", "told"),
    [
        (POD, [(1000, "created")]),
        (changed(POD, is_ready=True, ready_changed=1020), [(1000, "created"), (1020, "ready")]),
        # Its first condition says that it isn't ready: that is no change.
        (changed(POD, ready_changed=1001), [(1000, "created")]),
        (
            changed(POD, ready_changed=1900, ready_reason="ContainersNotReady"),
            [(1000, "created"), (1900, "not ready: ContainersNotReady")],
        ),
        (
            changed(POD, deleted=1930, grace=30, disruption="EvictionByEvictionAPI"),
            [(1000, "created"), (1900, "being deleted (30s of grace, EvictionByEvictionAPI)")],
        ),
        (
            with_container(
                state="running",
                started=1100,
                restarts=2,
                last_finished=1090,
                last_exit_code=137,
                last_reason="OOMKilled",
            ),
            [
                (1000, "created"),
                (1090, "container app ended: exit 137 OOMKilled"),
                (1100, "container app started (restart 2)"),
            ],
        ),
        (
            with_container(state="terminated", started=1010, finished=1200, signal=9),
            [
                (1000, "created"),
                (1010, "container app started"),
                (1200, "container app ended: signal 9"),
            ],
        ),
    ],
)
def test_what_a_record_tells_of_the_time_before(pod: Pod, told: list[tuple[int, str]]) -> None:
    assert [(each.time, each.text) for each in pod_past(pod)] == told


@pytest.mark.parametrize(("code", "tone"), [(0, Tone.PLAIN), (3, Tone.ERROR)])
def test_an_end_comes_behind_its_second_and_is_bad_by_its_code(code: int, tone: Tone) -> None:
    pod = with_container(state="terminated", finished=1200, exit_code=code, reason="Completed")
    end = list(pod_past(pod))[-1]
    assert end.ends
    assert end.tone is tone


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (POD, POD, []),
        (POD, changed(POD, node="node-1"), [(5000, "scheduled on node-1")]),
        (
            with_container(),
            with_container(state="waiting", reason="ContainerCreating"),
            [(5000, "container app waits: ContainerCreating")],
        ),
        (
            with_container(state="waiting", reason="ErrImagePull"),
            with_container(state="waiting", reason="ErrImagePull"),
            [],
        ),
        (
            with_container(state="waiting", reason="ErrImagePull"),
            changed(POD, containers=(RUNNING,)),
            [(1010, "container app started")],
        ),
        (
            changed(POD, containers=(RUNNING,)),
            changed(POD, containers=(RUNNING,), is_ready=True, ready_changed=1015),
            [(1015, "ready")],
        ),
        (
            changed(POD, is_ready=True),
            changed(POD, is_ready=False),
            [(5000, "not ready")],
        ),
        (POD, changed(POD, phase="Failed", reason="Evicted"), [(5000, "Failed Evicted")]),
        (POD, changed(POD, phase="Running"), []),
        (POD, changed(POD, deleted=9, grace=5), [(5000, "being deleted (5s of grace)")]),
    ],
)
def test_what_changed_between_two_states_of_a_pod(
    before: Pod, now: Pod, told: list[tuple[int, str]]
) -> None:
    assert [(each.time, each.text) for each in pod_news(before, now, 5000)] == told


def test_what_a_restart_tells_is_told_once() -> None:
    before = changed(POD, containers=(RUNNING,))
    after = with_container(state="running", started=1100, restarts=1, last_finished=1090)
    again = changed(after, is_ready=True, ready_changed=1101)

    first = [each.text for each in pod_news(before, after, 5000)]
    second = [each.text for each in pod_news(after, again, 5000)]
    assert first == ["container app ended: exit 0", "container app started (restart 1)"]
    assert second == ["ready"]


def test_the_end_of_a_pod_comes_last() -> None:
    assert pod_gone(POD, 7) == Moment(7, "pod/web-1", "gone", Tone.WARN, "change", ends=True)


WEB = Deployment(
    uid="d", namespace="shop", name="web", desired=3, ready=3, containers=(("app", "web:1"),)
)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, []),
        # How many are ready is told when that number changes.
        ({"desired": 5}, ["scaled from 3 to 5"]),
        ({"ready": 2}, ["2 of 3 ready"]),
        ({"paused": True}, ["paused"]),
        ({"containers": (("app", "web:2"),)}, ["image of app: web:1 → web:2"]),
        ({"containers": (("app", "web:1"), ("new", "x:1"))}, []),
    ],
)
def test_what_changed_of_a_workload(fields: dict[str, object], told: list[str]) -> None:
    now = msgspec.structs.replace(WEB, **fields)
    assert [each.text for each in workload_news(WEB, now, 5000)] == told


def test_other_kinds_tell_nothing_of_themselves() -> None:
    thing = Record(uid="x", namespace="shop", name="x")
    assert list(workload_news(thing, thing, 1)) == []
    assert list(workload_news(POD, WEB, 1)) == []
