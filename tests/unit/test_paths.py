"""Where files are, and who may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from k8stui.paths import config_file, log_file, open_private, state_directory, styles_directory


@pytest.mark.parametrize(
    ("environ", "config", "log"),
    [
        (
            {"HOME": "/home/jo"},
            "/home/jo/.config/k8stui/config.toml",
            "/home/jo/.local/state/k8stui/k8stui.log",
        ),
        (
            {"HOME": "/home/jo", "XDG_CONFIG_HOME": "/etc/jo", "XDG_STATE_HOME": "/var/jo"},
            "/etc/jo/k8stui/config.toml",
            "/var/jo/k8stui/k8stui.log",
        ),
        # The XDG specification: a path that is not absolute is to be ignored.
        (
            {"HOME": "/home/jo", "XDG_CONFIG_HOME": "here", "XDG_STATE_HOME": ""},
            "/home/jo/.config/k8stui/config.toml",
            "/home/jo/.local/state/k8stui/k8stui.log",
        ),
    ],
)
def test_xdg_base_directories(environ: dict[str, str], config: str, log: str) -> None:
    assert str(config_file(environ)) == config
    assert str(log_file(environ)) == log
    assert log_file(environ).parent == state_directory(environ)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_only_its_owner_may_read(tmp_path: Path) -> None:
    path = tmp_path / "state/k8stui/k8stui.log"
    os.close(open_private(path, os.O_WRONLY | os.O_APPEND))
    assert _mode(path) == 0o600
    assert _mode(path.parent) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "k8stui.log"
    path.write_text("before\n")
    path.chmod(0o644)
    descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
    os.write(descriptor, b"after\n")
    os.close(descriptor)
    assert _mode(path) == 0o600
    assert path.read_text() == "before\nafter\n"


def test_a_device_stays_as_it_is() -> None:
    before = _mode(Path("/dev/null"))
    os.close(open_private(Path("/dev/null"), os.O_WRONLY))
    assert _mode(Path("/dev/null")) == before


def test_the_stylesheets_are_there() -> None:
    names = {path.name for path in styles_directory().iterdir()}
    assert {"app.tcss", "cockpit.tcss", "modals.tcss"} <= names
