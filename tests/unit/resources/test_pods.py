from __future__ import annotations

import json
from typing import Any

import pytest

from k8stui.resources.containers import Demand
from k8stui.resources.health import severity
from k8stui.resources.pods import COLUMNS, Pod, decode, health
from k8stui.resources.record import Column, Context, NoUsage, Tone, Usage

Json = dict[str, Any]
CREATED = 1767323045
MI = 2**20
BY_ID: dict[str, Column[Pod]] = {column.id: column for column in COLUMNS}


class OneSample:
    """A lookup that knows every pod's use."""

    def __init__(self, cpu: int, memory: int, trend: tuple[int, ...] = ()) -> None:
        self._usage = Usage(cpu, memory, CREATED, cpu_trend=trend, memory_trend=trend)

    def pod(self, namespace: str, name: str) -> Usage | None:
        return self._usage

    def node(self, name: str) -> Usage | None:
        return None


def a_pod(spec: Json | None = None, status: Json | None = None, **meta: Any) -> Pod:
    document = {
        "metadata": {
            "name": "web",
            "uid": "1",
            "creationTimestamp": "2026-01-02T03:04:05Z",
            **meta,
        },
        "spec": spec or {},
        "status": status or {},
    }
    return decode(json.dumps(document).encode())


def asks(name: str = "c", cpu: str = "", memory: str = "", limit: str = "", **more: Any) -> Json:
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    limits = {"memory": limit} if limit else {}
    return {"name": name, "resources": {"requests": requests, "limits": limits}, **more}


SIDECAR = {"restartPolicy": "Always"}


@pytest.mark.parametrize(
    ("spec", "demand"),
    [
        ({"containers": [{"name": "a"}]}, Demand()),
        (
            {"containers": [asks("a", "100m", "64Mi", "128Mi"), asks("b", "0.5", "1Mi")]},
            Demand(600, 65 * MI, 0, 128 * MI),
        ),
        (
            {
                "containers": [asks("a", "100m", "64Mi")],
                "initContainers": [asks("i", "2", "1Mi"), asks("j", "1", "2Mi")],
            },
            Demand(2000, 64 * MI),
        ),
        (
            {
                "containers": [asks("a", "100m")],
                "initContainers": [asks("s", "50m", **SIDECAR), asks("i", "200m")],
            },
            Demand(250),
        ),
        (
            {
                "containers": [asks("a", "100m")],
                "initContainers": [asks("i", "120m"), asks("s", "50m", **SIDECAR)],
            },
            Demand(150),
        ),
        (
            {
                "containers": [asks("a", "100m", "64Mi", "64Mi")],
                "overhead": {"cpu": "10m", "memory": "1Mi"},
            },
            Demand(110, 65 * MI, 0, 65 * MI),
        ),
        (
            {
                "containers": [asks("a", "100m", "64Mi")],
                "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "2"}},
            },
            Demand(1000, 64 * MI, 2000),
        ),
        ({"containers": [asks("a", "lots", "64Mi")]}, Demand(0, 64 * MI)),
    ],
)
def test_effective_requests_and_limits(spec: Json, demand: Demand) -> None:
    pod = a_pod(spec)
    found = Demand(pod.cpu_request, pod.memory_request, pod.cpu_limit, pod.memory_limit)
    assert found == demand


def test_containers_keep_what_happened_to_them() -> None:
    ended = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2026-01-02T03:05:05Z"}
    pod = a_pod(
        {
            "initContainers": [{"name": "s", **SIDECAR}, {"name": "i"}],
            "containers": [{"name": "web", "image": "web:1"}],
            "ephemeralContainers": [{"name": "debug"}],
        },
        {
            "containerStatuses": [
                {
                    "name": "web",
                    "restartCount": 3,
                    "containerID": "containerd://abc",
                    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
                    "lastState": {"terminated": ended},
                }
            ]
        },
    )
    assert [(one.name, one.kind) for one in pod.containers] == [
        ("s", "sidecar"),
        ("i", "init"),
        ("web", "container"),
        ("debug", "ephemeral"),
    ]
    web = pod.containers[2]
    assert (web.state, web.reason, web.message) == ("waiting", "CrashLoopBackOff", "back-off 40s")
    assert (web.last_reason, web.last_exit_code) == ("OOMKilled", 137)
    assert web.last_finished == CREATED + 60
    assert (web.restarts, web.container_id, web.image) == (3, "containerd://abc", "web:1")
    assert pod.containers[0].state == ""


def test_restarts_say_how_long_ago_the_last_one_was() -> None:
    pod = a_pod(
        {"containers": [{"name": "a"}]},
        {
            "containerStatuses": [
                {
                    "name": "a",
                    "restartCount": 3,
                    "lastState": {"terminated": {"finishedAt": "2026-01-02T03:04:05Z"}},
                }
            ]
        },
    )
    column = BY_ID["restarts"]
    soon, late = Context(CREATED + 300, NoUsage()), Context(CREATED + 7200, NoUsage())
    assert column.text(pod, soon) == "3 (5m ago)"
    assert column.value is not None
    assert column.value(pod, soon) == 3
    assert (column.tone(pod, soon), column.tone(pod, late)) == (Tone.WARN, Tone.PLAIN)


