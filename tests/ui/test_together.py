"""An action on several marked rows, as it is asked for with keys."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from k8stui.actions.intents import Pause, Request, Resume
from k8stui.actions.interface import Possible, Preview
from k8stui.actions.write_actions import WRITE_ACTIONS
from tests.ui import shop
from tests.ui.fake_cluster import FakeActions, FakeCluster
from tests.ui.running import MEDIUM, running


class Asked(FakeActions):
    """Everything may be done; what is asked for is kept."""

    read_only = ""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def known(self, subjects: Sequence[object]) -> tuple[Possible, ...]:
        return tuple(Possible(spec, "") for spec in WRITE_ACTIONS)

    async def preview_all(self, requests: Sequence[Request]) -> tuple[Preview, ...]:
        self.requests = [*requests]
        return tuple(
            Preview(intent=intent, subject=subject, title=subject.text, refused="not now")
            for intent, subject in requests
        )


def asking() -> tuple[FakeCluster, Asked]:
    cluster, asked = shop.shop(), Asked()
    cluster.actions = asked
    return cluster, asked


@pytest.mark.parametrize(("keys", "names"), [("jj", {"web", "agent"}), ("jjj", {"web", "cart"})])
async def test_every_marked_row_has_its_part(keys: str, names: set[str]) -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", *keys[1:], "space", "r")
        await run.sees("Restart 2 objects")
        assert {one.subject.name for one in asked.requests} == names
        for name in names:
            assert f"/{name}" in run.text


async def test_pausing_goes_one_way_for_all() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "P")
        await run.until(lambda: bool(asked.requests))
        assert [type(one.intent) for one in asked.requests] == [Pause]
        assert Resume not in [type(one.intent) for one in asked.requests]


async def test_marks_out_of_sight_are_left_alone_and_told() -> None:
    cluster, asked = asking()
    async with running(cluster, MEDIUM) as run:
        await run.press("j", "space", "j", "space", "slash")
        await run.type("web")
        await run.press("enter", "ctrl+d")
        await run.sees("1 marked row is filtered out of sight")
        assert [one.subject.name for one in asked.requests] == ["web"]
