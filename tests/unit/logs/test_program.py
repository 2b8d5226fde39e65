"""`k8stui logs` as a process of its own: what leaves it for a terminal and for a pipe."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.logs.pod_server import pod_server, stamped
from tests.unit.logs.test_printing import HOSTILE

_LIMIT = 60
_COLOURS = re.compile(rb"\x1b\[(?:0|1;31|3[1-6]|9[1-6])m")
_ALLOWED = re.compile(r"[^\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]*")
_EVIL_NAME = "evil\x1b[2J[red]\u202e"
_DELETED = b"unable to retrieve container logs for containerd://abc"
_IN_BODY = b"failed to watch \x1b[2J\x1b]0;title\x07 \xe2\x80\xae[red]"


def _command(config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "k8stui", "logs", "--kubeconfig", str(config), *words]


def _environ(directory: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    places = {f"XDG_{name}_HOME": str(directory) for name in ("CONFIG", "STATE", "CACHE")}
    return kept | places | {"TERM": "xterm-256color"} | more


def _run(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """The program with pipes behind it, to its end."""
    return subprocess.run(command, capture_output=True, env=environ, timeout=_LIMIT, check=False)


def _on_a_terminal(command: list[str], environ: dict[str, str], status: int = 0) -> bytes:
    """All bytes that the program sends to its terminal, by standard output and error."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environ
    ) as program:
        os.close(theirs)
        found = bytearray()
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Nobody holds the other end any more.
                break
            if not part:
                break
            found += part
        os.close(ours)
        assert program.wait(_LIMIT) == status
    return bytes(found)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--timestamps", "-H", "x", "-i", "."),
        ("-o", "raw"),
        ("-o", "json"),
        ("-o", "extjson"),
        ("--template", '{{.PodName}} {{color .PodColor .Message}}{{"\\n"}}', "--color", "always"),
    ],
    ids=["default", "highlight", "raw", "json", "extjson", "template"],
)
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "plain"])
def test_only_our_own_sequences_reach_the_terminal(
    words: tuple[str, ...], colour: bool, tmp_path: Path
) -> None:
    if not colour and "--color" in words:
        words = (*words[:-1], "never")
    body = stamped(HOSTILE) + _IN_BODY
    environ = _environ(tmp_path) if colour else _environ(tmp_path, NO_COLOR="1")
    logs = {"web": body, _EVIL_NAME: b""}
    with pod_server(tmp_path, logs) as config:
        sent = _on_a_terminal(_command(config, "--no-follow", *words, "."), environ, status=1)

    lines = (_COLOURS.sub(b"", sent) if colour else sent).decode().split("\r\n")
    assert [line for line in lines if not _ALLOWED.fullmatch(line)] == []
    shown = [line for line in lines if "[red]x[/] [@click=app.quit]x[/] [YELLOW]" in line]
    assert len(shown) == 1, "markup is text"
    assert len(lines) > len(HOSTILE)


def test_a_pipe_gets_every_byte(tmp_path: Path) -> None:
    messages = [*HOSTILE, b"", b"x" * 200_000, b"crlf\r", b"\xf0\x9f"]
    with pod_server(tmp_path, {"web": stamped(messages)}) as config:
        command = _command(config, "--no-follow", "-o", "raw", ".")
        found = subprocess.run(
            command, stdout=subprocess.PIPE, env=_environ(tmp_path), timeout=_LIMIT, check=True
        ).stdout

    assert found == b"".join(message + b"\n" for message in messages)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("-t", "."), b"web app 2024-05-06T07:08:09.000000001Z one\n"),
        (("--timestamps", "."), b"web app 2024-05-06T07:08:09.000000001Z one\n"),
        (("-t=short", "."), b"web app 05-06 07:08:09 one\n"),
        ((".", "--", "-t"), b""),
    ],
)
def test_the_word_after_timestamps_is_the_query_as_in_stern(
    words: tuple[str, ...], line: bytes, tmp_path: Path
) -> None:
    with pod_server(tmp_path, {"web": b"2024-05-06T07:08:09.000000001Z one\n"}) as config:
        command = _command(config, "--no-follow", "--only-log-lines", *words)
        environ = _environ(tmp_path, TZ="UTC")
        ended = _run(command, environ)

    assert (ended.returncode, ended.stdout) == (0 if line else 2, line)


@pytest.mark.parametrize("words", [("--no-follow",), ()], ids=["all", "follow"])
def test_when_the_reader_of_a_pipe_goes_it_ends_as_a_filter_does(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    body = stamped([b"line %d" % number for number in range(200_000)])
    with pod_server(tmp_path, {"web": body}) as config:
        command = _command(config, "--only-log-lines", *words, ".")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environ(tmp_path)
        ) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            assert program.stdout.readline() == b"web app line 0\n"
            program.stdout.close()
            assert program.stderr.read() == b""
            assert program.wait(_LIMIT) == 128 + signal.SIGPIPE


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (_DELETED, b"! web \xe2\x80\xba app: gap: the log can't be read: " + _DELETED),
        (
            b"2024-05-06T07:08:09.000000001Z one\n" + _DELETED,
            b"! web \xe2\x80\xba app: gap: the rest of the log can't be read: " + _DELETED,
        ),
    ],
    ids=["nothing", "a part"],
)
def test_a_log_that_can_not_be_read_is_told_and_is_a_failure(
    body: bytes, told: bytes, tmp_path: Path
) -> None:
    with pod_server(tmp_path, {"web": body, "worker": stamped([b"well"])}) as config:
        command = _command(config, "--no-follow", "-o", "raw", ".")
        ended = _run(command, _environ(tmp_path))

    assert ended.returncode == 1
    assert sorted(ended.stdout.splitlines()) == ([b"one"] if b"one" in body else []) + [b"well"]
    assert told in ended.stderr.splitlines()