RUNNING = {"containerStatuses": [{"name": "a", "ready": True, "state": {"running": {}}}]}
READY = [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}]
UNREADY = [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-02T03:05:05Z"}]
STARTED = {"phase": "Running", "startTime": "2026-01-02T03:04:05Z"}
UNSCHEDULABLE = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
GONE = {"deletionTimestamp": "2026-01-02T03:04:35Z", "deletionGracePeriodSeconds": 30}


def waiting(reason: str, phase: str = "Pending") -> Json:
    state = {"waiting": {"reason": reason}}
    return {"phase": phase, "containerStatuses": [{"name": "a", "state": state}]}


@pytest.mark.parametrize(
    ("status", "meta", "after", "word", "tone"),
    [
        ({**RUNNING, "phase": "Running", "conditions": READY}, {}, 9999, "Running", Tone.OK),
        ({**waiting("", "Running"), **STARTED}, {}, 10, "Running", Tone.ACCENT),
        ({**waiting("", "Running"), **STARTED}, {}, 400, "Running", Tone.WARN),
        ({**STARTED, "conditions": UNREADY}, {}, 62, "Running", Tone.WARN),
        (waiting("ContainerCreating"), {}, 10, "ContainerCreating", Tone.ACCENT),
        (waiting("ContainerCreating"), {}, 400, "ContainerCreating", Tone.WARN),
        (waiting("ImagePullBackOff"), {}, 1, "ImagePullBackOff", Tone.ERROR),
        (waiting("CrashLoopBackOff", "Running"), {}, 1, "CrashLoopBackOff", Tone.ERROR),
        ({"phase": "Pending", "conditions": UNSCHEDULABLE}, {}, 1, "Pending", Tone.WARN),
        ({"phase": "Failed", "reason": "Evicted"}, {}, 1, "Evicted", Tone.ERROR),
        ({"phase": "Succeeded"}, {}, 1, "Succeeded", Tone.MUTED),
        ({**RUNNING, "phase": "Running"}, GONE, 20, "Terminating", Tone.MUTED),
        ({**RUNNING, "phase": "Running"}, GONE, 61, "Terminating", Tone.WARN),
        ({}, {}, 1, "Unknown", Tone.ERROR),
    ],
)
def test_health(status: Json, meta: Json, after: int, word: str, tone: Tone) -> None:
    found = health(a_pod({"containers": [{"name": "a"}]}, status, **meta), CREATED + after)
    assert found == (tone, word)


def test_severity_orders_by_need_of_attention() -> None:
    tones = [Tone.OK, Tone.ERROR, Tone.ACCENT, Tone.WARN]
    pod = a_pod(status={"phase": "Failed"})
    one = health(pod, CREATED)
    ordered = sorted(tones, key=lambda tone: -severity(one._replace(tone=tone)))
    assert ordered == [Tone.ERROR, Tone.WARN, Tone.ACCENT, Tone.OK]


def test_use_against_requests_and_limits() -> None:
    pod = a_pod({"containers": [asks("a", "100m", "64Mi", "128Mi")]})
    context = Context(CREATED, OneSample(cpu=155, memory=120 * MI, trend=(0, 10, 155)))
    texts = {
        key: BY_ID[key].text(pod, context)
        for key in ("cpu", "mem", "cpu_r", "cpu_l", "mem_r", "mem_l", "trend")
    }
    assert texts == {
        "cpu": "155m",
        "mem": "120Mi",
        "cpu_r": "155",
        "cpu_l": "",
        "mem_r": "187",
        "mem_l": "93",
        "trend": "▁▁█",
    }
    assert BY_ID["mem_l"].tone(pod, context) is Tone.ERROR
    assert BY_ID["mem_r"].tone(pod, context) is Tone.PLAIN


def test_without_a_sample_usage_is_empty_and_matches_no_filter() -> None:
    pod = a_pod({"containers": [asks("a", "100m", "64Mi", "128Mi")]})
    context = Context(CREATED, NoUsage())
    for key in ("cpu", "mem", "cpu_r", "mem_l"):
        column = BY_ID[key]
        assert column.text(pod, context) == ""
        assert column.value is not None
        assert column.value(pod, context) is None
        assert column.sort is not None
        assert column.sort(pod, context) == -1


def test_text_of_the_cluster_is_clean() -> None:
    evil = "\x1b[31mx\u202ey"
    pod = a_pod(
        {"containers": [{"name": evil, "image": evil}], "nodeName": evil},
        {"phase": evil, "message": f"{evil}\nsecond", "podIP": evil, "qosClass": evil},
    )
    shown = [column.text(pod, Context(CREATED, NoUsage())) for column in COLUMNS]
    shown += [pod.message, pod.containers[0].name, pod.containers[0].image]
    assert all(text.isprintable() for text in shown)
    assert pod.message.endswith("second")


def test_a_container_is_probed_when_both_delays_are_over() -> None:
    delays = {
        "readinessProbe": {"initialDelaySeconds": 30},
        "startupProbe": {"initialDelaySeconds": 120, "periodSeconds": 5},
        "livenessProbe": {"initialDelaySeconds": 900},
    }
    pod = a_pod(
        {"containers": [{"name": "a", **delays}, {"name": "b", "readinessProbe": {}}]},
        {"containerStatuses": [{"name": "a"}, {"name": "b"}]},
    )
    assert [one.probe_delay for one in pod.containers] == [120, 0]
