"""Saved logs: private, whole, and without escape sequences unless asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from k8stui.errors import K8sTuiError
from k8stui.logs.export import SaveForm, safe_file_name, save_lines
from k8stui.logs.feed import StreamName
from k8stui.logs.ring import LINE, NOTICE, RawLine

NAME = StreamName("prod", "shop", "web-1", "app")
LINES = [
    (NAME, RawLine(1_767_323_045_000_000_001, 0, LINE, b"\x1b[2J\xffx")),
    (NAME, RawLine(1_767_323_045_000_000_001, 0, NOTICE, b"possible gap")),
]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            "text",
            "2026-01-02T03:04:05.000000001Z web-1 app ^[[2J\ufffdx\n"
            "2026-01-02T03:04:05.000000001Z web-1 app possible gap\n".encode(),
        ),
        ("raw", b"\x1b[2J\xffx\n"),
    ],
)
def test_forms(tmp_path: Path, form: SaveForm, expected: bytes) -> None:
    path = tmp_path / "log"
    path.write_text("older")
    save_lines(path, LINES, form)

    assert path.read_bytes() == expected
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["log"]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"x" * 300_000, "x" * 300_000),
        ("\u00e9".encode() * 30_000 + b"\xff", "\u00e9" * 30_000 + "\ufffd"),
        (b"a" + b"\x1b[31;1m" * 20_000 + b"b", "ab"),
        (b"x" * 8_190 + b"\x1b[2J" + b"y" * 20_000, "x" * 8_190 + "^[[2J" + "y" * 20_000),
        (b"half\rwhole" + b"x" * 20_000, "whole" + "x" * 20_000),
        (b"\x1b[" + b"1;" * 20_000, "^[[" + "1;" * 20_000),
        (b"", ""),
    ],
)
def test_text_holds_the_whole_line(tmp_path: Path, message: bytes, expected: str) -> None:
    save_lines(tmp_path / "log", [(NAME, RawLine(0, 0, LINE, message))])

    text = (tmp_path / "log").read_text()
    assert text == f"1970-01-01T00:00:00.000000000Z web-1 app {expected}\n"


def test_json_lines_have_all_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "log"
    assert save_lines(path, LINES, "jsonl") == 2
    first = json.loads(path.read_text().splitlines()[0])

    assert first["message"] == "\x1b[2J\ufffdx"
    assert (first["context"], first["namespace"], first["pod"]) == ("prod", "shop", "web-1")
    assert "\x1b" not in path.read_text()


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(K8sTuiError, match="can't write"):
        save_lines(tmp_path / "file" / "log", LINES)


def test_a_directory_that_is_missing_is_made_and_is_private(tmp_path: Path) -> None:
    assert save_lines(tmp_path / "state" / "log", LINES) == 2
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("web-1 app", "web-1_app.log"),
        ("../../etc/x", "etc_x.log"),
        ("", "log.log"),
        (".a", "a.log"),
    ],
)
def test_file_names(text: str, name: str) -> None:
    assert safe_file_name(text, "log") == name
