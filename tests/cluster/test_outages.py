"""The cluster goes away and comes back: the screen says so, and ends up right by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane, control_plane
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.screen import Program, k8stui, running

pytestmark = pytest.mark.needs_fault

_NAMESPACE = "outage"
_BACK = 60.0
"""Seconds within which everything is right again: the longest wait between two tries is 30."""
_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: outage}
spec: {containers: [{name: app, image: "localhost/none:1"}]}
"""


@pytest.fixture(scope="module")
def plane(
    fault: Path, environ_outside: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    home = tmp_path_factory.mktemp("plane")
    with control_plane(fault.parent, home, environ_outside) as found:
        yield found


@pytest.fixture(scope="module")
def admin(
    plane: ControlPlane, kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
) -> Kubectl:
    environ = {"HOME": str(tmp_path_factory.mktemp("home"))}
    found = Kubectl(kubectl.path, plane.kubeconfig, environ)
    found("create", "namespace", _NAMESPACE)
    eventually(
        lambda: found.run("get", "sa", "default", "-n", _NAMESPACE).returncode == 0,
        30,
        "pods may be made",
    )
    return found


@pytest.fixture
def program(plane: ControlPlane, admin: Kubectl, environ: dict[str, str]) -> Iterator[Program]:
    """The cockpit with the pods `stays` and `goes`, live."""
    for name in ("stays", "goes"):
        _create(admin, name)
    command = k8stui("--kubeconfig", str(plane.kubeconfig), "-n", _NAMESPACE)
    with running(command, environ) as found:
        found.shows("pod/stays", "pod/goes", "● live")
        yield found
        found.send("q")
        assert found.exit_code(5) == 0
    admin("delete", "pods", "--all", "-n", _NAMESPACE, "--force", "--grace-period=0")


def _create(admin: Kubectl, name: str) -> None:
    admin.apply(_POD.replace("NAME", name))


def _is_right(program: Program) -> bool:
    text = program.text
    return (
        "● live" in text
        and "stale" not in text
        and "pod/stays" in text
        and "pod/later" in text
        and "pod/goes" not in text
    )


def _ends_up_right(
    program: Program, admin: Kubectl, note_time: Callable[[str, float], None]
) -> None:
    """New things are seen, and nothing on the screen is old."""
    eventually(lambda: admin.run("get", "--raw", "/readyz").stdout == "ok", 60, "ready again")
    eventually(
        lambda: admin.run("apply", "-f", "-", stdin=_POD.replace("NAME", "later")).returncode == 0,
        30,
        "a pod is made after the outage",
    )
    note_time("right again", program.until(_is_right, _BACK, "live, and right"))


def test_the_api_server_dies_and_etcd_is_compacted(
    program: Program,
    plane: ControlPlane,
    admin: Kubectl,
    note_time: Callable[[str, float], None],
) -> None:
    with plane.broken("down", "kube-apiserver", 8):
        note_time("stale", program.shows("! stale for", "next try in", seconds=6))
        assert "pod/stays" in program.text
        assert "pod/goes" in program.text
        plane.forget("pods", _NAMESPACE, "goes")
        plane.compact()
        # Both count on as time passes.
        first = _stale_seconds(program)
        program.until(lambda each: _stale_seconds(each) > first, 5, "the header counts on")
    _ends_up_right(program, admin, note_time)


def _stale_seconds(program: Program) -> int:
    match = re.search(r"stale for (\d+)s", program.lines[0])
    return int(match.group(1)) if match else -1


def test_the_api_server_holds_still(
    program: Program,
    plane: ControlPlane,
    admin: Kubectl,
    note_time: Callable[[str, float], None],
) -> None:
    with plane.broken("freeze", "kube-apiserver", 6):
        plane.forget("pods", _NAMESPACE, "goes")
        program.send("\x1b[B")
        program.until(lambda each: "pod/stays" in each.text, 3, "the rows stay")
    _ends_up_right(program, admin, note_time)


def test_etcd_dies(
    program: Program,
    plane: ControlPlane,
    admin: Kubectl,
    note_time: Callable[[str, float], None],
) -> None:
    with plane.broken("down", "etcd", 6):
        program.send("\x1b[B")
        program.until(lambda each: "pod/stays" in each.text, 3, "the rows stay")
        assert "pod/goes" in program.text
    eventually(
        lambda: admin.run("delete", "pod", "goes", "-n", _NAMESPACE, "--force").returncode == 0,
        60,
        "a pod is deleted after the outage",
    )
    _ends_up_right(program, admin, note_time)
