"""How many widgets Textual styles: after a class of the screen that is all of them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from tests.ui import shop
from tests.ui.running import MEDIUM, SMALL, WIDE, Running, running


@pytest.fixture
def styled(monkeypatch: pytest.MonkeyPatch) -> list[DOMNode]:
    """Whatever is styled anew."""
    again: list[DOMNode] = []
    update_nodes = Stylesheet.update_nodes

    def counted(self: Stylesheet, nodes: Iterable[DOMNode], animate: bool = False) -> None:
        found = list(nodes)
        again.extend(found)
        update_nodes(self, found, animate)

    monkeypatch.setattr(Stylesheet, "update_nodes", counted)
    return again


def _share(styled: list[DOMNode], run: Running) -> float:
    """Which part of the cockpit's widgets was styled."""
    cockpit = list(run.screen.walk_children(with_self=True))
    return len([node for node in styled if node in cockpit]) / len(cockpit)


@pytest.mark.parametrize("size", [SMALL, MEDIUM, WIDE])
async def test_the_cockpit_is_styled_as_it_is_mounted_and_not_again(
    size: tuple[int, int], styled: list[DOMNode]
) -> None:
    async with running(shop.shop(), size) as run:
        await run.sees("deploy/web")
        # The focus moves into the first pane, which is all that changes its looks by it.
        assert _share(styled, run) < 1 / 2


@pytest.mark.parametrize("size", [MEDIUM, WIDE])
async def test_another_pane_with_the_focus_styles_no_others(
    size: tuple[int, int], styled: list[DOMNode]
) -> None:
    async with running(shop.shop(), size) as run:
        await run.sees("deploy/web")
        await run.settle()
        styled.clear()
        for key in ("tab", "tab", "tab", "e", "escape"):
            await run.press(key)
        await run.settle()
        assert _share(styled, run) < 1


@pytest.mark.parametrize("zoomed", [False, True])
async def test_where_one_pane_is_shown_the_focus_shows_another(zoomed: bool) -> None:
    async with running(shop.shop(), WIDE if zoomed else SMALL) as run:
        await run.sees("deploy/web")
        if zoomed:
            await run.press("z")
        await run.press("tab")
        await run.loses("deploy/web  ")
        assert run.cockpit.pods.region.size
        assert not run.cockpit.workloads.region.size
