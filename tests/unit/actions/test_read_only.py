"""In read-only mode nothing that could write ever reaches the server, whoever asks for it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8stui.actions.gate import Allowed, Gate, Refused, why_read_only
from k8stui.actions.intents import (
    DAEMONSETS,
    PODS,
    STATEFULSETS,
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.actions.interface import Preview
from k8stui.actions.write_actions import WRITE_ACTIONS, sample_of
from k8stui.cluster import writes as made
from k8stui.cluster.rights import Rights
from k8stui.cluster.ticket import WriteTicket
from k8stui.cluster.transport import Transport
from k8stui.cluster.writer import send
from k8stui.cluster.writes import Write
from k8stui.errors import WriteRefused
from tests.fake_api.api import FakeApi, Reply

from .objects import PATH, WEB, deployment, desk_at, serve, transport_to, writes

INTENTS: tuple[Intent, ...] = (
    Rollback(),
    Rollback(1),
    Restart(),
    Pause(),
    Resume(),
    Scale(0),
    Scale(1, relative=True),
    SetImage((("web", "web:9"),)),
    Delete(),
    Delete(force=True),
    Evict(),
)
SUBJECTS = (
    WEB,
    Subject(STATEFULSETS, "shop", "db"),
    Subject(DAEMONSETS, "shop", "agent"),
    Subject(PODS, "shop", "web-1"),
    Subject("services", "shop", "web"),
    Subject("nodes", "", "node-1"),
)
POD = "/api/v1/namespaces/shop/pods/web-1"
VERBS: tuple[Write, ...] = (
    made.json_patch(PATH, [{"op": "remove", "path": "/spec"}]),
    made.merge_patch(PATH, {"spec": {"paused": True}}),
    made.strategic_merge_patch(PATH, {"spec": {}}),
    made.scaling(PATH, 0, {}),
    made.deletion(PATH, "Background", 0, {}),
    made.eviction(POD, "policy/v1", "shop", "web-1", None, {}),
)


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


@pytest.fixture
async def transport(api: FakeApi) -> AsyncIterator[Transport]:
    made = transport_to(api, writes=False)
    yield made
    await made.close()


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.text)
@pytest.mark.parametrize("intent", INTENTS, ids=repr)
async def test_no_intent_leads_to_a_request(
    intent: Intent, subject: Subject, api: FakeApi, transport: Transport, tmp_path: Path
) -> None:
    serve(api)
    desk = desk_at(transport, tmp_path, "read-only")
    preview = await desk.preview(intent, subject)
    assert preview.refused
    assert not preview.can_go
    steps = [step async for step in desk.perform(preview)]
    assert steps[-1].outcome is not None
    assert steps[-1].outcome.result == "refused"
    assert api.requests == []
    assert desk.audit_lines() == ()


async def test_a_preview_made_elsewhere_does_not_get_out(
    api: FakeApi, transport: Transport, tmp_path: Path
) -> None:
    serve(api)
    api.on(PATH, Reply(deployment(), forever=True))
    free = transport_to(api)
    preview = await desk_at(free, tmp_path).preview(Restart(), WEB)
    await free.close()
    assert preview.can_go
    before = writes(api)
    desk = desk_at(transport, tmp_path, "read-only: contexts prod* are")
    steps = [step async for step in desk.perform(preview)]
    assert steps[-1].outcome is not None
    assert steps[-1].outcome.result == "refused"
    assert steps[-1].outcome.text == "read-only: contexts prod* are"
    assert writes(api) == before


async def test_every_action_says_read_only(transport: Transport, tmp_path: Path) -> None:
    desk = desk_at(transport, tmp_path, "read-only")
    for possible in (*desk.known([WEB]), *await desk.possible([WEB])):
        if not possible.refused.startswith("only a"):
            assert possible.refused == "read-only"
    assert len(desk.known([WEB])) == len(WRITE_ACTIONS)


@pytest.mark.parametrize("write", VERBS, ids=lambda write: f"{write.method} {write.content_type}")
@pytest.mark.parametrize("dry_run", [True, False])
async def test_no_writer_verb_gets_out_of_a_read_only_transport(
    write: Write, dry_run: bool, api: FakeApi, transport: Transport
) -> None:
    gate = Gate("", Rights(transport))
    allowed = gate.decide(Restart(), WEB, write)
    assert isinstance(allowed, Allowed)
    with pytest.raises(WriteRefused, match="read-only"):
        await send(transport, allowed.ticket, write, dry_run=dry_run)
    assert api.requests == []
    assert transport.requests == 0


@pytest.mark.parametrize("write", VERBS, ids=lambda write: f"{write.method} {write.content_type}")
async def test_a_read_only_gate_makes_no_ticket(write: Write, transport: Transport) -> None:
    gate = Gate("read-only", Rights(transport))
    for intent in INTENTS:
        assert gate.decide(intent, WEB, write) == Refused("mode", "read-only")


def test_the_gate_can_not_be_opened_from_inside(transport: Transport) -> None:
    gate = Gate("read-only", Rights(transport))
    with pytest.raises(AttributeError):
        gate.read_only = ""  # type: ignore[misc]


async def test_a_ticket_is_for_one_request_once(api: FakeApi) -> None:
    transport = transport_to(api)
    gate = Gate("", Rights(transport))
    api.on(PATH, Reply({}, forever=True))
    write = made.merge_patch(PATH, {})
    ticket = _ticket(gate, write)
    await send(transport, ticket, write, dry_run=False)
    with pytest.raises(WriteRefused, match="has been used"):
        await send(transport, ticket, write, dry_run=False)
    for other in (made.merge_patch(f"{PATH}2", {}), made.deletion(PATH, "Background", 0, {})):
        spoilt = _ticket(gate, write)
        with pytest.raises(WriteRefused, match="its ticket is for PATCH"):
            await send(transport, spoilt, other, dry_run=False)
        with pytest.raises(WriteRefused, match="has been used"):
            await send(transport, spoilt, write, dry_run=False)
    await transport.close()
    assert writes(api) == [f"PATCH {PATH}"]


def _ticket(gate: Gate, write: Write) -> WriteTicket:
    allowed = gate.decide(Restart(), WEB, write)
    assert isinstance(allowed, Allowed)
    return allowed.ticket


def test_a_ticket_can_not_be_made_or_copied(transport: Transport) -> None:
    with pytest.raises(WriteRefused):
        WriteTicket("PATCH", PATH, seal=object())
    ticket = _ticket(Gate("", Rights(transport)), made.merge_patch(PATH, {}))
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(ticket)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/v1/namespaces/shop/pods"),
        ("DELETE", "/api/v1/namespaces/shop/pods/"),
        ("DELETE", "/api/v1/pods"),
        ("DELETE", "/apis/apps/v1/deployments"),
        ("DELETE", "/api/v1"),
        ("DELETE", "/"),
        ("PATCH", f"{PATH}/status"),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments"),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/../secrets/x"),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web%2F.."),
        ("POST", "/api/v1/namespaces/shop/pods"),
        ("POST", f"{POD}/exec"),
        ("POST", f"{POD}/binding"),
        ("POST", "/api/v1/namespaces/shop/serviceaccounts/x/token"),
        ("PUT", PATH),
        ("GET", f"{POD}/exec"),
        ("CONNECT", PATH),
    ],
)
async def test_some_requests_no_ticket_can_allow(method: str, path: str, api: FakeApi) -> None:
    transport = transport_to(api)
    write = Write(method, path, "application/json", b"{}")
    ticket = _ticket(Gate("", Rights(transport)), write)
    with pytest.raises(WriteRefused):
        await send(transport, ticket, write, dry_run=False)
    assert api.requests == []
    await transport.close()


async def test_without_a_ticket_nothing_is_written(api: FakeApi) -> None:
    transport = transport_to(api)

    class Forged:
        method, path = "PATCH", PATH

        def spend(self, method: str, path: str) -> None: ...

    for forged in (None, Forged(), "ticket"):
        with pytest.raises(WriteRefused, match="no ticket"):
            await transport.write(forged, "PATCH", PATH, b"{}")  # type: ignore[arg-type]
    assert api.requests == []
    await transport.close()


@pytest.mark.parametrize(
    ("context", "patterns", "everywhere", "why"),
    [
        ("dev", (), False, ""),
        ("dev", (), True, "read-only"),
        ("prod-eu", ("prod-*",), False, "read-only: contexts prod-* are"),
        ("prod", ("prod-*",), False, ""),
        ("Prod-eu", ("prod-*",), False, ""),
        ("a", ("b", "a"), False, "read-only: contexts a are"),
        ("a", ("a",), True, "read-only"),
    ],
)
def test_contexts_by_pattern(
    context: str, patterns: tuple[str, ...], everywhere: bool, why: str
) -> None:
    assert why_read_only(context, patterns, everywhere=everywhere) == why


def test_each_action_has_a_sample() -> None:
    assert all(isinstance(sample_of(spec), Intent) for spec in WRITE_ACTIONS)
    assert not Preview(intent=Intent(), subject=WEB, title="").can_go
