"""What the server says that the user may do: yes, no, or not known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from k8stui.cluster.rights import Access, Right, Rights
from k8stui.cluster.transport import Transport
from tests.fake_api.api import FakeApi, Reply, Reset, status
from tests.fake_api.things import transport_for

RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

PATCH = Access("patch", "apps", "deployments", "shop")
SCALE = Access("patch", "apps", "deployments/scale", "shop")
EVICT = Access("create", "", "pods/eviction", "shop")
NODE = Access("patch", "", "nodes", "")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


@pytest.fixture
async def transport(api: FakeApi) -> AsyncIterator[Transport]:
    made = transport_for(api)
    yield made
    await made.close()


def rule(verbs: str, groups: str, resources: str, *names: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "verbs": verbs.split(","),
        "apiGroups": groups.split(","),
        "resources": resources.split(","),
    }
    return made | ({"resourceNames": list(names)} if names else {})


def rules(*given: dict[str, Any], incomplete: bool = False) -> Reply:
    return Reply({"status": {"resourceRules": list(given), "incomplete": incomplete}}, 201)


def access(allowed: bool, **more: object) -> Reply:
    return Reply({"status": {"allowed": allowed, **more}}, 201)


TOLD: tuple[tuple[str, dict[str, Any], Access, Right], ...] = (
    ("all", rule("*", "*", "*"), EVICT, Right.ALLOWED),
    ("exact", rule("get,patch", "apps", "deployments"), PATCH, Right.ALLOWED),
    ("another verb", rule("get", "apps", "deployments"), PATCH, Right.DENIED),
    ("another group", rule("patch", "extensions", "deployments"), PATCH, Right.DENIED),
    ("the object is not its subresource", rule("*", "apps", "deployments"), SCALE, Right.DENIED),
    ("the subresource", rule("patch", "apps", "deployments/scale"), SCALE, Right.ALLOWED),
    ("of any kind", rule("patch", "*", "*/scale"), SCALE, Right.ALLOWED),
    ("a subresource is not the object", rule("*", "*", "*/scale"), PATCH, Right.DENIED),
)


@pytest.mark.parametrize(
    ("given", "wanted", "right"), [case[1:] for case in TOLD], ids=[case[0] for case in TOLD]
)
async def test_complete_rules_need_one_request(
    given: dict[str, Any], wanted: Access, right: Right, api: FakeApi, transport: Transport
) -> None:
    api.on(RULES, rules(given))
    rights = Rights(transport)
    assert rights.known(wanted) is Right.UNKNOWN
    assert await rights.ask(wanted) is right
    assert await rights.ask(wanted) is right
    assert len(api.requests) == 1
    assert msgspec.json.decode(api.requests[0].body)["spec"] == {"namespace": "shop"}


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        (access(True), Right.ALLOWED),
        (access(False), Right.DENIED),
        (access(False, evaluationError="webhook down"), Right.UNKNOWN),
        (Reply(status(403, "Forbidden"), 403), Right.UNKNOWN),
        (Reply(b"<html>", 200), Right.UNKNOWN),
    ],
    ids=["yes", "no", "error", "forbidden", "foreign"],
)
async def test_incomplete_rules_are_asked_one_by_one(
    reply: Reply, right: Right, api: FakeApi, transport: Transport
) -> None:
    api.on(RULES, rules(incomplete=True))
    api.on(ACCESS, reply)
    rights = Rights(transport)
    assert await rights.ask(SCALE) is right
    assert await rights.ask(SCALE) is right
    assert len(api.asked(ACCESS)) == 1
    asked = msgspec.json.decode(api.asked(ACCESS)[0].body)["spec"]["resourceAttributes"]
    assert asked == {
        "verb": "patch",
        "group": "apps",
        "resource": "deployments",
        "subresource": "scale",
        "namespace": "shop",
    }


async def test_a_rule_for_single_names_is_not_a_no(api: FakeApi, transport: Transport) -> None:
    api.on(RULES, rules(rule("patch", "apps", "deployments", "web")))
    api.on(ACCESS, access(False))
    assert await Rights(transport).ask(PATCH) is Right.UNKNOWN


async def test_cluster_wide_rights_are_asked_singly(api: FakeApi, transport: Transport) -> None:
    api.on(ACCESS, access(False))
    assert await Rights(transport).ask(NODE) is Right.DENIED
    assert [seen.path for seen in api.requests] == [ACCESS]
    assert NODE.text == "patch nodes"


async def test_a_server_that_does_not_answer_denies_nothing(transport: Transport) -> None:
    rights = Rights(transport)
    await transport.close()
    assert await rights.ask(PATCH) is Right.UNKNOWN


async def test_a_real_refusal_goes_before_the_rules_for_a_while(
    api: FakeApi, transport: Transport
) -> None:
    clock = Clock()
    api.on(RULES, rules(rule("*", "*", "*")), rules(rule("*", "*", "*")))
    rights = Rights(transport, clock)
    assert await rights.ask(PATCH) is Right.ALLOWED
    rights.denied(PATCH)
    assert rights.known(PATCH) is Right.DENIED
    clock.now += 121
    assert rights.known(PATCH) is Right.ALLOWED
    clock.now += 600
    assert rights.known(PATCH) is Right.UNKNOWN
    assert await rights.ask(PATCH) is Right.ALLOWED
    rights.forget()
    assert rights.known(PATCH) is Right.UNKNOWN


@pytest.mark.parametrize("step", [Reset(), Reply(status(500, "InternalError"), 500)])
async def test_a_server_that_chokes_on_json_is_asked_in_protobuf(
    step: Reset | Reply, api: FakeApi, transport: Transport
) -> None:
    api.on(RULES, step, rules(incomplete=True), rules(rule("*", "*", "*")))
    api.on(ACCESS, access(True))
    rights = Rights(transport)
    assert await rights.ask(EVICT) is Right.ALLOWED
    _, first, second = api.requests
    assert first.header("Content-Type") == ["application/vnd.kubernetes.protobuf"]
    assert first.header("Accept") == ["application/json"]
    assert first.body.startswith(b"k8s\x00\n")
    assert first.body.endswith(b"\x12\x08\x12\x06\n\x04shop")
    fields = b"\x12\x06create*\x04pods2\x08eviction\n\x04shop"
    assert second.body.endswith(fields)
    await rights.ask(Access("get", "", "pods", "other"))
    assert api.requests[-1].header("Content-Type") == ["application/vnd.kubernetes.protobuf"]
