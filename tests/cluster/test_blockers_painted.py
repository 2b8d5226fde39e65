"""Each reason for which a rollout does not go on stands on the screen, at every size.

The same cases as in `test_blockers`, but for what the running program has painted on a terminal.
How long that took counts from the moment that the cluster itself has written down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.kube import Kubectl
from tests.cluster.painted import rollout_pane
from tests.cluster.test_blockers import (
    CASES,
    REFUSED,
    Case,
    _event,
    _yaml,
    few,
    guarded,
    policy,
)

__all__ = ["few", "guarded", "policy"]

_ALL: tuple[Any, ...] = CASES
Known = Callable[[Kubectl, str, str], float]
NoteTime = Callable[[str, float], None]


@pytest.fixture(scope="module")
def namespace(make_namespace: Callable[[str], str]) -> str:
    return make_namespace("painted")


def _parameters() -> Iterator[object]:
    for case, known, *_ in _ALL:
        yield pytest.param(case, known, id=case.name)


@pytest.mark.parametrize(("case", "known"), [*_parameters()])
def test_the_reason_is_painted(
    case: Case,
    known: Known | None,
    namespace: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    policy: str,
    environ: dict[str, str],
    note_time: NoteTime,
) -> None:
    def do(*words: str, stdin: str = "") -> None:
        kubectl("-n", namespace, *words, stdin=stdin)

    with rollout_pane(kubeconfig, namespace, environ) as pane:
        pane.choose(case.name)
        do("apply", "-f", "-", stdin=_yaml(case, image, policy))
        told = time.time()
        if case.then:
            pane.until((" available",))
            for words in case.then:
                do(*(word.replace("NAME", case.name) for word in words))
            told = time.time()
        seen = pane.until(case.says)
        since = known(kubectl, namespace, case.name) if known else told
        note_time(repr(case.says[0]), max(0.0, seen - since))
        pane.at_every_size(case.says)
    do("delete", case.kind, case.name, "--wait=false")


def _refused(
    namespace: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    environ: dict[str, str],
    says: tuple[str, ...],
    note_time: NoteTime,
) -> None:
    with rollout_pane(kubeconfig, namespace, environ) as pane:
        for kind, manifest in REFUSED:
            case = Case(kind.partition(".")[0], kind, manifest, says)
            pane.choose(case.name)
            kubectl("-n", namespace, "apply", "-f", "-", stdin=_yaml(case, image, ""))
            seen = pane.until(says)
            since = _event("FailedCreate")(kubectl, namespace, case.name)
            note_time(f"{case.name}: {says[1]!r}", max(0.0, seen - since))
            pane.at_every_size(says)


def test_a_quota_that_refuses_the_pods_is_painted(
    few: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    environ: dict[str, str],
    note_time: NoteTime,
) -> None:
    says = ("blocked: pods can't be created: ", "exceeded quota: few, requested: pods=1")
    _refused(few, kubeconfig, kubectl, image, environ, says, note_time)


def test_a_webhook_that_refuses_the_pods_is_painted(
    guarded: str,
    kubeconfig: Path,
    kubectl: Kubectl,
    image: str,
    environ: dict[str, str],
    note_time: NoteTime,
) -> None:
    says = ("blocked: pods can't be created: ", 'webhook "guard.example.com"')
    _refused(guarded, kubeconfig, kubectl, image, environ, says, note_time)
