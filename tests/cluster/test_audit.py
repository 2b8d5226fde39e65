"""The API server's own record of a session: it only reads, and asks for nothing twice."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from tests.cluster.kube import Kubectl, eventually
from tests.cluster.screen import Program, k8stui, running

_POLLED = "metrics.k8s.io"
_REVIEWS = {"selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"}


class AuditLog:
    """What the server writes about one user from now on, in this file and those that come after."""

    def __init__(self, path: Path, user: str) -> None:
        self._path = path
        self._begin = path.stat()
        self._user = user

    def _lines(self) -> Iterator[bytes]:
        for path in self._path.parent.glob(f"{self._path.stem}*{self._path.suffix}"):
            # A full log gets another name, and a new file takes its place.
            with contextlib.suppress(FileNotFoundError), path.open("rb") as log:
                found = os.fstat(log.fileno())
                if found.st_ino == self._begin.st_ino:
                    log.seek(self._begin.st_size)
                elif found.st_mtime < self._begin.st_mtime:
                    continue
                yield from log

    def events(self) -> list[dict[str, Any]]:
        """One event for each request."""
        found: dict[str, dict[str, Any]] = {}
        for line in self._lines():
            if self._user.encode() not in line or not line.endswith(b"\n"):
                continue
            event = json.loads(line)
            if event.get("impersonatedUser", {}).get("username") == self._user:
                found.setdefault(event["auditID"], event)
        return list(found.values())


@pytest.fixture
def user() -> str:
    return f"k8stui-audited-{uuid.uuid4().hex[:6]}"


@pytest.fixture
def audit_log(kubeconfig: Path, user: str) -> AuditLog:
    path = Path(os.environ.get("K8STUI_TEST_AUDIT_LOG") or kubeconfig.parent / "audit.log")
    if not os.access(path, os.R_OK):
        pytest.skip("the API server's audit log can't be read; K8STUI_TEST_AUDIT_LOG may name it")
    return AuditLog(path, user)


def _look_around(program: Program) -> None:
    """What a person does in half a minute, without a right to change anything being used."""
    program.settles()
    for keys, shown in (("d", "Namespace:"), ("y", "apiVersion:"), ("e", "Events"), ("l", "Logs")):
        program.send(keys)
        program.shows(shown)
    program.send(":")
    program.shows("kind, ns NAME")
    program.send("svc\r")
    program.shows("CLUSTER-IP")
    program.send("\x1b")
    program.until(lambda each: "CLUSTER-IP" not in each.text, 10, "back in the cockpit")
    program.send("n")
    program.shows("Switch to namespace")
    program.send("\x1b")
    program.until(lambda each: "Switch to" not in each.text, 10, "back in the cockpit")


def _is_polled_twice(log: AuditLog) -> bool:
    asked = Counter(urlsplit(each["requestURI"]).path for each in log.events())
    return any(_POLLED in path and count > 1 for path, count in asked.items())


@pytest.fixture
def calm(make_namespace: Callable[[str], str], kubectl: Kubectl, image: str) -> str:
    """A namespace where nothing changes any more: what changes is read again."""
    name = make_namespace("audit")
    kubectl(
        *("create", "deployment", "app", f"--image={image}", "-n", name, "--"),
        *("sh", "-c", "echo begun; exec sleep 100000"),
    )
    kubectl("rollout", "status", "deployment/app", "-n", name, "--timeout=120s")
    return name


def test_a_session_only_reads_and_reads_once(
    kubeconfig: Path, environ: dict[str, str], user: str, audit_log: AuditLog, calm: str
) -> None:
    who = ("--as", user, "--as-group", "system:masters")
    command = k8stui("--kubeconfig", str(kubeconfig), "-n", calm, *who)
    with running(command, environ) as program:
        _look_around(program)
        program.until(lambda _: _is_polled_twice(audit_log), 60, "metrics polled twice")
        program.send("q")
        assert program.exit_code(5) == 0
    events = eventually(audit_log.events, 10, "audited requests")

    for each in events:
        resource = each.get("objectRef", {}).get("resource", "")
        read = each["verb"] in ("get", "list", "watch")
        assert read or resource in _REVIEWS, each["requestURI"]
        assert each.get("objectRef", {}).get("subresource", "") in ("", "log"), each["requestURI"]

    lists: Counter[str] = Counter()
    watches: Counter[str] = Counter()
    gets: Counter[str] = Counter()
    for each in events:
        url = urlsplit(each["requestURI"])
        if _POLLED in url.path:
            continue
        if each["verb"] == "watch":
            watches[url.path] += 1
        elif each["verb"] == "list" and "continue" not in parse_qs(url.query):
            # Describe asks for what belongs to its object, by labels and fields.
            narrowed = [each for each in parse_qsl(url.query) if each[0].endswith("Selector")]
            lists[f"{url.path}?{urlencode(narrowed)}"] += 1
        elif each["verb"] == "get":
            gets[each["requestURI"]] += 1
    assert watches, "nothing was watched"
    # Names for the picker and for `:` are no table, and are asked for when they are wanted.
    lists.pop("/api/v1/namespaces?", None)
    for what, counted in (("list", lists), ("watch", watches)):
        assert {path: count for path, count in counted.items() if count > 1} == {}, what
    # Describe and YAML each read the object.
    assert {uri: count for uri, count in gets.items() if count > 2} == {}
