"""Kubeconfig and flags resolve to one cluster and user, or to a sentence that says why not."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from k8stui.cluster.kubeconfig import (
    ClusterSpec,
    ContextSpec,
    KubeConfig,
    UserSpec,
    load_kubeconfig,
)
from k8stui.cluster.kubeconfig_spec import AuthProviderSpec, ExecSpec
from k8stui.cluster.target import Overrides, Target, resolve_target
from k8stui.errors import UsageError

KUBECTL = shutil.which("kubectl")
FILE = Path("/home/alice/.kube/config")
V1 = "client.authentication.k8s.io/v1"


def config_of(
    cluster: ClusterSpec | None = None,
    user: UserSpec | None = None,
    namespace: str = "",
    current: str = "prod",
) -> KubeConfig:
    cluster = cluster or ClusterSpec("eu", server="https://eu:6443")
    user = user or UserSpec("alice", token="t")
    return KubeConfig(
        paths=(FILE,),
        contexts={
            "prod": ContextSpec("prod", "eu", "alice", namespace, FILE),
            "stage": ContextSpec("stage", "eu", "alice", "shop", FILE),
        },
        clusters={"eu": msgspec.structs.replace(cluster, origin=FILE)},
        users={"alice": msgspec.structs.replace(user, origin=FILE)},
        current_context=current,
        current_context_origin=FILE,
    )


def resolve(config: KubeConfig, **flags: Any) -> Target:
    return resolve_target(config, Overrides(**flags), {})


def refusal(config: KubeConfig, **flags: Any) -> list[str]:
    with pytest.raises(UsageError) as caught:
        resolve(config, **flags)
    return caught.value.lines()


def test_the_current_context_names_cluster_user_and_namespace() -> None:
    target = resolve(config_of())
    assert (target.context, target.cluster, target.user) == ("prod", "eu", "alice")
    assert (target.server, target.namespace) == ("https://eu:6443", "default")
    assert (target.proxy_url, target.tls.ca_data, target.tls.server_name) == (None, None, None)
    assert target.impersonation.user == ""


@pytest.mark.parametrize(
    ("in_context", "flags", "namespace"),
    [
        ("", {}, "default"),
        ("web", {}, "web"),
        ("web", {"namespace": "batch"}, "batch"),
        ("web", {"context": "stage"}, "shop"),
        ("web", {"context": "stage", "namespace": "batch"}, "batch"),
    ],
)
def test_the_namespace_is_the_flags_or_the_contexts(
    in_context: str, flags: dict[str, str], namespace: str
) -> None:
    assert resolve(config_of(namespace=in_context), **flags).namespace == namespace


@pytest.mark.parametrize(
    ("written", "server"),
    [
        ("https://eu:6443/", "https://eu:6443"),
        ("https://eu/k8s/clusters/c-1/?x=1#y", "https://eu/k8s/clusters/c-1"),
        ("eu:8080", "http://eu:8080"),
        ("10.0.0.1:8080", "http://10.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_server_is_a_url_and_without_a_scheme_plain_http_as_for_kubectl(
    written: str, server: str
) -> None:
    assert resolve(config_of(ClusterSpec("eu", server=written))).server == server


def test_what_a_cluster_says_about_the_connection_is_kept(tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_text("PEM of the file")
    cluster = ClusterSpec(
        "eu",
        server="https://eu",
        tls_server_name="inner",
        certificate_authority=str(authority),
        proxy_url="http://proxy",
        disable_compression=True,
        exec_config="{}",
    )
    target = resolve(config_of(cluster))
    assert (target.tls.ca_data, target.tls.server_name) == ("PEM of the file", "inner")
    assert str(authority) in target.tls.ca_source
    assert (target.proxy_url, target.disable_compression) == ("http://proxy", True)
    assert target.exec_config == "{}"
    both = msgspec.structs.replace(cluster, certificate_authority_data="PEM of the data")
    assert resolve(config_of(both)).tls.ca_data == "PEM of the data"
    insecure = ClusterSpec("eu", server="https://eu", insecure_skip_tls_verify=True)
    assert resolve(config_of(insecure)).tls.insecure


@pytest.mark.parametrize(
    ("config", "flags", "lines"),
    [
        (
            config_of(),
            {"context": "prd"},
            [f'there is no context "prd" in {FILE}', 'did you mean "prod"?'],
        ),
        (
            config_of(),
            {"context": "xyz\x1b[1m"},
            [f'there is no context "xyz^[[1m" in {FILE}', 'contexts: "prod", "stage"'],
        ),
        (
            config_of(current="stag"),
            {},
            [
                f'current-context of {FILE} names a context that is not there: "stag"',
                'did you mean "stage"?',
            ],
        ),
        (
            config_of(current=""),
            {},
            [f"no current-context is set in {FILE}", 'choose one with --context: "prod", "stage"'],
        ),
        (
            KubeConfig(paths=(FILE, Path("/b"))),
            {},
            [
                f"there is no kubeconfig: looked for {FILE}, /b",
                "give a file with --kubeconfig, or look at a cluster of its own: k8stui --demo",
            ],
        ),
        (
            KubeConfig(),
            {},
            [
                "there is no kubeconfig: KUBECONFIG names no file",
                "give a file with --kubeconfig, or look at a cluster of its own: k8stui --demo",
            ],
        ),
        (
            KubeConfig(contexts={"x": ContextSpec("x", origin=FILE)}, current_context="x"),
            {},
            [f'context "x" of {FILE} names no cluster'],
        ),
        (
            KubeConfig(
                contexts={"x": ContextSpec("x", "eu-1", origin=FILE)},
                clusters={"eu-2": ClusterSpec("eu-2")},
                current_context="x",
            ),
            {},
            [
                f'context "x" of {FILE} names a cluster that is not there: "eu-1"',
                'did you mean "eu-2"?',
            ],
        ),
        (
            KubeConfig(
                contexts={"x": ContextSpec("x", "eu", "bob", origin=FILE)},
                clusters={"eu": ClusterSpec("eu", server="https://eu")},
                current_context="x",
            ),
            {},
            [
                f'context "x" of {FILE} names a user that is not there: "bob"',
                "it has no users at all",
            ],
        ),
        (config_of(ClusterSpec("eu")), {}, [f'cluster "eu" in {FILE} has no server']),
        (
            config_of(ClusterSpec("eu", server="ftp://eu")),
            {},
            [
                f'server of cluster "eu" in {FILE} is not a URL: "ftp://eu"',
                "it looks like https://host:6443",
            ],
        ),
        (
            config_of(ClusterSpec("eu", server="https://eu:99999999")),
            {},
            [
                f'server of cluster "eu" in {FILE} is not a URL: "https://eu:99999999"',
                "it looks like https://host:6443",
            ],
        ),
        (
            config_of(ClusterSpec("eu", server="https://bob:s3cret@eu")),
            {},
            [f'server of cluster "eu" in {FILE} must not hold a user name or password'],
        ),
        (
            config_of(namespace="../admin"),
            {},
            [
                f'namespace of context "prod" of {FILE} is not the name of a namespace: "../admin"',
                "names have lower-case letters, digits and hyphens only",
            ],
        ),
        (
            config_of(),
            {"namespace": "Shop"},
            [
                '--namespace is not the name of a namespace: "Shop"',
                "names have lower-case letters, digits and hyphens only",
            ],
        ),
        (
            config_of(
                ClusterSpec(
                    "eu",
                    server="https://eu",
                    insecure_skip_tls_verify=True,
                    certificate_authority_data="PEM",
                )
            ),
            {},
            [
                f'insecure-skip-tls-verify of cluster "eu" in {FILE} is set, and so is a '
                "certificate-authority",
                "remove one of the two: a connection is checked, or it is not",
            ],
        ),
        (
            config_of(
                ClusterSpec("eu", server="https://eu", certificate_authority="/no/such/ca.crt")
            ),
            {},
            [
                f'certificate-authority of cluster "eu" in {FILE} (/no/such/ca.crt) '
                "can't be read: No such file or directory"
            ],
        ),
        (
            config_of(),
            {"as_groups": ("admins",)},
            [
                "a uid, group or extra field is to be impersonated, but no user",
                "say whom with --as, or with as: in the kubeconfig",
            ],
        ),
        (
            config_of(),
            {"as_user": "a\nb"},
            ['"a^Jb" can\'t be impersonated: it holds a control character'],
        ),
    ],
)
def test_what_is_missing_is_said_with_file_context_and_field(
    config: KubeConfig, flags: dict[str, Any], lines: list[str]
) -> None:
    assert refusal(config, **flags) == lines


def test_a_file_without_contexts_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("kind: Config\n")
    assert refusal(load_kubeconfig([path]))[0] == f"the kubeconfig has no contexts: {path}"


def test_a_context_without_a_user_is_anonymous() -> None:
    config = KubeConfig(
        contexts={"x": ContextSpec("x", "eu", origin=FILE)},
        clusters={"eu": ClusterSpec("eu", server="https://eu")},
        current_context="x",
    )
    assert resolve(config).user == ""


def test_impersonation_flags_go_before_the_kubeconfig_field_by_field() -> None:
    user = UserSpec(
        "alice",
        impersonate="bob",
        impersonate_uid="7",
        impersonate_groups=("a", "b"),
        impersonate_extra=(("example.com/Scope s%", ("x", "y")),),
    )
    config = config_of(user=user)
    configured = resolve(config).impersonation
    assert (configured.user, configured.uid, configured.groups) == ("bob", "7", ("a", "b"))
    assert configured.extra == (("example.com%2FScope%20s%25", ("x", "y")),)
    flagged = resolve(config, as_user="eve", as_groups=("c",)).impersonation
    assert (flagged.user, flagged.uid, flagged.groups) == ("eve", "7", ("c",))
    assert resolve(config_of(), as_user="eve", as_uid="1").impersonation.uid == "1"


def test_no_secret_is_shown_by_a_target() -> None:
    user = UserSpec(
        "alice",
        token="s3cret",
        client_key_data="s3cret",
        exec=ExecSpec(
            "aws", V1, ("--secret=s3cret",), (("S", "s3cret"),), interactive_mode="Never"
        ),
        auth_provider=None,
    )
    cluster = ClusterSpec("eu", server="https://eu", proxy_url="http://bob:s3cret@proxy")
    config = config_of(cluster, user)
    target = resolve(config)
    provider = AuthProviderSpec("oidc", (("refresh-token", "s3cret"),))
    password = UserSpec("alice", password="s3cret")
    shown = f"{target!r} {config!r} {target.__rich_repr__()} {provider!r} {password!r}"
    assert "s3cret" not in shown
    assert "alice" in shown


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
@pytest.mark.parametrize(
    "flags",
    [[], ["--context", "stage"], ["--namespace", "n"], ["--context", "stage", "--namespace", "n"]],
)
def test_resolves_as_kubectl_does(flags: list[str], tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text(
        "current-context: prod\n"
        "clusters:\n"
        "- {name: c, cluster: {server: 'https://c', tls-server-name: t, proxy-url: 'http://p'}}\n"
        "- {name: d, cluster: {server: 'https://d'}}\n"
        "contexts:\n"
        "- {name: prod, context: {cluster: c, user: u, namespace: shop}}\n"
        "- {name: stage, context: {cluster: d, user: v}}\n"
        "users: [{name: u, user: {token: '1'}}, {name: v, user: {token: '2'}}]\n"
    )
    command = [str(KUBECTL), "config", "view", "--minify", "--raw", "-o", "json", *flags]
    environ = {"KUBECONFIG": str(path), "HOME": str(tmp_path)}
    viewed = subprocess.run(command, env=environ, capture_output=True, check=True).stdout
    said: dict[str, Any] = json.loads(viewed)
    options = dict(zip(flags[::2], flags[1::2], strict=True))
    overrides = Overrides(options.get("--context", ""), options.get("--namespace", ""))
    target = resolve_target(load_kubeconfig([path]), overrides, {})
    cluster, context = said["clusters"][0], said["contexts"][0]
    assert (target.context, target.cluster, target.user) == (
        said["current-context"],
        cluster["name"],
        said["users"][0]["name"],
    )
    assert target.user_spec.token == said["users"][0]["user"]["token"]
    assert target.server == cluster["cluster"]["server"]
    assert target.tls.server_name == cluster["cluster"].get("tls-server-name")
    assert target.proxy_url == cluster["cluster"].get("proxy-url")
    assert target.namespace == (
        options.get("--namespace") or context["context"].get("namespace", "default")
    )
