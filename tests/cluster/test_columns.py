"""Every column of every kind says what `kubectl get -o wide` says, word for word."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from k8stui.resources.kinds import ResourceType
from k8stui.resources.registry import TYPED
from k8stui.session.scope import Scope
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.live import opened
from tests.cluster.printed import differences, printed, same_moment
from tests.cluster.screen import k8stui

pytestmark = pytest.mark.alone

_TROUBLES = Path(__file__).with_name("troubles.yaml")
_STATES = {
    "runs": "Running",
    "completes": "Completed",
    "fails": "Error",
    "half-done": "NotReady",
    "crashes": "CrashLoopBackOff",
    "is-killed": "OOMKilled",
    "too-late": "DeadlineExceeded",
    "no-image": "ErrImageNeverPull",
    "no-config": "CreateContainerConfigError",
    "init-runs": "Init:1/2",
    "init-fails": "Init:Error",
    "waits-for-node": "Pending",
    "lingers": "Terminating",
}
_NOT_SHOWN = ("controllerrevisions.apps",)
"""Read for what they tell of others; nobody sees a table of them with these columns."""
_NO_ODD_ONES = ("pods", "nodes", "cronjobs.batch", "poddisruptionbudgets.policy")
"""Looked at otherwise, or in versions that no manifest names for old and new servers alike."""
_GENERIC = ("configmaps", "secrets", "namespaces", "serviceaccounts", "ingresses.networking.k8s.io")
_FIRST_WITH_SOUND_DEFINITIONS = 24
"""The minor version from which an API server may be built with a present-day Go."""
_CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: GROUP}
spec:
  group: k8stui.example.com
  names: {plural: PLURAL, singular: SINGULAR, kind: Gadget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: boolean, jsonPath: .spec.ready}
    - {name: Since, type: date, jsonPath: .spec.since}
    - {name: Note, type: string, jsonPath: .spec.note, priority: 1}
    - {name: Nested, type: string, jsonPath: ".spec.parts[0].name"}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
"""
_GADGETS = """\
apiVersion: k8stui.example.com/v1
kind: Gadget
metadata: {name: whole}
spec: {size: 7, ready: true, since: "2024-02-29T12:00:00Z", note: "two words", parts: [{name: a}]}
---
apiVersion: k8stui.example.com/v1
kind: Gadget
metadata: {name: bare}
spec: {}
"""


@pytest.fixture(scope="module")
def troubles(kubectl: Kubectl, make_namespace: Callable[[str], str], image: str) -> str:
    """A namespace with a pod in each of `_STATES`."""
    name = make_namespace("troubles")
    kubectl("apply", "-n", name, "-f", "-", stdin=_TROUBLES.read_text().replace("IMAGE", image))
    eventually(lambda: _running(kubectl, name, "lingers"), 60, "the pod lingers runs")
    kubectl("delete", "pod", "lingers", "-n", name, "--wait=false")
    return name


def _running(kubectl: Kubectl, namespace: str, pod: str) -> bool:
    return kubectl.status_words(namespace).get(pod) == "Running"


async def _compare(scope: Scope, kind: ResourceType, namespace: str) -> int:
    """How many rows are equal; one or more differences fail. Both sides of the same moment."""
    feed = scope.open_table(kind, namespace, "")
    end = time.monotonic() + 30
    try:
        while True:
            table = await printed(scope, kind.path(namespace))
            records = dict(feed.collection.rows)
            if feed.columns() and feed.collection.synced and same_moment(table, records):
                break
            assert time.monotonic() < end, f"{kind.key} never holds still long enough"
            await asyncio.sleep(0.1)
        assert differences(table, records, feed.columns()) == []
        return len(records)
    finally:
        feed.close()


async def _served(scope: Scope, key: str) -> ResourceType:
    kinds = {each.key: each for each in await scope.kinds()}
    if key not in kinds:
        pytest.skip(f"the cluster serves no {key}")
    return kinds[key]


@pytest.mark.parametrize("key", [key for key in TYPED if key not in _NOT_SHOWN])
async def test_all_objects_of_a_kind_in_all_namespaces(key: str, kubeconfig: Path) -> None:
    async with opened(kubeconfig, "") as scope:
        await _compare(scope, await _served(scope, key), "")


@pytest.mark.parametrize("key", _GENERIC)
async def test_kinds_that_the_server_prints(key: str, kubeconfig: Path) -> None:
    async with opened(kubeconfig, "") as scope:
        await _compare(scope, await _served(scope, key), "")


