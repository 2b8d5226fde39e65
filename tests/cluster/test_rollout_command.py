"""`k8stui rollout` as a person or a script runs it, to the verdict and its exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.kube import Kubectl, eventually
from tests.cluster.screen import k8stui

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  progressDeadlineSeconds: 600
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: app, image: IMAGE, imagePullPolicy: Never, command: [sleep, "1000"]}
"""

Rollout = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def namespace(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    """With `deploy/app`, one good revision and one whose image is nowhere."""
    name = make_namespace("rollout")
    kubectl("apply", "-n", name, "-f", "-", stdin=_MANIFEST.replace("IMAGE", image))
    kubectl("rollout", "status", "deploy/app", "-n", name, "--timeout=60s")
    kubectl("set", "image", "deploy/app", "app=localhost/nowhere:1", "-n", name)
    return name


@pytest.fixture
def rollout(kubeconfig: Path, namespace: str, environ: dict[str, str]) -> Rollout:
    def run(*words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        command = k8stui("rollout", *words, "-n", namespace, "--kubeconfig", str(kubeconfig))
        return subprocess.run(
            command,
            env=environ,
            input=answer,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_it_is_looked_at(rollout: Rollout) -> None:
    history = json.loads(rollout("history", "deploy/app", "-o", "json").stdout)["revisions"]
    assert [one["revision"] for one in history] == [2, 1]
    assert history[0]["rollingTo"]
    diff = rollout("diff", "deployment/app")
    assert diff.returncode == 0
    assert "deploy/app: now → revision 1" in diff.stdout
    assert "~ container app › image: localhost/nowhere:1 → " in diff.stdout


def test_a_rollout_that_does_not_end_within_the_time(rollout: Rollout) -> None:
    done = eventually(
        lambda: (
            (found := rollout("status", "deploy/app", "--timeout=1s"))
            and "image localhost/nowhere:1 can't be pulled" in found.stdout
            and found
        ),
        60,
        "what blocks it is named",
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 1
    assert "not ended yet: " in done.stderr


def test_nothing_is_done_without_a_yes(rollout: Rollout, kubectl: Kubectl, namespace: str) -> None:
    asked = ("get", "deploy", "app", "-n", namespace, "-o", "jsonpath={.metadata.generation}")
    before = kubectl(*asked)
    assert rollout("undo", "deploy/app").returncode == 2
    dry = rollout("undo", "deploy/app", "--dry-run")
    assert dry.returncode == 0
    assert "dry run: accepted" in dry.stdout
    assert rollout("undo", "deploy/app", "--yes", "--read-only").returncode == 4
    assert rollout("undo", "deploy/app", "--yes", "--to-revision=77").returncode == 1
    assert kubectl(*asked) == before


def test_whoever_may_not_is_told_by_the_exit_code(
    kubectl: Kubectl, namespace: str, rollout: Rollout
) -> None:
    who = f"{namespace}-viewer"
    bind = ("create", "rolebinding", "viewer", "--clusterrole=view", f"--user={who}")
    kubectl(*bind, "-n", namespace)
    refused = eventually(
        lambda: (
            (found := rollout("undo", "deploy/app", "--yes", f"--as={who}"))
            and found.returncode == 4
            and found
        ),
        20,
        "the right to look",
    )
    assert isinstance(refused, subprocess.CompletedProcess)
    assert "can't be done: you may not patch deployments.apps in namespace" in refused.stderr


def test_out_of_a_stuck_rollout_to_the_verdict(rollout: Rollout, environ: dict[str, str]) -> None:
    done = rollout("undo", "deploy/app", "--yes", "--timeout=60s", "-o", "json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["preview"]["title"] == "Roll back deploy/app to revision 1"
    assert value["outcome"]["result"] == "accepted"
    assert value["verdict"]["state"] == "done"
    lines = (Path(environ["HOME"]) / ".local/state/k8stui/audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["phase"] for line in lines] == ["sending", "answered", "verdict"]
    assert rollout("status", "deploy/app").returncode == 0


def test_back_to_what_is_there_is_done_already_as_kubectl_has_it(
    rollout: Rollout, kubectl: Kubectl, namespace: str
) -> None:
    newest = json.loads(rollout("history", "deploy/app", "-o", "json").stdout)["revisions"][0]
    there = f"--to-revision={newest['revision']}"
    theirs = kubectl("rollout", "undo", "deploy/app", there, "-n", namespace)
    assert "skipped rollback" in theirs
    done = rollout("undo", "deploy/app", there, "--yes")
    assert done.returncode == 0
    said = f"nothing to do: the template is that of revision {newest['revision']} already"
    assert said in done.stdout


def test_pause_and_resume(rollout: Rollout, kubectl: Kubectl, namespace: str) -> None:
    assert rollout("pause", "deploy/app", "--yes").returncode == 0
    again = kubectl.run("rollout", "pause", "deploy/app", "-n", namespace)
    assert (again.returncode, rollout("pause", "deploy/app", "--yes").returncode) == (1, 1)
    refused = rollout("undo", "deploy/app", "--yes")
    assert refused.returncode == 1
    assert "it is paused: resume it first" in refused.stderr
    assert rollout("resume", "deploy/app", "--yes", "--timeout=60s").returncode == 0
    assert rollout("restart", "deploy/app", "--yes", "--timeout=60s").returncode == 0
