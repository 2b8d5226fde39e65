"""An action's preview as a text to be read before one says yes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from k8stui.actions.intents import Rollback
from k8stui.actions.interface import Preview
from k8stui.resources.diff import Change
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.revisions import RevisionRow

_VERBS = {"Rollback": "Roll back", "SetImage": "Set the image of"} | {
    verb: verb for verb in ("Restart", "Pause", "Resume", "Scale", "Delete", "Evict")
}


def previews_title(previews: Sequence[Preview]) -> str:
    """`Restart deploy/web`, or `Restart 3 objects`."""
    if len(previews) == 1:
        return previews[0].title
    verbs = {type(preview.intent).__name__ for preview in previews}
    verb = _VERBS.get(verbs.pop(), "Change") if len(verbs) == 1 else "Change"
    return f"{verb} {len(previews)} objects"


def preview_document(previews: Sequence[Preview], note: str = "") -> Document:
    """What would happen to each object, what to know before, and the same with kubectl.

    Args:
        note: What is to be known of the choice of objects.
    """
    lines: list[Line] = [Line(f"! {note}", tone=Tone.WARN)] if note else []
    if len(previews) > 1:
        # Each has its own part below, most of them out of sight: here is what it is all about.
        lines.append(Line(", ".join(preview.subject.text for preview in previews)))
    for preview in previews:
        if lines:
            lines.append(Line(""))
        if len(previews) > 1:
            lines.append(Line(preview.title, kind="heading", tone=Tone.ACCENT))
        lines += _one(preview)
    return Document(previews_title(previews), tuple(lines))


def _one(preview: Preview) -> list[Line]:
    lines: list[Line] = []
    if preview.refused:
        already = preview.refused_by == "already"
        said = "· nothing to do" if already else "✗ can't be done"
        lines.append(Line(f"{said}: {preview.refused}", tone=Tone.MUTED if already else Tone.ERROR))
    lines += [Line(sentence) for sentence in preview.sentences]
    lines += [Line(f"! {warning}", tone=Tone.WARN) for warning in preview.warnings]
    if preview.changes:
        lines.append(Line("Changes", kind="heading"))
        for change in preview.changes:
            lines += change_lines(change)
    if preview.dry_run and preview.refused_by not in ("dry run", "rights"):
        good = preview.dry_run == "accepted"
        text = f"{'✓' if good else '!'} tried dry by the server: {preview.dry_run}"
        lines.append(Line(text, tone=Tone.OK if good else Tone.WARN))
    if preview.kubectl:
        lines.append(Line(f"$ {preview.kubectl}", tone=Tone.MUTED))
    return lines


def healthier(preview: Preview, revisions: Sequence[RevisionRow]) -> Preview:
    """A rollback's preview that says so when it does not go to the last healthy revision.

    The revision before, where kubectl goes too, may be one that never came to its end.
    """
    to = preview.after.revision
    healthy = next((row for row in revisions if row.last_healthy), None)
    if not isinstance(preview.intent, Rollback) or preview.refused or not to or healthy is None:
        return preview
    if healthy.revision == to or healthy.is_target:
        return preview
    said = (
        f"revision {to} is not the one that last ran fully healthy: that is revision "
        f"{healthy.revision} ({healthy.image_now}); to go there, select it in the Rollout pane"
    )
    return msgspec.structs.replace(preview, warnings=(said, *preview.warnings))


def change_lines(change: Change) -> list[Line]:
    """One difference: where, and what it was and becomes; `-` and `+` tell it without colours."""
    lines = [Line(change.where, indent=1)]
    if change.before is not None:
        lines.append(Line(f"- {change.before}", indent=2, tone=Tone.ERROR))
    if change.after is not None:
        lines.append(Line(f"+ {change.after}", indent=2, tone=Tone.OK))
    return lines
