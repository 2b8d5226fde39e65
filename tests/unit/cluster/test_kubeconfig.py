"""Kubeconfig files are found, read and merged as kubectl does it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from k8stui.cluster.kubeconfig import kubeconfig_paths, load_kubeconfig, reread_user
from k8stui.errors import UsageError

KUBECTL = shutil.which("kubectl")
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


@pytest.mark.parametrize(
    ("environ", "paths"),
    [
        ({"KUBECONFIG": "/a:/b"}, ["/a", "/b"]),
        ({"KUBECONFIG": ":/a::/b:/a:"}, ["/a", "/b"]),
        ({"KUBECONFIG": "a"}, ["a"]),
        ({"KUBECONFIG": ":"}, []),
        ({"KUBECONFIG": "", "HOME": "/home/alice"}, ["/home/alice/.kube/config"]),
        ({"HOME": "/home/alice"}, ["/home/alice/.kube/config"]),
    ],
)
def test_looks_where_kubectl_looks(environ: Mapping[str, str], paths: list[str]) -> None:
    assert kubeconfig_paths(None, environ) == tuple(Path(path) for path in paths)


def test_the_flag_goes_before_the_environment_and_must_be_there(write: Write) -> None:
    given = write("given", "")
    assert kubeconfig_paths(str(given), {"KUBECONFIG": "/a"}) == (given,)
    with pytest.raises(UsageError, match="--kubeconfig names a file that is not there: /no/such"):
        kubeconfig_paths("/no/such", {})


def test_the_first_file_has_a_name_whole_and_the_first_current_context_counts(
    write: Write, tmp_path: Path
) -> None:
    first = write(
        "first",
        "clusters: [{name: c, cluster: {server: 'https://one'}}]\n"
        "users: [{name: u, user: {token: one}}]\n"
        "current-context: ''\n",
    )
    second = write(
        "second",
        "clusters: [{name: c, cluster: {server: 'https://two', proxy-url: 'http://p'}}]\n"
        "users: [{name: u, user: {token: two, username: bob}}, {name: v, user: {token: v}}]\n"
        "contexts: [{name: x, context: {cluster: c, user: u}}]\n"
        "current-context: x\n",
    )
    third = write("third", "current-context: y\n")
    config = load_kubeconfig([tmp_path / "missing", first, write("empty", ""), second, third])
    assert (config.clusters["c"].server, config.clusters["c"].proxy_url) == ("https://one", "")
    assert (config.users["u"].token, config.users["u"].username) == ("one", "")
    assert (config.users["u"].origin, config.users["v"].origin) == (first, second)
    assert (config.current_context, config.current_context_origin) == ("x", second)
    assert config.contexts["x"].origin == second


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "null\n", "\ufeffkind: Config\n"])
def test_an_empty_file_is_an_empty_config(text: str, write: Write) -> None:
    config = load_kubeconfig([write("config", text)])
    assert (config.contexts, config.current_context) == ({}, "")


def test_no_file_at_all_is_an_empty_config_that_tells_where_it_looked(tmp_path: Path) -> None:
    paths = (tmp_path / "a", tmp_path / "b")
    config = load_kubeconfig(paths)
    assert (config.paths, config.clusters) == (paths, {})


def test_relative_paths_start_at_their_own_file(write: Write, tmp_path: Path) -> None:
    one = write(
        "one/config",
        "clusters: [{name: c, cluster: {certificate-authority: pki/ca.crt}}]\n"
        "users:\n"
        "- {name: u, user: {client-certificate: a.crt, client-key: ../a.key, tokenFile: /t}}\n",
    )
    two = write(
        "two/config",
        "users:\n"
        "- {name: slash, user: {exec: {command: ./login, apiVersion: x}}}\n"
        "- {name: name, user: {exec: {command: aws, apiVersion: x}}}\n",
    )
    config = load_kubeconfig([one, two])
    user = config.users["u"]
    assert config.clusters["c"].certificate_authority == str(tmp_path / "one/pki/ca.crt")
    assert user.client_certificate == str(tmp_path / "one/a.crt")
    assert (user.client_key, user.token_file) == (str(tmp_path / "a.key"), "/t")
    commands = [
        spec.exec.command for name in ("slash", "name") if (spec := config.users[name]).exec
    ]
    assert commands == [str(tmp_path / "two/login"), "aws"]


def test_every_field_of_a_user_and_a_cluster_is_read(write: Write) -> None:
    data = base64.b64encode(b"PEM").decode()
    path = write(
        "config",
        f"""
        clusters:
        - name: c
          cluster:
            server: https://c:6443
            tls-server-name: inner
            insecure-skip-tls-verify: true
            certificate-authority-data: {data}
            proxy-url: http://proxy:3128
            disable-compression: true
            extensions:
            - {{name: other, extension: {{a: 1}}}}
            - name: client.authentication.k8s.io/exec
              extension: {{audience: x, n: 1, deep: [true, null, 1.5, 2020-01-01]}}
        users:
        - name: u
          user:
            client-certificate-data: {data}
            client-key-data: {data}
            as: alice
            as-uid: "7"
            as-groups: [a, b]
            as-user-extra: {{scopes: [s1, s2], area: [x]}}
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              command: login
              args: [--flag, "1"]
              env: [{{name: A, value: b}}, {{name: C}}]
              installHint: get it
              provideClusterInfo: true
        - name: old
          user: {{auth-provider: {{name: oidc, config: {{client-id: x, id-token: ""}}}}}}
        """,
    )
    config = load_kubeconfig([path])
    cluster, user = config.clusters["c"], config.users["u"]
    assert (cluster.tls_server_name, cluster.insecure_skip_tls_verify) == ("inner", True)
    assert (cluster.certificate_authority_data, cluster.disable_compression) == ("PEM", True)
    assert json.loads(cluster.exec_config) == {
        "audience": "x",
        "n": 1,
        "deep": [True, None, 1.5, "2020-01-01"],
    }
    assert (user.client_certificate_data, user.client_key_data) == ("PEM", "PEM")
    assert (user.impersonate, user.impersonate_uid) == ("alice", "7")
    assert user.impersonate_groups == ("a", "b")
    assert user.impersonate_extra == (("area", ("x",)), ("scopes", ("s1", "s2")))
    assert user.exec
    assert (user.exec.args, user.exec.env) == (("--flag", "1"), (("A", "b"), ("C", "")))
    assert user.exec.interactive_mode == "IfAvailable"
    assert (user.exec.install_hint, user.exec.provide_cluster_info) == ("get it", True)
    provider = config.users["old"].auth_provider
    assert provider
    assert (provider.name, provider.config) == ("oidc", (("client-id", "x"), ("id-token", "")))


def test_null_is_as_good_as_missing_everywhere(write: Write) -> None:
    path = write(
        "config",
        """
        apiVersion: null
        clusters: null
        contexts: [null, {name: x, context: null}]
        users:
        - {name: u, user: null}
        - {name: e, user: {token: null, as-groups: null, exec: {command: c, args: null, env: null}}}
        - {name: f, user: {exec: null, auth-provider: null}}
        """,
    )
    config = load_kubeconfig([path])
    assert list(config.contexts) == ["x"]
    spec = config.users["e"].exec
    assert spec
    assert (spec.args, spec.env) == ((), ())
    assert config.users["f"].exec is None


def test_json_anchors_merge_keys_and_the_first_of_several_documents(write: Write) -> None:
    tabs = '{\n\t"current-context": "x",\n\t"contexts": [\n\t\t{"name": "x"}\n\t]\n}\n'
    assert load_kubeconfig([write("tabs.json", tabs)]).current_context == "x"
    anchors = load_kubeconfig(
        [
            write(
                "anchors",
                "x: &base {cluster: c, namespace: a}\n"
                "contexts: [{name: x, context: {<<: *base, namespace: b}}]\n"
                "---\n"
                "current-context: second\n",
            )
        ]
    )
    assert (anchors.contexts["x"].cluster, anchors.contexts["x"].namespace) == ("c", "b")
    assert anchors.current_context == ""


def test_of_two_with_one_name_in_one_file_the_first_counts_with_a_warning(write: Write) -> None:
    path = write(
        "config",
        "contexts:\n- {name: x, context: {cluster: one}}\n- {name: x, context: {cluster: two}}\n",
    )
    config = load_kubeconfig([path])
    assert config.contexts["x"].cluster == "one"
    assert config.warnings == (
        f"{path}, line 3: the context x is there already, so this one is left out "
        "(kubectl refuses such a file)",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [\n", "line 2 is not valid YAML: "),
        ("users:\n- {name: u, user: {token: 12345}}\n", "line 2: users[0].user.token must be a"),
        ("contexts:\n- name: x\n  context: [a]\n", "line 3: contexts[0].context must be a mapping"),
        ("contexts: {x: y}\n", "line 1: contexts must be a list, not a mapping"),
        ("contexts: [x]\n", "line 1: contexts[0] must be a mapping, not a text"),
        ("\nclusters:\n- name: yes\n", "line 3: clusters[0].name must be a text, not true or"),
        (
            "clusters: [{name: c, cluster: {insecure-skip-tls-verify: 'true'}}]\n",
            "clusters[0].cluster.insecure-skip-tls-verify must be true or false, not a text",
        ),
        (
            "users: [{name: u, user: {exec: {args: [1]}}}]\n",
            "users[0].user.exec.args[0] must be a text, not a number",
        ),
        (
            "clusters:\n- name: c\n  cluster:\n    certificate-authority-data: a*b\n",
            "line 4: clusters[0].cluster.certificate-authority-data is not valid base64",
        ),
        ("users: [{name: u, user: {client-key-data: //8=}}]\n", "client-key-data holds no text"),
        ("kind: Pod\napiVersion: v1\n", "line 1: this is not a kubeconfig: it says v1 Pod"),
        ("apiVersion: v2\nkind: Config\n", "it says v2 Config"),
        ("hello\n", "is not a kubeconfig: it holds a text, not a mapping"),
        ("- a\n", "is not a kubeconfig: it holds a list, not a mapping"),
        ("a: \x07\n", "is not valid YAML"),
    ],
)
def test_errors_name_file_line_and_field(text: str, problem: str, write: Write) -> None:
    path = write("config", text)
    with pytest.raises(UsageError) as caught:
        load_kubeconfig([path])
    assert caught.value.message.startswith(str(path))
    assert problem in caught.value.message


def test_an_error_in_the_syntax_does_not_quote_the_line(write: Write) -> None:
    path = write("config", 'users: [{name: u, user: {token: "s3cret"x}}]\n')
    with pytest.raises(UsageError) as caught:
        load_kubeconfig([path])
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", ["directory", "file as directory", "binary"])
def test_what_can_not_be_read_is_an_error_and_not_skipped(kind: str, write: Write) -> None:
    path = write("config", "")
    if kind == "directory":
        path = path.parent
    elif kind == "file as directory":
        path = path / "config"
    else:
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=str(path)):
        load_kubeconfig([path])


def test_a_user_who_logs_in_elsewhere_is_read_again(write: Write) -> None:
    path = write("config", "users: [{name: u, user: {token: one}}]\n")
    user = load_kubeconfig([path]).users["u"]
    path.write_text("users: [{name: u, user: {token: two}}]\n")
    assert reread_user(user).token == "two"
    for text in ("users: []\n", "users: [\n"):
        path.write_text(text)
        assert reread_user(user).token == "one"
    path.unlink()
    assert reread_user(user).token == "one"


ORACLE_FILES = {
    "one/a": """
        current-context: ""
        clusters:
        - {name: c, cluster: {server: "https://one", certificate-authority: ca.crt}}
        - {name: d, cluster: {server: "http://d", insecure-skip-tls-verify: y}}
        contexts:
        - {name: x, context: {cluster: c, user: u}}
        users:
        - {name: u, user: {token: "1", as: bob, as-groups: [g]}}
        """,
    "two/b": """
        current-context: why
        clusters:
        - {name: c, cluster: {server: "https://two", tls-server-name: t}}
        contexts:
        - {name: x, context: {cluster: other, user: u, namespace: dev}}
        - {name: why, context: {cluster: c, user: v, namespace: 12:30}}
        users:
        - {name: u, user: {token: "2", username: z}}
        - name: v
          user:
            client-certificate: v.crt
            client-key: /abs/v.key
            exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./v, args: [a]}
        """,
    "c": "current-context: z\ncurrent-context: zz\n---\ncurrent-context: second\n",
    "d": "",
}


@pytest.mark.skipif(KUBECTL is None, reason="kubectl is not installed")
@pytest.mark.parametrize(
    "order",
    [
        ["one/a", "two/b", "c", "d"],
        ["d", "c", "two/b", "one/a"],
        ["two/b", "missing", "one/a"],
        ["missing"],
    ],
)
def test_merges_as_kubectl_does(order: list[str], write: Write, tmp_path: Path) -> None:
    for name, text in ORACLE_FILES.items():
        write(name, text)
    paths = [str(tmp_path / name) for name in order]
    environ = {"KUBECONFIG": ":".join(paths), "HOME": str(tmp_path)}
    command = [str(KUBECTL), "config", "view", "--raw", "-o", "json"]
    viewed = subprocess.run(command, env=environ, capture_output=True, check=True).stdout
    said: dict[str, Any] = json.loads(viewed)
    config = load_kubeconfig(kubeconfig_paths(None, environ))
    assert config.current_context == said["current-context"]
    assert {
        name: (spec.cluster, spec.user, spec.namespace) for name, spec in config.contexts.items()
    } == {
        item["name"]: tuple(
            item["context"].get(key, "") for key in ("cluster", "user", "namespace")
        )
        for item in said["contexts"] or []
    }
    assert {
        name: (spec.server, spec.tls_server_name, spec.insecure_skip_tls_verify)
        for name, spec in config.clusters.items()
    } == {
        item["name"]: (
            item["cluster"]["server"],
            item["cluster"].get("tls-server-name", ""),
            item["cluster"].get("insecure-skip-tls-verify", False),
        )
        for item in said["clusters"] or []
    }
    fields = {"token": "token", "username": "username", "as": "impersonate"}
    assert {
        name: {key: getattr(spec, field) for key, field in fields.items()}
        for name, spec in config.users.items()
    } == {
        item["name"]: {key: item["user"].get(key, "") for key in fields}
        for item in said["users"] or []
    }
