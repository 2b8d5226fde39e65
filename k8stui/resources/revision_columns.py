"""The columns of a table of revisions."""

from __future__ import annotations

from k8stui.resources.columns import age_column, text_column
from k8stui.resources.record import Column, Context, Tone
from k8stui.resources.revisions import RevisionRow


def _tone(row: RevisionRow, _context: Context) -> Tone:
    if row.failed:
        return Tone.ERROR
    if row.rolling_to:
        return Tone.ACCENT
    if row.is_current:
        return Tone.OK
    return Tone.PLAIN if row.current else Tone.MUTED


REVISION_COLUMNS: tuple[Column[RevisionRow], ...] = (
    Column(
        id="revision",
        title="REV",
        text=lambda row, _: f"{row.glyph}{row.revision or '?'}",
        sort=lambda row, _: -row.revision,
        value=lambda row, _: row.revision,
        measure="number",
        tone=_tone,
    ),
    Column(
        id="pods",
        title="PODS",
        text=lambda row, _: row.pods_text,
        sort=lambda row, _: (row.current, row.ready),
        value=lambda row, _: row.current,
        measure="number",
        tone=lambda row, _: Tone.WARN if row.ready < row.current else Tone.PLAIN,
    ),
    age_column(),
    text_column("image", "IMAGE", lambda row: row.image_text),
    text_column("state", "STATE", lambda row: row.word, tone=_tone),
    text_column("cause", "CAUSE", lambda row: row.change_cause, priority=1),
    text_column("name", "NAME", lambda row: row.name, priority=2),
)
