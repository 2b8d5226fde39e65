"""README tells the truth where a program can check it."""

from __future__ import annotations

import argparse
import re

import pytest

from k8stui.cli import build_parser
from k8stui.resources.pods import COLUMNS
from k8stui.settings import Settings, load_settings
from k8stui.viewmodels.filters import parse_filter
from tests.tools.readme import README, with_keys

TEXT = README.read_text(encoding="utf-8")


def test_its_keys_are_those_of_the_registry() -> None:
    assert with_keys(TEXT) == TEXT, "run python -m tests.tools.readme"


def test_it_starts_and_tests_with_one_line_each() -> None:
    lines = [block.strip() for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.M | re.S)]
    assert len(lines) == 2
    assert lines[0].endswith("k8stui --demo")
    assert lines[1].endswith("pytest -n auto")
    assert not any("\n" in line for line in lines)


def test_its_pictures_exist() -> None:
    pictures = re.findall(r"!\[[^]]+]\(([^)]+)\)", TEXT)
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []


def test_its_configuration_can_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```$", TEXT, re.M | re.S)
    path = tmp_path_factory.mktemp("config") / "config.toml"
    path.write_text(example)
    settings = load_settings(path)
    assert settings.theme == "k8stui-light"
    assert all(f"{key} = " in example for key in Settings.__struct_encode_fields__)


def _flags(parser: argparse.ArgumentParser) -> set[str]:
    flags = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                flags |= _flags(inner)
    return flags


def test_its_flags_exist() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT))
    assert named - _flags(build_parser(["logs"])) == set()


def test_its_filters_can_be_typed() -> None:
    [table] = re.findall(r"^## Filters\n(.*?)^## ", TEXT, re.M | re.S)
    typed = [
        code.replace("\\|", "|")
        for row in re.findall(r"^\| (`.*?`) \| ", table, re.M)
        for code in re.findall(r"`([^`]+)`", row)
    ]
    assert len(typed) > 8
    assert [text for text in typed if not parse_filter(text, COLUMNS)] == []
