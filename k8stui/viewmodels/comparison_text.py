"""Two revisions beside each other as a text: by meaning first, then line by line."""

from __future__ import annotations

import difflib
from itertools import zip_longest
from typing import NamedTuple

from k8stui.actions.interface import Comparison
from k8stui.resources.document import Document, Line
from k8stui.resources.record import Tone
from k8stui.resources.text import clean_text
from k8stui.viewmodels.manifest_text import manifest_text
from k8stui.viewmodels.preview_text import change_lines

_TONES = {"+": Tone.OK, "-": Tone.ERROR, "@": Tone.MUTED}


def comparison_document(name: str, comparison: Comparison) -> Document:
    """What differs in the pod template, from `before` to `after`."""
    title = f"{name}: {comparison.before_title} → {comparison.after_title}"
    if not comparison.changes:
        return Document(title, (Line("nothing differs that one would notice", tone=Tone.MUTED),))
    lines = [Line("By meaning", kind="heading", tone=Tone.ACCENT)]
    for change in comparison.changes:
        lines += change_lines(change)
    lines += [Line(""), Line("As YAML", kind="heading", tone=Tone.ACCENT)]
    before, after = _manifests(comparison)
    unified = difflib.unified_diff(
        before, after, comparison.before_title, comparison.after_title, lineterm="", n=3
    )
    for text in unified:
        lines.append(Line(clean_text(text), kind="columns", tone=_TONES.get(text[0], Tone.PLAIN)))
    return Document(title, tuple(lines))


class Row(NamedTuple):
    """One line of both sides; None where a side has none. Text is clean."""

    before: str | None
    after: str | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


def rows_beside(comparison: Comparison) -> tuple[tuple[Row, ...], ...]:
    """The YAML of both sides line by line: each change with three lines around it."""
    before, after = _manifests(comparison)
    hunks = []
    for group in difflib.SequenceMatcher(None, before, after, False).get_grouped_opcodes(3):
        rows: list[Row] = []
        for _, start, end, other_start, other_end in group:
            pairs = zip_longest(before[start:end], after[other_start:other_end])
            rows += [Row(_clean(one), _clean(other)) for one, other in pairs]
        hunks.append(tuple(rows))
    return tuple(hunks)


def _clean(text: str | None) -> str | None:
    return None if text is None else clean_text(text)


def _manifests(comparison: Comparison) -> tuple[list[str], list[str]]:
    return (
        manifest_text(dict(comparison.before)).splitlines(),
        manifest_text(dict(comparison.after)).splitlines(),
    )
