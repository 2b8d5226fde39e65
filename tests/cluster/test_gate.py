"""What the gate lets through on a real server: modes, conflicts, and warnings before an action."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from k8stui.actions.intents import Delete, Intent, Restart, Rollback, Scale, SetImage, Subject
from k8stui.actions.interface import Actions, Outcome
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.live import opened
from tests.cluster.screen import k8stui

_WORKLOAD = """\
apiVersion: apps/v1
kind: KIND
metadata: {name: app}
spec:
  SERVICE
  selector: {matchLabels: {app: KIND}}
  template:
    metadata: {labels: {app: KIND}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: app, image: IMAGE, imagePullPolicy: Never, command: [sleep, "1000"]}
"""
_HPA = """\
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: app}
spec:
  minReplicas: 2
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
"""
_SERVICES = {"StatefulSet": "serviceName: app"}
_PLURALS = {"Deployment": "deployments", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets"}


def _workload(kind: str, image: str) -> str:
    """One pod of what sleeps, controlled by this kind."""
    service = _SERVICES.get(kind, "revisionHistoryLimit: 10")
    return _WORKLOAD.replace("SERVICE", service).replace("KIND", kind).replace("IMAGE", image)


def _first_revision(kubectl: Kubectl, namespace: str, kind: str) -> None:
    """Waits until there is something to go back to."""
    revisions = "replicasets" if kind == "Deployment" else "controllerrevisions"
    asked = ("get", revisions, "-n", namespace, "-l", f"app={kind}")
    eventually(lambda: kubectl.json(*asked)["items"], 30, "the first revision")


@pytest.fixture(scope="module")
def namespace(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    """With one workload of each kind, each with a revision to go back to."""
    name = make_namespace("gate")
    for kind, plural in _PLURALS.items():
        kubectl("apply", "-n", name, "-f", "-", stdin=_workload(kind, image))
        _first_revision(kubectl, name, kind)
        kubectl("set", "env", f"{plural}/app", "A=1", "-n", name)
    return name


@pytest.fixture
async def actions(kubeconfig: Path, namespace: str) -> AsyncIterator[Actions]:
    async with opened(kubeconfig, namespace) as scope:
        yield scope.actions


def _subject(namespace: str, kind: str = "Deployment") -> Subject:
    return Subject(f"{_PLURALS[kind]}.apps", namespace, "app")


# -- read-only, however it is asked for -----------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "config", "flags"),
    [
        ({"K8STUI_READ_ONLY": "1"}, "", ()),
        ({}, "read-only = true\n", ()),
        ({}, 'read-only-contexts = ["CONTEXT*"]\n', ()),
        ({"K8STUI_READ_ONLY": "1"}, "read-only = false\n", ()),
        ({}, "", ("--read-only",)),
    ],
    ids=["environment", "config", "context", "environment over config", "flag"],
)
def test_read_only_however_it_is_asked_for(
    variables: dict[str, str],
    config: str,
    flags: tuple[str, ...],
    namespace: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    environ: dict[str, str],
) -> None:
    context = kubectl("config", "current-context").strip()
    if config:
        directory = Path(environ["HOME"]) / ".config/k8stui"
        directory.mkdir(parents=True)
        (directory / "config.toml").write_text(config.replace("CONTEXT", context[:2]))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = k8stui(*words, *flags, "-n", namespace, "--kubeconfig", str(kubeconfig))
        return subprocess.run(
            command,
            env=environ | variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    before = _generation(kubectl, namespace)
    done = run("rollout", "restart", "deploy/app", "--yes")
    assert (done.returncode, "read-only" in done.stderr) == (4, True), done
    assert _generation(kubectl, namespace) == before
    assert "READ-ONLY" in run("snapshot", "--size", "120x40").stdout


def _generation(kubectl: Kubectl, namespace: str) -> int:
    found = kubectl.json("get", "deployment", "app", "-n", namespace)
    return int(found["metadata"]["generation"])


# -- conflicts ------------------------------------------------------------------------------------


async def _perform(
    actions: Actions, intent: Intent, subject: Subject, step: str, meanwhile: Callable[[], object]
) -> tuple[list[str], Outcome]:
    """Previews and performs; `meanwhile` happens the first time that this step is told."""
    preview = await actions.preview(intent, subject)
    assert preview.can_go, preview.refused
    if not step:
        await asyncio.to_thread(meanwhile)
    steps: list[str] = []
    outcome: Outcome | None = None
    async for told in actions.perform(preview):
        if step and told.text == step and step not in steps:
            await asyncio.to_thread(meanwhile)
        steps.append(told.text)
        outcome = told.outcome
    assert outcome is not None
    return steps, outcome


@pytest.mark.parametrize("step", ["", "sending"], ids=["before the confirmation", "while sending"])
async def test_a_changed_spec_stops_it_and_a_new_preview_goes_on(
    step: str, actions: Actions, namespace: str, kubectl: Kubectl
) -> None:
    subject = _subject(namespace)

    def change() -> None:
        kubectl("set", "env", "deploy/app", f"AT={step or 'before'}", "-n", namespace)

    _, outcome = await _perform(actions, Restart(), subject, step, change)
    assert outcome.result == "conflict"
    assert outcome.text == "nothing was sent: its spec was changed since the preview"
    stamp = "kubectl.kubernetes.io/restartedAt"
    assert stamp not in kubectl("get", "deploy", "app", "-n", namespace, "-o", "yaml")

    again = await actions.preview(Scale(2), subject)
    results = [step.outcome.result async for step in actions.perform(again) if step.outcome]
    assert results == ["accepted"]
    kubectl("scale", "deploy/app", "--replicas=1", "-n", namespace)


async def test_what_does_not_matter_is_no_conflict(
    actions: Actions, namespace: str, kubectl: Kubectl
) -> None:
    """The server answers 409, the object is read again, and the same would still be done."""

    def touch() -> None:
        kubectl("label", "deploy/app", "touched=yes", "--overwrite", "-n", namespace)

    steps, outcome = await _perform(actions, Scale(2), _subject(namespace), "sending", touch)
    assert outcome.result == "accepted"
    # The controller may still be at work on what the test before did: its status moves too.
    assert steps.count("sending") >= 2
    kubectl("scale", "deploy/app", "--replicas=1", "-n", namespace)


async def test_another_object_of_the_name_is_left_alone(
    actions: Actions, make_namespace: Callable[[str], str], kubectl: Kubectl, image: str
) -> None:
    namespace = make_namespace("anew")

    def create() -> None:
        kubectl("apply", "-n", namespace, "-f", "-", stdin=_workload("Deployment", image))

    def make_anew() -> None:
        kubectl("delete", "deploy", "app", "-n", namespace)
        create()

    create()
    _, outcome = await _perform(actions, Delete(), _subject(namespace), "", make_anew)
    assert outcome.result == "conflict"
    assert outcome.text == "nothing was sent: it was deleted and made anew since the preview"
    assert kubectl("get", "deploy", "app", "-n", namespace, "-o", "name").strip()


# -- who else has a say ---------------------------------------------------------------------------

_OWNERS = (
    ("label", "argocd.argoproj.io/instance=shop", "Argo CD application shop manages it"),
    ("annotate", "argocd.argoproj.io/tracking-id=web:apps/x", "Argo CD application web manages it"),
    ("label", "kustomize.toolkit.fluxcd.io/name=apps", "Flux Kustomization apps manages it"),
    ("label", "helm.toolkit.fluxcd.io/name=hr", "Flux HelmRelease hr manages it"),
    ("annotate", "meta.helm.sh/release-name=web", "Helm release web manages it"),
)


@pytest.mark.parametrize("kind", list(_PLURALS))
@pytest.mark.parametrize(("how", "mark", "says"), _OWNERS)
async def test_who_will_undo_it_is_told(
    how: str, mark: str, says: str, kind: str, actions: Actions, namespace: str, kubectl: Kubectl
) -> None:
    workload = f"{_PLURALS[kind]}/app"
    kubectl(how, workload, mark, "-n", namespace)
    try:
        preview = await actions.preview(Rollback(), _subject(namespace, kind))
        assert any(one.startswith(says) for one in preview.warnings), preview
    finally:
        kubectl(how, workload, f"{mark.partition('=')[0]}-", "-n", namespace)
    preview = await actions.preview(Rollback(), _subject(namespace, kind))
    assert not any("manages it" in one for one in preview.warnings)


async def test_an_autoscaler_and_its_bounds_are_told(
    actions: Actions, namespace: str, kubectl: Kubectl
) -> None:
    subject = _subject(namespace)
    kubectl("apply", "-n", namespace, "-f", "-", stdin=_HPA)
    bounds = "hpa/app scales it between 2 and 4"
    try:
        for intent, says in (
            (Scale(9), f"{bounds}: it will bring it back there at once"),
            (Scale(3), f"{bounds}: it will set its own number within a minute"),
            (Scale(0), f"{bounds}: at 0 it stops until someone scales it up again"),
            (Rollback(), f"{bounds}: it goes on setting the number of pods"),
            (Delete(), "hpa/app stays and will find nothing to scale"),
        ):
            preview = await actions.preview(intent, subject)
            told = json.dumps(preview.warnings)
            assert any(one.startswith(says) for one in preview.warnings), f"{intent}: {told}"
            assert preview.dry_run == "accepted"
        other = await actions.preview(
            SetImage((("app", "x:1"),)), _subject(namespace, "StatefulSet")
        )
        assert not any("hpa/" in one for one in other.warnings)
    finally:
        kubectl("delete", "hpa", "app", "-n", namespace)
