"""What describe asks the cluster for."""

from __future__ import annotations

import pytest

from k8stui.resources.describe import JsonObject, Query, gather, related_queries


def obj(name: str = "web", namespace: str = "shop", **fields: object) -> JsonObject:
    metadata = {"name": name, "namespace": namespace, "uid": "u-1"}
    return {"metadata": {key: value for key, value in metadata.items() if value}, **fields}


EVENTS = Query("events", "events", "shop", field_selector="involvedObject.uid=u-1")
LABELLED = {"selector": {"matchLabels": {"app": "web"}}}
PODS = Query("pods", "pods", "shop", "app=web")


@pytest.mark.parametrize(
    ("kind_key", "given", "expected"),
    [
        ("pods", obj(), (EVENTS,)),
        ("widgets.example.com", obj(), (EVENTS,)),
        ("events", obj(), ()),
        ("configmaps", {}, ()),
        ("statefulsets.apps", obj(spec=LABELLED), (PODS, EVENTS)),
        ("statefulsets.apps", obj(spec={"selector": {}}), (EVENTS,)),
        (
            "deployments.apps",
            obj(spec=LABELLED),
            (Query("replicasets", "replicasets.apps", "shop", "app=web"), PODS, EVENTS),
        ),
        (
            "replicasets.apps",
            obj(
                spec={
                    "selector": {
                        "matchLabels": {"tier": "b"},
                        "matchExpressions": [
                            {"key": "app", "operator": "In", "values": ["y", "x"]},
                            {"key": "old", "operator": "DoesNotExist"},
                        ],
                    }
                }
            ),
            (Query("pods", "pods", "shop", "app in (x,y),!old,tier=b"), EVENTS),
        ),
        ("cronjobs.batch", obj(), (Query("jobs", "jobs.batch", "shop"), EVENTS)),
        (
            "services",
            obj(spec={"selector": {"app": "web"}}),
            (
                PODS,
                Query(
                    "endpointslices",
                    "endpointslices.discovery.k8s.io",
                    "shop",
                    "kubernetes.io/service-name=web",
                ),
                Query("endpoints", "endpoints", "shop", field_selector="metadata.name=web"),
                EVENTS,
            ),
        ),
        (
            "nodes",
            obj("node-1", ""),
            (
                Query(
                    "pods",
                    "pods",
                    field_selector="spec.nodeName=node-1,"
                    "status.phase!=Succeeded,status.phase!=Failed",
                ),
                Query(
                    "leases",
                    "leases.coordination.k8s.io",
                    "kube-node-lease",
                    field_selector="metadata.name=node-1",
                ),
                Query("events", "events", field_selector="involvedObject.uid=u-1"),
                Query(
                    "events",
                    "events",
                    field_selector="involvedObject.uid=node-1,involvedObject.kind=Node",
                ),
            ),
        ),
        (
            "namespaces",
            obj("shop", ""),
            (
                Query("resourcequotas", "resourcequotas", "shop"),
                Query("limitranges", "limitranges", "shop"),
                Query("events", "events", field_selector="involvedObject.uid=u-1"),
            ),
        ),
    ],
)
def test_queries(kind_key: str, given: JsonObject, expected: tuple[Query, ...]) -> None:
    assert related_queries(kind_key, given) == expected


def test_a_name_can_not_add_a_term_to_a_field_selector() -> None:
    (query,) = related_queries("pods", {"metadata": {"name": "a,b=c\\", "namespace": "shop"}})
    assert query.field_selector == "involvedObject.name=a\\,b\\=c\\\\"


def test_an_ingress_with_many_backends_asks_once() -> None:
    paths = [{"backend": {"service": {"name": f"svc-{number}"}}} for number in range(9)]
    given = obj(spec={"rules": [{"http": {"paths": paths}}]})
    queries = related_queries("ingresses.networking.k8s.io", given)
    assert [query.purpose for query in queries] == ["services", "endpoints", "events"]


def test_answers_of_one_purpose_are_put_together() -> None:
    one, two = related_queries("nodes", obj("node-1", ""))[2:]
    related = gather([(one, [{"a": 1}]), (two, [{"b": 2}]), (PODS, "pods is forbidden")])
    assert related.events == ({"a": 1}, {"b": 2})
    assert related.pods is None
    assert related.refused == (("pods", "pods is forbidden"),)
