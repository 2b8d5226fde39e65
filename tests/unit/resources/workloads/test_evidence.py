"""What events, last lines and budgets add to what the pods' own records tell."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources.blockers import registry_message, sentences_of
from k8stui.resources.containers import Container
from k8stui.resources.events import Event
from k8stui.resources.evidence import Evidence, LastRun, crashed_runs, evidence_of
from k8stui.resources.poddisruptionbudgets import PodDisruptionBudget, decode
from k8stui.resources.pods import Pod

NOW = 1_000_000.0
SOON, LONG_AGO = int(NOW) - 5, int(NOW) - 300


def pod(name: str = "a", container: Container | None = None, **changes: Any) -> Pod:
    one = Pod(
        uid=name,
        name=name,
        namespace="shop",
        phase="Running",
        status="Running",
        scheduled=True,
        created=LONG_AGO,
        started=LONG_AGO,
        labels=("app=web",),
        containers=(container,) if container else (),
    )
    return msgspec.structs.replace(one, **changes)


def running(since: int) -> Container:
    return Container(name="app", image="web:1", state="running", started=since)


def warning(reason: str, message: str, at: int = SOON, uid: str = "a", **changes: Any) -> Event:
    one = Event(
        uid=f"{reason}{at}",
        name="e",
        type="Warning",
        reason=reason,
        message=message,
        object_uid=uid,
        field_path="spec.containers{app}",
        last_seen=at,
    )
    return msgspec.structs.replace(one, **changes)


def around(*events: Event, pods: tuple[Pod, ...] = (), **more: Any) -> Evidence:
    uids = frozenset(one.object_uid for one in events) | {one.uid for one in pods}
    return evidence_of(events, uids, more.get("lines", {}), more.get("budgets", ()), pods)


PROBE = warning("Unhealthy", "Readiness probe failed: queue is full")


@pytest.mark.parametrize(
    ("started", "event", "lasting", "early"),
    [
        (
            LONG_AGO,
            PROBE,
            "a: container app has been running for 5m but is not ready: "
            "readiness probe failed: queue is full",
            "",
        ),
        # What has just been started may yet become ready, but its probe's answer is told.
        (
            SOON,
            PROBE,
            "",
            "a: container app runs but is not ready yet: readiness probe failed: queue is full",
        ),
        # Another run's, another container's, and a normal event say nothing of this one.
        (SOON, warning("Unhealthy", "Old", at=SOON - 1), "", ""),
        (SOON, warning("Unhealthy", "Other", field_path="spec.containers{side}"), "", ""),
        (SOON, warning("Unhealthy", "Normal", type="Normal"), "", ""),
    ],
)
def test_a_probes_own_answer(started: int, event: Event, lasting: str, early: str) -> None:
    found = sentences_of([pod(container=running(started))], NOW, around(event))
    assert ("".join(found.lasting), "".join(found.early)) == (lasting, early)


def test_what_can_not_be_mounted_is_told_at_once() -> None:
    waiting = Container(name="app", image="web:1", state="waiting", reason="ContainerCreating")
    new = pod(container=waiting, created=SOON, started=SOON)
    event = warning("FailedMount", 'configmap "cfg" not found', field_path="")
    assert sentences_of([new], NOW, around(event)).lasting == (
        'a: starting (ContainerCreating): configmap "cfg" not found',
    )
    assert sentences_of([new], NOW).lasting == ()


CRASHED = Container(
    name="app",
    image="web:1",
    state="waiting",
    reason="CrashLoopBackOff",
    restarts=2,
    last_exit_code=3,
    last_reason="Error",
    last_finished=SOON,
)


def test_the_last_line_of_what_crashed() -> None:
    crashing = pod(container=CRASHED)
    (asked,) = crashed_runs([crashing, pod("b", CRASHED)], NOW)
    assert asked == (LastRun("a", "app", SOON), "shop", "a", True)
    found = around(pods=(crashing,), lines={asked.run: "no config"})
    assert sentences_of([crashing], NOW, found).lasting == (
        'a: container app keeps crashing (exit code 3, 2 restarts); its last line: "no config"',
    )
    later = pod(container=msgspec.structs.replace(CRASHED, last_finished=SOON + 1))
    assert "last line" not in sentences_of([later], NOW, found).lasting[0]


def test_what_the_registry_said_outlives_the_back_off() -> None:
    message = 'Back-off pulling image "web:1"'
    waiting = Container(
        name="app", image="web:1", state="waiting", reason="ImagePullBackOff", message=message
    )
    said = 'Failed to pull image "web:1": rpc error: code = NotFound desc = no such tag'
    found = sentences_of([pod(container=waiting)], NOW, around(warning("Failed", said)))
    assert found.lasting == ("a: image web:1 can't be pulled (ImagePullBackOff): no such tag",)


@pytest.mark.parametrize(
    ("message", "registry"),
    [
        (
            'rpc error: code = Unknown desc = failed to pull and unpack image "r/x:1": failed to '
            'resolve reference "r/x:1": failed to do request: Head "https://r": no route to host',
            'Head "https://r": no route to host',
        ),
        ("pull access denied", "pull access denied"),
    ],
)
def test_the_runtimes_words_before_the_registrys(message: str, registry: str) -> None:
    assert registry_message(message) == registry


QUOTA = 'pods "db-0" is forbidden: exceeded quota: few, requested: pods=1'


@pytest.mark.parametrize(
    ("message", "newest", "said"),
    [
        (f"create Pod db-0 in StatefulSet db failed error: {QUOTA}", SOON - 9, QUOTA),
        (f"Error creating: {QUOTA}", SOON - 9, QUOTA),
        # A pod that was made since: it is over.
        (f"Error creating: {QUOTA}", SOON + 1, ""),
    ],
)
def test_who_refuses_pods(message: str, newest: int, said: str) -> None:
    found = around(warning("FailedCreate", message, uid="sts"))
    assert found.create_failure(["sts"], [pod(created=newest)]) == said


def budget(selector: dict[str, Any], **status: int) -> PodDisruptionBudget:
    document = {
        "metadata": {"name": "web", "uid": "1", "namespace": "shop"},
        "spec": {"minAvailable": "50%", "selector": selector},
        "status": status,
    }
    return decode(msgspec.json.encode(document))


@pytest.mark.parametrize(
    ("selector", "status", "selects"),
    [
        ({"matchLabels": {"app": "web"}}, {}, True),
        ({"matchLabels": {"app": "db"}}, {}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, {}, False),
        (
            {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
            {},
            False,
        ),
        # Nothing in v1beta1, everything in v1: its own count tells.
        ({}, {}, False),
        ({}, {"expectedPods": 3}, True),
    ],
)
def test_which_pods_count_for_a_budget(
    selector: dict[str, Any], status: dict[str, int], selects: bool
) -> None:
    one = budget(selector, **status)
    assert bool(around(pods=(pod(),), budgets=(one,)).budgets) == selects
