"""The header: where we are, how fresh the data is, how the nodes do."""

from __future__ import annotations

import pytest

from k8stui.resources.nodes import Node
from k8stui.resources.phase import Forbidden, Live, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import NoUsage, Tone, Usage
from k8stui.viewmodels.status_line import connection_part, nodes_parts
from k8stui.viewmodels.status_parts import place_parts

NOW = 1_000_000.0
GIB = 1024**3


@pytest.mark.parametrize(
    ("phases", "text", "tone", "short"),
    [
        ([], "… connecting", Tone.ACCENT, None),
        ([Live(NOW)], "● live", Tone.OK, None),
        ([Live(NOW), Missing()], "● live", Tone.OK, None),
        ([Live(NOW), Forbidden("no")], "● live", Tone.OK, None),
        ([Forbidden("no")], "✗ nothing may be read here", Tone.ERROR, "✗ forbidden"),
        ([Syncing()], "… reading kind0", Tone.ACCENT, "… reading"),
        ([Live(NOW), Syncing(500)], "… reading kind1 500", Tone.ACCENT, "… reading"),
        (
            [Syncing(20), Syncing(1500, 12000)],
            "… reading kind1 1,500 of 12,000",
            Tone.ACCENT,
            "… reading",
        ),
        (
            [Live(NOW), Syncing(), Stale(NOW - 90, "can't reach it", NOW + 4)],
            "! stale for 90s · next try in 4 s · can't reach it",
            Tone.ERROR,
            "! stale 90s",
        ),
        (
            [Stale(NOW - 60, "newer", NOW + 8), Stale(NOW - 600, "older", NOW - 1)],
            "! stale for 10m · trying now · older",
            Tone.ERROR,
            "! stale 10m",
        ),
        # What was never read is not old, and what was read and is old counts for more.
        (
            [Stale(NOW - 9, "can't reach it", NOW + 4, read=False)],
            "! nothing read yet · next try in 4 s · can't reach it",
            Tone.ERROR,
            "! not read",
        ),
        (
            [Stale(NOW - 90, "x", NOW, read=False), Stale(NOW - 60, "can't reach it", NOW)],
            "! stale for 60s · trying now · can't reach it",
            Tone.ERROR,
            "! stale 60s",
        ),
        # A clock that was set back is no reason for a negative age.
        (
            [Stale(NOW + 5, "x", NOW)],
            "! stale for 0s · trying now · x",
            Tone.ERROR,
            "! stale 0s",
        ),
        (
            [Stale(NOW, "x", NOW), Unauthorized("token expired")],
            "✗ login refused: token expired",
            Tone.ERROR,
            "✗ login",
        ),
    ],
)
def test_the_worst_state_counts(
    phases: list[Phase], text: str, tone: Tone, short: str | None
) -> None:
    named = [(f"kind{place}.apps", phase) for place, phase in enumerate(phases)]
    part = connection_part(named, NOW)
    assert (part.text, part.tone, part.short) == (text, tone, short)


class _Used(NoUsage):
    """Each node uses this much."""

    def __init__(self, cpu: int, memory: int) -> None:
        self._usage = Usage(cpu, memory, int(NOW))

    def node(self, name: str) -> Usage | None:
        return None if name == "unsampled" else self._usage


def _node(name: str, ready: bool = True) -> Node:
    return Node(
        uid=name,
        namespace="",
        name=name,
        created=0,
        ready=ready,
        allocatable_cpu=4000,
        allocatable_memory=8 * GIB,
    )


@pytest.mark.parametrize(
    ("nodes", "used", "texts"),
    [
        ([_node("a")], _Used(1000, 2 * GIB), ["cpu 25%", "mem 25%", "1 node"]),
        ([_node("a"), _node("b")], _Used(3000, GIB), ["cpu 75%!", "mem 12%", "2 nodes"]),
        ([_node("a"), _node("b", False)], NoUsage(), ["2 nodes", "✗ 1 NotReady"]),
        # What has no sample does not count as unused.
        ([_node("a"), _node("unsampled")], _Used(3800, GIB), ["cpu 95%!", "mem 12%", "2 nodes"]),
        ([], NoUsage(), []),
    ],
)
def test_the_nodes_at_a_glance(nodes: list[Node], used: NoUsage, texts: list[str]) -> None:
    assert [part.text for part in nodes_parts(nodes, Live(NOW), used)] == texts


@pytest.mark.parametrize(
    ("cpu", "tone"), [(2999, Tone.PLAIN), (3000, Tone.WARN), (3600, Tone.ERROR)]
)
def test_a_cluster_that_is_full_is_marked(cpu: int, tone: Tone) -> None:
    part = nodes_parts([_node("a")], Live(NOW), _Used(cpu, 0))[0]
    assert part.tone is tone


def test_who_may_not_see_nodes_is_told_so() -> None:
    [part] = nodes_parts([], Forbidden("no"), NoUsage())
    assert part.text == "nodes: no right to list them"
    assert part.short == ""


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (("prod", "shop", "jo", False, False, ""), ["prod", "ns shop", "jo"]),
        (("prod", "", "jo", True, False, ""), ["prod", "all namespaces", "jo", "READ-ONLY"]),
        (
            ("demo", "shop", "jo", False, True, "app=web"),
            ["demo", "DEMO", "ns shop", "-l app=web", "jo"],
        ),
    ],
)
def test_where_we_are_and_as_whom(
    arguments: tuple[str, str, str, bool, bool, str], texts: list[str]
) -> None:
    assert [part.text for part in place_parts(*arguments)] == texts


def test_names_from_a_kubeconfig_can_not_steer_the_terminal() -> None:
    parts = place_parts("pr\x1b[31mod", "sh\u202eop", "j\x07o", False, False, "a=\x1b]0;x\x07")
    assert not any(character < " " for part in parts for character in part.text)
    assert not any("\u202e" in part.text for part in parts)
