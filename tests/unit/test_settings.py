"""The configuration file, read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8stui.errors import UsageError
from k8stui.settings import Settings, load_settings


def _written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", Settings()),
        ("# nothing but a comment\n", Settings()),
        ('theme = "nord"\n', Settings(theme="nord")),
        ("read-only = true\n", Settings(read_only=True)),
        ("low-bandwidth = false\n", Settings(low_bandwidth=False)),
        ('read-only-contexts = ["prod-*"]\n', Settings(read_only_contexts=("prod-*",))),
        ("log-hold-back-ms = 0\n", Settings(log_hold_back_ms=0)),
    ],
)
def test_what_it_may_hold(tmp_path: Path, text: str, settings: Settings) -> None:
    assert load_settings(_written(tmp_path, text)) == settings


def test_it_need_not_exist(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "missing/config.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("theme = \n", "is not valid TOML: Invalid value (at line 1, column 9)", ""),
        ('them = "nord"', "has an unknown key 'them'", "did you mean theme?"),
        ("read_only = true", "has an unknown key 'read_only'", "did you mean read-only?"),
        (
            "zzz = 1",
            "unknown key 'zzz'",
            "it may hold: theme, read-only, low-bandwidth, read-only-contexts, log-hold-back-ms",
        ),
        ('read-only = "yes"', "read-only: expected bool, got str", ""),
        ("theme = 3", "theme: expected str, got int", ""),
        ('read-only-contexts = "prod"', "read-only-contexts: expected array, got str", ""),
        ("log-hold-back-ms = -1", "log-hold-back-ms: expected int >= 0", ""),
        ("log-hold-back-ms = 90000", "log-hold-back-ms: expected int <= 60000", ""),
        ('log-hold-back-ms = "1s"', "log-hold-back-ms: expected int, got str", ""),
        (b"theme = '\xff'", "is not UTF-8 text: byte 9", ""),
    ],
)
def test_what_is_wrong_is_said_with_the_file(
    tmp_path: Path, text: str | bytes, message: str, hint: str
) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        load_settings(path)
    assert raised.value.message.startswith(str(path))
    assert message in raised.value.message
    assert raised.value.hint == hint
    assert raised.value.exit_code == 2


def test_a_file_that_can_not_be_read_says_why_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        load_settings(tmp_path)
    assert raised.value.message == f"can't read {tmp_path}: Is a directory"
