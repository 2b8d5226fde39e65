"""People who may not read everything see what they may, and which right the rest lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from k8stui.resources.phase import Forbidden, Live
from k8stui.session.scope import Scope
from k8stui.viewmodels.cockpit import Cockpit
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.live import opened, until
from tests.cluster.screen import k8stui, running

_EVERYONE = "system:authenticated"
"""Whoever impersonates says it: old servers don't add it to the groups that are given."""
_WATCHED = (
    "pods",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "replicasets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "events",
)
_BINDINGS = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: tenants, namespace: NAMESPACE}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: NAMESPACE-tenants}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: NAMESPACE-viewers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: NAMESPACE-viewers}]
---
apiVersion: v1
kind: Pod
metadata: {name: waits, namespace: NAMESPACE}
spec:
  nodeSelector: {example.com/there-is: none}
  containers: [{name: app, image: IMAGE, imagePullPolicy: Never}]
"""


def _may_read(kubectl: Kubectl, namespace: str, group: str) -> bool:
    who = ("--as", "someone", "--as-group", group, "--as-group", _EVERYONE)
    return kubectl.run("get", "pods", "-n", namespace, *who).returncode == 0


@pytest.fixture(scope="module")
def place(kubectl: Kubectl, make_namespace: Callable[[str], str], image: str) -> Iterator[str]:
    """A namespace with a pod; `<it>-tenants` may view it, `<it>-viewers` everything."""
    name = make_namespace("rights")
    kubectl.apply(_BINDINGS.replace("NAMESPACE", name).replace("IMAGE", image))
    try:
        for group in ("tenants", "viewers"):
            eventually(partial(_may_read, kubectl, name, f"{name}-{group}"), 15, "the right")
        yield name
    finally:
        kubectl("delete", "clusterrolebinding", f"{name}-viewers")


def _phases(scope: Scope) -> dict[str, object]:
    for key in (*_WATCHED, "nodes"):
        scope.collection(key)
    return dict(scope.phases())


async def _settled(scope: Scope) -> dict[str, object]:
    await until(
        lambda: all(isinstance(each, (Live, Forbidden)) for each in _phases(scope).values()),
        20,
        "everything is read, or known not to be had",
    )
    return _phases(scope)


def _forbidden(phase: object, what: str) -> bool:
    return (
        isinstance(phase, Forbidden)
        and "cannot list resource" in phase.message
        and (f'"{what}"' in phase.message)
    )


def _names(model: Cockpit, name: str) -> bool:
    return any(f"{each.short}/{each.name}" == name for each in model.workloads.records())


@pytest.mark.parametrize(("group", "everywhere"), [("viewers", True), ("tenants", False)])
async def test_what_may_be_read_is_there(
    group: str, everywhere: bool, place: str, kubeconfig: Path
) -> None:
    who = ("someone", (f"{place}-{group}", _EVERYONE))
    for namespace in ("", place) if everywhere else (place,):
        async with opened(kubeconfig, namespace, *who) as scope:
            phases = await _settled(scope)
            assert {key: type(phases[key]) for key in _WATCHED} == dict.fromkeys(_WATCHED, Live)
            assert scope.collection("pods").find(place, "waits") is not None
            assert _forbidden(phases["nodes"], "nodes")
            model = Cockpit(scope, lambda: None)
            # Many workloads become rows a slice at a time.
            await until(partial(_names, model, "pod/waits"), 10, "the pod among the workloads")
            assert model.note("pods") == ("", "")
            assert "list nodes" in model.note("nodes")[0]
            model.close()


async def test_a_tenant_of_all_namespaces_is_told_which_right_there_is_not(
    place: str, kubeconfig: Path
) -> None:
    async with opened(kubeconfig, "", "someone", (f"{place}-tenants", _EVERYONE)) as scope:
        phases = await _settled(scope)
        for key in _WATCHED:
            assert _forbidden(phases[key], key.partition(".")[0]), key
        model = Cockpit(scope, lambda: None)
        assert "no right to list pods in all namespaces" in model.empty_text("workloads")[0]
        model.close()
        names, problem = await scope.namespaces()
        assert names == ()
        assert 'cannot list resource "namespaces"' in problem


def test_a_tenant_finds_the_way_to_the_namespace(
    place: str, kubeconfig: Path, environ: dict[str, str]
) -> None:
    who = ("--as", "someone", "--as-group", f"{place}-tenants", "--as-group", _EVERYONE)
    command = k8stui("--kubeconfig", str(kubeconfig), "-A", *who)
    with running(command, environ) as program:
        program.shows("no right to list pods", "nothing may be read here")
        program.send("n")
        program.shows("Switch to namespace", "namespaces is forbidden", "type a name")
        program.send(f"{place}\r")
        program.shows("pod/waits", "● live", place, "nodes: no right to list them")
        program.send("q")
        assert program.exit_code(5) == 0
