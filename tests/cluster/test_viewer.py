"""Someone who may only look: every action says which right is missing, and none is begun."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from k8stui.actions.registry import ACTIONS
from k8stui.actions.write_actions import WRITE_ACTIONS
from tests.cluster.kube import Kubectl
from tests.cluster.screen import Program, k8stui, running
from tests.cluster.test_audit import AuditLog
from tests.cluster.test_read_only import _only_read, audit_log, namespace
from tests.cluster.test_read_only_keys import _CONFIRMS, Presses, _bytes_of

__all__ = ["audit_log", "namespace"]

_MISSING = {
    "rollback": "patch deployments.apps",
    "restart": "patch deployments.apps",
    "pause_resume": "patch deployments.apps",
    "scale": "patch deployments/scale.apps",
    "set_image": "patch deployments.apps",
    "delete": "delete deployments.apps",
}


@pytest.fixture
def user() -> str:
    return f"k8stui-viewer-{uuid.uuid4().hex[:6]}"


def test_every_action_says_which_right_is_missing(
    kubeconfig: Path,
    environ: dict[str, str],
    kubectl: Kubectl,
    namespace: str,
    user: str,
    audit_log: AuditLog,
) -> None:
    bind = ("create", "rolebinding", "viewer", "--clusterrole=view", f"--user={user}")
    kubectl(*bind, "-n", namespace)
    command = k8stui("-n", namespace, "--kubeconfig", str(kubeconfig), "--as", user)
    with running(command, environ, 200, 60) as program:
        program.settles()
        program.shows("deploy/app")
        assert "READ-ONLY" not in program.text
        for spec in WRITE_ACTIONS:
            if spec.id in _MISSING:
                program.send(_bytes_of(spec.keys[0]))
                _until_said(program, spec.title, _MISSING[spec.id])
        program.send("a")
        program.shows("What to do with deploy/app")
        program.until(
            lambda each: sum("✗ you may not" in line for line in each.lines) == len(_MISSING),
            15,
            "all of them are refused in the list",
        )
        assert program.line_with("✗ you may not patch deployments/scale.apps in namespace k8stui-")
        program.send("\x1b")
        press = Presses(program, environ)
        for screen in ("", "\t", ":po\r", ":deploy\r"):
            for key in ("\x1b", screen, " ", *(_bytes_of(each.keys[0]) for each in WRITE_ACTIONS)):
                if key:
                    press(key)
                for confirm in _CONFIRMS if key not in ("\x1b", screen, " ") else ():
                    press(confirm)
        for spec in ACTIONS:
            if spec in WRITE_ACTIONS:
                for keys in ("\x1b", "\x1b", "\x10", spec.title, "\r", *_CONFIRMS):
                    press(keys)
        press.runs_still()
    _only_read(audit_log, 5)


def _until_said(program: Program, title: str, right: str) -> None:
    program.until(lambda each: _said(each, title, right), 15, f"{title}: {right}")


def _said(program: Program, title: str, right: str) -> bool:
    """Whether a notice says it, however it is wrapped."""
    words = " ".join(line.rpartition("▌")[2].strip() for line in program.lines if "▌" in line)
    return f"{title}: you may not {right}" in words
