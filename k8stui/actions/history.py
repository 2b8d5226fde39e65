"""The revisions of a workload as the API holds them, and which one `rollout undo` goes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from k8stui.actions.intents import DEPLOYMENTS
from k8stui.resources.deployments import (
    CHANGE_CAUSE_ANNOTATION,
    REVISION_ANNOTATION,
    annotation_number,
)
from k8stui.resources.replicasets import POD_TEMPLATE_HASH, REVISION_HISTORY_ANNOTATION
from k8stui.resources.text import clean_text

JsonObject = Mapping[str, Any]

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
KEPT_ANNOTATIONS: Final = (
    LAST_APPLIED,
    REVISION_ANNOTATION,
    REVISION_HISTORY_ANNOTATION,
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
)
"""Annotations of a Deployment that going back leaves as they are (as kubectl `rollout undo`)."""


class HistoryGone(Exception):
    """There is no such revision; the text says what there is."""


class StoredRevision(NamedTuple):
    """One revision with all that is needed to go back to it."""

    number: int
    name: str
    template: dict[str, Any]
    """The pod template, without what a controller added to it."""
    annotations: Mapping[str, str]
    """Of the ReplicaSet or ControllerRevision."""
    data: Mapping[str, Any]
    """The patch that a ControllerRevision holds; empty for a ReplicaSet."""

    @property
    def change_cause(self) -> str:
        return clean_text(self.annotations.get(CHANGE_CAUSE_ANNOTATION, ""))


def _meta(obj: JsonObject) -> Mapping[str, Any]:
    found = obj.get("metadata")
    return found if isinstance(found, Mapping) else {}


def annotations_of(obj: JsonObject) -> dict[str, str]:
    """The object's annotations, empty where it has none."""
    return dict(_meta(obj).get("annotations") or {})


def template_of(obj: JsonObject) -> dict[str, Any]:
    """The pod template of a workload, empty where it has none."""
    spec = obj.get("spec")
    found = spec.get("template") if isinstance(spec, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def without_hash(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template without the label that the Deployment controller adds in a ReplicaSet."""
    meta = dict(template.get("metadata") or {})
    labels = {
        key: value for key, value in (meta.get("labels") or {}).items() if key != POD_TEMPLATE_HASH
    }
    if "labels" in meta:
        meta["labels"] = labels
        if not labels:
            del meta["labels"]
    return {**template, "metadata": meta}


def same_template(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two templates ask for the same pods to the last field."""
    return _compared(one) == _compared(other)


def _compared(template: Mapping[str, Any]) -> dict[str, Any]:
    bare = without_hash(template)
    # A real server writes a null there, and the patch in a ControllerRevision says "$patch".
    meta = {key: value for key, value in bare["metadata"].items() if value not in (None, {})}
    return {**{key: value for key, value in bare.items() if key != "$patch"}, "metadata": meta}


def stored_revisions(
    kind: str, obj: JsonObject, found: Iterable[JsonObject]
) -> tuple[StoredRevision, ...]:
    """The workload's own revisions among ReplicaSets or ControllerRevisions, in ascending order."""
    uid = _meta(obj).get("uid")
    stored = []
    for one in found:
        owners = _meta(one).get("ownerReferences") or ()
        if not any(owner.get("uid") == uid and owner.get("controller") for owner in owners):
            continue
        notes = annotations_of(one)
        name = str(_meta(one).get("name", ""))
        if kind == DEPLOYMENTS:
            number = annotation_number(notes, REVISION_ANNOTATION)
            template = without_hash(template_of(one))
            stored.append(StoredRevision(number, name, template, notes, {}))
        else:
            data = one.get("data") if isinstance(one.get("data"), Mapping) else {}
            number = int(one.get("revision") or 0)
            template = template_of(data or {})
            template.pop("$patch", None)
            stored.append(StoredRevision(number, name, template, notes, data or {}))
    return tuple(sorted(stored, key=lambda one: (one.number, one.name)))


def revision_to(
    revisions: Sequence[StoredRevision], number: int, history_limit: int | None
) -> StoredRevision:
    """The revision with this number; of 0, the last but one, as kubectl `rollout undo` has it.

    Raises:
        HistoryGone: it isn't there (any more).
    """
    if not number:
        if len(revisions) < 2:
            limit = " (revisionHistoryLimit is 0)" if history_limit == 0 else ""
            raise HistoryGone(f"there is no revision to go back to: the history is empty{limit}")
        return revisions[-2]
    for one in revisions:
        if one.number == number:
            return one
    there = ", ".join(str(one.number) for one in revisions) or "none"
    kept = f"; revisionHistoryLimit keeps {history_limit}" if history_limit is not None else ""
    raise HistoryGone(f"revision {number} is not in the history: there is {there}{kept}")


def rolled_back_annotations(
    current: Mapping[str, str], revision: Mapping[str, str]
) -> dict[str, str]:
    """A Deployment's annotations after going back: the revision's, but for those that are kept."""
    kept = {key: current[key] for key in KEPT_ANNOTATIONS if key in current}
    return kept | {key: value for key, value in revision.items() if key not in KEPT_ANNOTATIONS}


def images_of(template: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(container, image) of a template, init containers last. Clean."""
    spec = template.get("spec")
    parts = spec if isinstance(spec, Mapping) else {}
    return tuple(
        (clean_text(str(one.get("name", ""))), clean_text(str(one.get("image", ""))))
        for field in ("containers", "initContainers")
        for one in parts.get(field) or ()
    )
