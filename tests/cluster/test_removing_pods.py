"""Pods are evicted and deleted once, and never by a dry run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from k8stui.actions.intents import Delete, Evict, Intent, Subject
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.live import opened

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: app, image: IMAGE, imagePullPolicy: Never, command: [sleep, "1000"]}
---
apiVersion: POLICY
kind: PodDisruptionBudget
metadata: {name: app}
spec: {minAvailable: 2, selector: {matchLabels: {app: app}}}
"""


def _pods(kubectl: Kubectl, namespace: str) -> dict[str, str]:
    """Name and uid of the pods that stay."""
    found = kubectl.json("get", "pods", "-n", namespace)["items"]
    return {
        one["metadata"]["name"]: one["metadata"]["uid"]
        for one in found
        if "deletionTimestamp" not in one["metadata"]
    }


@pytest.fixture
def namespace(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    """With two ready pods that a budget keeps."""
    name = make_namespace("removing")
    newer = "policy/v1" in kubectl("api-versions").split()
    policy = "policy/v1" if newer else "policy/v1beta1"
    manifest = _MANIFEST.replace("IMAGE", image).replace("POLICY", policy)
    kubectl("apply", "-n", name, "-f", "-", stdin=manifest)

    def guarded() -> bool:
        status = kubectl.json("get", "poddisruptionbudget", "app", "-n", name).get("status", {})
        return bool(status.get("currentHealthy") == 2)

    eventually(guarded, 60, "two pods are ready")
    return name


async def test_a_budget_refuses_an_eviction(
    kubeconfig: Path, kubectl: Kubectl, namespace: str
) -> None:
    before = _pods(kubectl, namespace)
    async with opened(kubeconfig, namespace) as scope:
        preview = await scope.actions.preview(Evict(), Subject("pods", namespace, min(before)))
        assert preview.refused_by == "dry run"
        assert "The disruption budget app needs 2 healthy pods and has 2" in preview.refused
        assert preview.warnings[0].startswith("pdb/app allows no disruption now")
    assert _pods(kubectl, namespace) == before


@pytest.mark.parametrize("intent", [Evict(), Delete(), Delete(force=True)], ids=repr)
async def test_one_pod_goes_and_only_when_it_is_meant(
    intent: Intent, kubeconfig: Path, kubectl: Kubectl, namespace: str
) -> None:
    kubectl("delete", "poddisruptionbudget", "app", "-n", namespace)
    before = _pods(kubectl, namespace)
    name = min(before)
    async with opened(kubeconfig, namespace) as scope:
        preview = await scope.actions.preview(intent, Subject("pods", namespace, name))
        assert preview.can_go, preview.refused
        assert preview.dry_run == "accepted"
        assert _pods(kubectl, namespace) == before
        steps = [step async for step in scope.actions.perform(preview)]
        outcome = steps[-1].outcome
        assert outcome is not None
        assert outcome.result == "accepted"
    eventually(lambda: name not in _pods(kubectl, namespace), 20, "it goes")
    left = eventually(
        lambda: len(found := _pods(kubectl, namespace)) == 2 and found,
        30,
        "another takes its place",
    )
    assert isinstance(left, dict)
    assert len(set(before.items()) & set(left.items())) == 1
