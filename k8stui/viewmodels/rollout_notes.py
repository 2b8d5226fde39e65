"""How a rollout stands, in a few lines of words."""

from __future__ import annotations

from typing import Final, NamedTuple

from k8stui.resources.age import human_duration
from k8stui.resources.record import Tone
from k8stui.resources.rollouts import RolloutProgress
from k8stui.viewmodels.rollout_story import clock_text

BAR_CELLS: Final = 16
_MOST_WAITS: Final = 2


class RolloutNote(NamedTuple):
    """One line. Text is clean."""

    text: str
    tone: Tone = Tone.PLAIN


def rollout_notes(
    progress: RolloutProgress, now: float, verdict: str = ""
) -> tuple[RolloutNote, ...]:
    """The progress in words: a bar with counts, the budget, the deadline, and what blocks.

    Args:
        now: Epoch seconds.
        verdict: What became of the last rollout that was seen to its end.
    """
    one = progress
    if one.state == "done" and not one.blocked:
        return _done(one, verdict)
    notes = [_headline(one, now), RolloutNote(_counts(one))]
    notes += [RolloutNote(f"blocked: {sentence}", Tone.WARN) for sentence in one.blocked]
    notes += [RolloutNote(f"not yet: {sentence}", Tone.WARN) for sentence in one.early]
    if one.state == "progressing" and not one.early:
        notes += _nothing_wrong(one.waits)
    notes += _healthy(one)
    if one.budget:
        notes.append(RolloutNote(one.budget))
    notes += [RolloutNote(each, Tone.MUTED) for each in one.notes]
    if verdict:
        notes.append(RolloutNote(verdict, Tone.MUTED))
    return tuple(notes)


def _nothing_wrong(waits: tuple[str, ...]) -> list[RolloutNote]:
    if not waits:
        return [RolloutNote("nothing wrong yet")]
    first, *rest = waits[:_MOST_WAITS]
    return [
        RolloutNote(f"nothing wrong yet: {first}"),
        *(RolloutNote(f"and {each}") for each in rest),
    ]


def _done(one: RolloutProgress, verdict: str) -> tuple[RolloutNote, ...]:
    if one.available < one.desired:
        text = f"! rolled out, but {one.available} of {one.desired} available"
        why = (RolloutNote(sentence, Tone.WARN) for sentence in one.ailing)
        return (RolloutNote(text, Tone.WARN), *why, *_healthy(one))
    return (
        RolloutNote(
            f"✓ {verdict or 'rolled out'} · {one.available}/{one.desired} available", Tone.OK
        ),
    )


def _headline(one: RolloutProgress, now: float) -> RolloutNote:
    word, tone = {
        "done": ("✓ done", Tone.OK),
        "progressing": ("▶ rolling out", Tone.ACCENT),
        "paused": ("· paused", Tone.MUTED),
        "stuck": ("! stuck", Tone.WARN),
        "deadline exceeded": ("✗ failed at the deadline", Tone.ERROR),
    }[one.state]
    far = f" {progress_bar(one)} {one.percent}%" if _has_bar(one) else ""
    parts = (f"{word}{far}", _time(one, now))
    return RolloutNote(" · ".join(filter(None, parts)), tone)


def progress_bar(one: RolloutProgress) -> str:
    """Cells of pods available `█`, only ready `▓`, only updated `▒`, and not there yet `░`."""
    if not one.desired:
        return "░" * BAR_CELLS
    ends = [
        min(BAR_CELLS, count * BAR_CELLS // one.desired)
        for count in (one.available, max(one.available, one.ready), max(one.ready, one.updated))
    ]
    # Full only when it is: a pod that is missing shows.
    cells = "█" * ends[0] + "▓" * (ends[1] - ends[0]) + "▒" * max(0, ends[2] - ends[1])
    return cells.ljust(BAR_CELLS, "░")


def _counts(one: RolloutProgress) -> str:
    """The counts, each with the cell that stands for it where there is a bar."""
    old = f" · {one.old} old" if one.old else ""
    updated, ready, available = "▒▓█" if _has_bar(one) else ("", "", "")
    return (
        f"of {one.desired}: {one.updated} updated{updated} · {one.ready} ready{ready} · "
        f"{one.available} available{available}{old}"
    )


def _has_bar(one: RolloutProgress) -> bool:
    # Nothing moves any more after the deadline: the bar gives its room to the time.
    return one.state != "deadline exceeded"


def _time(one: RolloutProgress, now: float) -> str:
    """The deadline counted down, or for how long nothing has moved where there is none."""
    if one.deadline_left is not None and one.deadline_left > 0:
        return f"deadline in {human_duration(one.deadline_left)}"
    if one.deadline_left is not None:
        return "the deadline is over"
    if one.state == "deadline exceeded":
        return clock_text(one.ended, now) if one.ended else ""
    if one.state == "stuck" and not one.seconds_allowed and one.last_progress:
        return f"no progress for {human_duration(now - one.last_progress)}, no deadline"
    return ""


def _healthy(one: RolloutProgress) -> list[RolloutNote]:
    if not one.last_healthy:
        return []
    image = f" ({one.last_healthy_image})" if one.last_healthy_image else ""
    return [RolloutNote(f"last fully healthy: revision {one.last_healthy}{image}")]
