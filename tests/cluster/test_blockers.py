"""Each reason for which a rollout does not go on is named in the rollout pane, soon and in words.

The reason is brought about in the cluster; then the pane's own lines are looked at until they name
it. How long that took counts from the moment that the cluster itself has written down.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from k8stui.session.scope import Scope
from k8stui.viewmodels.cockpit import Cockpit
from k8stui.viewmodels.surroundings import Surroundings
from tests.cluster.kube import Kubectl
from tests.cluster.live import opened

_PATIENCE = 90.0

_POD = """\
    metadata: {labels: {app: NAME}}
    spec:
      terminationGracePeriodSeconds: 0
      POD
      containers:
      - name: app
        image: IMAGE
        imagePullPolicy: Never
        command: [sleep, "3600"]
        CONTAINER
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  replicas: 1
  selector: {matchLabels: {app: NAME}}
  template:
"""
_STATEFULSET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME}
spec:
  replicas: 2
  serviceName: NAME
  podManagementPolicy: Parallel
  STRATEGY
  selector: {matchLabels: {app: NAME}}
  template:
"""
_DAEMONSET = """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: NAME}
spec:
  STRATEGY
  selector: {matchLabels: {app: NAME}}
  template:
"""
_BUDGET = """\
---
apiVersion: VERSION
kind: PodDisruptionBudget
metadata: {name: NAME}
spec: {minAvailable: 1, selector: {matchLabels: {app: NAME}}}
"""
_QUOTA = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: few}
spec: {hard: {pods: "0"}}
"""
_WEBHOOK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: NAME}
webhooks:
- name: guard.example.com
  clientConfig: {url: "https://127.0.0.1:1/guard"}
  namespaceSelector: {matchLabels: {guarded-by: NAME}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  failurePolicy: Fail
  timeoutSeconds: 2
  sideEffects: None
  admissionReviewVersions: [v1]
"""


class Case(NamedTuple):
    """What brings it about, and what the pane must say."""

    name: str
    kind: str
    manifest: str
    says: tuple[str, ...]
    then: tuple[tuple[str, ...], ...] = ()
    """What kubectl does once the first pods are there; NAME stands for the workload."""
    pod: str = ""
    container: str = ""
    strategy: str = ""
    more: str = ""


def _event(reason: str) -> Callable[[Kubectl, str, str], float]:
    """When the cluster first told of it in an event about something of that name."""

    def known(kubectl: Kubectl, namespace: str, name: str) -> float:
        found = kubectl.json("get", "events", "-n", namespace)["items"]
        times = [
            _epoch(one["firstTimestamp"] or one["eventTime"])
            for one in found
            if one["reason"] == reason and one["involvedObject"]["name"].startswith(name)
        ]
        return min(times)

    return known


def _epoch(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).timestamp()


_CRASH = "[sh, -c, 'echo cannot read /etc/app.conf; exit 3']"
CASES = (
    (
        Case(
            "image",
            "deployments.apps",
            _DEPLOYMENT,
            (": image localhost:1/absent:1 can't be pulled (", "connection refused"),
            then=(
                (
                    "patch",
                    "deploy/NAME",
                    "--type=json",
                    '-p=[{"op":"replace","path":"/spec/template/spec/containers/0/imagePullPolicy",'
                    '"value":"Always"},{"op":"replace",'
                    '"path":"/spec/template/spec/containers/0/image",'
                    '"value":"localhost:1/absent:1"}]',
                ),
            ),
        ),
        _event("Failed"),
    ),
    (
        Case(
            "crash",
            "deployments.apps",
            _DEPLOYMENT,
            ("(exit code 3, ", 'its last line: "cannot read /etc/app.conf"'),
            container=f"args: []\n        command: {_CRASH}",
        ),
        _event("Started"),
    ),
    (
        Case(
            "probe",
            "deployments.apps",
            _DEPLOYMENT,
            ("container app ", "readiness probe failed: queue is full"),
            container="readinessProbe: {periodSeconds: 1, "
            "exec: {command: [sh, -c, 'echo queue is full; exit 1']}}",
        ),
        _event("Unhealthy"),
    ),
    (
        Case(
            "unschedulable",
            "deployments.apps",
            _DEPLOYMENT,
            (": can't be scheduled: 0/", " nodes are available: "),
            pod="nodeSelector: {example.com/there-is: none}",
        ),
        _event("FailedScheduling"),
    ),
    (
        Case(
            "budget",
            "deployments.apps",
            _DEPLOYMENT + "",
            ("pdb/budget allows no eviction now (", "the rollout itself does not"),
            pod="nodeSelector: {example.com/there-is: none}",
            more=_BUDGET,
        ),
        _event("FailedScheduling"),
    ),
    (
        Case(
            "paused",
            "deployments.apps",
            _DEPLOYMENT,
            ("blocked: paused: the changed template is not rolled out until it is resumed",),
            then=(
                ("rollout", "pause", "deploy/NAME"),
                ("set", "env", "deploy/NAME", "A=1"),
            ),
        ),
        None,
    ),
    (
        Case(
            "partition",
            "statefulsets.apps",
            _STATEFULSET,
            ("blocked: partition 2: partition-0 and partition-1 keep the old revision",),
            then=(("set", "env", "sts/NAME", "A=1"),),
            strategy="updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 2}}",
        ),
        None,
    ),
    (
        Case(
            "ondelete",
            "daemonsets.apps",
            _DAEMONSET,
            ("blocked: OnDelete: ondelete-", " the old revision until deleted"),
            then=(("set", "env", "ds/NAME", "A=1"),),
            strategy="updateStrategy: {type: OnDelete}",
        ),
        None,
    ),
    (
        Case(
            "calm",
            "deployments.apps",
            _DEPLOYMENT,
            ("nothing wrong yet: calm-", "container app runs but is not ready yet"),
            container="readinessProbe: {initialDelaySeconds: 3000, exec: {command: ['true']}}",
        ),
        None,
    ),
)
PARAMETERS = [pytest.param(case, known, id=case.name) for case, known in CASES]


