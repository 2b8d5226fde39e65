"""What holds up pods, in plain sentences that name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from k8stui.resources.age import human_duration
from k8stui.resources.evidence import NO_EVIDENCE, Evidence
from k8stui.resources.pod_trouble import Trouble, trouble_of
from k8stui.resources.pods import STUCK_DELETION, Pod

_MOST_NAMES: Final = 3
_RUNTIME_WORDS: Final = re.compile(
    r"^(?:rpc error: code = \w+ desc = |failed to pull and unpack image \S+ "
    r"|failed to resolve reference \S+ |failed to do request: |failed to copy: )+"
)
_BACK_OFF: Final = "Back-off"

_Group = list[tuple[Pod, Trouble]]


class Sentences(NamedTuple):
    """What holds up pods, each sentence with their names, the worst first."""

    lasting: tuple[str, ...]
    """Of what does not pass by itself."""
    passing: tuple[str, ...] = ()
    """Of what does: a pod that is starting, an old one that stops."""
    early: tuple[str, ...] = ()
    """Of what may: a probe that fails while a container is starting."""


def names_text(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    """`a`, `a and b`, `a, b, c and 4 more`; never `1 more`, which is no shorter than the name."""
    shown = list(names if len(names) <= most + 1 else names[:most])
    if rest := len(names) - len(shown):
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def pod_sentences(
    pods: Iterable[Pod], now: float, evidence: Evidence = NO_EVIDENCE
) -> tuple[str, ...]:
    """One sentence for each different trouble that does not pass by itself, the worst first.

    Pods with the same trouble share a sentence. `now` is in epoch seconds.
    """
    return sentences_of(pods, now, evidence).lasting


def sentences_of(pods: Iterable[Pod], now: float, evidence: Evidence = NO_EVIDENCE) -> Sentences:
    """A sentence for each different trouble, whether it lasts or is the ordinary way of things."""
    groups: dict[tuple[object, ...], _Group] = {}
    for pod in pods:
        trouble = trouble_of(pod, now)
        if trouble is not None:
            answer = _answer(pod, trouble, evidence)
            key = (_sort(pod, trouble, answer, now), *_same(trouble), answer)
            groups.setdefault(key, []).append((pod, trouble))
    ordered = sorted(groups.items(), key=lambda group: (group[1][0][1].rank, group[1][0][0].name))
    told: dict[object, list[str]] = {"lasting": [], "passing": [], "early": []}
    for key, group in ordered:
        told[key[0]].append(_sentence(group, now, evidence))
    return Sentences(tuple(told["lasting"]), tuple(told["passing"]), tuple(told["early"]))


def _sort(pod: Pod, trouble: Trouble, answer: str, now: float) -> str:
    """Which of the three sorts of sentences it makes."""
    if not trouble.passing or _overdue(pod, trouble, now):
        return "lasting"
    if not answer:
        return "passing"
    # What can't be mounted can't be mounted later either, unlike a probe of what is starting.
    return "early" if trouble.container else "lasting"


def _overdue(pod: Pod, trouble: Trouble, now: float) -> bool:
    return trouble.kind == "terminating" and now > pod.deleted + STUCK_DELETION


def _same(trouble: Trouble) -> tuple[object, ...]:
    """Pods whose troubles are equal in this tell the same story."""
    match trouble.kind:
        case "image":
            return trouble.kind, trouble.image
        case "crash":
            return trouble.kind, trouble.container, trouble.exit_code, trouble.exit_reason
        case "unschedulable" | "config" | "failed" | "gate":
            return trouble.kind, trouble.word, trouble.container, trouble.message
        case _:
            return trouble.kind, trouble.word, trouble.container


def _answer(pod: Pod, trouble: Trouble, evidence: Evidence) -> str:
    """What an event tells of this trouble beyond the pod's record."""
    match trouble.kind:
        case "not ready" | "starting" if trouble.container:
            return evidence.probe_failure(pod, trouble.container, trouble.since)
        case "creating" | "starting":
            return evidence.start_failure(pod)
        case _:
            return ""


def registry_message(message: str) -> str:
    """What the registry, or the way to it, said: without the runtime's words before it."""
    return _RUNTIME_WORDS.sub("", message)


def _sentence(group: _Group, now: float, evidence: Evidence) -> str:
    names = names_text(sorted(pod.name for pod, _ in group))
    return f"{names}: {_what(group, now, evidence)}"


def _what(group: _Group, now: float, evidence: Evidence) -> str:
    pod, trouble = min(group, key=lambda one: one[1].since or now)
    lasted = human_duration(now - trouble.since) if trouble.since else ""
    answer = _answer(pod, trouble, evidence)
    match trouble.kind:
        case "image":
            told = _told(
                [
                    registry_message(said)
                    for one, trouble in group
                    for said in (trouble.message, evidence.pull_failure(one, trouble.container))
                ]
            )
            return f"image {trouble.image} can't be pulled ({trouble.word}){told}"
        case "crash":
            return _crash_text(group, evidence)
        case "config":
            told = _told([trouble.message])
            return f"container {trouble.container} can't be started ({trouble.word}){told}"
        case "unschedulable" if trouble.word != "unschedulable":
            return f"waiting to be scheduled ({trouble.word}){_told([trouble.message])}"
        case "unschedulable":
            return f"can't be scheduled{_told([trouble.message])}"
        case "failed":
            return f"failed ({trouble.word}){_told([trouble.message])}"
        case "lost":
            return trouble.message
        case "init":
            return f"init container {trouble.container} is still running after {lasted}"
        case "creating":
            return f"still {trouble.word} after {lasted}{_told([answer])}"
        case "gate":
            return f"a readiness gate is not met{_told([trouble.message])}"
        case "terminating" if now <= pod.deleted + STUCK_DELETION:
            return "terminating"
        case "terminating":
            late = human_duration(now - pod.deleted)
            return f"still terminating {late} after its grace period"
        case "starting":
            return _starting_text(trouble, answer)
        case _:
            who = f"container {trouble.container} has been" if trouble.container else "has been"
            why = answer or "its probe does not pass"
            return f"{who} running for {lasted} but is not ready: {why}"


def _starting_text(trouble: Trouble, answer: str) -> str:
    """No time in it: it would change every second, and it passes soon."""
    if trouble.container:
        told = _told([answer or trouble.message])
        return f"container {trouble.container} runs but is not ready yet{told}"
    return f"starting ({trouble.word}){_told([answer])}"


def _crash_text(group: _Group, evidence: Evidence) -> str:
    trouble = max((one for _, one in group), key=lambda one: one.restarts)
    how = f"exit code {trouble.exit_code}"
    if trouble.exit_reason == "OOMKilled":
        how = f"OOMKilled, {how}"
    times = "1 restart" if trouble.restarts == 1 else f"{trouble.restarts} restarts"
    verb = "keeps crashing" if trouble.restarts else "has crashed"
    text = f"container {trouble.container} {verb} ({how}, {times}){_told([trouble.message])}"
    lines = (evidence.last_line(pod, one) for pod, one in group)
    line = next(filter(None, lines), "")
    return f'{text}; its last line: "{line}"' if line and line not in text else text


def _told(messages: Sequence[str]) -> str:
    """What was said, preferring the reason to the kubelet's word that it backs off."""
    said = sorted(filter(None, messages), key=lambda one: (one.startswith(_BACK_OFF), -len(one)))
    return f": {said[0]}" if said else ""
