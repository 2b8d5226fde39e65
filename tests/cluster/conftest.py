"""The cluster that the cases run against, and the namespaces that they make in it.

Set K8STUI_TEST_KUBECONFIG to the kubeconfig of someone who may do everything. There may also be:

- K8STUI_TEST_KUBECTL: the kubectl to use, otherwise the one on the path;
- K8STUI_TEST_IMAGE: an image with a busybox that the nodes have, `localhost/busybox:1` otherwise;
- K8STUI_TEST_DEMO=1: the cluster is k8stui's own, and cases that need a real one are skipped;
- K8STUI_TEST_AUDIT_LOG: the API server's audit log, otherwise `audit.log` beside the kubeconfig;
- K8STUI_TEST_FAULT: the program that breaks clusters, otherwise `../shared/cluster/fault`.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster.kube import Kubectl

_ENVIRON = dict(os.environ)
"""As whoever runs the tests has it; the tests themselves get a clean one."""
_TOLD = "set K8STUI_TEST_KUBECONFIG to the admin kubeconfig of a cluster to run tests/cluster"

TIMES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TIMES] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    given = _ENVIRON.get("K8STUI_TEST_KUBECONFIG")
    demo = _ENVIRON.get("K8STUI_TEST_DEMO")
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.cluster)
            if not given:
                item.add_marker(pytest.mark.skip(_TOLD))
            elif demo and item.get_closest_marker("needs_real"):
                item.add_marker(pytest.mark.skip("only a real cluster can do this"))
            elif not demo and item.get_closest_marker("needs_demo"):
                item.add_marker(pytest.mark.skip("only the demo cluster has these workloads"))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in config.stash[TIMES]:
        terminalreporter.write_line(f"seen: {line}")


@pytest.fixture
def note_time(request: pytest.FixtureRequest) -> Callable[[str, float], None]:
    """Writes a measured time below the results; no test depends on it being short."""

    def note(what: str, seconds: float) -> None:
        request.config.stash[TIMES].append(f"{request.node.name}: {what} in {seconds:.2f} s")

    return note


@pytest.fixture(scope="session")
def kubeconfig() -> Path:
    return Path(_ENVIRON["K8STUI_TEST_KUBECONFIG"]).absolute()


@pytest.fixture(scope="session")
def fault() -> Path:
    """The program that breaks clusters; `up` and `down` lie beside it."""
    root = Path(__file__).parents[2]
    path = Path(_ENVIRON.get("K8STUI_TEST_FAULT") or root.parent / "shared/cluster/fault")
    if not path.exists() or os.geteuid() != 0:
        pytest.skip("breaking a control plane needs ../shared/cluster/fault, and root")
    return path


@pytest.fixture(scope="session")
def environ_outside() -> dict[str, str]:
    """The environment as whoever runs the tests has it."""
    return _ENVIRON


@pytest.fixture(scope="session")
def image() -> str:
    return _ENVIRON.get("K8STUI_TEST_IMAGE") or "localhost/busybox:1"


@pytest.fixture(scope="session")
def kubectl(kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    path = _ENVIRON.get("K8STUI_TEST_KUBECTL") or shutil.which("kubectl")
    if not path:
        pytest.skip("there is no kubectl on the path, and K8STUI_TEST_KUBECTL is not set")
    environ = {"PATH": os.defpath, "HOME": str(tmp_path_factory.mktemp("kubectl"))}
    return Kubectl(path, kubeconfig, environ)


@pytest.fixture(scope="session")
def make_namespace(kubectl: Kubectl) -> Iterator[Callable[[str], str]]:
    """Makes namespaces of the tests' own, which go with the tests."""
    made: list[str] = []

    def make(purpose: str) -> str:
        name = f"k8stui-{purpose}-{uuid.uuid4().hex[:6]}"
        kubectl("create", "namespace", name)
        made.append(name)
        return name

    yield make
    for name in made:
        kubectl.delete_namespace(name)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What the program finds around it: a home of its own and a plain terminal."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
