"""What the wheel holds: the package with its stylesheets, and nothing else of the checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytest.importorskip("hatchling", reason="hatchling, of the extra dev, builds the wheel")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in the wheel."""
    into = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = into.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_it_has_every_stylesheet(names: set[str]) -> None:
    sheets = {f"k8stui/styles/{path.name}" for path in (ROOT / "styles").glob("*.tcss")}
    assert sheets
    assert sheets <= names


def test_it_has_every_module(names: set[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "k8stui").rglob("*.py")}
    assert modules <= names


def test_it_has_nothing_else(names: set[str]) -> None:
    others = {name for name in names if name.split("/")[0] != "k8stui"}
    assert {name.split("/")[0].rsplit(".", 1)[-1] for name in others} == {"dist-info"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".orig", ".log"))]


def test_it_says_that_it_is_typed(names: set[str]) -> None:
    assert "k8stui/py.typed" in names


def test_it_has_both_commands_and_the_license(names: set[str]) -> None:
    found = {name.split("dist-info/")[-1] for name in names if ".dist-info/" in name}
    assert {"entry_points.txt", "licenses/LICENSE"} <= found
