"""Which pods an object's logs are of."""

from __future__ import annotations

import pytest

from k8stui.resources.record import Record
from k8stui.viewmodels.subject_pods import SubjectPods
from tests.ui import objects as make
from tests.ui.fake_cluster import FakeCluster

_OWNER = ("apps/v1", "ReplicaSet", "web-aaaa1")
_FRONT = {"app": "web", "tier": "front"}
WEB = [
    make.pod(f"web-aaaa1-{suffix}", owner=_OWNER, labels=_FRONT, node=node)
    for suffix, node in (("one", "node-1"), ("two", "node-2"))
]
BACK = make.pod("back", labels={"app": "web", "tier": "back"}, node="node-1")
OTHER = make.pod("other", labels={"app": "web", "tier": "front"}, namespace="else", node="node-1")
LONE = make.pod("lone")


def service(selector: dict[str, str]) -> Record:
    return make.record(
        "services",
        {
            "metadata": {"name": "web", "namespace": "shop", "uid": "service-web"},
            "spec": {"selector": selector, "clusterIP": "10.0.0.1"},
        },
    )


@pytest.fixture
def pods() -> SubjectPods:
    cluster = FakeCluster()
    cluster.apply(*WEB, BACK, OTHER, LONE, make.node("node-1"))
    cluster.apply(make.deployment("web"), make.replicaset("web", "aaaa1"))
    return SubjectPods(cluster.collection)


def names(found: list[Record] | tuple[Record, ...]) -> set[str]:
    return {each.name for each in found}


@pytest.mark.parametrize(
    ("key", "record", "expected"),
    [
        ("pods", LONE, {"lone"}),
        ("pods", make.pod("gone"), set()),
        ("nodes", make.node("node-2"), {WEB[1].name}),
        ("nodes", make.node("node-1"), {WEB[0].name, "back", "other", "lone"}),
        ("deployments.apps", make.deployment("web"), {WEB[0].name, WEB[1].name}),
        ("replicasets.apps", make.replicaset("web", "aaaa1"), {WEB[0].name, WEB[1].name}),
        ("services", service({"app": "web"}), {WEB[0].name, WEB[1].name, "back"}),
        # All of the labels, and of its own namespace alone.
        ("services", service({"app": "web", "tier": "front"}), {WEB[0].name, WEB[1].name}),
        ("services", service({"app": "nothing"}), set()),
        # A Service without a selector has its endpoints from elsewhere.
        ("services", service({}), set()),
        ("configmaps", make.record("nodes", {"metadata": {"name": "x", "uid": "x"}}), set()),
    ],
)
def test_pods_of(pods: SubjectPods, key: str, record: Record, expected: set[str]) -> None:
    assert names(list(pods.pods(key, record))) == expected


def test_pods_of_a_namespace(pods: SubjectPods) -> None:
    place = make.record("nodes", {"metadata": {"name": "else", "uid": "ns"}})
    assert names(list(pods.pods("namespaces", place))) == {"other"}


def test_events_are_of_all_that_a_workload_owns_and_of_others_themselves(
    pods: SubjectPods,
) -> None:
    web = make.deployment("web")
    owned = {web.uid, make.replicaset("web", "aaaa1").uid, *(each.uid for each in WEB)}
    assert pods.uids("deployments.apps", web) == owned
    assert pods.uids("pods", LONE) == {LONE.uid}
    assert pods.uids("services", service({"app": "web"})) == {"service-web"}
