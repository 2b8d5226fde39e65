"""Two revisions beside each other as a text: by meaning first, then line by line."""

from __future__ import annotations

import difflib

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
    before, after = (
        manifest_text(dict(template)).splitlines()
        for template in (comparison.before, comparison.after)
    )
    unified = difflib.unified_diff(
        before, after, comparison.before_title, comparison.after_title, lineterm="", n=3
    )
    for text in unified:
        lines.append(Line(clean_text(text), kind="columns", tone=_TONES.get(text[0], Tone.PLAIN)))
    return Document(title, tuple(lines))
