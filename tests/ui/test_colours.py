"""States are readable without colours, and with the sixteen that every terminal has."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest
from textual import constants

from tests.ui import shop
from tests.ui.running import MEDIUM, running

_TRUE_COLOUR = re.compile(r"[34]8;2;(\d+);(\d+);(\d+)")
_INK_ON_PAPER = re.compile(r"\x1b\[(?:\d;)*(3[0-7]|9[0-7]);(4[0-7]|10[0-7])m([^\x1b]*)")
SAID = (
    "▸ ✗ deploy/crasher",
    "! deploy/web",
    "✓ deploy/cart",
    "OOMKilled",
    "CrashLoopBackOff",
    "! stuck",
    "● live",
    "✗ 1 NotReady",
    "▌Workloads",
    "[Logs]",
)


async def test_without_colours_every_state_has_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "truecolor")
    async with running(shop.shop(), MEDIUM) as run:
        assert not [word for word in SAID if word not in run.text]
        await run.press("j", "tab")
        grey = {len(set(found)) for found in _TRUE_COLOUR.findall(run.driver.data)}
        assert grey == {1}


async def _written() -> str:
    async with running(shop.shop(), MEDIUM) as run:
        await run.press("tab")
        return run.driver.data


def test_sixteen_colours_are_enough() -> None:
    # A process of its own: Rich keeps what a style is written as in the first colours it met.
    program = "import sys, tests.ui.test_colours as t; t.write(sys.__stdout__)"
    environment = {**os.environ, "TEXTUAL_COLOR_SYSTEM": "standard", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert not re.search(r"[34]8;[25];", done.stdout)
    # Nothing is written in the colour that it stands on.
    found = _INK_ON_PAPER.findall(done.stdout)
    assert found
    assert not [text for ink, paper, text in found if int(paper) == int(ink) + 10 and text.strip()]


def write(out: TextIO) -> None:
    """Writes what a press of Tab sends to the terminal."""
    out.write(asyncio.run(_written()))
