"""Read-only at the keyboard and in the palette: the API server records only reads."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from k8stui.actions.registry import ACTIONS
from k8stui.paths import log_file
from tests.cluster.kube import Kubectl
from tests.cluster.screen import Program, k8stui, running
from tests.cluster.test_audit import AuditLog
from tests.cluster.test_read_only import _only_read, audit_log, namespace

__all__ = ["audit_log", "namespace"]

_BYTES = {
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "space": " ",
    "f1": "\x1bOP",
    "enter": "\r",
}
_ENDS = {"quit"}
_CONFIRMS = ("\r", "y", "0\r", "app\r")
_SCREENS = ("", ":po\r", ":deploy\r", ":rs\r", ":no\r", ":secrets\r", ":ns\r")
_RANDOM_PRESSES = 1000
"""A minute of them."""
_PACE_SECONDS = 0.06


@pytest.fixture
def user() -> str:
    return f"k8stui-keys-{uuid.uuid4().hex[:6]}"


def _bytes_of(key: str) -> str:
    if key in _BYTES:
        return _BYTES[key]
    return chr(ord(key[-1]) - 96) if key.startswith("ctrl+") else key


def _keys() -> list[str]:
    return [_bytes_of(key) for spec in ACTIONS if spec.id not in _ENDS for key in spec.keys]


class Presses:
    """Presses keys and knows which, for the day that one of them ends the program."""

    def __init__(self, program: Program, environ: Mapping[str, str]) -> None:
        self._program = program
        self._environ = environ
        self._pressed: list[str] = []

    def __call__(self, keys: str) -> None:
        self._pressed.append(keys)
        self._program.send(keys)
        self._program.pump(_PACE_SECONDS)

    def runs_still(self) -> None:
        """Fails with the last keys, the last screen and the program's log when it does not."""
        last = self._pressed[-40:]
        if not self._program.session_members():
            log = log_file(self._environ)
            said = log.read_text()[-4000:] if log.exists() else "it wrote no log"
            pytest.fail(f"ended by one of {last}\n{self._program.text}\n{said}")


def test_no_key_on_any_screen_writes(
    kubeconfig: Path,
    environ: dict[str, str],
    kubectl: Kubectl,
    namespace: str,
    user: str,
    audit_log: AuditLog,
) -> None:
    command = k8stui("--read-only", "-n", namespace, "--kubeconfig", str(kubeconfig))
    command += ["--as", user, "--as-group", "system:masters"]
    before = kubectl.json("get", "deployment", "app", "-n", namespace)["metadata"]["generation"]
    seeded = random.Random(4)
    with running(command, environ) as program:
        program.settles()
        program.shows("READ-ONLY")
        press = Presses(program, environ)
        for screen in _SCREENS:
            for key in ("\x1b", "\x1b", screen, *_keys()):
                if key:
                    press(key)
            # Whatever dialog a key may have opened is told to go on in every way there is.
            for key in _CONFIRMS:
                press(key)
            press.runs_still()
        for spec in ACTIONS:
            if spec.id not in _ENDS:
                for keys in ("\x1b", "\x1b", "\x10", spec.title, "\r", *_CONFIRMS):
                    press(keys)
                press.runs_still()
        everything = [*_keys(), *_CONFIRMS, "\x1b[A", "\x1b[B", "\x1b[5~", "j", "k", "\x1b", "a"]
        for _ in range(_RANDOM_PRESSES):
            press(seeded.choice(everything))
            press.runs_still()
    _only_read(audit_log, 5)
    after = kubectl.json("get", "deployment", "app", "-n", namespace)["metadata"]
    assert after["generation"] == before
    assert "deletionTimestamp" not in after
