"""The Workloads and Rollout panes' models tell what kubectl tells of the same objects."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from k8stui.resources.workloads import Workload
from k8stui.viewmodels.cockpit import Cockpit
from tests.cluster.kube import Kubectl
from tests.cluster.live import opened, until

_SHOP = {
    "deploy/web": ("✓", "3/3", "rev "),
    "deploy/crasher": ("✗", "0/1", "CrashLoopBackOff"),
    "deploy/nopull": ("✗", "0/1", "ErrImageNeverPull"),
    "deploy/neverready": ("✗", "0/1", "not ready"),
    "sts/db": ("✓", "2/2", ""),
    "ds/agent": ("✓", "1/1", ""),
    "pod/toobig": ("!", "0/1", "unschedulable"),
}
_BATCH = {"cronjob/every-minute": ("", "", ""), "job/report": ("✓", "1/1", "complete")}
_DEMO = {
    "deploy/checkout": ("✗", "2/4", "unschedulable"),
    "deploy/search": ("✗", "0/1", "not ready"),
    "deploy/web": ("", "3/4", "ImagePull"),
    "deploy/cart": ("✓", "2/2", "rev 2"),
}
"""What docs/demo.md says is wrong in `shop`."""
_DEMO_BATCH = {
    "deploy/exporter": ("✗", "0/1", "unschedulable"),
    "deploy/price-trainer": ("✗", "0/1", "unschedulable"),
    "job/import-feed": ("✗", "0/1", "BackoffLimit"),
    "cronjob/old-orders-cleanup": ("", "", "suspended"),
    "cronjob/sales-report": ("✓", "", "last ok"),
}
_DEMO_PAYMENTS = {
    "deploy/fraud-model": ("✗", "0/1", "unschedulable"),
    "deploy/payments-worker": ("✗", "0/1", "CrashLoopBackOff"),
    "deploy/payments-api": ("✓", "2/2", "rev 2"),
}
_ROLLING = ("deployments.apps", "statefulsets.apps", "daemonsets.apps")


@asynccontextmanager
async def cockpit(kubeconfig: Path, namespace: str) -> AsyncIterator[Cockpit]:
    """The model behind the home screen, all read."""
    async with opened(kubeconfig, namespace) as scope:
        model = Cockpit(scope, lambda: None)
        await until(lambda: model.is_read, 20, "everything is read")
        yield model
        model.close()


def _named(model: Cockpit) -> dict[str, Workload]:
    return {f"{each.short}/{each.name}": each for each in model.workloads.records()}


async def _tells(
    kubeconfig: Path, namespace: str, expected: dict[str, tuple[str, str, str]]
) -> None:
    async with cockpit(kubeconfig, namespace) as model:

        def wrong() -> dict[str, tuple[str, str, str]]:
            rows = _named(model)
            return {
                name: (rows[name].glyph, rows[name].ready_text, rows[name].summary)
                if name in rows
                else ("", "", "missing")
                for name, (glyph, counts, words) in expected.items()
                if name not in rows
                or not rows[name].glyph.startswith(glyph)
                or not rows[name].ready_text.startswith(counts)
                or words not in rows[name].summary
            }

        # A container that crashes in turn runs for seconds between two rests.
        try:
            await until(lambda: not wrong(), 30, "words")
        except AssertionError:
            assert wrong() == {}


def _restarted(kubectl: Kubectl, namespace: str) -> set[str]:
    """Names of pods of which kubectl tells that a container was restarted."""
    return {
        pod["metadata"]["name"]
        for pod in kubectl.json("get", "pods", "-n", namespace)["items"]
        if any(one["restartCount"] for one in pod["status"].get("containerStatuses", ()))
    }


@pytest.mark.needs_real  # the workloads of ../shared/cluster; the demo cluster's are below
@pytest.mark.parametrize(("namespace", "expected"), [("shop", _SHOP), ("batch", _BATCH)])
async def test_each_workload_has_its_word_and_counts(
    namespace: str,
    expected: dict[str, tuple[str, str, str]],
    kubeconfig: Path,
    kubectl: Kubectl,
) -> None:
    restarted = _restarted(kubectl, namespace)
    for name, (glyph, counts, _) in expected.items():
        # A node in need may have restarted what is well: that is told for ten minutes.
        if glyph == "✓" and any(pod.startswith(f"{name.partition('/')[2]}-") for pod in restarted):
            expected = expected | {name: ("", counts, "")}
    await _tells(kubeconfig, namespace, expected)


@pytest.mark.needs_demo
@pytest.mark.parametrize(
    ("namespace", "expected"),
    [("shop", _DEMO), ("batch", _DEMO_BATCH), ("payments", _DEMO_PAYMENTS)],
)
async def test_the_demo_cluster_has_the_troubles_that_it_names(
    namespace: str, expected: dict[str, tuple[str, str, str]], kubeconfig: Path
) -> None:
    await _tells(kubeconfig, namespace, expected)


def _history(kubectl: Kubectl, workload: str, namespace: str) -> dict[int, str]:
    """Change-cause by revision."""
    printed = kubectl("rollout", "history", workload, "-n", namespace)
    rows = re.findall(r"^(\d+) +(.*)$", printed, re.MULTILINE)
    return {int(number): "" if cause == "<none>" else cause for number, cause in rows}


def _shows(model: Cockpit, history: dict[int, str]) -> bool:
    return {row.revision: row.change_cause for row in model.revisions.records()} == history


async def test_the_revisions_are_those_of_rollout_history(
    kubeconfig: Path, kubectl: Kubectl
) -> None:
    compared = 0
    async with cockpit(kubeconfig, "") as model:
        for key in _ROLLING:
            for record in list(model.cluster.collection(key).rows.values()):
                if record.namespace.startswith("k8stui-"):
                    continue  # Others' tests, which come and go.
                model.select_workload(record.uid)
                workload = f"{key.partition('.')[0]}/{record.name}"
                theirs = _history(kubectl, workload, record.namespace)
                same = partial(_shows, model, theirs)
                await until(same, 10, f"revisions of {workload}: {theirs}")
                compared += 1
    assert compared
