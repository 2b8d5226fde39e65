"""Sentences about pods in trouble: grouped, named, in the words of who knows."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from k8stui.resources.blockers import names_text, pod_sentences, sentences_of
from k8stui.resources.containers import Container
from k8stui.resources.pods import Pod

NOW = 1_000_000.0
LONG_AGO = int(NOW) - 300


def pod(name: str, *containers: Container, **changes: Any) -> Pod:
    one = Pod(
        uid=name,
        name=name,
        phase="Pending",
        status="Pending",
        scheduled=True,
        created=LONG_AGO,
        started=LONG_AGO,
        containers=containers,
    )
    return msgspec.structs.replace(one, **changes)


def waiting(reason: str, message: str = "", **changes: Any) -> Container:
    one = Container(name="app", image="web:1.8", state="waiting", reason=reason, message=message)
    return msgspec.structs.replace(one, **changes)


def running(**changes: Any) -> Container:
    one = Container(name="app", image="web:1.8", state="running", started=LONG_AGO)
    return msgspec.structs.replace(one, **changes)


CRASHED = waiting(
    "CrashLoopBackOff", "back-off 5m0s", restarts=7, last_exit_code=3, last_reason="Error"
)


@pytest.mark.parametrize(
    ("pods", "sentences"),
    [
        (
            [
                pod("web-b", waiting("ImagePullBackOff", 'Back-off pulling image "web:1.8"')),
                pod("web-a", waiting("ErrImagePull", "not found")),
            ],
            ["web-a and web-b: image web:1.8 can't be pulled (ImagePullBackOff): not found"],
        ),
        (
            [pod("a", CRASHED)],
            ["a: container app keeps crashing (exit code 3, 7 restarts)"],
        ),
        (
            [
                pod(
                    "a",
                    waiting(
                        "CrashLoopBackOff",
                        restarts=1,
                        last_exit_code=137,
                        last_reason="OOMKilled",
                        last_message="heap full",
                    ),
                )
            ],
            ["a: container app keeps crashing (OOMKilled, exit code 137, 1 restart): heap full"],
        ),
        (
            [pod("a", waiting("CreateContainerConfigError", 'configmap "cfg" not found'))],
            [
                "a: container app can't be started (CreateContainerConfigError): "
                'configmap "cfg" not found'
            ],
        ),
        (
            [
                pod(
                    "a",
                    scheduled=False,
                    scheduled_reason="SchedulingGated",
                    scheduled_message="Scheduling is blocked due to non-empty scheduling gates",
                )
            ],
            [
                "a: waiting to be scheduled (SchedulingGated): "
                "Scheduling is blocked due to non-empty scheduling gates"
            ],
        ),
        (
            [pod("a", running(name="warm", kind="init"), waiting("PodInitializing"))],
            ["a: init container warm is still running after 5m"],
        ),
        ([pod("a", waiting("ContainerCreating"))], ["a: still ContainerCreating after 5m"]),
        (
            [pod("a", running(ready=True), ready_reason="ReadinessGatesNotReady")],
            ["a: a readiness gate is not met"],
        ),
        (
            [
                pod(
                    "a",
                    phase="Failed",
                    status="Evicted",
                    reason="Evicted",
                    message="node was low on memory",
                )
            ],
            ["a: failed (Evicted): node was low on memory"],
        ),
        (
            [pod("a", running(), status="Unknown", phase="Unknown")],
            ["a: its node does not answer"],
        ),
        (
            [pod("a", running(), deleted=LONG_AGO)],
            ["a: still terminating 5m after its grace period"],
        ),
        # The worst comes first, and each different trouble has its own sentence.
        (
            [pod("a", running()), pod("b", CRASHED), pod("c", running())],
            [
                "b: container app keeps crashing (exit code 3, 7 restarts)",
                "a and c: container app has been running for 5m but is not ready: "
                "its probe does not pass",
            ],
        ),
    ],
)
def test_what_does_not_pass_by_itself(pods: list[Pod], sentences: list[str]) -> None:
    assert list(pod_sentences(pods, NOW)) == sentences


@pytest.mark.parametrize(
    "calm",
    [
        pod("a", running(ready=True), is_ready=True, phase="Running"),
        pod("a", running(started=int(NOW) - 5), phase="Running"),
        pod("a", running(probe_delay=600), phase="Running"),
        pod("a", running(probe_delay=280), phase="Running"),
        pod("a", waiting("ContainerCreating"), created=int(NOW) - 5, started=int(NOW) - 5),
        pod("a", scheduled=False),
        pod("a", running(), deleted=int(NOW) + 20),
        pod("a", phase="Succeeded", status="Completed"),
    ],
    ids=[
        "ready",
        "just started",
        "not probed",
        "just probed",
        "being created",
        "new",
        "within its grace",
        "done",
    ],
)
def test_the_ordinary_way_of_things_is_no_trouble(calm: Pod) -> None:
    assert pod_sentences([calm], NOW) == ()


def test_a_container_that_is_not_probed_yet_says_when_it_will_be() -> None:
    early = sentences_of([pod("a", running(probe_delay=600), phase="Running")], NOW)
    assert early.passing == (
        "a: container app runs but is not ready yet: its first probe is 10m after its start",
    )
    late = sentences_of([pod("a", running(probe_delay=240), phase="Running")], NOW)
    assert late.lasting == (
        "a: container app has been running for 5m but is not ready: its probe does not pass",
    )


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a", "b", "c", "d"], "a, b, c and d"),
        (list("abcdefgh"), "a, b, c and 5 more"),
    ],
)
def test_names_are_listed_as_a_person_would(names: list[str], text: str) -> None:
    assert names_text(names) == text
