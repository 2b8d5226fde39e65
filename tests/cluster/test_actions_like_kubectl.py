"""Each action leaves the same object as kubectl does, field by field but for times.

Every case is set up twice, in two namespaces; one object is changed by k8stui, the other by
kubectl; then the objects and their histories are compared.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from k8stui.actions.intents import (
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.actions.interface import Outcome
from k8stui.session.scope import Scope
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.live import opened

T = TypeVar("T")

_REVISION = "deployment.kubernetes.io/revision"
_TEMPLATE = """\
  template:
    metadata:
      labels: {app: twin}
      annotations: {team: shop}
    spec:
      terminationGracePeriodSeconds: 0
      nodeSelector: {example.com/there-is: none}
      containers:
      - name: main
        image: localhost/busybox:1
        imagePullPolicy: Never
        command: [sleep, "1000"]
        env: [{name: LEVEL, value: info}, {name: GONE_LATER, value: "yes"}]
        ports:
        - {name: http, containerPort: 8080}
        - {name: metrics, containerPort: 8080, protocol: UDP}
        resources: {limits: {memory: 32Mi}}
      - name: side
        image: localhost/busybox:1
        imagePullPolicy: Never
        command: [sleep, "1000"]
"""
_HEAD = "apiVersion: apps/v1\nmetadata: {name: twin, labels: {app: twin}}\n"
_SELECTOR = "  selector: {matchLabels: {app: twin}}\n"
_MANIFESTS = {
    "deployment": f"kind: Deployment\n{_HEAD}spec:\n  replicas: 1\n{_SELECTOR}{_TEMPLATE}",
    "statefulset": (
        f"kind: StatefulSet\n{_HEAD}spec:\n  replicas: 1\n  serviceName: twin\n"
        f"  podManagementPolicy: Parallel\n{_SELECTOR}{_TEMPLATE}"
    ),
    "daemonset": f"kind: DaemonSet\n{_HEAD}spec:\n{_SELECTOR}{_TEMPLATE}",
}
_PLURALS = {
    "deployment": "deployments.apps",
    "statefulset": "statefulsets.apps",
    "daemonset": "daemonsets.apps",
}

_IMAGE_2 = ("set", "image", "KIND/twin", "main=localhost/busybox:2")
_IMAGE_3 = ("set", "image", "KIND/twin", "main=localhost/busybox:3", "side=localhost/busybox:3")
_CAUSE = ("annotate", "KIND/twin", "--overwrite", "kubernetes.io/change-cause=release 88")
_NOTE = ("annotate", "KIND/twin", "owner=ann")
_ENV = ("set", "env", "KIND/twin", "-c", "main", "GONE_LATER-", "NEW=1")
_PORT = (
    "patch",
    "KIND/twin",
    "--type=json",
    '-p=[{"op":"add","path":"/spec/template/spec/containers/0/ports/-",'
    '"value":{"name":"again","containerPort":8080}}]',
)
_STUCK = ("set", "image", "KIND/twin", "main=localhost/nowhere:9")
_PAUSE = ("rollout", "pause", "KIND/twin")


class Case(NamedTuple):
    """What is done before, with what kubectl does it, and what we intend."""

    name: str
    before: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]
    intent: Intent
    kinds: tuple[str, ...] = ("deployment", "statefulset", "daemonset")


_UNDO = ("rollout", "undo", "KIND/twin")
_SET = ("set", "image", "KIND/twin", "side=localhost/busybox:2", "main=localhost/busybox:3")
_SCALABLE = ("deployment", "statefulset")
CASES = (
    Case("undo one revision", (_IMAGE_2,), _UNDO, Rollback()),
    Case(
        "undo to the first of several",
        (_IMAGE_2, _ENV, _IMAGE_3),
        (*_UNDO, "--to-revision=1"),
        Rollback(1),
    ),
    Case("undo twice", (_IMAGE_2, _UNDO), _UNDO, Rollback()),
    Case("undo with causes", (_CAUSE, _IMAGE_2, _NOTE, _CAUSE, _IMAGE_3), _UNDO, Rollback()),
    Case("undo removed env", (_ENV,), _UNDO, Rollback()),
    Case("undo doubled port", (_PORT,), _UNDO, Rollback()),
    Case("undo to a doubled port", (_PORT, _IMAGE_2), _UNDO, Rollback()),
    Case("undo a stuck rollout", (_IMAGE_2, _STUCK), _UNDO, Rollback()),
    Case("restart", (), ("rollout", "restart", "KIND/twin"), Restart()),
    Case("restart doubled port", (_PORT,), ("rollout", "restart", "KIND/twin"), Restart()),
    Case("undo a restart", (("rollout", "restart", "KIND/twin"),), _UNDO, Rollback()),
    Case("pause", (), _PAUSE, Pause(), ("deployment",)),
    Case(
        "resume", (_PAUSE, _IMAGE_2), ("rollout", "resume", "KIND/twin"), Resume(), ("deployment",)
    ),
    Case("scale up", (), ("scale", "KIND/twin", "--replicas=3"), Scale(3), _SCALABLE),
    Case("scale by", (), ("scale", "KIND/twin", "--replicas=0"), Scale(-1, True), _SCALABLE),
    Case(
        "set image",
        (),
        _SET,
        SetImage((("side", "localhost/busybox:2"), ("main", "localhost/busybox:3"))),
    ),
    Case(
        "set image doubled port", (_PORT,), _IMAGE_2, SetImage((("main", "localhost/busybox:2"),))
    ),
    Case(
        "set image while paused",
        (_PAUSE,),
        _IMAGE_2,
        SetImage((("main", "localhost/busybox:2"),)),
        ("deployment",),
    ),
)
PARAMETERS = [
    pytest.param(case, kind, id=f"{kind}-{case.name.replace(' ', '-')}")
    for case in CASES
    for kind in case.kinds
]


@pytest.fixture(scope="module")
def namespaces(make_namespace: Callable[[str], str]) -> tuple[str, str]:
    return make_namespace("ours"), make_namespace("theirs")


@pytest.fixture
async def scope(kubeconfig: Path, namespaces: tuple[str, str]) -> AsyncIterator[Scope]:
    async with opened(kubeconfig, namespaces[0]) as found:
        yield found


class Twin(NamedTuple):
    """One of the two objects, with its history."""

    obj: dict[str, Any]
    history: tuple[tuple[str, str], ...]
    """(number, name) of each revision; names have the template's hash in them."""

    @property
    def observed(self) -> bool:
        """Whether the controller has seen the newest spec and written its history."""
        meta, status = self.obj["metadata"], self.obj.get("status", {})
        if status.get("observedGeneration", 0) < meta["generation"]:
            return False
        if self.obj["kind"] != "Deployment" or self.obj["spec"].get("paused"):
            return True
        number = meta.get("annotations", {}).get(_REVISION)
        return number in {revision for revision, _ in self.history}

    @property
    def comparable(self) -> Any:
        """The object without what can't be the same: where and when it is, and who wrote what."""
        obj = json.loads(json.dumps(self.obj).replace(self.obj["metadata"]["namespace"], "NS"))
        for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields", "selfLink"):
            obj["metadata"].pop(field, None)
        obj.pop("status")
        notes = obj["spec"]["template"]["metadata"].get("annotations", {})
        if "kubectl.kubernetes.io/restartedAt" in notes:
            notes["kubectl.kubernetes.io/restartedAt"] = "TIME"
        return obj

    @property
    def numbers(self) -> list[str]:
        return [number for number, _ in self.history]


