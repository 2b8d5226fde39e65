"""Files, functions and the app stay small, and names say what a thing is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "k8stui"

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_APP_LINES = 250
_EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)", re.IGNORECASE)
_CAMEL_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def _modules() -> tuple[tuple[str, ast.Module, int], ...]:
    """(path, tree, number of lines) of each module of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        found.append((name, ast.parse(text), len(text.splitlines())))
    return tuple(found)


def _definitions() -> Iterator[tuple[str, Definition]]:
    for name, tree, _ in _modules():
        for node in ast.walk(tree):
            if isinstance(node, Definition):
                yield f"{name}:{node.lineno} {node.name}", node


def test_no_file_is_a_hall() -> None:
    too_long = {name: lines for name, _, lines in _modules() if lines > MOST_FILE_LINES}
    assert not too_long, f"at most {MOST_FILE_LINES} lines"


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {}
    for where, node in _definitions():
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if not isinstance(node, ast.ClassDef) and lines > MOST_FUNCTION_LINES:
            too_long[where] = lines
    assert not too_long, f"at most {MOST_FUNCTION_LINES} lines"


def test_the_app_only_wires() -> None:
    lines = {name: lines for name, _, lines in _modules()}
    assert lines["k8stui/ui/app.py"] <= MOST_APP_LINES


def test_every_module_says_what_it_is() -> None:
    assert not [name for name, tree, _ in _modules() if not ast.get_docstring(tree)]


def test_no_name_says_nothing() -> None:
    names = {name: Path(name).stem for name, _, _ in _modules()}
    names |= {where: _CAMEL_WORD.sub("_", node.name) for where, node in _definitions()}
    assert not [where for where, name in names.items() if _EMPTY_NAMES.search(name)]
