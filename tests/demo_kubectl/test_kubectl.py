"""Stock kubectl, each that is found, does its everyday work against the demo cluster."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.demo.launch import start

pytestmark = pytest.mark.cluster


def _found() -> list[str]:
    """Those that $K8STUI_TEST_KUBECTL names (separated as a path), or the one on the path."""
    named = os.environ.get("K8STUI_TEST_KUBECTL", "").split(os.pathsep)
    found = [path for path in dict.fromkeys(named) if path]
    return [path for path in found or [shutil.which("kubectl") or ""] if Path(path).is_file()]


class Kubectl:
    """One kubectl against one demo cluster."""

    def __init__(self, path: str, config: str, home: Path) -> None:
        self.path = path
        self._environ = {**os.environ, "KUBECONFIG": config, "HOME": str(home)}

    def popen(self, *args: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [self.path, *args], stdout=pipe, stderr=pipe, stdin=pipe, text=True, env=self._environ
        )

    def raw(self, *args: str, stdin: str = "") -> tuple[int, str, str]:
        child = self.popen(*args)
        out, err = child.communicate(stdin, timeout=120)
        return child.returncode, out, err

    def __call__(self, *args: str, stdin: str = "") -> str:
        code, out, err = self.raw(*args, stdin=stdin)
        assert code == 0, f"kubectl {' '.join(args)}: {err}"
        return out


@pytest.fixture(scope="module", params=_found() or [""])
def kubectl(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kubectl]:
    if not request.param:
        pytest.skip("no kubectl was found")
    with start(speed=3.0) as config:
        yield Kubectl(request.param, config, tmp_path_factory.mktemp("home"))


def test_get_all_kinds_wide(kubectl: Kubectl) -> None:
    kinds = kubectl("api-resources", "--verbs=list", "-o", "name").split()
    assert len(kinds) > 30
    for kind in kinds:
        kubectl("get", kind, "-A", "-o", "wide")
        kubectl("get", kind, "-A", "-o", "yaml")


def test_describe_everything(kubectl: Kubectl) -> None:
    for kind in (
        "pods", "deploy", "rs", "sts", "ds", "jobs", "cronjobs", "svc", "endpoints", "hpa", "pdb",
        "ingress", "pvc", "pv", "nodes", "ns", "cm", "secrets", "events", "certificates", "sc",
    ):  # fmt: skip
        scope = [] if kind in ("pv", "nodes", "ns", "sc") else ["-A"]
        assert kubectl("describe", kind, *scope), kind


def test_a_rollout(kubectl: Kubectl) -> None:
    cart = ("-n", "shop")
    kubectl(*cart, "set", "image", "deploy/cart", "cart=registry.shop.example/cart:2.3.0")
    assert "successfully rolled out" in kubectl(*cart, "rollout", "status", "deploy/cart")
    history = kubectl(*cart, "rollout", "history", "deploy/cart")
    last = re.findall(r"^(\d+)", history, re.MULTILINE)[-1]
    detail = kubectl(*cart, "rollout", "history", "deploy/cart", f"--revision={last}")
    assert "cart:2.3.0" in detail
    kubectl(*cart, "rollout", "undo", "deploy/cart")
    kubectl(*cart, "rollout", "status", "deploy/cart")
    path = "jsonpath={.spec.template.spec.containers[0].image}"
    assert kubectl(*cart, "get", "deploy", "cart", "-o", path).endswith("cart:2.5.0")
    kubectl(*cart, "rollout", "restart", "deploy/cart")
    kubectl(*cart, "rollout", "pause", "deploy/cart")
    kubectl(*cart, "rollout", "resume", "deploy/cart")
    kubectl(*cart, "rollout", "status", "deploy/cart")
    kubectl(*cart, "scale", "deploy/cart", "--replicas=3")
    kubectl(*cart, "wait", "--for=condition=available", "deploy/cart", "--timeout=60s")


@pytest.mark.parametrize("what", ["sts/shop-db -n shop", "ds/fluent-bit -n monitoring"])
def test_rollouts_with_revisions(kubectl: Kubectl, what: str) -> None:
    if what.startswith("ds/"):
        kubectl("rollout", "restart", *what.split())
    else:
        kubectl("rollout", "restart", *what.split())
        kubectl("rollout", "status", *what.split())
    assert len(kubectl("rollout", "history", *what.split()).strip().splitlines()) >= 3
    kubectl("rollout", "undo", *what.split())


def test_logs(kubectl: Kubectl) -> None:
    lines = kubectl("-n", "shop", "logs", "deploy/web", "-c", "web", "--tail=5", "--timestamps")
    assert len(lines.splitlines()) == 5
    previous = kubectl("-n", "payments", "logs", "-p", "-l", "app=payments-worker")
    assert "PAYMENT_API_KEY is not set" in previous
    following = kubectl.popen(
        "-n", "shop", "logs", "-f", "deploy/cart", "--all-containers", "--tail=1"
    )
    assert following.stdout is not None
    for _ in range(3):
        assert "msg=" in following.stdout.readline()
    following.kill()
    following.communicate()


def test_top(kubectl: Kubectl) -> None:
    assert "pool-main-1" in kubectl("top", "nodes")
    assert "web-" in kubectl("top", "pods", "-n", "shop", "--containers")


def test_exec(kubectl: Kubectl) -> None:
    shop = ("-n", "shop", "exec")
    assert kubectl(*shop, "cart-cache-0", "--", "hostname") == "cart-cache-0\n"
    code, _, err = kubectl.raw(*shop, "cart-cache-0", "--", "sh", "-c", "exit 7")
    assert (code, "exit code 7" in err) == (7, True)
    out = kubectl(*shop, "-i", "cart-cache-0", "--", "sh", stdin="echo a\necho b\n")
    assert out == "a\nb\n"


def test_port_forward(kubectl: Kubectl) -> None:
    forward = kubectl.popen("-n", "shop", "port-forward", "svc/cart", ":80", "--address=127.0.0.1")
    assert forward.stdout is not None
    try:
        found = re.search(r"127\.0\.0\.1:(\d+)", forward.stdout.readline())
        assert found
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for _ in range(2):
            with opener.open(f"http://127.0.0.1:{found[1]}/x", timeout=20) as answer:
                assert b"answers GET /x" in answer.read()
    finally:
        forward.kill()
        forward.communicate()


def test_rights(kubectl: Kubectl) -> None:
    assert "pods" in kubectl("--context=demo-viewer", "auth", "can-i", "--list")
    code, out, _ = kubectl.raw("--context=demo-viewer", "auth", "can-i", "delete", "pods")
    assert (code, out.strip()) == (1, "no")
    code, _, err = kubectl.raw("--context=demo-tenant", "get", "pods", "-A")
    assert code == 1
    assert 'User "tenant@demo" cannot list resource "pods"' in err


ALL_AVAILABLE = '{"spec":{"minAvailable":"100%"}}'
APPLIED = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "mine", "namespace": "default"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "mine"}},
        "template": {
            "metadata": {"labels": {"app": "mine"}},
            "spec": {
                "containers": [{"name": "main", "image": "busybox:1", "command": ["sleep", "999"]}]
            },
        },
    },
}


@pytest.mark.parametrize("server_side", [False, True])
def test_apply_and_delete(kubectl: Kubectl, server_side: bool) -> None:
    how = ["--server-side"] if server_side else []
    body = json.loads(json.dumps(APPLIED))
    kubectl("apply", *how, "-f", "-", stdin=json.dumps(body))
    kubectl("rollout", "status", "deploy/mine")
    body["spec"]["replicas"] = 2
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "busybox:2"
    kubectl("apply", *how, "--dry-run=server", "-f", "-", stdin=json.dumps(body))
    assert kubectl("get", "deploy", "mine", "--no-headers").split()[1] == "1/1"
    kubectl("apply", *how, "-f", "-", stdin=json.dumps(body))
    kubectl("rollout", "status", "deploy/mine")
    assert kubectl("get", "deploy", "mine", "--no-headers").split()[1] == "2/2"
    kubectl("delete", "deploy", "mine", "--timeout=60s")
    kubectl("wait", "--for=delete", "pod", "-l", "app=mine", "--timeout=60s")


def test_get_watch(kubectl: Kubectl) -> None:
    watch = kubectl.popen("get", "cm", "-n", "default", "--watch", "-o", "name")
    assert watch.stdout is not None
    try:
        deadline = time.monotonic() + 20
        seen = ""
        number = 0
        while "cm-" not in seen and time.monotonic() < deadline:
            kubectl("create", "cm", f"cm-{number}", "-n", "default")
            number += 1
            seen = watch.stdout.readline()
        assert "configmap/cm-" in seen
    finally:
        watch.kill()
        watch.communicate()


def test_cordon_and_drain(kubectl: Kubectl) -> None:
    kubectl("cordon", "pool-batch-1")
    assert "SchedulingDisabled" in kubectl("get", "node", "pool-batch-1")
    kubectl("uncordon", "pool-batch-1")
    flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=90s"]
    if "--delete-emptydir-data" not in kubectl("drain", "--help"):
        flags[1] = "--delete-local-data"
    kubectl("drain", "pool-batch-1", *flags)
    kubectl("uncordon", "pool-batch-1")
    kubectl("-n", "shop", "patch", "pdb", "web", "--type=merge", "-p", ALL_AVAILABLE)
    code, _, err = kubectl.raw("drain", "pool-main-1", *flags[:3], "--timeout=8s")
    assert code == 1
    assert "disruption budget" in err
    kubectl("uncordon", "pool-main-1")