def _look(kubectl: Kubectl, namespace: str, kind: str) -> Twin:
    kept = "replicasets" if kind == "deployment" else "controllerrevisions"
    # One kubectl for both: it is its start that takes the time of these tests.
    items = kubectl.json("get", f"{kind},{kept}", "-n", namespace)["items"]
    (obj,) = (one for one in items if one["metadata"]["name"] == "twin")
    numbered = (
        (one["metadata"].get("annotations", {}).get(_REVISION) or str(one.get("revision", "")), one)
        for one in items
        if one is not obj
    )
    return Twin(obj, tuple(sorted((number, one["metadata"]["name"]) for number, one in numbered)))


def _settled(kubectl: Kubectl, namespace: str, kind: str) -> Twin:
    def look() -> Twin | None:
        twin = _look(kubectl, namespace, kind)
        return twin if twin.observed else None

    twin = eventually(look, 20, f"{kind} observed in {namespace}")
    assert twin is not None
    return twin


def _do(kubectl: Kubectl, namespace: str, kind: str, words: tuple[str, ...]) -> Twin:
    kubectl("-n", namespace, *(word.replace("KIND", kind) for word in words))
    return _settled(kubectl, namespace, kind)


def _delete(kubectl: Kubectl, namespace: str, kind: str) -> None:
    kubectl("delete", kind, "twin", "-n", namespace, "--cascade=foreground", "--wait")


def _prepare(kubectl: Kubectl, namespace: str, kind: str, case: Case) -> Twin:
    kubectl("apply", "-n", namespace, "-f", "-", stdin=_MANIFESTS[kind])
    twin = _settled(kubectl, namespace, kind)
    for words in case.before:
        twin = _do(kubectl, namespace, kind, words)
    return twin


async def _ours(scope: Scope, intent: Intent, subject: Subject) -> Outcome:
    preview = await scope.actions.preview(intent, subject)
    assert preview.can_go, preview.refused
    assert preview.dry_run == "accepted"
    steps = [step async for step in scope.actions.perform(preview)]
    outcome = steps[-1].outcome
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(("case", "kind"), PARAMETERS)
async def test_the_same_object_as_kubectl_leaves(
    case: Case, kind: str, scope: Scope, kubectl: Kubectl, namespaces: tuple[str, str]
) -> None:
    def at_once(do: Callable[..., T], *each: tuple[Any, ...]) -> Awaitable[list[T]]:
        """Does it in a thread for each of these arguments."""
        return asyncio.gather(*(asyncio.to_thread(do, kubectl, *words) for words in each))

    ours, theirs = namespaces
    try:
        twins = await at_once(_prepare, (ours, kind, case), (theirs, kind, case))
        assert twins[0].comparable == twins[1].comparable
        outcome = await _ours(scope, case.intent, Subject(_PLURALS[kind], ours, "twin"))
        assert outcome.result == "accepted", outcome
        (left,) = await at_once(_settled, (ours, kind))
        (right,) = await at_once(_do, (theirs, kind, case.command))
        assert left.comparable == right.comparable
        assert left.numbers == right.numbers
    finally:
        await at_once(_delete, (ours, kind), (theirs, kind))
