"""An action's preview as a text to be read before one says yes."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.actions.interface import Preview
from k8stui.resources.diff import Change
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone


def preview_document(previews: Sequence[Preview]) -> Document:
    """What would happen to each object, what to know before, and the same with kubectl."""
    lines: list[Line] = []
    for preview in previews:
        if lines:
            lines.append(Line(""))
        if len(previews) > 1:
            lines.append(Line(preview.title, kind="heading", tone=Tone.ACCENT))
        lines += _one(preview)
    title = previews[0].title if len(previews) == 1 else f"{len(previews)} objects"
    return Document(title, tuple(lines))


def _one(preview: Preview) -> list[Line]:
    lines: list[Line] = []
    if preview.refused:
        lines.append(Line(f"✗ can't be done: {preview.refused}", tone=Tone.ERROR))
    lines += [Line(sentence) for sentence in preview.sentences]
    lines += [Line(f"! {warning}", tone=Tone.WARN) for warning in preview.warnings]
    if preview.changes:
        lines.append(Line("Changes to the pod template", kind="heading"))
        for change in preview.changes:
            lines += change_lines(change)
    if preview.dry_run:
        good = preview.dry_run == "accepted"
        text = f"{'✓' if good else '!'} tried dry by the server: {preview.dry_run}"
        lines.append(Line(text, tone=Tone.OK if good else Tone.WARN))
    if preview.kubectl:
        lines.append(Line(f"$ {preview.kubectl}", tone=Tone.MUTED))
    return lines


def change_lines(change: Change) -> list[Line]:
    """One difference: where, and what it was and becomes; `-` and `+` tell it without colours."""
    lines = [Line(change.where, indent=1)]
    if change.before is not None:
        lines.append(Line(f"- {change.before}", indent=2, tone=Tone.ERROR))
    if change.after is not None:
        lines.append(Line(f"+ {change.after}", indent=2, tone=Tone.OK))
    return lines
