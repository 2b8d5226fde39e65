"""Every test runs as on a machine where nobody has set anything up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_OF_THE_TESTS = ("K8STUI_TEST_", "TEXTUAL_SNAPSHOT_")
_FOREIGN = (
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "PAGER",
    "EDITOR",
    "VISUAL",
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _clean_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of the test's own (not made yet), a plain terminal, no cluster and no proxy.

    What the tests themselves are told by (`K8STUI_TEST_…`) stays.
    """
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / ".local/state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    own = [name for name in os.environ if name.startswith(("K8STUI_", "TEXTUAL"))]
    for name in (*own, *_FOREIGN, *_PROXIES, *map(str.upper, _PROXIES)):
        if not name.startswith(_OF_THE_TESTS):
            monkeypatch.delenv(name, raising=False)
