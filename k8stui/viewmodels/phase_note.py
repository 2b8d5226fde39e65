"""A collection's phase in a few words."""

from __future__ import annotations

from k8stui.resources.phase import Forbidden, Missing, Phase, Stale, Syncing, Unauthorized
from k8stui.resources.record import Tone

UNREAD = "nothing read yet"
"""Not "stale": nothing was ever there that could have gone old."""


def phase_note(key: str, phase: Phase) -> tuple[str, Tone]:
    """A phase in a few words for a pane's title, "" for one that needs none."""
    plural = key.partition(".")[0]
    match phase:
        case Forbidden(verb=verb):
            return f"✗ no right to {verb} {plural}", Tone.ERROR
        case Unauthorized():
            return "✗ login refused", Tone.ERROR
        case Missing():
            return f"the cluster serves no {plural}", Tone.MUTED
        case Stale(read=read):
            return "! stale" if read else f"! {UNREAD}", Tone.WARN
        case Syncing(received=received, total=total):
            amount = (
                f" {received:,} of {total:,}" if total else f" {received:,}" if received else ""
            )
            return f"… reading {plural}{amount}", Tone.MUTED
        case _:
            return "", Tone.PLAIN


def phase_text(key: str, phase: Phase) -> str:
    """The same with the cause and what to do about it, where there is room for a sentence."""
    note, _ = phase_note(key, phase)
    match phase:
        case Unauthorized(message=message):
            return f"{note}: {message} · log in anew: k8stui notices it by itself"
        case Stale(reason=reason):
            return f"{note}: {reason} · ^r tries now"
        case _:
            return note
