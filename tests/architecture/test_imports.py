"""Who may import whom, and what is not loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_LOADED = """\
import sys
from k8stui.cli import main
try:
    main({argv!r})
except SystemExit:
    pass
print(*sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)
"""
_IMPORTED = """\
import sys
import {module}
print(*sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)
"""


def _heavy_after(program: str, tmp_path: Path) -> str:
    """What the program names on its standard error as loaded."""
    command = [sys.executable, "-c", program]
    # Without a home there are no user site-packages, whose .pth files may import anything.
    environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environ, check=True
    )
    return done.stderr.strip()


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["snapshot", "--help"]])
def test_asking_the_program_about_itself_loads_neither_screen_nor_client(
    argv: list[str], tmp_path: Path
) -> None:
    heavy = ("textual", "rich", "aiohttp", "kubernetes_asyncio", "msgspec", "yaml", "asyncio")
    assert _heavy_after(_LOADED.format(argv=argv, heavy=heavy), tmp_path) == ""


@pytest.mark.parametrize("module", ["k8stui.launch", "k8stui.ui.app", "k8stui.session.session"])
def test_the_generated_client_is_not_loaded_at_start(module: str, tmp_path: Path) -> None:
    heavy = ("kubernetes_asyncio",)
    assert _heavy_after(_IMPORTED.format(module=module, heavy=heavy), tmp_path) == ""


def test_models_run_without_a_screen(tmp_path: Path) -> None:
    program = _IMPORTED.format(module="k8stui.viewmodels.cockpit", heavy=("textual", "rich"))
    assert _heavy_after(program, tmp_path) == ""


def test_import_contracts() -> None:
    """The contracts in pyproject.toml, with import-linter."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run"]
    command[-1] += "; run(['--no-cache'])"
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
