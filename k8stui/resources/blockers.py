"""What holds up pods, in plain sentences that name them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from k8stui.resources.age import human_duration
from k8stui.resources.pod_trouble import Trouble, trouble_of
from k8stui.resources.pods import STUCK_DELETION, Pod

_MOST_NAMES: Final = 3
_BACK_OFF: Final = "Back-off"

_Group = list[tuple[Pod, Trouble]]


def names_text(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    """`a`, `a and b`, `a, b, c and 4 more`; never `1 more`, which is no shorter than the name."""
    shown = list(names if len(names) <= most + 1 else names[:most])
    if rest := len(names) - len(shown):
        shown.append(f"{rest} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def pod_sentences(pods: Iterable[Pod], now: float) -> tuple[str, ...]:
    """One sentence for each different trouble that does not pass by itself, the worst first.

    Pods with the same trouble share a sentence. `now` is in epoch seconds.
    """
    groups: dict[tuple[object, ...], _Group] = {}
    for pod in pods:
        trouble = trouble_of(pod, now)
        if trouble is not None and (not trouble.passing or _overdue(pod, trouble, now)):
            groups.setdefault(_same(trouble), []).append((pod, trouble))
    ordered = sorted(groups.values(), key=lambda group: (group[0][1].rank, group[0][0].name))
    return tuple(_sentence(group, now) for group in ordered)


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


def _sentence(group: _Group, now: float) -> str:
    names = names_text(sorted(pod.name for pod, _ in group))
    return f"{names}: {_what(group, now)}"


def _what(group: _Group, now: float) -> str:
    pod, trouble = min(group, key=lambda one: one[1].since or now)
    lasted = human_duration(now - trouble.since) if trouble.since else ""
    match trouble.kind:
        case "image":
            told = _told([one.message for _, one in group])
            return f"image {trouble.image} can't be pulled ({trouble.word}){told}"
        case "crash":
            return _crash_text(group)
        case "config":
            told = _told([trouble.message])
            return f"container {trouble.container} can't be started ({trouble.word}){told}"
        case "unschedulable" if trouble.word != "unschedulable":
            return f"waits to be scheduled ({trouble.word}){_told([trouble.message])}"
        case "unschedulable":
            return f"can't be scheduled{_told([trouble.message])}"
        case "failed":
            return f"failed ({trouble.word}){_told([trouble.message])}"
        case "lost":
            return trouble.message
        case "init":
            return f"init container {trouble.container} is still running after {lasted}"
        case "creating":
            return f"still {trouble.word} after {lasted}"
        case "gate":
            return f"a readiness gate is not met{_told([trouble.message])}"
        case "terminating":
            late = human_duration(now - pod.deleted)
            return f"still terminating {late} after its grace period"
        case _:
            who = f"container {trouble.container} has been" if trouble.container else "has been"
            return f"{who} running for {lasted} but is not ready: its probe does not pass"


def _crash_text(group: _Group) -> str:
    trouble = max((one for _, one in group), key=lambda one: one.restarts)
    how = f"exit code {trouble.exit_code}"
    if trouble.exit_reason == "OOMKilled":
        how = f"OOMKilled, {how}"
    times = "1 restart" if trouble.restarts == 1 else f"{trouble.restarts} restarts"
    verb = "keeps crashing" if trouble.restarts else "has crashed"
    return f"container {trouble.container} {verb} ({how}, {times}){_told([trouble.message])}"


def _told(messages: Sequence[str]) -> str:
    """What was said, preferring the reason to the kubelet's word that it backs off."""
    said = sorted(filter(None, messages), key=lambda one: (one.startswith(_BACK_OFF), -len(one)))
    return f": {said[0]}" if said else ""
