"""What a script learns from the exit code, and a person from the one or two lines beside it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.cluster.kube import with_server, with_user
from tests.cluster.screen import k8stui, running


@pytest.fixture
def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def _snapshot(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = k8stui("snapshot", "--size", "80x24", *arguments)
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_snapshot_of_a_cluster_that_answers(kubeconfig: Path, environ: dict[str, str]) -> None:
    done = _snapshot(environ, "--kubeconfig", str(kubeconfig))
    assert (done.returncode, done.stderr) == (0, "")
    assert "● live" in done.stdout


def test_an_unreachable_cluster(
    kubeconfig: Path, environ: dict[str, str], tmp_path: Path, closed_port: int
) -> None:
    there = with_server(kubeconfig, f"https://127.0.0.1:{closed_port}", tmp_path / "config")
    done = _snapshot(environ, "--kubeconfig", str(there), "--wait", "5s")
    assert done.returncode == 3
    assert str(closed_port) in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 2
    with running(k8stui("--kubeconfig", str(there)), environ) as program:
        program.shows("nothing read yet", str(closed_port))
        program.send("q")
        assert program.exit_code(5) == 3


def test_a_token_that_the_cluster_does_not_know(
    kubeconfig: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    config = with_user(kubeconfig, {"token": "no-such-token"}, tmp_path / "config")
    done = _snapshot(environ, "--kubeconfig", str(config), "--wait", "5s")
    assert done.returncode == 3
    assert "no-such-token" not in done.stdout + done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 2
    with running(k8stui("--kubeconfig", str(config)), environ) as program:
        program.shows("login refused")
        program.send("q")
        assert program.exit_code(5) == 3


@pytest.mark.parametrize("command", ["snapshot", "logs", ""])
def test_an_unknown_context(command: str, kubeconfig: Path, environ: dict[str, str]) -> None:
    words = [command] if command else []
    given = [*words, "--kubeconfig", str(kubeconfig), "--context", "there-is-none"]
    with running(k8stui(*given), environ) as program:
        assert program.exit_code(10) == 2
        assert "there-is-none" in program.text
        assert b"\x1b[?1049h" not in program.output


@pytest.mark.parametrize("text", ["{", "just words", "- a list", "apiVersion: v2\nkind: Other\n"])
def test_what_is_no_kubeconfig(text: str, environ: dict[str, str], tmp_path: Path) -> None:
    bad = tmp_path / "config"
    bad.write_text(text)
    for words in ((), ("snapshot",)):
        with running(k8stui(*words, "--kubeconfig", str(bad)), environ) as program:
            assert program.exit_code(10) == 2
            assert str(bad) in program.text.replace("\n", "")
            assert b"\x1b[?1049h" not in program.output