_REFUSED = "you may not list pods in forbidden"


@pytest.mark.parametrize(
    ("words", "status", "printed", "told"),
    [
        pytest.param(("-n", "forbidden", "."), 4, [], [_REFUSED], id="nothing may be read"),
        pytest.param(
            ("-n", "default,forbidden", "."),
            4,
            ["default web app one"],
            [f"! {_REFUSED}", "- default web › app"],
            id="one namespace may not be read",
        ),
        pytest.param(
            ("-l", "wrong"),
            2,
            [],
            ["unable to parse requirement", "look at -l and --field-selector"],
            id="a selector that can't be read",
        ),
    ],
)
def test_what_may_not_be_read_is_told_once_with_its_status(
    words: tuple[str, ...], status: int, printed: list[str], told: list[str], tmp_path: Path
) -> None:
    with pod_server(tmp_path, {"web": stamped([b"one"])}) as config:
        ended = _run(_command(config, "--no-follow", *words), _environ(tmp_path))

    assert (ended.returncode, ended.stdout.decode().splitlines()) == (status, printed)
    assert sorted(ended.stderr.decode().splitlines()) == sorted(told)


def test_who_follows_is_told_of_each_namespace_that_may_not_be_read(tmp_path: Path) -> None:
    with pod_server(tmp_path, {"web": stamped([b"one"])}) as config:
        command = _command(config, "-n", "default,forbidden", ".")
        environ = _environ(tmp_path)
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
        ) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            assert program.stdout.readline() == b"default web app one\n"
            told = {program.stderr.readline(), program.stderr.readline()}
            program.terminate()
            assert program.wait(_LIMIT) == -signal.SIGTERM

    assert told == {f"! {_REFUSED}\n".encode(), "+ default web › app\n".encode()}


def test_who_follows_by_a_selector_that_can_not_be_read_is_told_and_it_ends(tmp_path: Path) -> None:
    with pod_server(tmp_path, {}) as config:
        ended = _run(_command(config, "-l", "wrong"), _environ(tmp_path))

    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr == b"unable to parse requirement\nlook at -l and --field-selector\n"


def test_what_waits_to_start_says_why(tmp_path: Path) -> None:
    with pod_server(tmp_path, {"web": None, "worker": b""}) as config:
        command, environ = _command(config, "w"), _environ(tmp_path)
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environ) as program:
            assert program.stderr is not None
            told = {program.stderr.readline(), program.stderr.readline()}
            program.terminate()
            assert program.wait(_LIMIT) == -signal.SIGTERM
        ended = _run([*command, "--no-follow"], environ)

    assert ended.returncode == 0
    assert told == {
        "! web › app: waiting: ImagePullBackOff\n".encode(),
        "+ worker › app\n".encode(),
    }
    assert "! web › app: it waits to start: ImagePullBackOff" in ended.stderr.decode().splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("xyz",), "xyz in namespace default of context c: 2 other pods there"),
        (("w", "-A"), "w -c nope in all namespaces of context c: 2 pods found, but their"),
        (("pod/web", "-n", "a"), "pod/web -c nope in namespace a of context c: 1 pod found, but"),
    ],
)
def test_what_matches_nothing_is_told_and_is_a_failure(
    words: tuple[str, ...], found: str, tmp_path: Path
) -> None:
    if "xyz" not in words:
        words = (*words, "-c", "nope")
    with pod_server(tmp_path, {"web": b"", "worker": b""}) as config:
        command = _command(config, "--only-log-lines", "--no-follow", *words)
        ended = _run(command, _environ(tmp_path))

    assert (ended.returncode, ended.stdout) == (1, b"")
    said, hint = ended.stderr.decode().splitlines()
    assert said.startswith(f"no container matches {found}")
    assert ("without those flags" if "nope" in words else "-A looks in all namespaces") in hint


def test_who_follows_what_is_not_there_is_told_what_is_waited_for(tmp_path: Path) -> None:
    with (
        pod_server(tmp_path, {"web": b""}) as config,
        subprocess.Popen(
            _command(config, "xyz"), stderr=subprocess.PIPE, env=_environ(tmp_path)
        ) as program,
    ):
        assert program.stderr is not None
        assert program.stderr.readline() == (
            b"! no container matches xyz in namespace default of context c: "
            b"1 other pod there; waiting for one\n"
        )
        program.terminate()


@pytest.mark.parametrize(("words", "code"), [(("web",), 0), (("xyz",), 1)])
def test_one_cluster_of_several_may_have_nothing_of_it(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with pod_server(here, {"web": stamped([b"x"])}) as one, pod_server(there, {"db": b""}) as two:
        for name, config in (("east", one), ("west", two)):
            renamed = config.read_text().replace("name: c,", f"name: {name},")
            renamed = renamed.replace("cluster: c,", f"cluster: {name},")
            config.write_text(renamed.replace("name: u,", f"name: {name},").replace("user: u", ""))
        command = _command(one, "--no-follow", "--context", "east,west", *words)
        environ = _environ(tmp_path, KUBECONFIG=f"{one}:{two}")
        command = [word for word in command if word not in ("--kubeconfig", str(one))]
        ended = _run(command, environ)

    assert ended.returncode == code
    assert ended.stdout == (b"east web app x\n" if code == 0 else b"")
    told = ended.stderr.decode()
    assert f"no container matches {words[0]} in namespace default of context west" in told
    assert ("of context east" in told) == (code == 1)
