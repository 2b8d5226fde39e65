"""What a kubeconfig says: contexts, clusters and users, each with the file that it came from."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import msgspec

from k8stui.cluster.masked import Masked

NO_FILE = Path()
"""The origin of what no kubeconfig defines (the service account of a pod)."""


class ContextSpec(msgspec.Struct, frozen=True):
    """Names a cluster, the user to be there and the namespace to begin in ("" when not said)."""

    name: str
    cluster: str = ""
    user: str = ""
    namespace: str = ""
    origin: Path = NO_FILE


class ClusterSpec(Masked, frozen=True):
    """Where an API server is and how to be sure of it; paths are absolute."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"proxy_url"})  # it may hold a password

    name: str
    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    """PEM, already decoded from the file's base64."""
    proxy_url: str = ""
    disable_compression: bool = False
    exec_config: str = ""
    """JSON of the extension `client.authentication.k8s.io/exec`, for the user's exec plugin."""
    origin: Path = NO_FILE


class ExecSpec(Masked, frozen=True):
    """A program that prints credentials (an exec credential plugin)."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"args", "env"})

    command: str = ""
    """As written, but absolute when it was written with a slash."""
    api_version: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    install_hint: str = ""
    interactive_mode: str = ""
    provide_cluster_info: bool = False


class AuthProviderSpec(Masked, frozen=True):
    """The settings of one of the old built-in auth providers."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"config"})

    name: str = ""
    config: tuple[tuple[str, str], ...] = ()


class UserSpec(Masked, frozen=True):
    """How to prove who one is, and whom to impersonate; paths are absolute."""

    secret_fields: ClassVar[frozenset[str]] = frozenset(
        {"client_certificate_data", "client_key_data", "token", "password"}
    )

    name: str
    client_certificate: str = ""
    client_certificate_data: str = ""
    """PEM, already decoded from the file's base64, as the key is."""
    client_key: str = ""
    client_key_data: str = ""
    token: str = ""
    token_file: str = ""
    username: str = ""
    password: str = ""
    exec: ExecSpec | None = None
    auth_provider: AuthProviderSpec | None = None
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    origin: Path = NO_FILE


class KubeConfig(msgspec.Struct, frozen=True):
    """Every kubeconfig file that applies, merged by client-go's rules."""

    paths: tuple[Path, ...] = ()
    """Where it was looked for, whether a file was there or not."""
    contexts: dict[str, ContextSpec] = {}
    clusters: dict[str, ClusterSpec] = {}
    users: dict[str, UserSpec] = {}
    current_context: str = ""
    current_context_origin: Path = NO_FILE
    warnings: tuple[str, ...] = ()
    """What is odd in the files but does not keep them from being used, a sentence each."""
