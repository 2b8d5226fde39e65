"""Users that kubectl refuses are refused, with the user, the file and the fields."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from k8stui.cluster.kubeconfig import AuthProviderSpec, ExecSpec, UserSpec
from k8stui.cluster.user_check import check_user
from k8stui.errors import UsageError

FILE = Path("/home/alice/.kube/config")
V1 = "client.authentication.k8s.io/v1"


@pytest.mark.parametrize(
    ("user", "problem"),
    [
        (UserSpec("alice", token="t", username="u"), "has a token and a username or password"),
        (
            UserSpec("alice", token_file="/t", password="p"),
            "has a token and a username or password",
        ),
        (
            UserSpec("alice", client_certificate="/a.crt"),
            "has a client-certificate but neither client-key nor client-key-data",
        ),
        (
            UserSpec("alice", exec=ExecSpec("x", V1), auth_provider=AuthProviderSpec("oidc")),
            "has both exec and auth-provider",
        ),
        (UserSpec("alice", exec=ExecSpec("", V1)), "has no command"),
        (UserSpec("alice", exec=ExecSpec("aws")), "has no apiVersion"),
        (
            UserSpec("alice", exec=ExecSpec("aws", "client.authentication.k8s.io/v1alpha1")),
            "uses client.authentication.k8s.io/v1alpha1, which Kubernetes 1.24 removed",
        ),
        (UserSpec("alice", exec=ExecSpec("aws", "v1")), "has an unknown apiVersion: v1"),
        (UserSpec("alice", exec=ExecSpec("aws", V1)), "has no interactiveMode"),
        (
            UserSpec("alice", exec=ExecSpec("aws", V1, interactive_mode="never")),
            "has an unknown interactiveMode: never",
        ),
        (
            UserSpec("alice", exec=ExecSpec("aws", V1, env=(("", "x"),), interactive_mode="Never")),
            "has an env variable without a usable name",
        ),
    ],
)
def test_a_user_that_kubectl_refuses_is_refused(user: UserSpec, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_user(msgspec.structs.replace(user, origin=FILE))
    message = caught.value.message
    assert f'user "alice" in {FILE}' in message
    assert problem in message
