"""The kubelet stand-in: what a pod goes through, and how its status tells it."""

from __future__ import annotations

import itertools

import pytest

from k8stui.demo.build import config_map, container, set_node_ready
from k8stui.demo.lifecycle import begin_deletion
from k8stui.demo.model import Obj, condition, seconds_of
from tests.unit.demo.worlds import NS, SHOP, Small


def entry(small: Small, name: str = "one") -> Obj:
    found: Obj = small.get("pods", name)["status"]["containerStatuses"][0]
    return found


def test_a_pod_runs() -> None:
    small = Small()
    small.pod("sleep", "1000")
    small.run(5)
    pod = small.get("pods", "one")
    assert pod["status"]["phase"] == "Running"
    assert condition(pod, "Ready")["status"] == "True"
    assert small.reasons("one") == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


def test_a_crash_loop_waits_twice_as_long_each_time() -> None:
    small = Small()
    small.pod("sh", "-c", "echo no; exit 3")
    starts: list[float] = []
    for _ in range(2400):
        small.run(0.5)
        state = entry(small)["state"]
        last = state.get("running") or state.get("terminated")
        if last and seconds_of(last["startedAt"]) not in starts:
            starts.append(seconds_of(last["startedAt"]))
    waits = [round(b - a) for a, b in itertools.pairwise(starts)]
    assert waits[0] <= 2
    for got, wanted in zip(waits[1:], (10, 20, 40, 80, 160, 300), strict=False):
        assert wanted <= got <= wanted + 4
    assert entry(small)["lastState"]["terminated"]["exitCode"] == 3
    assert small.statuses() == ["CrashLoopBackOff"]
    assert (
        "back-off 5m0s restarting failed container=main"
        in entry(small)["state"]["waiting"]["message"]
    )


@pytest.mark.parametrize(
    ("policy", "command", "phase"),
    [
        ("Never", "exit 1", "Failed"),
        ("Never", "true", "Succeeded"),
        ("OnFailure", "true", "Succeeded"),
        ("OnFailure", "exit 1", "Running"),
    ],
)
def test_restart_policies(policy: str, command: str, phase: str) -> None:
    small = Small()
    small.pod("sh", "-c", command, restartPolicy=policy)
    small.run(30)
    assert small.get("pods", "one")["status"]["phase"] == phase


def test_an_image_that_is_not_there() -> None:
    small = Small()
    small.pod(image=f"{SHOP}/web:0.0.1")
    small.run(5)
    assert small.statuses() == ["ErrImagePull"]
    assert "not found" in entry(small)["state"]["waiting"]["message"]
    small.run(15)
    assert small.statuses() == ["ImagePullBackOff"]
    assert "BackOff" in small.reasons("one")
    assert small.get("pods", "one")["status"]["phase"] == "Pending"


def test_an_oom_kill() -> None:
    small = Small()
    small.pod(image=f"{SHOP}/recommender:3.0.0")
    small.run(230)
    last = entry(small)["lastState"]["terminated"]
    assert (last["reason"], last["exitCode"]) == ("OOMKilled", 137)


def test_init_containers_then_sidecar_then_app() -> None:
    small = Small()
    inits = [
        container("first", "busybox:1", command=["sleep", "5"]),
        {**container("side", "busybox:1", command=["sleep", "500"]), "restartPolicy": "Always"},
        container("second", "busybox:1", command=["sleep", "5"]),
    ]
    small.pod("sleep", "100", initContainers=inits)
    seen = []
    for _ in range(60):
        small.run(0.5)
        seen += [s for s in small.statuses() if s not in seen]
    assert seen == ["Init:0/3", "Init:1/3", "Init:2/3", "PodInitializing", "Running"]


def test_a_failing_init_container_keeps_the_pod_back() -> None:
    small = Small()
    small.pod("sleep", "9", initContainers=[container("init", "busybox:1", command=["false"])])
    small.run(15)
    assert small.statuses() == ["Init:CrashLoopBackOff"]


def test_a_probe_that_never_passes_is_told() -> None:
    small = Small()
    small.deploy(f"{SHOP}/search:0.9.1", replicas=1)
    small.run(120)
    pod = small.pods()[0]
    assert condition(pod, "Ready")["reason"] == "ContainersNotReady"
    unhealthy = [e for e in small.store.all("events", NS) if e["reason"] == "Unhealthy"]
    assert len(unhealthy) == 1
    assert unhealthy[0]["count"] > 5


def test_termination_takes_the_time_that_the_program_takes() -> None:
    small = Small()
    small.pod(image=f"{SHOP}/web:1.7.0")
    small.run(10)
    begin_deletion(small.store, "pods", small.get("pods", "one"), small.world.now())
    small.run(2)
    assert small.statuses() == ["Terminating"]
    small.run(2)
    assert small.statuses() == []


def test_force_deletion_is_at_once() -> None:
    small = Small()
    small.pod(image=f"{SHOP}/web:1.7.0")
    small.run(10)
    begin_deletion(small.store, "pods", small.get("pods", "one"), small.world.now(), 0.0)
    assert small.statuses() == []


def test_a_finalizer_holds_a_pod() -> None:
    small = Small()
    pod = small.pod("sleep", "100")
    small.run(5)
    small.change("pods", "one", {"metadata": {"finalizers": ["example.com/wait"]}})
    begin_deletion(small.store, "pods", small.get("pods", "one"), small.world.now())
    small.run(60)
    assert small.get("pods", "one")["metadata"]["uid"] == pod["metadata"]["uid"]
    assert small.statuses() == ["Terminating"]


