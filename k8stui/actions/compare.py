"""Compares two revisions of a workload, or one with what is there now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8stui.actions.history import HistoryGone, revision_to, template_of
from k8stui.actions.interface import Comparison
from k8stui.actions.reading import Around
from k8stui.errors import K8sTuiError
from k8stui.resources.diff import diff_templates


def compare(around: Around, before: int | None, after: int | None) -> Comparison:
    """See `interface.Actions.compare`; `around` is read for a Rollback."""
    before_title, one = _template(around, before)
    after_title, other = _template(around, after)
    return Comparison(
        before_title=before_title,
        after_title=after_title,
        changes=diff_templates(one, other),
        before=one,
        after=other,
    )


def _template(around: Around, number: int | None) -> tuple[str, Mapping[str, Any]]:
    if number is None:
        return "now", template_of(around.obj)
    limit = (around.obj.get("spec") or {}).get("revisionHistoryLimit")
    try:
        found = revision_to(around.revisions, number, limit)
    except HistoryGone as error:
        raise K8sTuiError(str(error)) from error
    return f"revision {found.number}", found.template
