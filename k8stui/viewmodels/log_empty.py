"""Why there are no log lines to be seen."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.logs.feed import Stream, StreamState
from k8stui.resources.phase import Phase
from k8stui.resources.pods import Pod
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.phase_note import phase_note
from k8stui.viewmodels.subject_logs import SubjectLogs

Empty = tuple[str, Tone]


def empty_log(logs: SubjectLogs, pods: Sequence[Pod], phase: Phase | None = None) -> Empty:
    """What stands in a log pane without a line, and what can be done about it.

    Args:
        logs: The logs.
        pods: The pods that they are of, as far as these are known.
        phase: Of all pods; one that says why there are none is told.
    """
    if logs.pane.filling:
        return "looking through what is held …", Tone.MUTED
    if logs.is_previous:
        return _unmatched(logs) or ("the instance before wrote nothing", Tone.MUTED)
    if not logs.uids:
        note, tone = phase_note("pods", phase) if phase is not None else ("", Tone.MUTED)
        return (f"no pods: {note}", tone) if note else ("no pods, and so no logs", Tone.MUTED)
    streams = logs.tail.streams()
    seen = [each for each in streams if each.index not in logs.feed.hidden]
    if streams and not seen:
        return "every stream is hidden: S, then a shows them again", Tone.WARN
    if not seen:
        return _without_streams(logs, pods)
    if any(each.lines for each in seen):
        return _unmatched(logs) or ("no lines yet", Tone.MUTED)
    return _of_streams(seen)


def _unmatched(logs: SubjectLogs) -> Empty | None:
    if not logs.filter_text:
        return None
    return f"no line matches /{clean_text(logs.filter_text)}: / changes the filter", Tone.WARN


def _of_streams(streams: Sequence[Stream]) -> Empty:
    """The worst that is known of streams that have brought no line."""
    by_state: dict[StreamState, Stream] = {}
    for each in streams:
        by_state.setdefault(each.state, each)
    for state, tone in (
        (StreamState.FORBIDDEN, Tone.ERROR),
        (StreamState.RECONNECTING, Tone.WARN),
        (StreamState.WAITING, Tone.WARN),
    ):
        found = by_state.get(state)
        if found is not None:
            why = f": {clean_text(found.last_error)}" if found.last_error else ""
            return f"{found.pod} {found.container}: {state.value}{why}", tone
    if StreamState.CONNECTING in by_state:
        return "connecting …", Tone.MUTED
    if set(by_state) == {StreamState.QUEUED}:
        return "waiting for other streams to end: S, then + opens more at once", Tone.WARN
    if set(by_state) == {StreamState.ENDED}:
        return "ended without a line", Tone.MUTED
    return "no lines yet", Tone.MUTED


def _without_streams(logs: SubjectLogs, pods: Sequence[Pod]) -> Empty:
    """No container has anything to be read: because none was started, or none is wanted."""
    if logs.container_text and any(_has_run(pod) for pod in pods):
        return f"no container is called {clean_text(logs.container_text)}: C changes it", Tone.WARN
    for pod in pods:
        for container in pod.containers:
            if container.state == "waiting":
                words = [f"{pod.name} {container.name}", container.reason, container.message]
                return ": ".join(filter(None, words)), Tone.WARN
    for pod in pods:
        if not pod.scheduled:
            words = [f"{pod.name} is not on a node", pod.scheduled_message]
            return ": ".join(filter(None, words)), Tone.WARN
    return "no container has started yet", Tone.MUTED


def _has_run(pod: Pod) -> bool:
    return any(container.container_id for container in pod.containers)
