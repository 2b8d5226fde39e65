"""The command line: flags, exit codes, and what a person reads when it goes wrong."""

from __future__ import annotations

import argparse
import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui import __version__
from k8stui.cli import build_parser, duration, main, size, waiting
from k8stui.errors import EXIT_PIPE

ROOT = Path(__file__).parents[2]
CLOSED = "http://127.0.0.1:1"

_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: {context}
contexts: [{{name: here, context: {{cluster: c, user: u, namespace: shop}}}}]
clusters: [{{name: c, cluster: {{server: "{server}"}}}}]
users: [{{name: u, user: {{token: secret}}}}]
"""


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """A run takes the root logger for its file, as nobody else does in one process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
            if isinstance(handler, logging.StreamHandler):
                handler.stream.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig, in KUBECONFIG, of a server where nobody listens."""
    path = tmp_path / "kubeconfig"
    path.write_text(_KUBECONFIG.format(context="here", server=CLOSED))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def _fails(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, list[str]]:
    """(exit code, lines on standard error) of a run."""
    try:
        code = main(argv)
    except SystemExit as ended:
        code = int(ended.code or 0)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.err.splitlines()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30.0),
        ("1.5", 1.5),
        ("1m30s", 90.0),
        ("2h", 7200.0),
        ("500ms", 0.5),
        ("0", None),
        ("0s", None),
    ],
)
def test_durations_are_as_kubectl_writes_them(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5x", "1m 30s", "-3", "m", "30s!", "1e3"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no duration"):
        duration(text)


def test_a_snapshot_waits_for_some_time() -> None:
    assert waiting("20s") == 20.0
    with pytest.raises(argparse.ArgumentTypeError, match="can't be 0"):
        waiting("0")


@pytest.mark.parametrize("text", ["80x24", "80X24", "80×24"])
def test_sizes(text: str) -> None:
    assert size(text) == (80, 24)


@pytest.mark.parametrize("text", ["80", "80x", "19x24", "80x4", "1001x50", "80x501", "axb"])
def test_sizes_that_can_not_be_drawn(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        size(text)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], {"command": None}),
        (["-n", "shop"], {"namespace": "shop"}),
        (["-A"], {"all_namespaces": True}),
        (["--context=prod", "-l", "app=web,tier!=db"], {"selector": "app=web,tier!=db"}),
        (["--as", "jo", "--as-group", "a", "--as-group", "b"], {"as_group": ["a", "b"]}),
        (["--request-timeout", "2m"], {"request_timeout": 120.0}),
        (["-n", "shop", "snapshot"], {"command": "snapshot", "namespace": "shop"}),
        (["snapshot", "-n", "shop"], {"command": "snapshot", "namespace": "shop"}),
        (["-n", "a", "snapshot", "-n", "b"], {"namespace": "b"}),
        (["--read-only", "snapshot"], {"read_only": True}),
        (["snapshot"], {"output": "text", "size": (160, 50), "wait": 15.0}),
    ],
)
def test_flags_count_before_and_after_the_subcommand(
    argv: list[str], expected: dict[str, object]
) -> None:
    given = vars(build_parser().parse_args(argv))
    assert expected.items() <= given.items()


@pytest.mark.parametrize("argv", [["--help"], ["snapshot", "--help"]])
def test_help_names_every_exit_code(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(argv)
    assert ended.value.code == 0
    assert "exit codes: 0 ok, 1 error, 2 wrong usage, 3 " in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"k8stui {__version__}\n"


def test_as_a_kubectl_plugin_it_is_called_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/kubectl-k8stui"])
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "usage: kubectl k8stui " in capsys.readouterr().out


@pytest.mark.parametrize("argv", [["--theme", "help"], ["snapshot", "--theme=help"]])
def test_theme_help_lists_the_themes(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 0
    names = capsys.readouterr().out.splitlines()
    assert names[0] == "k8stui-dark"
    assert {"k8stui-light", "k8stui-contrast", "k8stui-colorblind", "nord"} <= set(names)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["pods"], "invalid choice: 'pods'"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--name=shop"], "unrecognized arguments: --name"),
        (["--namspace=shop"], "did you mean --namespace?"),
        (["logs", "web", "--sinc", "5m"], "did you mean --since? k8stui logs --help"),
        (["logs", "web", "db"], "k8stui logs: unrecognized arguments: db"),
        (["logs", "web", "--demo"], "--demo goes before the command"),
        (["-n", "shop", "-A"], "not allowed with argument"),
        (["snapshot", "-o", "png"], "invalid choice: 'png'"),
        (["snapshot", "--size", "3x3"], "can't be drawn"),
        (["snapshot", "--wait", "0"], "can't be 0"),
        (["--request-timeout", "soon"], "is no duration"),
        (["--context"], "expected one argument"),
    ],
)
def test_flags_that_can_not_be_are_wrong_usage(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _fails(capsys, *argv)
    assert code == 2
    assert said in "\n".join(lines)
    assert len(lines) == 2


def test_without_a_terminal_it_says_what_works_there(
    kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, lines = _fails(capsys)
    assert code == 2
    assert lines == ["k8stui needs a terminal; for one frame without one: k8stui snapshot"]


def test_an_unreachable_cluster_is_3_and_two_plain_lines(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _fails(capsys, "snapshot", "--wait", "60s", "--size", "80x24")
    assert code == 3
    assert lines == [
        f"can't reach {CLOSED}: Connection refused",
        "is the cluster up, and the VPN or proxy to it?",
    ]


def test_without_a_kubeconfig_it_says_where_it_looked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _fails(capsys, "snapshot")
    assert code == 2
    assert lines[0].startswith("there is no kubeconfig: looked for ")
    assert str(tmp_path / "home/.kube/config") in lines[0]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--kubeconfig", "/nowhere/config"], "--kubeconfig names a file that is not there"),
        (["--context", "prod"], "'prod'"),
        (["--theme", "neon"], "--theme: there is no theme 'neon'"),
        (["--log-file", "/proc/nowhere/log"], "can't write the log /proc/nowhere/log"),
        (["--log-file", "/"], "can't write the log /"),
    ],
)
def test_wrong_values_are_2_and_say_what_to_do(
    argv: list[str], said: str, kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = _fails(capsys, "snapshot", *argv)
    assert code == 2
    assert said in lines[0].replace('"', "'")
    assert 1 <= len(lines) <= 2


def test_an_unknown_theme_brings_the_list(
    kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, lines = _fails(capsys, "snapshot", "--theme", "neon")
    assert lines[1].startswith("there are: k8stui-dark, k8stui-light, ")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("K8STUI_READ_ONLY", "maybe", "K8STUI_READ_ONLY is 'maybe': it may be 1 or 0"),
        ("K8STUI_THEME", "neon", "K8STUI_THEME: there is no theme 'neon'"),
    ],
)
def test_a_wrong_environment_is_2(
    variable: str,
    value: str,
    said: str,
    kubeconfig: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    code, lines = _fails(capsys, "snapshot")
    assert code == 2
    assert lines[0] == said


def _configured(tmp_path: Path, text: str) -> Path:
    """The configuration file, with this in it."""
    config = tmp_path / "home/.config/k8stui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    return config


def test_a_broken_configuration_file_is_2(
    tmp_path: Path, kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _configured(tmp_path, 'thme = "nord"\n')
    code, lines = _fails(capsys, "snapshot")
    assert code == 2
    assert lines == [f"{config} has an unknown key 'thme'", "did you mean theme?"]


def test_a_theme_that_the_configuration_names_and_is_not_there_is_told_with_the_file(
    tmp_path: Path, kubeconfig: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _configured(tmp_path, 'theme = "neon"\n')
    code, lines = _fails(capsys, "snapshot")
    assert code == 2
    assert lines[0] == f"{config}: theme: there is no theme 'neon'"


def test_a_crash_is_one_line_and_the_rest_is_in_the_log(
    tmp_path: Path,
    kubeconfig: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError("text of the cluster")

    monkeypatch.setattr("k8stui.ui.snapshot.take_snapshot", crash)
    log = tmp_path / "log"
    code, lines = _fails(capsys, "snapshot", "--log-file", str(log))
    assert code == 1
    assert lines == [f"k8stui crashed; what happened is in {log}"]
    assert "RuntimeError: text of the cluster" in log.read_text()


def test_a_reader_that_is_gone_is_no_error_message(kubeconfig: Path) -> None:
    program = [sys.executable, "-m", "k8stui", "--theme", "help"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            program, stdout=write, stderr=subprocess.PIPE, env=environ, check=False
        )
    finally:
        os.close(write)
    assert done.stderr == b""
    assert done.returncode == EXIT_PIPE
