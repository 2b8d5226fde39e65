"""How sending ends: accepted, refused, in conflict, failed, or unknown; and never twice."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from k8stui.actions.audit import Entry
from k8stui.actions.desk import Desk
from k8stui.actions.intents import (
    PODS,
    Delete,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.actions.interface import Outcome, Preview, Verdict
from k8stui.cluster.transport import Transport
from tests.fake_api.api import FakeApi, Frozen, Gate, Reply, Reset, Step, status

from .objects import (
    EVERYTHING,
    LOOKING,
    PATH,
    WEB,
    deployment,
    desk_at,
    serve,
    template,
    transport_to,
    writes,
)

POD = Subject(PODS, "shop", "web-1")
POD_PATH = "/api/v1/namespaces/shop/pods/web-1"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        serve(api)
        yield api


@pytest.fixture
async def transport(api: FakeApi) -> AsyncIterator[Transport]:
    made = transport_to(api, "t1", "t2")
    yield made
    await made.close()


@pytest.fixture
def desk(transport: Transport, tmp_path: Path) -> Desk:
    return desk_at(transport, tmp_path)


async def previewed(desk: Desk, api: FakeApi, intent: Intent, **spec: Any) -> Preview:
    """A preview of the Deployment at version 10, tried dry."""
    path = f"{PATH}/scale" if isinstance(intent, Scale) else PATH
    if path == PATH:
        api.on(PATH, Reply(deployment(**spec)), Reply({}))
    else:
        api.on(PATH, Reply(deployment(**spec)))
        api.on(path, Reply({}))
    preview = await desk.preview(intent, WEB)
    assert preview.can_go, preview.refused
    return preview


async def performed(desk: Desk, preview: Preview) -> Outcome:
    steps = [step async for step in desk.perform(preview)]
    assert all(step.outcome is None for step in steps[:-1])
    outcome = steps[-1].outcome
    assert outcome is not None
    return outcome


def entries(desk: Desk) -> list[Entry]:
    lines = desk.audit_file.read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Entry) for line in lines]


def answered(version: int = 11, **spec: Any) -> Reply:
    made = deployment(version=version, **spec)
    made["metadata"]["generation"] = 3
    return Reply(made)


async def test_a_rollback_as_kubectl_sends_it(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Rollback())
    assert preview.title == "Roll back deploy/web to revision 1"
    assert [(one.where, one.before, one.after) for one in preview.changes] == [
        ("container web › image", "web:2", "web:1"),
        ("annotation kubernetes.io/change-cause", None, "release 1"),
        ("annotation owner", "ann", None),
    ]
    api.on(PATH, Reply(deployment(version=12)), answered(13))
    outcome = await performed(desk, preview)
    assert (outcome.result, outcome.generation, outcome.uid) == ("accepted", 3, "uid-web")
    dry, real = [seen for seen in api.requests if seen.method == "PATCH"]
    assert dry.query == {"fieldManager": "k8stui", "dryRun": "All"}
    assert real.query == {"fieldManager": "k8stui"}
    assert real.header("Content-Type") == ["application/json-patch+json"]
    assert msgspec.json.decode(dry.body)[1]["value"] == "10"
    assert msgspec.json.decode(real.body) == [
        {"op": "replace", "path": "/metadata/uid", "value": "uid-web"},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "12"},
        {"op": "replace", "path": "/spec/template", "value": template("web:1")},
        {
            "op": "replace",
            "path": "/metadata/annotations",
            "value": {
                "deployment.kubernetes.io/revision": "2",
                "kubernetes.io/change-cause": "release 1",
            },
        },
    ]
    assert api.unscripted == []


async def test_it_is_written_down(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Scale(5))
    api.on(PATH, Reply(deployment()))
    api.on(f"{PATH}/scale", Reply({"kind": "Scale", "metadata": {}}))
    outcome = await performed(desk, preview)
    desk.judged(preview, outcome, Verdict("done", "done in 4s"))
    sending, answer, verdict = entries(desk)
    assert [one.phase for one in (sending, answer, verdict)] == ["sending", "answered", "verdict"]
    assert {one.id for one in (sending, answer, verdict)} == {outcome.audit_id}
    assert answer.time == "2023-11-14T22:13:20.000+00:00"
    assert (answer.user, answer.context) == ("alice", "prod")
    assert (answer.kind, answer.namespace, answer.name) == ("deployments.apps", "shop", "web")
    assert (answer.uid, answer.action) == ("uid-web", "scale")
    assert (answer.before.replicas, answer.after.replicas) == (3, 5)
    assert (answer.dry_run, answer.result) == ("accepted", "accepted")
    assert answer.kubectl == "kubectl -n shop scale deployment/web --replicas=5"
    assert verdict.verdict == "done: done in 4s"
    assert stat.S_IMODE(desk.audit_file.stat().st_mode) == 0o600
    assert desk.audit_lines() == (
        "2023-11-14 22:13:20  alice  prod/shop  Scale deploy/web from 3 to 5  "
        "3 replicas → 5 replicas  done in 4s",
    )


async def test_an_audit_file_that_can_not_be_written_is_told(
    api: FakeApi, transport: Transport, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")
    desk = desk_at(transport, tmp_path / "state")
    preview = await previewed(desk, api, Pause())
    api.on(PATH, Reply(deployment()), answered())
    outcome = await performed(desk, preview)
    assert outcome.result == "accepted"
    assert "audit.jsonl can't be written" in outcome.text


UNSURE: tuple[tuple[str, Step], ...] = (
    ("reset", Reset()),
    ("cut short", Reply(b'{"kind": "Depl', 200)),
    ("gateway timeout", Reply(b"<html>", 504)),
    ("etcd", Reply(status(500, "InternalError", "etcdserver: request timed out"), 500)),
)
DONE: tuple[tuple[Intent, dict[str, Any]], ...] = (
    (Rollback(), {"image": "web:1"}),
    (SetImage((("web", "web:7"),)), {"image": "web:7"}),
    (Pause(), {"paused": True}),
    (Scale(5), {"replicas": 5}),
)


@pytest.mark.parametrize(("intent", "spec"), DONE, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("step", [step for _, step in UNSURE], ids=[name for name, _ in UNSURE])
async def test_no_sure_answer_but_it_was_done(
    step: Step, intent: Intent, spec: dict[str, Any], desk: Desk, api: FakeApi
) -> None:
    preview = await previewed(desk, api, intent)
    scaling = isinstance(intent, Scale)
    api.on(f"{PATH}/scale" if scaling else PATH, *(() if not scaling else (step,)))
    api.on(PATH, Reply(deployment()), *((step,) if not scaling else ()), answered(11, **spec))
    sent = writes(api)
    outcome = await performed(desk, preview)
    assert outcome.result == "accepted"
    assert outcome.text.endswith("but the change is there")
    assert len(writes(api)) == len(sent) + 1
    assert [one.phase for one in entries(desk)] == ["sending", "answered"]


@pytest.mark.parametrize("step", [step for _, step in UNSURE], ids=[name for name, _ in UNSURE])
@pytest.mark.parametrize("version", [10, 14])
async def test_no_sure_answer_and_it_was_not_done(
    step: Step, version: int, desk: Desk, api: FakeApi
) -> None:
    preview = await previewed(desk, api, Restart())
    api.on(PATH, Reply(deployment()), step, Reply(deployment(version=version)))
    sent = writes(api)
    outcome = await performed(desk, preview)
    assert outcome.result == "failed"
    assert outcome.text.endswith("it was not done")
    assert len(writes(api)) == len(sent) + 1


async def test_a_restart_is_known_by_its_time(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    after = answered(11)
    stamp = {"kubectl.kubernetes.io/restartedAt": "2023-11-14T22:13:20Z"}
    assert isinstance(after.body, dict)
    after.body["spec"]["template"]["metadata"]["annotations"] = stamp
    api.on(PATH, Reply(deployment()), Reset(), after)
    outcome = await performed(desk, preview)
    assert outcome.text.endswith("but the change is there")


@pytest.mark.parametrize("then", [Reset(), Reply(status(503, "x", "no backend"), 503)])
async def test_the_server_dies_and_stays_away(then: Step, desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Rollback())
    api.on(PATH, Reply(deployment()), Reset(), then, then, then)
    sent = writes(api)
    outcome = await performed(desk, preview)
    assert outcome.result == "unknown"
    assert outcome.text.startswith("the outcome is unknown: the connection to http")
    assert len(writes(api)) == len(sent) + 1
    assert entries(desk)[-1].result == "unknown"
    assert desk.undo() is None


async def test_somebody_else_changed_it_meanwhile(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Rollback())
    api.on(PATH, Reply(deployment()), Reset(), answered(12, image="web:5"))
    outcome = await performed(desk, preview)
    assert outcome.result == "unknown"
    assert outcome.text.endswith("the object has changed")


async def test_a_deletion_is_not_repeated_by_the_library(desk: Desk, api: FakeApi) -> None:
    pod = {"kind": "Pod", "metadata": {"name": "web-1", "uid": "uid-1", "resourceVersion": "5"}}
    api.on(POD_PATH, Reply(pod), Reply(pod))
    preview = await desk.preview(Delete(), POD)
    assert preview.can_go, preview.refused
    api.on(POD_PATH, Reply(pod), Reset(), Reply(status(404, "NotFound", "gone"), 404))
    outcome = await performed(desk, preview)
    assert outcome.result == "accepted"
    assert outcome.text.endswith("but it is gone")
    dry, real = [seen for seen in api.requests if seen.method == "DELETE"]
    options = {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Background",
        "preconditions": {"uid": "uid-1", "resourceVersion": "5"},
    }
    # Beside a body the API server does not look at the query: the dry run must be in it.
    assert msgspec.json.decode(dry.body) == {**options, "dryRun": ["All"]}
    assert msgspec.json.decode(real.body) == options
    assert api.unscripted == []


async def test_a_dead_server_is_not_sent_anything(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    held = Gate(Reply(deployment()))
    api.on(PATH, held)
    performing = asyncio.create_task(performed(desk, preview))
    await held.asked.wait()
    sent = writes(api)
    await api.refuse()
    outcome = await performing
    assert outcome.result == "failed"
    assert outcome.text.startswith("nothing was sent")
    assert writes(api) == sent


async def test_leaving_while_it_waits_is_written_down(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    held = Frozen()
    api.on(PATH, Reply(deployment()), held)
    before = len(api.requests)
    performing = asyncio.create_task(performed(desk, preview))
    await api.until(lambda: len(api.requests) == before + 2)
    performing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await performing
    assert [(one.phase, one.result) for one in entries(desk)] == [
        ("sending", ""),
        ("answered", "unknown"),
    ]


CONFLICT = Reply(status(409, "Conflict", "the object has been modified"), 409)


async def test_only_the_status_moved(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    api.on(PATH, Reply(deployment(version=11)), CONFLICT, Reply(deployment(version=12)), answered())
    outcome = await performed(desk, preview)
    assert outcome.result == "accepted"
    assert len([one for one in writes(api) if "dry" not in one]) == 2
    assert [one.result for one in entries(desk)] == ["", "conflict", "", "accepted"]


async def test_a_status_that_moves_with_each_try_does_not_stop_it(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    for version in range(11, 16):
        api.on(PATH, Reply(deployment(version=version)), CONFLICT)
    api.on(PATH, Reply(deployment(version=16)), answered())
    outcome = await performed(desk, preview)
    assert outcome.result == "accepted"


async def test_a_conflict_that_does_not_end_is_told(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    for version in range(11, 31):
        api.on(PATH, Reply(deployment(version=version)), CONFLICT)
    outcome = await performed(desk, preview)
    assert (outcome.result, outcome.text) == ("conflict", "the object has been modified")


CHANGED: tuple[tuple[Intent, dict[str, Any], str], ...] = (
    (Rollback(), {"image": "web:5"}, "its spec was changed since the preview"),
    (Rollback(), {"image": "web:1"}, "the template is that of revision 1 already"),
    (Restart(), {"paused": True}, "it is paused: resume it first"),
    (Scale(5), {"replicas": 4}, "its spec was changed since the preview"),
    (Scale(1, relative=True), {"replicas": 4}, "its spec was changed since the preview"),
    (Pause(), {"paused": True}, "it is paused already"),
)


@pytest.mark.parametrize(("intent", "spec", "why"), CHANGED, ids=repr)
async def test_what_changed_since_the_preview_stops_it(
    intent: Intent, spec: dict[str, Any], why: str, desk: Desk, api: FakeApi
) -> None:
    preview = await previewed(desk, api, intent)
    api.on(PATH, answered(11, **spec))
    sent = writes(api)
    outcome = await performed(desk, preview)
    assert outcome.result == "conflict"
    assert outcome.text.startswith(f"nothing was sent: {why}")
    assert writes(api) == sent


async def test_another_object_of_the_same_name_is_left_alone(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    other = deployment(version=20)
    other["metadata"]["uid"] = "uid-other"
    api.on(PATH, Reply(other), Reply(other))
    sent = writes(api)
    outcome = await performed(desk, preview)
    assert outcome.text == "nothing was sent: it was deleted and made anew since the preview"
    seen = await desk.preview(Restart(), WEB._replace(uid="uid-web"))
    assert seen.refused == "deploy/web is another object of the same name by now"
    assert writes(api) == sent


async def test_a_401_renews_the_login_and_does_not_repeat(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    api.on(PATH, Reply(deployment()), Reply(status(401, "Unauthorized"), 401))
    outcome = await performed(desk, preview)
    assert outcome.result == "failed"
    assert "nothing was changed; try again" in outcome.text
    assert len([one for one in writes(api) if "dry" not in one]) == 1
    api.on(PATH, Reply(deployment()), answered())
    assert (await performed(desk, preview)).result == "accepted"
    assert api.requests[-1].header("Authorization") == ["Bearer t2"]


async def test_a_real_403_is_remembered(desk: Desk, api: FakeApi) -> None:
    preview = await previewed(desk, api, Restart())
    said = 'deployments.apps "web" is forbidden: User "alice" cannot patch resource "deployments"'
    api.on(PATH, Reply(deployment()), Reply(status(403, "Forbidden", said), 403))
    outcome = await performed(desk, preview)
    # Refused for want of rights, not failed: the command's exit code tells one from the other.
    assert (outcome.result, outcome.text) == ("refused", said)
    again = await desk.preview(Restart(), WEB)
    assert (again.refused, again.refused_by) == (
        "you may not patch deployments.apps in namespace shop",
        "rights",
    )


async def test_a_webhook_says_no_to_the_dry_run(desk: Desk, api: FakeApi) -> None:
    said = "admission webhook \x1b[31mpolicy denied the request: no latest"
    api.on(PATH, Reply(deployment()), Reply(status(403, "Forbidden", said), 403))
    preview = await desk.preview(SetImage((("web", "web:latest"),)), WEB)
    assert preview.refused_by == "dry run"
    assert preview.refused.startswith("the dry run failed: admission webhook ^[[31mpolicy")
    assert not preview.can_go
    rights = {one.spec.id: one.refused for one in desk.known([WEB])}
    assert rights["set_image"] == ""


async def test_a_webhook_that_can_not_be_tried_dry_is_a_warning(desk: Desk, api: FakeApi) -> None:
    said = "admission webhook x does not support dry run"
    api.on(PATH, Reply(deployment()), Reply(status(400, "BadRequest", said), 400))
    preview = await desk.preview(Restart(), WEB)
    assert preview.can_go
    assert said in preview.warnings[0]


async def test_the_viewer_sees_each_action_dimmed(
    api: FakeApi, transport: Transport, tmp_path: Path
) -> None:
    async with FakeApi() as other:
        serve(other, LOOKING)
        looking = transport_to(other)
        desk = desk_at(looking, tmp_path)
        found = {one.spec.id: one.refused for one in await desk.possible([WEB])}
        assert found == {
            "rollback": "you may not patch deployments.apps in namespace shop",
            "restart": "you may not patch deployments.apps in namespace shop",
            "pause_resume": "you may not patch deployments.apps in namespace shop",
            "scale": "you may not patch deployments/scale.apps in namespace shop",
            "set_image": "you may not patch deployments.apps in namespace shop",
            "delete": "you may not delete deployments.apps in namespace shop",
            "evict": "only a pod can be evicted",
        }
        preview = await desk.preview(Rollback(), WEB)
        assert preview.refused_by == "rights"
        assert len(other.requests) == 1
        await looking.close()


async def test_rights_that_are_not_known_stay_allowed(desk: Desk, api: FakeApi) -> None:
    assert {one.refused for one in desk.known([WEB])} == {"", "only a pod can be evicted"}
    assert api.requests == []
    assert EVERYTHING["verbs"] == ["*"]


UNDONE: tuple[tuple[Intent, Intent | None, str], ...] = (
    (Scale(5), Scale(3), "scale deploy/web back to 3"),
    (Rollback(), Rollback(2), "roll deploy/web forward to revision 2"),
    (Pause(), Resume(), "resume deploy/web"),
    (SetImage((("web", "web:9"),)), SetImage((("web", "web:2"),)), "set image of deploy/web back"),
    (Restart(), None, ""),
)


@pytest.mark.parametrize(("intent", "back", "text"), UNDONE, ids=repr)
async def test_how_it_can_be_taken_back(
    intent: Intent, back: Intent | None, text: str, desk: Desk, api: FakeApi
) -> None:
    preview = await previewed(desk, api, intent)
    api.on(PATH, Reply(deployment()), answered())
    if isinstance(intent, Scale):
        api.on(f"{PATH}/scale", Reply({"kind": "Scale"}))
    assert (await performed(desk, preview)).result == "accepted"
    undo = desk.undo()
    assert [one.intent for one in (undo.requests if undo else ())] == ([back] if back else [])
    if undo is not None:
        assert undo.text.startswith(text)
        assert undo.requests[0].subject.uid == "uid-web"
