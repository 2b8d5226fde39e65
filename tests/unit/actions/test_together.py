"""One action on several objects: each has its own preview and verdict, and one undo for all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from k8stui.actions.desk import Desk
from k8stui.actions.intents import (
    PODS,
    STATEFULSETS,
    Delete,
    Evict,
    Pause,
    Propagation,
    Request,
    Restart,
    Resume,
    Subject,
)
from k8stui.actions.interface import Preview
from k8stui.cluster.transport import Transport
from k8stui.resources.deployments import decode
from k8stui.ui.action_run import ActionRun
from k8stui.viewmodels.standing import Standing
from tests.fake_api.api import FakeApi, Reply

from .objects import (
    LOOKING,
    PATH,
    WEB,
    JsonObject,
    deployment,
    desk_at,
    serve,
    transport_to,
    writes,
)

CART = Subject("deployments.apps", "shop", "cart")
CART_PATH = PATH.replace("/web", "/cart")
DB = Subject(STATEFULSETS, "shop", "db")
POD = Subject(PODS, "shop", "web-1")
POD_PATH = "/api/v1/namespaces/shop/pods/web-1"


@pytest.fixture
async def api(request: pytest.FixtureRequest) -> AsyncIterator[FakeApi]:
    """May do everything, or what the test's parameter allows."""
    async with FakeApi() as api:
        serve(api, *getattr(request, "param", ()))
        yield api


@pytest.fixture
async def transport(api: FakeApi) -> AsyncIterator[Transport]:
    made = transport_to(api, "t1")
    yield made
    await made.close()


@pytest.fixture
def desk(transport: Transport, tmp_path: Path) -> Desk:
    return desk_at(transport, tmp_path)


def cart(version: int = 10) -> JsonObject:
    made = deployment(version=version)
    made["metadata"] |= {"name": "cart", "uid": "uid-cart"}
    return made


def _standing(preview: Preview) -> Standing:
    """The object as it is once the controller has seen the change."""
    made = cart() if preview.subject == CART else deployment()
    made["metadata"]["generation"] = 9
    made["status"] = {"observedGeneration": 9, "replicas": 3, "updatedReplicas": 3}
    return Standing(decode(msgspec.json.encode(made)))


async def _run(desk: Desk, previews: Sequence[Preview]) -> list[str]:
    run = ActionRun(desk, previews, _standing, lambda: None)
    await run.run()
    assert run.finished
    return [f"{preview.subject.name}: {text}" for preview, text, _ in run.verdicts]


async def test_pausing_one_that_is_paused_and_one_that_is_not(desk: Desk, api: FakeApi) -> None:
    api.on(PATH, Reply(deployment(paused=True)))
    api.on(CART_PATH, Reply(cart()), Reply({}), Reply(cart()), Reply(cart(version=11)))
    previews = await desk.preview_all([Request(Pause(), WEB), Request(Pause(), CART)])
    assert [preview.refused for preview in previews] == ["it is paused already", ""]
    assert await _run(desk, previews) == ["web: not done: it is paused already", "cart: paused"]
    assert writes(api) == [f"PATCH {CART_PATH} dry", f"PATCH {CART_PATH}"]


PATCH: JsonObject = {"verbs": ["patch"], "apiGroups": ["apps"], "resources": ["deployments"]}


@pytest.mark.parametrize("api", [(LOOKING, PATCH)], indirect=True)
async def test_rights_for_one_and_none_for_the_other(desk: Desk, api: FakeApi) -> None:
    both = [WEB, DB]
    refused = {one.spec.id: one.refused for one in await desk.possible(both)}
    assert refused["restart"] == ""
    assert refused["delete"] == "you may not delete deployments.apps in namespace shop"
    api.on(PATH, Reply(deployment()), Reply({}))
    web, db = await desk.preview_all([Request(Restart(), one) for one in both])
    assert web.can_go
    assert (db.refused_by, db.refused) == (
        "rights",
        "you may not patch statefulsets.apps in namespace shop",
    )


async def test_what_was_done_together_is_taken_back_together(desk: Desk, api: FakeApi) -> None:
    api.on(PATH, Reply(deployment()), Reply({}), Reply(deployment()), Reply(deployment(version=11)))
    api.on(CART_PATH, Reply(cart()), Reply({}), Reply(cart()), Reply(cart(version=11)))
    previews = await desk.preview_all([Request(Pause(), WEB), Request(Pause(), CART)])
    await _run(desk, previews)
    undo = desk.undo()
    assert undo is not None
    assert undo.text == "resume deploy/web; resume deploy/cart"
    assert [(type(one.intent), one.subject.uid) for one in undo.requests] == [
        (Resume, "uid-web"),
        (Resume, "uid-cart"),
    ]


async def test_past_a_budget_only_with_the_name_and_the_right_to_delete(
    desk: Desk, api: FakeApi
) -> None:
    meta = {"name": "web-1", "uid": "uid-1", "resourceVersion": "5"}
    pod = {"kind": "Pod", "metadata": meta, "spec": {"nodeName": "n1"}}
    api.on(POD_PATH, Reply(pod), Reply(pod))
    preview = await desk.preview(Evict(force=True), POD)
    assert (preview.title, preview.confirm) == (
        "Delete po/web-1 past its disruption budgets",
        "name",
    )
    assert preview.kubectl == "kubectl -n shop delete pod/web-1"
    assert writes(api) == [f"DELETE {POD_PATH} dry"]


@pytest.mark.parametrize("api", [(LOOKING,)], indirect=True)
async def test_who_may_not_delete_gets_no_further(desk: Desk, api: FakeApi) -> None:
    refused = await desk.preview(Evict(force=True), POD)
    assert refused.refused == "you may not delete pods in namespace shop"
    assert writes(api) == []


@pytest.mark.parametrize(
    ("propagation", "said"),
    [
        ("Background", "It is deleted, and then what it owns (2 pods) (propagation: Background)"),
        ("Foreground", "What it owns (2 pods) is deleted first, then it (propagation: Foreground)"),
    ],
)
async def test_a_deletion_tells_what_goes_with_it_and_how(
    desk: Desk, api: FakeApi, propagation: Propagation, said: str
) -> None:
    obj = deployment()
    obj["status"] = {"replicas": 2}
    obj["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 45
    api.on(PATH, Reply(obj), Reply({}))
    preview = await desk.preview(Delete(propagation), WEB)
    assert preview.sentences == (said, "Its pods get 45 s to stop (grace period)")
