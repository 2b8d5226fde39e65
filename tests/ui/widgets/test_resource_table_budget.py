"""What a change costs on the wire at 160x52: bytes and lines drawn, no clocks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from textual._styles_cache import StylesCache
from textual.geometry import Region

from k8stui.resources.record import Tone
from k8stui.ui.widgets.resource_table import ResourceTable
from tests.ui.widgets.pods_source import Pod, PodsSource, pods
from tests.ui.widgets.stage import Stage, staged

TableStage = Stage[ResourceTable]


@pytest.fixture
def source() -> PodsSource:
    return PodsSource(pods(10_000))


@pytest.fixture
async def stage(source: PodsSource) -> AsyncIterator[TableStage]:
    async with staged(ResourceTable(source)) as stage:
        stage.reset()
        yield stage


async def test_idle_costs_nothing(stage: TableStage) -> None:
    await stage.settle()
    assert stage.bytes == 0
    assert stage.drawn == []


async def test_refresh_without_a_change_costs_nothing(stage: TableStage) -> None:
    stage.widget.refresh_rows()
    await stage.settle()
    assert stage.bytes == 0


async def test_one_changed_row_costs_one_line(stage: TableStage, source: PodsSource) -> None:
    source.change(7, status="Unknown", tone=Tone.ERROR, restarts=3)
    stage.widget.refresh_rows()
    await stage.settle()
    assert stage.drawn == [8]
    assert 0 < stage.bytes <= 700
    assert "Unknown" in stage.driver.data


async def test_a_change_off_screen_costs_nothing(stage: TableStage, source: PodsSource) -> None:
    source.projected.clear()
    source.change(5_000, status="Unknown", tone=Tone.ERROR)
    stage.widget.refresh_rows()
    await stage.settle()
    assert stage.bytes == 0
    assert source.projected == []


async def test_a_row_added_off_screen_costs_the_bar(stage: TableStage, source: PodsSource) -> None:
    source.pods.append(Pod("uid-new", "web-new"))
    stage.widget.refresh_rows()
    await stage.settle()
    assert stage.drawn == []
    assert stage.bytes <= 2_500


async def test_rows_added_above_move_nothing(stage: TableStage, source: PodsSource) -> None:
    await stage.press("pagedown", "pagedown")
    before = stage.lines()
    stage.reset()
    source.pods[:0] = [Pod(f"uid-above-{i}", f"above-{i}") for i in range(30)]
    stage.widget.refresh_rows()
    await stage.settle()
    assert stage.drawn == []
    assert stage.bytes <= 2_500
    assert stage.lines() == before


async def test_a_cursor_step_costs_two_lines(stage: TableStage) -> None:
    await stage.press("down")
    assert stage.drawn == [1, 2]
    assert 0 < stage.bytes <= 1_500


async def test_a_page_is_drawn_once(stage: TableStage) -> None:
    await stage.press("pagedown")
    assert sorted(stage.drawn) == list(range(1, 52))


async def test_a_tick_with_no_changed_age_costs_nothing(
    stage: TableStage, source: PodsSource
) -> None:
    source.now += 30
    source.projected.clear()
    stage.widget.tick()
    await stage.settle()
    assert stage.bytes == 0
    assert source.projected == []


async def test_a_tick_draws_only_rows_whose_age_changed(
    stage: TableStage, source: PodsSource
) -> None:
    for index in range(len(source.pods)):
        source.pods[index] = source.pods[index]._replace(created=0 if index == 3 else 30)
    stage.widget.refresh_rows()
    await stage.settle()
    stage.reset()
    source.now += 45
    stage.widget.tick()
    await stage.settle()
    assert stage.bytes > 0
    assert len(stage.drawn) == 50
    stage.reset()
    source.now += 15
    stage.widget.tick()
    await stage.settle()
    assert stage.drawn == [4]
    assert stage.bytes <= 700


async def test_only_rows_near_the_screen_are_ever_projected(
    stage: TableStage, source: PodsSource
) -> None:
    await stage.press("pagedown", "end", "home")
    assert len(set(source.projected)) <= 4 * 51


async def test_mouse_moves_cost_nothing(stage: TableStage) -> None:
    await stage.pilot.hover(ResourceTable, offset=(10, 10))
    await stage.pilot.hover(ResourceTable, offset=(40, 20))
    await stage.settle()
    assert stage.drawn == []


@pytest.mark.parametrize("keys", [("pagedown",), ("pagedown", "down"), ("end",)])
async def test_another_page_is_asked_for_in_one_piece(
    stage: TableStage, keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Region] = []
    refresh = stage.widget.refresh

    def counted(*regions: Region) -> ResourceTable:
        asked.extend(regions)
        return refresh(*regions)

    monkeypatch.setattr(stage.widget, "refresh", counted)
    await stage.press(*keys)
    assert len(asked) <= 3 * len(keys)


@pytest.mark.parametrize("key", ["home", "pagedown", "end"])
async def test_the_bar_looks_as_textual_draws_it(stage: TableStage, key: str) -> None:
    await stage.press(key)
    bar = stage.widget.vertical_scrollbar
    whole = bar.size.region
    part = Region(0, 3, whole.width, 5)
    for crop in (whole, part):
        drawn = bar._styles_cache.render_widget(bar, crop)
        expected = StylesCache().render_widget(bar, crop)
        assert type(bar._styles_cache) is not StylesCache
        assert [strip.text for strip in drawn] == [strip.text for strip in expected]
        for strip, usual in zip(drawn, expected, strict=True):
            styles = [(s.style.color, s.style.bgcolor, s.style.meta) for s in strip if s.style]
            assert styles == [
                (s.style.color, s.style.bgcolor, s.style.meta) for s in usual if s.style
            ]
