"""Jobs, CronJobs, Services, events, nodes and autoscalers where v1.20 can't show it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from k8stui.resources import cronjobs, events, horizontalpodautoscalers, jobs, nodes, services
from k8stui.resources.record import Context, NoUsage, Tone, Usage

Json = dict[str, Any]
EPOCH = 1767323045
TIME = "2026-01-02T03:04:05Z"
NOW = Context(EPOCH + 60, NoUsage())


def raw(**document: Any) -> bytes:
    return json.dumps({"metadata": {"name": "x", "uid": "1"}, **document}).encode()


def true(kind: str, reason: str = "") -> Json:
    return {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": TIME}


@pytest.mark.parametrize(
    ("status", "word", "health"),
    [
        ({}, "Running", (Tone.ACCENT, "Running")),
        ({"failed": 2}, "Running", (Tone.WARN, "Running")),
        ({"conditions": [true("Complete")]}, "Complete", (Tone.MUTED, "Complete")),
        (
            {"conditions": [true("FailureTarget", "X"), true("Failed", "BackoffLimitExceeded")]},
            "Failed",
            (Tone.ERROR, "BackoffLimitExceeded"),
        ),
        (
            {"conditions": [true("FailureTarget", "DeadlineExceeded")]},
            "FailureTarget",
            (Tone.WARN, "DeadlineExceeded"),
        ),
        ({"conditions": [true("Suspended")]}, "Suspended", (Tone.MUTED, "Suspended")),
    ],
)
def test_status_of_a_job(status: Json, word: str, health: tuple[Tone, str]) -> None:
    job = jobs.decode(raw(status=status))
    assert job.status == word
    assert jobs.health(job, NOW.now) == health


def test_limits_of_a_job() -> None:
    job = jobs.decode(raw(spec={"backoffLimit": 0, "activeDeadlineSeconds": 90}))
    assert (job.backoff_limit, job.deadline) == (0, 90)
    assert jobs.decode(raw()).backoff_limit == 6


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"completions": 3}, "1/3"),
        ({"parallelism": 4}, "1/1 of 4"),
        ({"parallelism": 1}, "1/1"),
        ({}, "1/1"),
    ],
)
def test_completions(spec: Json, text: str) -> None:
    assert jobs.completions_text(jobs.decode(raw(spec=spec, status={"succeeded": 1}))) == text


def test_a_cronjob_of_batch_v1_tells_its_zone_and_last_success() -> None:
    cron_job = cronjobs.decode(
        raw(
            spec={"schedule": "0 4 * * *", "timeZone": "Europe/Zurich", "suspend": True},
            status={"lastSuccessfulTime": TIME, "active": [{"name": "x-1"}]},
        )
    )
    texts = {column.id: column.text(cron_job, NOW) for column in cronjobs.COLUMNS}
    assert texts["timezone"] == "Europe/Zurich"
    assert texts["suspend"] == "True"
    assert texts["active"] == "1"
    assert texts["last_schedule"] == "<none>"
    assert texts["last_success"] == "60s"
    assert cronjobs.health(cron_job, NOW.now).word == "Suspended"


@pytest.mark.parametrize(
    ("spec", "ingress", "external"),
    [
        (
            {"type": "LoadBalancer"},
            [{"hostname": "b.example"}, {"ip": "192.0.2.1"}],
            "192.0.2.1,b.example",
        ),
        (
            {"type": "LoadBalancer", "externalIPs": ["198.51.100.1"]},
            [{"ip": "192.0.2.1"}],
            "192.0.2.1,198.51.100.1",
        ),
        ({"type": "LoadBalancer"}, None, "<pending>"),
        ({"type": "Strange"}, None, "<unknown>"),
    ],
)
def test_external_ips(spec: Json, ingress: list[Json] | None, external: str) -> None:
    service = services.decode(raw(spec=spec, status={"loadBalancer": {"ingress": ingress}}))
    assert service.external_ip == external


def test_a_service_keeps_what_an_ingress_may_refer_to() -> None:
    ports = [
        {"name": "http", "port": 80, "targetPort": "web"},
        {"port": 53, "protocol": "UDP", "targetPort": 5353, "nodePort": 30053},
    ]
    service = services.decode(raw(spec={"ports": ports, "clusterIP": "10.0.0.1"}))
    assert service.ports == "80/TCP,53:30053/UDP"
    assert service.port_names == ("http", "")
    assert service.port_numbers == (80, 53)
    assert service.target_ports == ("web", "5353")
    assert service.cluster_ip == "10.0.0.1"


def test_an_event_of_the_newer_api_counts_by_its_series() -> None:
    event = events.decode(
        raw(
            eventTime="2026-01-02T03:00:00.000000Z",
            series={"count": 7, "lastObservedTime": "2026-01-02T03:04:05.123456Z"},
            reportingComponent="scheduler",
            reportingInstance="cp-1",
            message="  first\nsecond \n",
            involvedObject={"kind": "Pod", "name": "web", "fieldPath": "spec.containers{app}"},
        )
    )
    assert (event.count, event.last_seen, event.first_seen) == (7, EPOCH, EPOCH - 245)
    assert event.source == "scheduler, cp-1"
    assert event.message == "first second"
    assert events.object_text(event) == "pod/web"
    assert event.container == "app"


def test_an_event_without_any_time_is_unknown() -> None:
    event = events.decode(raw())
    assert events.COLUMNS[0].text(event, NOW) == "<unknown>"
    assert event.count == 1


@pytest.mark.parametrize(
    ("spec", "conditions", "status", "tone"),
    [
        ({}, [true("Ready")], "Ready", Tone.OK),
        ({"unschedulable": True}, [true("Ready")], "Ready,SchedulingDisabled", Tone.WARN),
        ({}, [{"type": "Ready", "status": "Unknown"}], "NotReady", Tone.ERROR),
        ({}, [], "Unknown", Tone.ERROR),
        ({}, [true("Ready"), true("MemoryPressure")], "Ready", Tone.WARN),
    ],
)
def test_status_of_a_node(spec: Json, conditions: list[Json], status: str, tone: Tone) -> None:
    node = nodes.decode(raw(spec=spec, status={"conditions": conditions}))
    assert node.status == status
    assert nodes.health(node, NOW.now).tone is tone


def test_a_nodes_roles_taints_and_use() -> None:
    class Sample(NoUsage):
        def node(self, name: str) -> Usage | None:
            return Usage(cpu=1999, memory=3 * 2**30, timestamp=EPOCH)

    labels = {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/": ""}
    node = nodes.decode(
        json.dumps(
            {
                "metadata": {"name": "n", "labels": {**labels, "kubernetes.io/role": "gpu"}},
                "spec": {
                    "taints": [
                        {"key": "a", "effect": "NoSchedule"},
                        {"key": "b", "value": "c", "effect": "NoExecute"},
                    ]
                },
                "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "110"}},
            }
        ).encode()
    )
    assert node.roles == "gpu,worker"
    assert node.taints == ("a:NoSchedule", "b=c:NoExecute")
    assert node.allocatable_pods == 110
    context = Context(EPOCH, Sample())
    texts = {column.id: column.text(node, context) for column in nodes.COLUMNS}
    assert (texts["cpu"], texts["cpu_pct"], texts["mem_pct"]) == ("1999m", "99", "75")


RESOURCE = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}}
MEASURED = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 12}}}
IN_CONTAINER = {
    "type": "ContainerResource",
    "containerResource": {"name": "memory", "container": "app", "target": {"averageValue": "1Gi"}},
}


@pytest.mark.parametrize(
    ("metrics", "current", "targets"),
    [
        ([RESOURCE], [MEASURED], "cpu: 12%/80%"),
        ([RESOURCE], None, "cpu: <unknown>/80%"),
        ([IN_CONTAINER], [MEASURED], "memory: <unknown>/1Gi"),
        ([RESOURCE] * 3, None, "cpu: <unknown>/80%, cpu: <unknown>/80% + 1 more..."),
        ([{"type": "Magic"}], None, "<unknown type>"),
        (None, None, "<none>"),
    ],
)
def test_targets(metrics: list[Json] | None, current: list[Json] | None, targets: str) -> None:
    autoscaler = horizontalpodautoscalers.decode(
        raw(spec={"metrics": metrics}, status={"currentMetrics": current})
    )
    assert horizontalpodautoscalers.targets_text(autoscaler) == targets


@pytest.mark.parametrize(
    ("conditions", "tone", "word"),
    [
        (
            [{"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}],
            Tone.ERROR,
            "FailedGetResourceMetric",
        ),
        (
            [{"type": "ScalingActive", "status": "False", "reason": "ScalingDisabled"}],
            Tone.MUTED,
            "ScalingDisabled",
        ),
        ([true("ScalingLimited", "TooManyReplicas")], Tone.WARN, "TooManyReplicas"),
        ([true("ScalingLimited", "TooFewReplicas")], Tone.OK, "Active"),
    ],
)
def test_health_of_an_autoscaler(conditions: list[Json], tone: Tone, word: str) -> None:
    autoscaler = horizontalpodautoscalers.decode(raw(status={"conditions": conditions}))
    assert horizontalpodautoscalers.health(autoscaler, NOW.now) == (tone, word)
