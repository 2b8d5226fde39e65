"""What the line over a log says: how it is shown, and how its streams do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k8stui.logs.feed import Stream, StreamState
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.status_parts import Part
from k8stui.viewmodels.subject_logs import AROUND_WORDS, CASE_WORDS, ORDER_WORDS, SubjectLogs

_QUIET = (StreamState.LIVE, StreamState.ENDED)
_TROUBLE = (StreamState.RECONNECTING, StreamState.FORBIDDEN)


def mode_parts(
    logs: SubjectLogs, matches: str = "", clusters: Sequence[tuple[str, bool]] = ()
) -> list[Part]:
    """How the log is shown, what differs from the usual in words.

    Args:
        logs: The logs.
        matches: Where the search stands: `3/120`.
        clusters: The other clusters in words, and whether all is well with each.
    """
    shown = logs.pane.shown
    parts = [
        Part("previous instance", Tone.WARN) if logs.is_previous else Part(clean_text(logs.since))
    ]
    parts += [
        Part(f"+ {clean_text(text)}", Tone.ACCENT if well else Tone.WARN) for text, well in clusters
    ]
    parts.append(Part(ORDER_WORDS[shown.order]))
    if shown.timeline:
        parts.append(Part("timeline", Tone.ACCENT))
    if shown.form != "raw":
        words = clean_text(" ".join(shown.fields)) if shown.form == "fields" else shown.form
        parts.append(Part(f"JSON {words}", Tone.ACCENT))
    if shown.zone:
        parts.append(Part(clean_text(shown.zone), Tone.ACCENT))
    if logs.container_text:
        parts.append(Part(f"containers {clean_text(logs.container_text)}", Tone.ACCENT))
    missing = [role for role in ("init", "ephemeral") if role not in logs.roles]
    if missing:
        parts.append(Part(f"no {' or '.join(missing)}", Tone.ACCENT))
    if logs.feed.hidden:
        count = len(logs.feed.hidden)
        parts.append(Part(f"{count} stream{'s' if count != 1 else ''} hidden", Tone.ACCENT))
    if logs.filter_text:
        parts.append(Part(f"/{clean_text(logs.filter_text)}", Tone.ACCENT))
        if shown.around != 0:
            parts.append(Part(AROUND_WORDS[shown.around]))
    if logs.highlight_text:
        parts.append(Part(f"find {clean_text(logs.highlight_text)}", Tone.ACCENT))
    if matches:
        parts.append(Part(matches, Tone.ACCENT))
    if logs.ignore_case is not None and (logs.filter_text or logs.highlight_text):
        parts.append(Part(CASE_WORDS[logs.ignore_case]))
    return parts


def state_parts(logs: SubjectLogs, *, follow: bool, new: int) -> list[Part]:
    """How the streams do, what was dropped, and what waits below the window."""
    counts = logs.tail.state_counts()
    total = sum(counts.values())
    parts: list[Part] = []
    if logs.files.tee is not None:
        error = logs.files.tee.error
        parts.append(Part(f"tee: {error}", Tone.ERROR) if error else Part("tee", Tone.ACCENT))
    if logs.files.saving:
        parts.append(Part("saving", Tone.ACCENT))
    whole = logs.files.whole
    if whole is not None:
        of = f"log {min(whole.logs + 1, whole.of)} of {whole.of}, {whole.lines:,} lines"
        parts.append(Part(f"saving from the server: {of}", Tone.ACCENT))
    if not total:
        parts.append(Part("no streams", Tone.MUTED))
    else:
        queued = counts[StreamState.QUEUED]
        open_ones = f"{total - queued} of {total}" if queued else str(total)
        parts.append(Part(f"{open_ones} stream{'s' if total != 1 else ''}"))
    for state, count in counts.items():
        if state not in _QUIET and state is not StreamState.QUEUED and count:
            tone = Tone.WARN if state in _TROUBLE else Tone.PLAIN
            parts.append(Part(f"{count} {state}", tone))
    live = counts[StreamState.LIVE] + counts[StreamState.POLLING]
    if counts[StreamState.ENDED] and live:
        parts.append(Part(f"{counts[StreamState.ENDED]} ended", Tone.MUTED))
    if logs.pane.unordered:
        parts.append(Part(f"{logs.pane.unordered:,} not in order", Tone.WARN))
    streams = logs.tail.streams()
    late = max(logs.pane.behind_by, max((each.behind for each in streams), default=0.0))
    if late:
        parts.append(Part(f"behind by {late:,.0f}s", Tone.WARN))
    parts += _skewed(streams)
    evicted = logs.tail.ring.evicted
    if evicted:
        parts.append(Part(f"{evicted:,} older dropped", Tone.WARN))
    if follow:
        parts.append(Part("follow ▼", Tone.OK))
    else:
        lost = f", {logs.unseen:,} of them dropped" if logs.unseen else ""
        parts.append(Part(f"+{new:,} new{lost}" if new else "standing still", Tone.WARN))
    return parts


def _skewed(streams: Iterable[Stream]) -> list[Part]:
    """The node whose clock is furthest from ours, where times can't be compared with it."""
    worst = max(streams, key=lambda each: abs(each.skew), default=None)
    if worst is None or not worst.skew:
        return []
    way = "ahead" if worst.skew > 0 else "behind"
    return [Part(f"{worst.node}'s clock {abs(worst.skew):,.0f}s {way}", Tone.WARN)]
