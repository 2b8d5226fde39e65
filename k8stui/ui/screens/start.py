"""The first frame: who is about to connect where, while everything else is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from k8stui.resources.record import Tone
from k8stui.ui._textual_compat.screens import StyledOnce
from k8stui.ui.widgets.covered import CoveredColumn
from k8stui.ui.widgets.key_bar import KeyBar
from k8stui.ui.widgets.status_bar import StatusBar
from k8stui.viewmodels.status_parts import Part


class StartScreen(StyledOnce, Screen[None]):
    """What is seen until the first cluster's cockpit is there."""

    BLANK: ClassVar[bool] = True
    PAINTS_AT_ONCE: ClassVar[bool] = True

    def __init__(self, title: Sequence[Part]) -> None:
        super().__init__(id="_default")
        self._header = title

    def compose(self) -> ComposeResult:
        status = StatusBar()
        status.show_parts(self._header, Part("… starting", Tone.ACCENT), ())
        yield status
        yield CoveredColumn()
        yield KeyBar()
