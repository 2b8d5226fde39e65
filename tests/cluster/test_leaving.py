"""However it ends, the program leaves the terminal and the machine as they were."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.screen import Program, k8stui, running

_AT_MOST = 3.0
_CRASHES = """\
import sys
from k8stui.viewmodels.cockpit import Cockpit

def fail(self, uid):
    secret = "a local variable"
    raise RuntimeError("injected by the test")

Cockpit.select_workload = fail
from k8stui.cli import main
sys.exit(main(sys.argv[1:]))
"""

Leave = Callable[[Program], None]


def _files(environ: dict[str, str]) -> dict[str, int]:
    """Permissions of every file below the home, by name."""
    home = Path(environ["HOME"])
    return {
        each.name: stat.S_IMODE(each.stat().st_mode) for each in home.rglob("*") if each.is_file()
    }


def _left_clean(program: Program) -> None:
    """The terminal is as before, and nothing of the program runs."""
    assert program.modes_now() == program.modes_before
    written = bytes(program.output)
    assert written.rindex(b"\x1b[?1049l") > written.rindex(b"\x1b[?1049h")
    assert written.rindex(b"\x1b[?25h") > written.rindex(b"\x1b[?25l")
    for mode in (b"1000", b"1003", b"1006", b"2004", b"1004"):
        on, off = b"\x1b[?" + mode + b"h", b"\x1b[?" + mode + b"l"
        assert written.rfind(off) >= written.rfind(on), f"mode {mode.decode()} stays on"
    assert program.session_members() == []


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        pytest.param(lambda each: each.send("q"), 0, id="q"),
        pytest.param(lambda each: each.send("\x03"), 0, id="ctrl-c"),
        pytest.param(lambda each: each.signal(signal.SIGTERM), 128 + 15, id="SIGTERM"),
        pytest.param(lambda each: each.signal(signal.SIGHUP), 128 + 1, id="SIGHUP"),
    ],
)
def test_leaving(leave: Leave, code: int, kubeconfig: Path, environ: dict[str, str]) -> None:
    with running(k8stui("--kubeconfig", str(kubeconfig), "-A"), environ) as program:
        program.settles()
        assert program.modes_now() != program.modes_before
        leave(program)
        assert program.exit_code(_AT_MOST) == code
        _left_clean(program)
        assert _files(environ) == {"k8stui.log": 0o600, "recent.json": 0o600}
        assert "Traceback" not in program.text


def test_errors_sent_elsewhere_take_no_screen_with_them(
    kubeconfig: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    errors = tmp_path / "errors"
    command = shlex.join(k8stui("--kubeconfig", str(kubeconfig), "-A"))
    with running(["sh", "-c", f"exec {command} 2>{errors}"], environ) as program:
        program.settles()
        program.send("q")
        assert program.exit_code(_AT_MOST) == 0
        _left_clean(program)
    assert errors.read_bytes() == b""


def test_the_terminal_goes_away(kubeconfig: Path, environ: dict[str, str]) -> None:
    with running(k8stui("--kubeconfig", str(kubeconfig), "-A"), environ) as program:
        program.settles()
        program.hang_up()
        program.exit_code(2 * _AT_MOST)
        assert program.session_members() == []
        assert _files(environ) == {"k8stui.log": 0o600, "recent.json": 0o600}


def test_leaving_before_anything_is_there(kubeconfig: Path, environ: dict[str, str]) -> None:
    with running(k8stui("--kubeconfig", str(kubeconfig)), environ) as program:
        program.until(lambda each: b"\x1b[?1049h" in each.output, 10, "the screen is taken")
        program.signal(signal.SIGTERM)
        assert program.exit_code(_AT_MOST) == 128 + 15
        assert program.modes_now() == program.modes_before
        assert program.session_members() == []


def test_a_crash_names_the_log_and_restores_the_terminal(
    kubeconfig: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "crashes.py"
    script.write_text(_CRASHES)
    around = {**environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(script), "--kubeconfig", str(kubeconfig), "-A"]
    with running(command, around, 200, 40) as program:
        assert program.exit_code(15) == 1
        _left_clean(program)
        said = program.output[program.output.rindex(b"\x1b[?1049l") :].decode()
        assert "crashed" in said
        assert "k8stui.log" in said
        assert "injected" not in said
    log = next(Path(environ["HOME"]).rglob("k8stui.log"))
    text = log.read_text()
    assert "injected by the test" in text
    assert "a local variable" not in text.replace('secret = "a local variable"', "")
