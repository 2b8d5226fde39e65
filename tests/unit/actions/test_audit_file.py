"""The audit file: private, whole lines, and no longer than it may be."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from k8stui.actions import audit
from k8stui.actions.audit import Audit, Who
from k8stui.actions.intents import Scale
from k8stui.actions.interface import Facts, Outcome, Preview, Seen, Verdict

from .objects import NOW, WEB

WHO = Who("alice", "prod", "https://cluster.example", "ann")
PREVIEW = Preview(
    intent=Scale(5),
    subject=WEB,
    title="Scale deploy/web from 3 to 5",
    kubectl="kubectl -n shop scale deployment/web --replicas=5",
    dry_run="accepted",
    before=Facts(replicas=3),
    after=Facts(replicas=5),
    seen=Seen(uid="uid-web"),
)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_has_all_that_one_asks_afterwards(tmp_path: Path) -> None:
    file = Audit(tmp_path / "state" / "audit.jsonl", WHO)
    outcome = Outcome(result="accepted", text="the server has accepted it", answer="ok")
    assert file.write("answered", "a1", PREVIEW, NOW, outcome=outcome) == ""
    assert (
        file.write("verdict", "a1", PREVIEW, NOW + 41, verdict=Verdict("done", "done in 41s")) == ""
    )
    answered, judged = lines(file.path)
    assert answered == {
        "time": "2023-11-14T22:13:20.000+00:00",
        "id": "a1",
        "phase": "answered",
        "user": "alice",
        "login": "ann",
        "context": "prod",
        "server": "https://cluster.example",
        "namespace": "shop",
        "kind": "deployments.apps",
        "name": "web",
        "uid": "uid-web",
        "action": "scale",
        "title": "Scale deploy/web from 3 to 5",
        "before": {"revision": None, "replicas": 3, "images": [], "paused": None},
        "after": {"revision": None, "replicas": 5, "images": [], "paused": None},
        "dry_run": "accepted",
        "result": "accepted",
        "answer": "ok",
        "kubectl": "kubectl -n shop scale deployment/web --replicas=5",
    }
    assert judged["verdict"] == "done: done in 41s"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_it_is_set_aside_before_it_grows_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_BYTES", 1000)
    file = Audit(tmp_path / "audit.jsonl", WHO)
    for number in range(40):
        assert file.write("sending", f"a{number}", PREVIEW, NOW) == ""
    files = sorted(tmp_path.iterdir())
    assert [one.name for one in files] == ["audit.jsonl"] + [
        f"audit.jsonl.{number}" for number in range(1, audit.KEPT + 1)
    ]
    # No line was cut, lost between files or written twice; the oldest are gone.
    kept = [line["id"] for one in [*reversed(files[1:]), files[0]] for line in lines(one)]
    assert kept == [f"a{number}" for number in range(40 - len(kept), 40)]
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in files)
    assert all(one.stat().st_size < 2000 for one in files)


def test_what_was_just_set_aside_is_still_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_BYTES", 1)
    file = Audit(tmp_path / "audit.jsonl", WHO)
    file.write("sending", "first", PREVIEW, NOW)
    file.write("sending", "second", PREVIEW, NOW)
    assert [entry.id for entry in file.entries(9)] == ["second", "first"]


def test_it_says_so_when_it_can_not_write(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    said = Audit(tmp_path / "audit.jsonl", WHO).write("sending", "a1", PREVIEW, NOW)
    assert "can't be written" in said
