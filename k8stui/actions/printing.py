"""What `k8stui rollout` prints, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from k8stui.actions.interface import Facts, Outcome, Preview, Verdict
from k8stui.resources.age import age, human_duration
from k8stui.resources.diff import Change
from k8stui.resources.rollouts import RevisionRow, RolloutProgress


def change_lines(changes: Iterable[Change]) -> list[str]:
    """`container web › image: web:1.8 → web:1.7`; `-` and `+` where one side has nothing."""
    lines = []
    for one in changes:
        if one.before is None:
            lines.append(f"+ {one.where}: {one.after}")
        elif one.after is None:
            lines.append(f"- {one.where}: {one.before}")
        else:
            lines.append(f"~ {one.where}: {one.before} → {one.after}")
    return lines


def preview_lines(preview: Preview) -> list[str]:
    """The whole preview."""
    lines = [preview.title]
    if preview.refused:
        said = "nothing to do" if preview.refused_by == "already" else "can't be done"
        return [*lines, f"  {said}: {preview.refused}"]
    lines += [f"  {one}" for one in preview.sentences]
    lines += [f"  {one}" for one in change_lines(preview.changes)]
    lines += [f"  ! {one}" for one in preview.warnings]
    if preview.dry_run and not preview.refused:
        lines.append(f"  dry run: {preview.dry_run}")
    return [*lines, f"  {preview.kubectl}"]


def progress_line(progress: RolloutProgress) -> str:
    """`rev 7: 62%, 3 of 4 updated, 2 available, 1 old left; image … can't be pulled`."""
    number = f"revision {progress.revision}: " if progress.revision else ""
    line = (
        f"{number}{progress.percent}%, {progress.updated} of {progress.desired} updated, "
        f"{progress.available} available"
    )
    if progress.old:
        line += f", {progress.old} old left"
    if progress.deadline_left is not None:
        line += f", deadline in {human_duration(progress.deadline_left)}"
    return "; ".join((line, *progress.blocked, *progress.early))


def history_lines(revisions: Sequence[RevisionRow], now: float) -> list[str]:
    """A table, the oldest revision first as in kubectl."""
    rows = [("REV", "PODS", "AGE", "IMAGE", "STATE", "CHANGE-CAUSE")]
    rows += [
        (
            f"{one.glyph}{one.revision or '?'}",
            one.pods_text,
            age(one.created, now),
            one.image_text,
            one.word or "-",
            one.change_cause or "<none>",
        )
        for one in reversed(revisions)
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _facts(facts: Facts) -> dict[str, Any]:
    found = {"revision": facts.revision, "replicas": facts.replicas, "paused": facts.paused}
    plain: dict[str, Any] = {key: value for key, value in found.items() if value is not None}
    return plain | ({"images": dict(facts.images)} if facts.images else {})


def change_values(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """For JSON."""
    return [{"path": one.path, "before": one.before, "after": one.after} for one in changes]


def preview_value(preview: Preview) -> dict[str, Any]:
    """For JSON."""
    write = preview.write
    request = write and {
        "method": write.method,
        "path": write.path,
        "contentType": write.content_type,
        "body": msgspec.json.decode(write.json),
    }
    return {
        "title": preview.title,
        "refused": preview.refused,
        "refusedBy": preview.refused_by,
        "sentences": preview.sentences,
        "changes": change_values(preview.changes),
        "warnings": preview.warnings,
        "dryRun": preview.dry_run,
        "before": _facts(preview.before),
        "after": _facts(preview.after),
        "kubectl": preview.kubectl,
        "request": request,
    }


def outcome_value(outcome: Outcome) -> dict[str, Any]:
    """For JSON."""
    return {"result": outcome.result, "text": outcome.text, "answer": outcome.answer}


def verdict_value(verdict: Verdict) -> dict[str, Any]:
    """For JSON."""
    return {"state": verdict.state, "text": verdict.text}


def history_value(revisions: Sequence[RevisionRow]) -> list[dict[str, Any]]:
    """For JSON, the newest first."""
    return [
        {
            "revision": one.revision,
            "name": one.name,
            "target": one.is_target,
            "current": one.is_current,
            "rollingTo": one.rolling_to,
            "failed": one.failed,
            "lastHealthy": one.last_healthy,
            "desired": one.desired,
            "pods": one.current,
            "ready": one.ready,
            "available": one.available,
            "created": one.created,
            "images": dict(one.images),
            "changeCause": one.change_cause,
        }
        for one in revisions
    ]


def progress_value(progress: RolloutProgress) -> dict[str, Any]:
    """For JSON."""
    return {
        name: getattr(progress, name)
        for name in (
            "state",
            "revision",
            "desired",
            "updated",
            "ready",
            "available",
            "old",
            "percent",
            "deadline",
            "blocked",
            "early",
            "waits",
            "notes",
            "budget",
        )
    }
