"""The running program on a terminal follows the cluster as it changes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.kube import Kubectl, eventually
from tests.cluster.screen import Program, k8stui, running

_ROLLING = Path(__file__).with_name("rolling.yaml")
_SIZES = [(80, 24), (120, 40), (200, 60)]
_AT_MOST = 3.0
"""Seconds from the API's answer to the screen; the aim is one, on an idle machine."""

NoteTime = Callable[[str, float], None]


@pytest.fixture(scope="module")
def rolling(kubectl: Kubectl, make_namespace: Callable[[str], str], image: str) -> str:
    """A namespace with a Deployment, a StatefulSet and a pod, all running."""
    name = make_namespace("rolling")
    kubectl("apply", "-n", name, "-f", "-", stdin=_ROLLING.read_text().replace("IMAGE", image))
    kubectl("rollout", "status", "deploy/roller", "-n", name, "--timeout=60s")
    kubectl("rollout", "status", "sts/keeper", "-n", name, "--timeout=60s")
    return name


def _row(program: Program, workload: str) -> str:
    """The workload's line, up to the next pane."""
    return program.line_with(workload).split("▏")[0]


def _selected(program: Program) -> str:
    """The name that the cursor of the Workloads pane stands on."""
    for line in program.lines:
        if match := re.match(r"[ ▌]*▸ *\S (\S+)", line):
            return match.group(1)
    return ""


@pytest.mark.parametrize(("columns", "lines"), _SIZES)
def test_the_screen_follows_the_cluster(
    columns: int,
    lines: int,
    rolling: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    environ: dict[str, str],
    note_time: NoteTime,
) -> None:
    here = ("-n", rolling)
    kubectl("scale", "deploy/roller", *here, "--replicas=2")
    kubectl("rollout", "status", "deploy/roller", *here, "--timeout=60s")
    command = k8stui("--kubeconfig", str(kubeconfig), *here)
    with running(command, environ, columns, lines) as program:
        program.shows("deploy/roller", "sts/keeper", "pod/alone", "● live")
        program.until(lambda each: "2/2" in _row(each, "deploy/roller"), 10, "2/2")

        kubectl("scale", "deploy/roller", *here, "--replicas=3")
        seen = program.until(
            lambda each: "/3" in _row(each, "deploy/roller"), _AT_MOST, "three are wanted"
        )
        note_time("scale", seen)
        program.until(lambda each: "3/3" in _row(each, "deploy/roller"), 60, "three are ready")

        kubectl("set", "env", "deploy/roller", *here, f"AT={time.time()}")
        revision = _newest_revision(kubectl, rolling)
        seen = program.until(
            lambda each: f"rev {revision}" in _row(each, "deploy/roller"),
            _AT_MOST,
            f"revision {revision}",
        )
        note_time("rollout", seen)
        kubectl("rollout", "status", "deploy/roller", *here, "--timeout=90s")
        program.until(lambda each: "✓" in _row(each, "deploy/roller"), 10, "rolled out")

        _select(program, "deploy/roller")
        if columns < 100:
            program.send("\t")
        # One of the old ReplicaSet may still be on its way out, and gone before the pane opens.
        pod = next(
            name
            for name, status in kubectl.status_words(rolling).items()
            if name.startswith("roller-") and status == "Running"
        )
        tail = pod.rpartition("-")[2]
        program.shows(tail)
        kubectl("delete", "pod", pod, *here, "--wait=false")
        seen = program.until(
            lambda each: "Terminating" in each.line_with(tail) or tail not in each.text,
            _AT_MOST,
            f"{pod} is being deleted",
        )
        note_time("delete", seen)
        # A kubelet that misses the moment looks again after a minute.
        program.until(lambda each: tail not in each.text, 150, f"{pod} is gone")
        program.send("q")
        assert program.exit_code(5) == 0


def _newest_revision(kubectl: Kubectl, namespace: str) -> str:
    """The Deployment's own number, once its controller has seen the newest template."""

    def look() -> str:
        it = kubectl.json("get", "deploy", "roller", "-n", namespace)
        if it["status"]["observedGeneration"] < it["metadata"]["generation"]:
            return ""
        return str(it["metadata"]["annotations"]["deployment.kubernetes.io/revision"])

    return eventually(look, 20, "the controller sees the Deployment")


def _moved_from(workload: str) -> Callable[[Program], bool]:
    return lambda program: _selected(program) != workload


def _has_keys_below(program: Program) -> bool:
    """Whether the last line of the terminal is the line of keys."""
    return "Help" in program.lines[-1]


def _select(program: Program, workload: str) -> None:
    """Moves the cursor down to a workload."""
    for _ in range(10):
        program.until(_selected, 5, "a cursor")
        before = _selected(program)
        if before == workload:
            return
        program.send("\x1b[B")
        program.until(_moved_from(before), 5, "the cursor moves")
    raise AssertionError(f"{workload} is not there\n{program.text}")


def test_resizing_keeps_the_selection(
    rolling: str, kubeconfig: Path, environ: dict[str, str]
) -> None:
    with running(k8stui("--kubeconfig", str(kubeconfig), "-n", rolling), environ) as program:
        program.shows("deploy/roller", "sts/keeper", "pod/alone", "● live")
        _select(program, "sts/keeper")
        for columns, lines in [*_SIZES, (80, 24), (120, 40)]:
            program.resize(columns, lines)
            program.until(_has_keys_below, 10, f"painted in {columns}x{lines}")
            program.until(lambda each: _selected(each) == "sts/keeper", 5, "the same selection")
            for name in ("deploy/roller", "sts/keeper", "pod/alone"):
                assert name in program.text


def test_what_is_typed_ahead_reaches_the_prompt(
    kubeconfig: Path, rolling: str, environ: dict[str, str]
) -> None:
    with running(k8stui("--kubeconfig", str(kubeconfig), "-n", rolling), environ) as program:
        program.shows("deploy/roller", "● live")
        program.send(":svc\r")
        program.shows("CLUSTER-IP", seconds=5)
