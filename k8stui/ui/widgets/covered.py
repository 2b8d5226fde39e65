"""Containers of which nothing is seen but their children."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Horizontal, Vertical


class CoveredColumn(Vertical):
    """Children below each other, without a border or padding around them.

    A container that may have some is styled line by line, as often as the whole screen is painted,
    though its children cover every line of it.
    """

    BLANK: ClassVar[bool] = True


class CoveredRow(Horizontal):
    """Children beside each other, likewise."""

    BLANK: ClassVar[bool] = True
