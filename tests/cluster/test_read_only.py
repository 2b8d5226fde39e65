"""Read-only by the API server's own record: whatever is asked for, the user only reads."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from k8stui.actions.intents import (
    Delete,
    Evict,
    Intent,
    Pause,
    Request,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.cluster.kubeconfig import load_kubeconfig
from k8stui.cluster.target import Overrides
from k8stui.session.session import Session
from tests.cluster.kube import Kubectl, eventually
from tests.cluster.screen import k8stui
from tests.cluster.test_audit import AuditLog

_REVIEWS = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}
_INTENTS: tuple[Intent, ...] = (
    Rollback(),
    Restart(),
    Pause(),
    Resume(),
    Scale(0),
    SetImage((("app", "nowhere:1"),)),
    Delete(),
    Delete(force=True),
    Evict(),
)
_VERBS = (
    ("history",),
    ("diff", "--to-revision=1"),
    ("status", "--no-follow"),
    ("undo", "--yes"),
    ("undo", "--yes", "--to-revision=1"),
    ("undo", "--dry-run"),
    ("restart", "--yes"),
    ("pause", "--yes"),
    ("resume", "--yes"),
    ("restart", "--yes", "-o", "json"),
)


@pytest.fixture
def user() -> str:
    return f"k8stui-read-only-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def audit_log(kubeconfig: Path, user: str) -> AuditLog:
    path = Path(os.environ.get("K8STUI_TEST_AUDIT_LOG") or kubeconfig.parent / "audit.log")
    if not os.access(path, os.R_OK):
        pytest.skip("the API server's audit log can't be read; K8STUI_TEST_AUDIT_LOG may name it")
    return AuditLog(path, user)


@pytest.fixture
def namespace(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    name = make_namespace("readonly")
    kubectl("create", "deployment", "app", f"--image={image}", "-n", name)
    return name


def _only_read(audit_log: AuditLog, least: int) -> None:
    events = eventually(
        lambda: len(audit_log.events()) >= least and audit_log.events(), 10, "audit"
    )
    assert events
    for each in events:
        resource = each.get("objectRef", {}).get("resource", "")
        assert each["verb"] in ("get", "list", "watch") or resource in _REVIEWS, each["requestURI"]


def test_no_verb_of_the_command_line_writes(
    kubeconfig: Path, environ: dict[str, str], namespace: str, user: str, audit_log: AuditLog
) -> None:
    who = ("--as", user, "--as-group", "system:masters", "-n", namespace, "--read-only")
    codes = {}
    for verb, *flags in _VERBS:
        command = k8stui("rollout", verb, "deploy/app", *flags, *who)
        command += ["--kubeconfig", str(kubeconfig)]
        done = subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr
        codes[verb, *flags] = done.returncode
    refused = {words for words, code in codes.items() if code == 4}
    assert refused == {words for words in codes if words[0] not in ("history", "diff", "status")}
    _only_read(audit_log, 3)


async def test_no_intent_of_a_session_writes(
    kubeconfig: Path, kubectl: Kubectl, namespace: str, user: str, audit_log: AuditLog
) -> None:
    overrides = Overrides(
        context="", namespace=namespace, as_user=user, as_groups=("system:masters",), as_uid=""
    )
    config = load_kubeconfig([kubeconfig])
    before = kubectl.json("get", "deployment", "app", "-n", namespace)["metadata"]["generation"]
    session = Session(config, overrides, os.environ, read_only_contexts=["*"])
    try:
        scope = await session.open(None, None)
        assert scope.read_only
        await scope.namespaces()
        pod = eventually(
            lambda: kubectl.json("get", "pods", "-n", namespace)["items"], 20, "a pod"
        )[0]["metadata"]["name"]
        subjects = (
            Subject("deployments.apps", namespace, "app"),
            Subject("pods", namespace, pod),
            Subject("namespaces", "", namespace),
        )
        for intent in _INTENTS:
            requests = [Request(intent, one) for one in subjects]
            for preview in await scope.actions.preview_all(requests):
                steps = [step async for step in scope.actions.perform(preview)]
                outcome = steps[-1].outcome
                assert outcome is not None
                assert outcome.result == "refused"
    finally:
        await session.close()
    _only_read(audit_log, 1)
    after = kubectl.json("get", "deployment", "app", "-n", namespace)["metadata"]
    assert after["generation"] == before
    assert "deletionTimestamp" not in after