async def test_pods_in_every_state(kubeconfig: Path, kubectl: Kubectl, troubles: str) -> None:
    states: Mapping[str, str] = {}

    def all_there() -> bool:
        nonlocal states
        states = kubectl.status_words(troubles)
        return all(states.get(pod) == word for pod, word in _STATES.items())

    try:
        eventually(all_there, 60, "all states")
    except AssertionError:
        assert {pod: states.get(pod) for pod in _STATES} == _STATES
    async with opened(kubeconfig, troubles) as scope:
        pod_kind = await _served(scope, "pods")
        assert await _compare(scope, pod_kind, troubles) >= len(_STATES)


@pytest.mark.parametrize(
    "key",
    [key for key in TYPED if key not in (*_NO_ODD_ONES, *_NOT_SHOWN)],
)
async def test_odd_objects_of_a_kind(key: str, kubeconfig: Path, troubles: str) -> None:
    async with opened(kubeconfig, troubles) as scope:
        kind = await _served(scope, key)
        assert await _compare(scope, kind, troubles) > 0


@pytest.fixture
def gadgets(kubectl: Kubectl, make_namespace: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """(namespace, key) of a kind that nobody has heard of, with columns of its own."""
    version = json.loads(kubectl("get", "--raw", "/version"))
    if int(version["minor"].rstrip("+")) < _FIRST_WITH_SOUND_DEFINITIONS:
        # The v1.20 of ../shared/cluster is built with a Go too new for it: custom resources make
        # it panic, and at times end.
        pytest.skip(f"custom resources can end an API server such as {version['gitVersion']}")
    namespace = make_namespace("gadgets")
    plural = namespace.replace("-", "")
    group = f"{plural}.k8stui.example.com"
    crd = _CRD.replace("GROUP", group).replace("PLURAL", plural).replace("SINGULAR", f"a{plural}")
    if (done := kubectl.run("apply", "-f", "-", stdin=crd)).returncode:
        # One that was built with a Go too new for it takes no definitions at all.
        pytest.skip(f"the API server takes no definition: {done.stderr.strip()}")
    kubectl("wait", "--for=condition=Established", f"crd/{group}", "--timeout=30s")
    apply = ("apply", "-n", namespace, "-f", "-")
    eventually(
        lambda: kubectl.run(*apply, stdin=_GADGETS).returncode == 0, 15, "the new kind is served"
    )
    yield namespace, group
    kubectl("delete", "crd", group, "--wait=false")


@pytest.mark.needs_real  # the demo cluster takes no definitions of new kinds
async def test_a_kind_with_columns_of_its_own(kubeconfig: Path, gadgets: tuple[str, str]) -> None:
    namespace, key = gadgets
    async with opened(kubeconfig, namespace) as scope:
        assert await _compare(scope, await _served(scope, key), namespace) == 2


def test_the_snapshot_has_the_fields_that_kubectl_prints(
    kubeconfig: Path, kubectl: Kubectl, environ: dict[str, str]
) -> None:
    columns = {
        "NAMESPACE": "namespace",
        "NAME": "name",
        "READY": "ready",
        "STATUS": "status",
        "RESTARTS": "restarts",
        "IP": "ip",
        "NODE": "node",
        "NOMINATED NODE": "nominated_node",
        "READINESS GATES": "readiness_gates",
    }

    def theirs() -> set[tuple[str, ...]]:
        lines = kubectl("get", "pods", "-A", "-o", "wide").splitlines()
        titles = [(match.group(), match.start()) for match in re.finditer(r"\S+( \S+)*", lines[0])]
        starts = [start for _, start in titles[1:]] + [None]
        rows = []
        for line in lines[1:]:
            cells = {
                title: line[start:end].strip()
                for (title, start), end in zip(titles, starts, strict=True)
            }
            rows.append(tuple(_counted(cells[title]) for title in columns))
        return set(rows)

    def ours() -> set[tuple[str, ...]]:
        command = k8stui("snapshot", "--kubeconfig", str(kubeconfig), "-A", "-o", "json")
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        pods = json.loads(done.stdout)["pods"]
        return {tuple(_counted(pod[each]) for each in columns.values()) for pod in pods}

    seen: list[set[tuple[str, ...]]] = []
    for _ in range(8):
        # What holds before and after the snapshot held at its moment, too.
        before, snapshot, after = theirs(), ours(), theirs()
        seen = [snapshot ^ before]
        if before == after:
            break
    assert seen == [set()]


def _counted(cell: str) -> str:
    """RESTARTS without its age, which moves on between two looks."""
    return re.sub(r" \(\S+ ago\)$", "", cell)
