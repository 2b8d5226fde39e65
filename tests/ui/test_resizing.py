"""What stands on a terminal whose size changes, cell by cell."""

from __future__ import annotations

import pyte
import pytest
from textual.events import Resize
from textual.geometry import Size

from tests.ui import shop
from tests.ui.running import running

_SIZES = ((200, 60), (80, 24), (120, 40), (160, 50), (100, 30))


def _terminal(columns: int, lines: int) -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(columns, lines)
    screen.set_mode(pyte.modes.LNM)
    return screen, pyte.Stream(screen)


@pytest.mark.parametrize("size", _SIZES[1:])
async def test_nothing_of_another_size_is_left(size: tuple[int, int]) -> None:
    async with running(shop.shop(), _SIZES[0]) as run:
        run.driver.reset()
        run.app._size = Size(*size)
        # A frame between the news of the size and the layout for it.
        run.app.on_resize()
        run.app.screen.refresh()
        await run.settle()
        assert run.driver.bytes_written == 0, "what is too wide would stand at the right edge"
        run.app.post_message(Resize(Size(*size), Size(*size)))
        await run.settle()
        await run.settle()
        screen, stream = _terminal(*size)
        stream.feed(run.driver.data)
        painted = [line.rstrip() for line in screen.display]
        run.driver.reset()
        run.app.forget_terminal()
        run.app.screen.refresh(layout=True)
        await run.settle()
        await run.settle()
        again, stream = _terminal(*size)
        stream.feed(run.driver.data)
        assert painted == [line.rstrip() for line in again.display]
        assert any("Workloads" in line for line in painted)
