"""What refuses new objects, in the words of a real server (1.20), and what becomes of that."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.demo.admission import admitted
from k8stui.demo.build import container, job_spec, meta, workload
from k8stui.demo.errors import ApiError
from k8stui.demo.kinds import of_plural
from k8stui.demo.model import Obj, condition
from tests.unit.demo.worlds import NS, SHOP, Small

HARD = {"pods": "1", "requests.cpu": "200m", "limits.memory": "200Mi"}
HOOK = {
    "name": "guard.example.com",
    "clientConfig": {"url": "https://127.0.0.1:1/guard"},
    "namespaceSelector": {"matchLabels": {"guarded": "yes"}},
    "rules": [
        {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}
    ],
    "timeoutSeconds": 2,
}
NOBODY = (
    'Internal error occurred: failed calling webhook "guard.example.com": '
    'Post "https://127.0.0.1:1/guard?timeout=2s": dial tcp 127.0.0.1:1: connect: connection refused'
)


def pod(cpu: str = "100m", limit: str = "50Mi", name: str = "over") -> Obj:
    main = container("main", "busybox:1", cpu=cpu, limit=limit)
    return {"kind": "Pod", "metadata": meta(NS, name), "spec": {"containers": [main]}}


def quota(small: Small, **hard: str) -> None:
    small.stage.create(
        {"kind": "ResourceQuota", "metadata": meta(NS, "few"), "spec": {"hard": hard or HARD}}
    )


def limits(small: Small, **limit: Any) -> None:
    spec = {"limits": [{"type": "Container", **limit}]}
    small.stage.create({"kind": "LimitRange", "metadata": meta(NS, "bounds"), "spec": spec})


def guard(small: Small, **hook: Any) -> None:
    small.stage.create(
        {
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": "guard"},
            "webhooks": [{**HOOK, **hook}],
        }
    )


def refusal(small: Small, obj: Obj) -> ApiError:
    with pytest.raises(ApiError) as raised:
        admitted(small.store, of_plural("pods"), obj)
    return raised.value


def messages(small: Small, reason: str) -> list[str]:
    return [e["message"] for e in small.store.sorted("events", NS) if e["reason"] == reason]


def test_a_quota_names_what_is_too_much() -> None:
    small = Small()
    quota(small)
    small.stage.create(pod(name="first"))
    error = refusal(small, pod(cpu="150m"))
    assert (error.code, error.reason) == (403, "Forbidden")
    assert error.message == (
        'pods "over" is forbidden: exceeded quota: few, requested: pods=1,requests.cpu=150m, '
        "used: pods=1,requests.cpu=100m, limited: pods=1,requests.cpu=200m"
    )


def test_a_quota_of_compute_resources_wants_to_be_told_of_them() -> None:
    small = Small()
    quota(small)
    assert refusal(small, pod(cpu="", limit="")).message == (
        'pods "over" is forbidden: failed quota: few: must specify limits.memory,requests.cpu'
    )


def test_what_has_ended_is_not_counted() -> None:
    small = Small()
    quota(small)
    done = pod(name="done")
    small.stage.create({**done, "status": {"phase": "Succeeded"}})
    admitted(small.store, of_plural("pods"), pod())


def test_a_quota_writes_down_what_is_used() -> None:
    small = Small()
    quota(small)
    small.stage.create(pod())
    small.run(1)
    used = small.get("resourcequotas", "few")["status"]["used"]
    assert used == {"pods": "1", "requests.cpu": "100m", "limits.memory": "50Mi"}


def test_other_kinds_are_counted_by_their_number() -> None:
    small = Small()
    quota(small, **{"count/deployments.apps": "1"})
    small.deploy(f"{SHOP}/web:1.6.0")
    again = workload("Deployment", NS, "again", container("main", "busybox:1"))
    with pytest.raises(ApiError, match=r"requested: count/deployments\.apps=1, used: "):
        admitted(small.store, of_plural("deployments"), again)


def test_a_limit_range_gives_defaults_and_bounds() -> None:
    small = Small()
    limits(small, max={"memory": "100Mi"}, default={"memory": "64Mi"}, defaultRequest={"cpu": "5m"})
    made = admitted(small.store, of_plural("pods"), pod(cpu="", limit=""))
    assert made["spec"]["containers"][0]["resources"] == {
        "limits": {"memory": "64Mi"},
        "requests": {"cpu": "5m"},
    }
    assert refusal(small, pod(limit="200Mi")).message == (
        'pods "over" is forbidden: maximum memory usage per Container is 100Mi, but limit is 200Mi'
    )


def test_a_webhook_that_must_agree_and_can_not_be_reached_refuses() -> None:
    small = Small()
    guard(small)
    admitted(small.store, of_plural("pods"), pod())  # not in a namespace that it looks after
    small.change("namespaces", NS, {"metadata": {"labels": {"guarded": "yes"}}}, namespace="")
    error = refusal(small, pod())
    assert (error.code, error.message) == (500, NOBODY)
    admitted(small.store, of_plural("configmaps"), pod())


def test_a_webhook_may_be_ignored_and_its_service_may_be_missing() -> None:
    small = Small()
    guard(small, failurePolicy="Ignore", namespaceSelector={})
    admitted(small.store, of_plural("pods"), pod())
    small = Small()
    service = {"namespace": NS, "name": "nosuch", "path": "/check"}
    guard(small, namespaceSelector={}, clientConfig={"service": service})
    assert refusal(small, pod()).message.endswith(
        f'Post "https://nosuch.{NS}.svc:443/check?timeout=2s": service "nosuch" not found'
    )


def test_a_deployment_tells_that_its_pods_are_refused() -> None:
    small = Small()
    quota(small, pods="1")
    small.deploy(f"{SHOP}/web:1.6.0", replicas=3)
    small.run(20)
    assert len(small.pods()) == 1
    rs = next(small.store.all("replicasets", NS))
    failure = condition(rs, "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert (
        "exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1"
        in (failure["message"])
    )
    told = condition(small.get("deployments", "web"), "ReplicaFailure")
    assert told["message"] == failure["message"]
    assert f"Error creating: {failure['message']}" in messages(small, "FailedCreate")


def test_what_is_refused_is_tried_again_ever_more_seldom_until_it_is_let_in() -> None:
    small = Small()
    quota(small, pods="0")
    small.deploy(f"{SHOP}/web:1.6.0", replicas=1)
    small.run(600)
    tries = sum(e["count"] for e in small.store.all("events", NS) if e["reason"] == "FailedCreate")
    assert 5 < tries < 20
    assert any(
        text.startswith("(combined from similar") for text in messages(small, "FailedCreate")
    )
    small.change("resourcequotas", "few", {"spec": {"hard": {"pods": "5"}}})
    small.run(600)
    assert len(small.pods()) == 1
    assert not condition(small.get("deployments", "web"), "ReplicaFailure")


def test_each_controller_says_it_in_its_own_words() -> None:
    small = Small()
    guard(small, namespaceSelector={})
    main = container("main", "busybox:1")
    small.stage.create(workload("StatefulSet", NS, "db", main))
    small.stage.create(workload("DaemonSet", NS, "agent", main))
    small.stage.create({"kind": "Job", "metadata": meta(NS, "once"), "spec": job_spec(main)})
    small.run(2)
    assert set(messages(small, "FailedCreate")) == {
        f"create Pod db-0 in StatefulSet db failed error: {NOBODY}",
        f"Error creating: {NOBODY}",
    }
    assert {e["involvedObject"]["name"] for e in small.store.all("events", NS)} >= {
        "db", "agent", "once",
    }  # fmt: skip


def test_each_pod_has_an_account_and_patience_with_its_node() -> None:
    small = Small()
    made = admitted(small.store, of_plural("pods"), pod())
    assert (made["spec"]["serviceAccountName"], made["spec"]["priority"]) == ("default", 0)
    told = {t["key"].partition("/")[2]: t["tolerationSeconds"] for t in made["spec"]["tolerations"]}
    assert told == {"not-ready": 300, "unreachable": 300}
    everything = pod()
    everything["spec"]["tolerations"] = [{"operator": "Exists"}]
    kept = admitted(small.store, of_plural("pods"), everything)
    assert kept["spec"]["tolerations"] == [{"operator": "Exists"}]
