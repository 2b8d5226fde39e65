"""What the start of the program spares itself: work that Textual would do twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual._styles_cache import StylesCache
from textual.containers import Vertical
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from k8stui.resources.phase import Live, Syncing
from k8stui.settings import ChosenTheme
from k8stui.ui.app import CockpitApp
from k8stui.ui.screens.start import StartScreen
from tests.ui import shop
from tests.ui.fake_cluster import FakeClusters
from tests.ui.objects import NOW
from tests.ui.running import running


@pytest.mark.parametrize("name", ["", "k8stui-light", "nord"])
def test_a_theme_of_the_start_is_as_one_that_is_chosen(name: str) -> None:
    clusters = FakeClusters(shop.shop())
    begun = CockpitApp(lambda: clusters, theme=ChosenTheme(name))
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


async def test_the_first_frame_is_painted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[Screen[object]] = []
    display = CockpitApp._display

    def counted(self: CockpitApp, screen: Screen[object], renderable: object) -> None:
        painted.append(screen)
        display(self, screen, renderable)  # type: ignore[arg-type]

    monkeypatch.setattr(CockpitApp, "_display", counted)
    async with running(shop.shop()):
        pass
    assert len([screen for screen in painted if isinstance(screen, StartScreen)]) == 1


async def test_the_cluster_answers_while_the_screens_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    held: list[bool] = []
    cluster = shop.shop()
    load = CockpitApp._load

    def loading(self: CockpitApp) -> None:
        asked.extend(cluster._collections)
        held.append(cluster.held)
        load(self)

    monkeypatch.setattr(CockpitApp, "_load", loading)
    async with running(cluster) as run:
        # What is more than a page waits for the first frame.
        assert held == [True]
        await run.until(lambda: not cluster.held)
    assert {"pods", "deployments.apps", "replicasets.apps"} <= set(asked)


async def test_what_its_children_cover_is_not_drawn_line_by_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Widget] = []
    render_widget = StylesCache.render_widget

    def counted(self: StylesCache, widget: Widget, crop: Region) -> Sequence[Strip]:
        drawn.append(widget)
        return render_widget(self, widget, crop)

    monkeypatch.setattr(StylesCache, "render_widget", counted)
    async with running(shop.shop()) as run:
        await run.sees("deploy/web")
        covered = [run.screen, run.screen.query_one("#body"), run.screen.query_one("#top")]
        assert not [each for each in drawn if each in covered]
        # A container with a border still draws it.
        assert [each for each in drawn if isinstance(each, Vertical)]


@pytest.mark.parametrize("last", ["nodes", "events", "poddisruptionbudgets.policy"])
async def test_the_end_of_reading_is_told_at_once(last: str) -> None:
    cluster = shop.shop()
    async with running(cluster) as run:
        cluster.set_phase(Live(NOW))
        cluster.set_phase(Syncing(), last)
        await run.settle()
        run.screen.show_status()
        await run.sees(f"reading {last.partition('.')[0]}")
        cluster.set_phase(Live(NOW), last)
        cluster.tell()
        # No second passes on this clock: nothing but the news can have told.
        await run.painted()
        assert "live" in run.text