def test_a_missing_config_map_keeps_a_pod_creating() -> None:
    small = Small()
    small.pod("sleep", "9", volumes=[{"name": "settings", "configMap": {"name": "nowhere"}}])
    small.run(20)
    assert small.statuses() == ["ContainerCreating"]
    assert "FailedMount" in small.reasons("one")


def test_a_lost_node_strands_its_pods_and_others_take_their_place() -> None:
    small = Small()
    small.deploy(f"{SHOP}/web:1.7.0", replicas=2)
    small.run(60)
    set_node_ready(small.world, "node-1", is_ready=False)
    small.run(30)
    assert sorted(small.statuses()) == ["Running", "Running"]
    assert small.get("deployments", "web")["status"]["readyReplicas"] == 1
    small.run(400)
    assert sorted(small.statuses()) == ["Running", "Running", "Terminating"]
    set_node_ready(small.world, "node-1", is_ready=True)
    small.run(30)
    assert sorted(small.statuses()) == ["Running", "Running"]


def test_an_image_that_must_be_there_and_is_not() -> None:
    small = Small()
    small.stage.create(
        {
            "kind": "Pod",
            "metadata": {"name": "never", "namespace": NS},
            "spec": {
                "containers": [
                    {"name": "main", "image": "localhost/none:1", "imagePullPolicy": "Never"}
                ]
            },
        }
    )
    small.run(3)
    state = entry(small, "never")["state"]["waiting"]
    assert state["reason"] == "ErrImageNeverPull"
    assert state["message"] == (
        'Container image "localhost/none:1" is not present with pull policy of Never'
    )
    assert small.reasons("never") == ["Scheduled", "ErrImageNeverPull", "Failed"]
    small.change(
        "pods",
        "never",
        {"spec": {"containers": [{"name": "main", "image": "localhost/busybox:2"}]}},
    )
    small.run(15)
    assert "running" in entry(small, "never")["state"]


def test_an_environment_that_is_not_there() -> None:
    small = Small()
    reference = {"configMapKeyRef": {"name": "settings", "key": "level"}}
    main = container("main", "busybox:1", env=[{"name": "LEVEL", "valueFrom": reference}])
    small.stage.create(
        {
            "kind": "Pod",
            "metadata": {"name": "one", "namespace": NS},
            "spec": {"containers": [main]},
        }
    )
    small.run(5)
    waiting = {"reason": "CreateContainerConfigError", "message": 'configmap "settings" not found'}
    assert entry(small)["state"]["waiting"] == waiting
    small.stage.create(config_map(NS, "settings", other="x"))
    small.run(15)
    message = entry(small)["state"]["waiting"]["message"]
    assert message == f"couldn't find key level in ConfigMap {NS}/settings"
    small.change("configmaps", "settings", {"data": {"level": "info"}})
    small.run(15)
    assert "running" in entry(small)["state"]


def test_a_pod_that_runs_for_too_long() -> None:
    small = Small()
    small.pod("sleep", "1000", activeDeadlineSeconds=5)
    small.run(4)
    assert small.statuses() == ["Running"]
    small.run(5)
    status = small.get("pods", "one")["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert small.statuses() == ["DeadlineExceeded"]
    assert small.reasons("one")[-1] == "DeadlineExceeded"


def test_a_readiness_gate_holds_a_pod_back() -> None:
    small = Small()
    small.pod("sleep", "1000", readinessGates=[{"conditionType": "example.com/open"}])
    small.run(5)
    ready = condition(small.get("pods", "one"), "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "ReadinessGatesNotReady")
    assert 'gate "example.com/open" does not exist' in ready["message"]
    assert condition(small.get("pods", "one"), "ContainersReady")["status"] == "True"


def test_a_probe_command_that_fails() -> None:
    small = Small()
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 2}
    main = container("main", "busybox:1", command=["sleep", "999"], readinessProbe=probe)
    small.stage.create(
        {
            "kind": "Pod",
            "metadata": {"name": "one", "namespace": NS},
            "spec": {"containers": [main]},
        }
    )
    small.run(60)
    assert condition(small.get("pods", "one"), "Ready")["status"] == "False"
    assert "Unhealthy" in small.reasons("one")


def test_a_script_that_grows_to_its_limit() -> None:
    small = Small()
    script = "(x=a; while true; do x=$x$x; done); sleep 2; exit 137"
    main = container("main", "busybox:1", limit="16Mi", command=["sh", "-c", script])
    spec = {"containers": [main], "restartPolicy": "Never"}
    small.stage.create({"kind": "Pod", "metadata": {"name": "one", "namespace": NS}, "spec": spec})
    small.run(10)
    assert small.statuses() == ["OOMKilled"]


def test_a_first_process_that_takes_no_notice_is_killed_after_its_grace() -> None:
    small = Small()
    small.pod("sleep", "1000", name="deaf", terminationGracePeriodSeconds=20)
    small.pod("sh", "-c", "trap exit TERM; while true; do sleep 1; done", name="polite")
    small.run(5)
    for name in ("deaf", "polite"):
        begin_deletion(small.store, "pods", small.get("pods", name), small.world.now(), None, "")
    small.run(3)
    assert [pod["metadata"]["name"] for pod in small.pods()] == ["deaf"]
    small.run(18)
    assert small.pods() == []
