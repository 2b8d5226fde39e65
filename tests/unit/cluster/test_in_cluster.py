"""In a pod without a kubeconfig the pod's own service account is used, as by kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8stui.cluster import in_cluster
from k8stui.cluster.credentials import KubeconfigCredentials, credentials_for
from k8stui.cluster.kubeconfig import ContextSpec, KubeConfig
from k8stui.cluster.target import Overrides, resolve_target
from k8stui.errors import UsageError

POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(in_cluster, "SERVICE_ACCOUNT", tmp_path)
    (tmp_path / "token").write_text("one\n")
    (tmp_path / "namespace").write_text("shop\n")
    (tmp_path / "ca.crt").write_text("PEM")
    return tmp_path


async def test_a_pod_has_a_cluster_a_namespace_and_a_token_that_is_read_again(
    account: Path,
) -> None:
    target = resolve_target(KubeConfig(), Overrides(), POD)
    assert (target.context, target.server) == ("in-cluster", "https://10.96.0.1:443")
    assert (target.namespace, target.tls.ca_data) == ("shop", "PEM")
    assert target.tls.ca_source == str(account / "ca.crt")
    credentials = credentials_for(target, environ=POD)
    assert isinstance(credentials, KubeconfigCredentials)
    credential = await credentials.get()
    assert credential.authorization == "Bearer one"
    (account / "token").write_text("two\n")
    assert (await credentials.get()).authorization == "Bearer one"
    assert (await credentials.refresh(credential.generation)).authorization == "Bearer two"


def test_ipv6_and_no_authority(account: Path) -> None:
    (account / "ca.crt").unlink()
    target = resolve_target(
        KubeConfig(), Overrides(), {**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}
    )
    assert (target.server, target.tls.ca_data) == ("https://[fd00::1]:443", None)


@pytest.mark.parametrize(
    ("environ", "flag", "namespace"),
    [
        ({}, "", "shop"),
        ({"POD_NAMESPACE": "batch"}, "", "batch"),
        ({"POD_NAMESPACE": "batch"}, "flag", "flag"),
    ],
)
def test_the_namespace_is_the_flags_the_variables_or_the_accounts(
    account: Path, environ: dict[str, str], flag: str, namespace: str
) -> None:
    target = resolve_target(KubeConfig(), Overrides(namespace=flag), {**POD, **environ})
    assert target.namespace == namespace
    (account / "namespace").unlink()
    if not environ:
        assert resolve_target(KubeConfig(), Overrides(), POD).namespace == "default"


def test_impersonation_flags_count_in_a_pod_too(account: Path) -> None:
    target = resolve_target(KubeConfig(), Overrides(as_user="bob"), POD)
    assert target.impersonation.user == "bob"


def test_a_kubeconfig_without_a_current_context_does_not_count(account: Path) -> None:
    config = KubeConfig(contexts={"x": ContextSpec("x")})
    assert resolve_target(config, Overrides(), POD).context == "in-cluster"
    with pytest.raises(UsageError, match='no context "y"'):
        resolve_target(config, Overrides(context="y"), POD)


@pytest.mark.parametrize("missing", ["token", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
def test_without_token_host_or_port_it_is_no_pod(account: Path, missing: str) -> None:
    environ = {name: value for name, value in POD.items() if name != missing}
    if missing == "token":
        (account / "token").unlink()
    with pytest.raises(UsageError, match="there is no kubeconfig"):
        resolve_target(KubeConfig(), Overrides(), environ)
