"""What all tests of the screens share: quick reactions, one time zone, and no failure unseen."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest

from k8stui.ui.screens import detail


@pytest.fixture(autouse=True)
def _quick_screens(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pauses by which screens gather changes are short; times of day are UTC."""
    monkeypatch.setattr(detail, "_SETTLE_SECONDS", 0.005)
    monkeypatch.setattr(detail, "_REST_SECONDS", 0.005)
    monkeypatch.setattr(detail, "_RELOAD_SECONDS", 0.005)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _no_failure_unseen(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A subscriber's failure is logged and stops nobody: here it fails the test."""
    yield
    errors = [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
    assert not errors, [entry.getMessage() for entry in errors]
