"""No way round the door: who may make tickets, who may spend them, who may open connections."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "k8stui"


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if not name.startswith("demo/"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def _users(name: str) -> set[str]:
    """The modules that name this, however they came by it."""
    found = set()
    for module, tree in _trees():
        for node in ast.walk(tree):
            named = {
                ast.Name: lambda node: node.id,
                ast.Attribute: lambda node: node.attr,
                ast.alias: lambda node: node.name.rpartition(".")[2],
            }.get(type(node))
            if named is not None and named(node) == name:
                found.add(module)
    return found


def test_only_the_gate_makes_tickets() -> None:
    assert _users("issue_ticket") == {"actions/gate.py"}
    assert _users("_SEAL") == {"cluster/ticket.py"}


def test_only_the_transport_spends_them() -> None:
    assert _users("spend") == {"cluster/door.py"}
    assert _users("admit_write") == {"cluster/transport.py"}


def test_only_actions_send_writes() -> None:
    senders = {
        module
        for module, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "k8stui.cluster.writer"
    }
    assert senders == {"actions/desk.py", "actions/perform.py"}


def test_only_the_cluster_package_opens_http_sessions() -> None:
    openers = _users("ClientSession") - {"cluster/http_sessions.py", "cluster/transport.py"}
    # An identity provider is no API server: its login has a session of its own.
    assert openers <= {"cluster/oidc.py"}


def test_no_other_way_to_a_socket() -> None:
    ways = {"requests", "httpx", "urllib3", "http.client", "urllib.request", "kubernetes_asyncio"}
    found = set()
    for module, tree in _trees():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {(module, name) for name in names if name in ways}
    assert found == set()
