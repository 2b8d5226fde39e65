"""A Deployment with its history on the fake server, and a desk to act on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from k8stui.actions.audit import Who
from k8stui.actions.desk import Desk
from k8stui.actions.intents import DEPLOYMENTS, Subject
from k8stui.cluster.transport import Transport
from k8stui.resources.kinds import ResourceType
from k8stui.resources.registry import TYPED
from tests.fake_api.api import FakeApi, Reply
from tests.fake_api.things import StaticCredentials, target_for

JsonObject = dict[str, Any]

NOW = 1_700_000_000.0
WEB = Subject(DEPLOYMENTS, "shop", "web")
PATH = "/apis/apps/v1/namespaces/shop/deployments/web"
REPLICASETS = "/apis/apps/v1/namespaces/shop/replicasets"
AUTOSCALERS = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def template(image: str, **meta: Any) -> JsonObject:
    return {
        "metadata": {"labels": {"app": "web"}, **meta},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }


def deployment(image: str = "web:2", version: int = 10, **spec: Any) -> JsonObject:
    """The Deployment at revision 2, with the generation that its resourceVersion suggests."""
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "uid-web",
            "resourceVersion": str(version),
            "generation": 2,
            "annotations": {"deployment.kubernetes.io/revision": "2", "owner": "ann"},
        },
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(image),
            **spec,
        },
    }


def replicaset(number: int, image: str, owner: str = "uid-web") -> JsonObject:
    made = template(image)
    made["metadata"]["labels"]["pod-template-hash"] = f"hash{number}"
    return {
        "metadata": {
            "name": f"web-hash{number}",
            "namespace": "shop",
            "uid": f"uid-rs-{number}",
            "annotations": {
                "deployment.kubernetes.io/revision": str(number),
                "deployment.kubernetes.io/desired-replicas": "3",
                "kubernetes.io/change-cause": f"release {number}",
            },
            "ownerReferences": [{"uid": owner, "controller": True, "kind": "Deployment"}],
        },
        "spec": {"template": made},
    }


def rules(*given: JsonObject, incomplete: bool = False) -> Reply:
    """The answer to every rules review from now on."""
    status = {"resourceRules": list(given), "nonResourceRules": [], "incomplete": incomplete}
    return Reply({"kind": "SelfSubjectRulesReview", "status": status}, 201, forever=True)


EVERYTHING: JsonObject = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
LOOKING: JsonObject = {"verbs": ["get", "list", "watch"], "apiGroups": ["*"], "resources": ["*"]}


def serve(api: FakeApi, *given: JsonObject) -> None:
    """Rights, history and no autoscaler; the Deployment itself is each test's business."""
    api.on(RULES, rules(*(given or (EVERYTHING,))))
    found = [replicaset(1, "web:1"), replicaset(2, "web:2"), replicaset(9, "other:9", "uid-other")]
    api.on(REPLICASETS, Reply({"items": found}, forever=True))
    api.on(AUTOSCALERS, Reply({"items": []}, forever=True))


async def resolve(key: str) -> ResourceType | None:
    kind = TYPED.get(key)
    if kind is None:
        return None
    return ResourceType(kind.group, kind.versions[0], kind.plural, kind.kind, kind.namespaced)


def transport_to(api: FakeApi, *tokens: str, writes: bool = True) -> Transport:
    return Transport(target_for(api.url), StaticCredentials(*tokens), {}, writes=writes)


def desk_at(
    transport: Transport,
    state: Path,
    read_only: str = "",
    clock: Callable[[], float] = lambda: NOW,
) -> Desk:
    who = Who("alice", "prod", "https://cluster.example")
    return Desk(transport, resolve, read_only=read_only, who=who, state=state, clock=clock)


def writes(api: FakeApi) -> list[str]:
    """What came over the wire that could change something: `PATCH path`, dry or not."""
    return [
        f"{seen.method} {seen.path}{' dry' if 'dryRun' in seen.query else ''}"
        for seen in api.requests
        if seen.method != "GET" and "selfsubject" not in seen.path
    ]
