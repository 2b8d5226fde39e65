"""What the start of the program spares itself: work that Textual would do twice."""

from __future__ import annotations

import pytest
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

from k8stui.ui.app import CockpitApp
from tests.ui import shop
from tests.ui.fake_cluster import FakeClusters
from tests.ui.running import running


@pytest.mark.parametrize("name", ["", "k8stui-light", "nord"])
def test_a_theme_of_the_start_is_as_one_that_is_chosen(name: str) -> None:
    clusters = FakeClusters(shop.shop())
    begun = CockpitApp(lambda: clusters, theme=name)
    chosen = CockpitApp(lambda: clusters)
    chosen.theme = begun.theme
    assert begun.classes == chosen.classes
    assert begun.current_theme == chosen.current_theme
    assert begun.get_css_variables() == chosen.get_css_variables()
    assert begun.stylesheet._variables == begun.get_css_variables()


async def test_the_style_sheets_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Stylesheet] = []
    monkeypatch.setattr(Stylesheet, "reparse", read.append)
    async with running(shop.shop()) as run:
        await run.sees("deploy/web")
    assert not read


@pytest.mark.parametrize("key", ["o", "n"])
async def test_a_dialog_is_not_painted_before_it_is_laid_out(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[Screen[object]] = []
    refresh = Screen._compositor_refresh

    def counted(self: Screen[object]) -> None:
        painted.append(self)
        refresh(self)

    monkeypatch.setattr(Screen, "_compositor_refresh", counted)
    async with running(shop.shop()) as run:
        await run.sees("deploy/web")
        await run.press(key)
        await run.settle()
        # Once when it is there, and once for what it learns of its size.
        assert len([each for each in painted if each is run.app.screen]) <= 3
