"""Exec credential plugins, as real programs, run as client-go runs them but never on the screen."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from k8stui.cluster import exec_plugin
from k8stui.cluster.exec_plugin import ExecPlugin, exec_credentials
from k8stui.cluster.kubeconfig import ExecSpec, UserSpec
from k8stui.cluster.renewal import Grant
from k8stui.cluster.target import Target, Tls
from k8stui.errors import LoginFailed

V1 = "client.authentication.k8s.io/v1"
V1BETA1 = "client.authentication.k8s.io/v1beta1"
PATH = os.environ["PATH"]

Script = Callable[[str], str]


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """Writes a shell script and gives its path."""

    def written(body: str) -> str:
        path = tmp_path / "login"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(stat.S_IRWXU)
        return str(path)

    return written


class FakeTerminal:
    def __init__(self, answer: bytes | LoginFailed) -> None:
        self.answer = answer
        self.runs: list[tuple[list[str], dict[str, str]]] = []

    async def run(self, argv: Sequence[str], env: Mapping[str, str]) -> bytes:
        self.runs.append((list(argv), dict(env)))
        if isinstance(self.answer, LoginFailed):
            raise self.answer
        return self.answer


def status(version: str = V1, **fields: str) -> str:
    return json.dumps({"kind": "ExecCredential", "apiVersion": version, "status": fields})


def printing(text: str) -> str:
    return f"cat <<'END'\n{text}\nEND"


def spec_of(command: str, mode: str = "Never", version: str = V1, **more: Any) -> ExecSpec:
    return ExecSpec(command, version, interactive_mode=mode, **more)


def target_of(spec: ExecSpec, **more: Any) -> Target:
    user = UserSpec("alice", exec=spec, origin=Path("/home/alice/.kube/config"))
    more = {"server": "https://eu:6443", "tls": Tls(), **more}
    return Target(
        context="prod", cluster="eu", namespace="shop", user="alice", user_spec=user, **more
    )


def plugin_of(
    spec: ExecSpec,
    environ: Mapping[str, str] | None = None,
    terminal: FakeTerminal | None = None,
    **target: Any,
) -> ExecPlugin:
    environ = environ if environ is not None else {"PATH": PATH}
    return ExecPlugin(target_of(spec, **target), spec, environ, terminal)


async def failure(plugin: ExecPlugin) -> list[str]:
    with pytest.raises(LoginFailed) as caught:
        await plugin.fetch()
    return caught.value.lines()


WHO = 'login, the login program of user "alice" in /home/alice/.kube/config,'


@pytest.mark.parametrize("version", [V1, V1BETA1])
async def test_a_token_is_sent_as_bearer(version: str, script: Script) -> None:
    command = script(printing(status(version, token="abc")))
    assert await plugin_of(spec_of(command, version=version)).fetch() == Grant("Bearer abc")


async def test_a_client_certificate_may_come_with_a_token_or_alone(script: Script) -> None:
    pair = {"clientCertificateData": "CERT", "clientKeyData": "KEY"}
    grant = await plugin_of(spec_of(script(printing(status(**pair))))).fetch()
    assert grant.authorization is None
    assert grant.certificate
    assert (grant.certificate.certificate_pem, grant.certificate.key_pem) == ("CERT", "KEY")
    assert "client certificate from login" in grant.certificate.source
    both = await plugin_of(spec_of(script(printing(status(token="abc", **pair))))).fetch()
    assert (both.authorization, both.certificate) == ("Bearer abc", grant.certificate)


@pytest.mark.parametrize(
    ("minutes", "skew"), [(60.0, 60.0), (5.0, 30.0), (-5.0, 0.0)], ids=["long", "short", "over"]
)
async def test_it_is_renewed_a_little_before_it_expires(
    minutes: float, skew: float, script: Script
) -> None:
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    written = end.isoformat().replace("+00:00", "Z")
    command = script(printing(status(token="abc", expirationTimestamp=written)))
    grant = await plugin_of(spec_of(command)).fetch()
    assert grant.expires == pytest.approx(end.timestamp() - skew, abs=5)


async def test_arguments_environment_and_exec_info_reach_the_plugin(
    script: Script, tmp_path: Path
) -> None:
    command = script(
        f'printf "%s\\n" "$@" > {tmp_path}/args\n'
        f'printf "%s" "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\n'
        f'printf "%s" "$FROM_CONFIG $FROM_HOME" > {tmp_path}/env\n' + printing(status(token="abc"))
    )
    spec = spec_of(
        command,
        args=("--a b", "$HOME"),
        env=(("FROM_CONFIG", "1"), ("FROM_HOME", "changed")),
    )
    await plugin_of(spec, {"PATH": PATH, "FROM_HOME": "2"}).fetch()
    assert (tmp_path / "args").read_text() == "--a b\n$HOME\n"
    assert (tmp_path / "env").read_text() == "1 changed"
    assert json.loads((tmp_path / "info").read_text()) == {
        "kind": "ExecCredential",
        "apiVersion": V1,
        "spec": {"interactive": False},
    }


async def test_the_cluster_is_told_when_the_plugin_wants_it(script: Script, tmp_path: Path) -> None:
    command = script(
        f'printf "%s" "$KUBERNETES_EXEC_INFO" > {tmp_path}/info\n' + printing(status(token="abc"))
    )
    await plugin_of(
        spec_of(command, provide_cluster_info=True),
        tls=Tls("PEM", server_name="inner"),
        proxy_url="http://proxy",
        exec_config='{"audience": "x"}',
    ).fetch()
    assert json.loads((tmp_path / "info").read_text())["spec"] == {
        "interactive": False,
        "cluster": {
            "server": "https://eu:6443",
            "tls-server-name": "inner",
            "certificate-authority-data": base64.b64encode(b"PEM").decode(),
            "proxy-url": "http://proxy",
            "config": {"audience": "x"},
        },
    }


async def test_a_command_without_a_slash_is_found_on_the_path(script: Script) -> None:
    command = Path(script(printing(status(token="abc"))))
    environ = {"PATH": f"{command.parent}:{PATH}"}
    assert (await plugin_of(spec_of("login"), environ).fetch()).authorization == "Bearer abc"


async def test_it_has_neither_the_screen_nor_the_keyboard(script: Script, tmp_path: Path) -> None:
    command = script(
        f"cat > {tmp_path}/stdin\n"
        f"(echo hello > /dev/tty) 2> /dev/null && echo screen > {tmp_path}/screen\n"
        + printing(status(token="abc"))
    )
    await plugin_of(spec_of(command)).fetch()
    assert (tmp_path / "stdin").read_bytes() == b""
    assert not (tmp_path / "screen").exists()


async def test_much_on_stderr_does_not_block_it(script: Script) -> None:
    noise = "head -c 1000000 /dev/zero | tr '\\0' x >&2\n"
    grant = await plugin_of(spec_of(script(noise + printing(status(token="abc"))))).fetch()
    assert grant.authorization == "Bearer abc"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("exit 3", "failed with exit code 3 without a word"),
        (
            "{ printf '%s\\n\\n' 1 2 'line 3' 'line 4'; printf '\\033[31mred'; } >&2; exit 1",
            "failed with exit code 1: line 3; line 4; ^[[31mred",
        ),
        ("kill -9 $$", "failed with exit code -9 without a word"),
        ("true", "printed no credential"),
        ("echo s3cret", "printed something else than an ExecCredential"),
        ("echo '[]'", "printed something else than an ExecCredential (Expected `object`"),
        ("echo '{}'", "printed something else than an ExecCredential"),
        (printing(status("client.authentication.k8s.io/v1beta1", token="s3cret")), "answers with"),
        (
            printing(json.dumps({"kind": "ExecCredential", "apiVersion": V1})),
            "printed an ExecCredential without a status",
        ),
        (printing(status()), "gave neither a token nor a client certificate"),
        (printing(status(clientKeyData="s3cret")), "gave a client certificate without its key, or"),
        (
            printing(status(token="s3cret", expirationTimestamp="tomorrow")),
            "gave an expirationTimestamp that is no time: tomorrow",
        ),
        (
            printing(status(token="s3cret", expirationTimestamp="2030-01-01T00:00:00")),
            "gave an expirationTimestamp that is no time: 2030-01-01T00:00:00",
        ),
    ],
)
async def test_what_went_wrong_is_said_without_the_credential(
    body: str, problem: str, script: Script
) -> None:
    lines = await failure(plugin_of(spec_of(script(body))))
    assert lines[0].startswith(f"{WHO} {problem}")
    assert "s3cret" not in " ".join(lines)
    assert len(lines) == 2


async def test_a_program_that_is_not_there_shows_how_to_get_it(tmp_path: Path) -> None:
    spec = spec_of("no-such-login", install_hint="run:\n  brew install \x1b[1mlogin")
    assert await failure(plugin_of(spec)) == [
        f"no-such-{WHO} is not there",
        "run:   brew install ^[[1mlogin",
    ]
    plain = tmp_path / "plain"
    plain.write_text("not a program")
    lines = await failure(plugin_of(spec_of(str(plain))))
    assert lines[0].endswith("can't be executed")
    assert "PATH" in lines[1]


async def test_a_program_that_can_not_be_started_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "login"
    broken.write_text("#!/no/such/shell\n")
    broken.chmod(stat.S_IRWXU)
    assert (await failure(plugin_of(spec_of(str(broken)))))[0].startswith(
        f"{WHO} can't be started:"
    )


async def test_a_plugin_that_hangs_is_ended_with_all_that_it_started(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    # Both hold the pipe open: it is at its end only when both are gone.
    command = script(f"exec 3> {fifo}\nsleep 1000 &\nsleep 1000")
    monkeypatch.setattr(exec_plugin, "_SECONDS", 0.2)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        lines = await failure(plugin_of(spec_of(command)))
        assert lines[0] == f"{WHO} did not finish within 0.2 s"
        os.set_blocking(reader, True)
        assert await asyncio.to_thread(os.read, reader, 1) == b""
    finally:
        os.close(reader)


async def test_a_plugin_is_ended_when_nobody_waits_any_more(script: Script, tmp_path: Path) -> None:
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    command = script(f"exec 3> {fifo}\necho up >&3\nsleep 1000")
    task = asyncio.create_task(plugin_of(spec_of(command)).fetch())
    with await asyncio.to_thread(open, fifo, "rb") as reader:
        assert await asyncio.to_thread(reader.readline) == b"up\n"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(reader.read) == b""


async def test_one_that_always_asks_runs_in_the_terminal_with_interactive_true(
    script: Script,
) -> None:
    terminal = FakeTerminal(status(token="typed").encode())
    command = script("exit 1")
    plugin = plugin_of(spec_of(command, "Always", args=("x",)), terminal=terminal)
    assert (await plugin.fetch()).authorization == "Bearer typed"
    ((argv, env),) = terminal.runs
    assert argv == [command, "x"]
    assert json.loads(env["KUBERNETES_EXEC_INFO"])["spec"] == {"interactive": True}
    assert env["PATH"] == PATH
    lines = await failure(plugin_of(spec_of(command, "Always")))
    assert lines[0] == f"{WHO} has to ask you something"


async def test_one_that_may_ask_gets_the_terminal_only_when_it_fails_without(
    script: Script,
) -> None:
    terminal = FakeTerminal(status(token="typed").encode())
    good = plugin_of(
        spec_of(script(printing(status(token="quiet"))), "IfAvailable"), None, terminal
    )
    assert (await good.fetch()).authorization == "Bearer quiet"
    assert terminal.runs == []
    bad = plugin_of(spec_of(script("exit 1"), "IfAvailable"), None, terminal)
    assert (await bad.fetch()).authorization == "Bearer typed"
    assert len(terminal.runs) == 1


async def test_one_that_fails_in_the_terminal_too_does_not_take_the_screen_again(
    script: Script,
) -> None:
    terminal = FakeTerminal(LoginFailed("interrupted"))
    plugin = plugin_of(spec_of(script("exit 1"), "IfAvailable"), None, terminal)
    assert await failure(plugin) == ["interrupted"]
    assert (await failure(plugin))[0].endswith("failed with exit code 1 without a word")
    assert len(terminal.runs) == 1


async def test_one_that_never_asks_never_gets_the_terminal(script: Script) -> None:
    terminal = FakeTerminal(b"")
    await failure(plugin_of(spec_of(script("exit 1"), "Never"), None, terminal))
    assert terminal.runs == []


async def test_one_process_asks_one_plugin_once_for_all_namespaces_of_a_cluster(
    script: Script, tmp_path: Path
) -> None:
    command = script(f"echo >> {tmp_path}/runs\n" + printing(status(token="abc")))
    spec = spec_of(command)
    environ = {"PATH": PATH}
    first = exec_credentials(target_of(spec), spec, environ, None)
    other = exec_credentials(target_of(spec, disable_compression=True), spec, environ, None)
    assert other is first
    assert exec_credentials(target_of(spec, server="https://us"), spec, environ, None) is not first
    credential = await first.get()
    assert await other.get() is credential
    assert (tmp_path / "runs").read_text() == "\n"
    renewed = await other.refresh(credential.generation)
    assert await first.refresh(credential.generation) is renewed
    assert (tmp_path / "runs").read_text() == "\n\n"


async def test_no_secret_is_logged(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    terminal = FakeTerminal(status(token="s3cret").encode())
    spec = spec_of(script("exit 1"), "IfAvailable", args=("s3cret",), env=(("A", "s3cret"),))
    with caplog.at_level(logging.DEBUG):
        grant = await plugin_of(spec, terminal=terminal).fetch()
    assert "s3cret" not in f"{caplog.text} {grant!r} {spec!r}"