def _yaml(case: Case, image: str, policy: str) -> str:
    pod = case.pod or "restartPolicy: Always"
    text = case.manifest + _POD.replace("POD", pod).replace(
        "CONTAINER", case.container or "stdin: false"
    )
    if case.container.startswith("args"):
        text = text.replace('        command: [sleep, "3600"]\n', "")
    text = text.replace("STRATEGY", case.strategy or "revisionHistoryLimit: 10") + case.more
    return text.replace("NAME", case.name).replace("IMAGE", image).replace("VERSION", policy)


class Pane:
    """The lines of the rollout pane about one workload, as the program makes them."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._surroundings = Surroundings(scope, lambda: None)
        self.model = Cockpit(scope, lambda: None, surroundings=self._surroundings)

    async def until(self, kind: str, name: str, says: tuple[str, ...]) -> tuple[float, str]:
        """Waits until a line has all of these; the epoch seconds of that moment, and the lines."""
        begin, text = time.monotonic(), ""
        while time.monotonic() - begin < _PATIENCE:
            found = self._scope.collection(kind).find(self._scope.namespace, name)
            self.model.select_workload(found.uid if found else None)
            self.model.tick()
            lines = [note.text for note in self.model.rollout()]
            text = "\n".join(lines)
            if any(all(each in line for each in says) for line in lines):
                return time.time(), text
            for crashed in self.model.crashes_to_ask():
                line = await self._scope.last_line(crashed)
                self._surroundings.learned(crashed.run, line)
            await asyncio.sleep(0.05)
        raise AssertionError(f"{says} not within {_PATIENCE:.0f} s:\n{text}")

    def close(self) -> None:
        self.model.close()
        self._surroundings.close()


@pytest.fixture(scope="module")
def namespace(make_namespace: Callable[[str], str]) -> str:
    return make_namespace("blockers")


@pytest.fixture
def policy(kubectl: Kubectl) -> str:
    return "policy/v1" if "policy/v1" in kubectl("api-versions").split() else "policy/v1beta1"


@pytest.mark.parametrize(("case", "known"), PARAMETERS)
async def test_the_reason_is_named(
    case: Case,
    known: Callable[[Kubectl, str, str], float] | None,
    namespace: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    policy: str,
    note_time: Callable[[str, float], None],
) -> None:
    def do(*words: str, stdin: str = "") -> Any:
        return asyncio.to_thread(kubectl, "-n", namespace, *words, stdin=stdin)

    async with opened(kubeconfig, namespace) as scope:
        pane = Pane(scope)
        try:
            await do("apply", "-f", "-", stdin=_yaml(case, image, policy))
            told = time.time()
            if case.then:
                await pane.until(case.kind, case.name, (" available",))
                for words in case.then:
                    await do(*(word.replace("NAME", case.name) for word in words))
                told = time.time()
            seen, _ = await pane.until(case.kind, case.name, case.says)
        finally:
            pane.close()
        since = await asyncio.to_thread(known, kubectl, namespace, case.name) if known else told
        note_time(repr(case.says[0]), max(0.0, seen - since))
        await do("delete", case.kind, case.name, "--wait=false")


@pytest.fixture
def few(make_namespace: Callable[[str], str], kubectl: Kubectl) -> str:
    """A namespace whose quota lets no pod in."""
    name = make_namespace("quota")
    kubectl("apply", "-n", name, "-f", "-", stdin=_QUOTA)
    return name


@pytest.fixture
def guarded(make_namespace: Callable[[str], str], kubectl: Kubectl) -> Iterator[str]:
    """A namespace whose pods a webhook has to admit that nobody answers."""
    name = make_namespace("guarded")
    kubectl("label", "namespace", name, f"guarded-by={name}")
    kubectl("apply", "-f", "-", stdin=_WEBHOOK.replace("NAME", name))
    yield name
    kubectl("delete", "validatingwebhookconfiguration", name)


REFUSED = (
    ("deployments.apps", _DEPLOYMENT),
    ("statefulsets.apps", _STATEFULSET),
    ("daemonsets.apps", _DAEMONSET),
)


async def _refused(
    namespace: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    says: tuple[str, ...],
    note_time: Callable[[str, float], None],
) -> None:
    async with opened(kubeconfig, namespace) as scope:
        pane = Pane(scope)
        try:
            for kind, manifest in REFUSED:
                case = Case(kind.partition(".")[0], kind, manifest, says)
                text = _yaml(case, image, "")
                await asyncio.to_thread(kubectl, "-n", namespace, "apply", "-f", "-", stdin=text)
                seen, _ = await pane.until(kind, case.name, says)
                since = _event("FailedCreate")(kubectl, namespace, case.name)
                note_time(f"{case.name}: {says[1]!r}", max(0.0, seen - since))
        finally:
            pane.close()


async def test_a_quota_refuses_the_pods(
    few: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    note_time: Callable[[str, float], None],
) -> None:
    says = ("blocked: pods can't be created: ", "exceeded quota: few, requested: pods=1")
    await _refused(few, kubeconfig, kubectl, image, says, note_time)


async def test_a_webhook_refuses_the_pods(
    guarded: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    note_time: Callable[[str, float], None],
) -> None:
    says = ("blocked: pods can't be created: ", 'webhook "guard.example.com"')
    await _refused(guarded, kubeconfig, kubectl, image, says, note_time)
