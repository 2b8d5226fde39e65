"""Plans that change a pod template: roll back, restart, set image."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from k8stui.actions.history import (
    KEPT_ANNOTATIONS,
    HistoryGone,
    StoredRevision,
    annotations_of,
    images_of,
    revision_to,
    rolled_back_annotations,
    same_template,
    template_of,
)
from k8stui.actions.intents import DAEMONSETS, DEPLOYMENTS, Rollback, SetImage, Subject
from k8stui.actions.interface import Facts
from k8stui.actions.planning import AlreadySo, CantDo, Plan, preconditions
from k8stui.actions.reading import Around
from k8stui.actions.warnings import strategy_warnings
from k8stui.cluster.writes import Write, json_patch, merge_patch, strategic_merge_patch
from k8stui.resources.controllerrevisions import REVISION_HASH_LABEL
from k8stui.resources.deployments import REVISION_ANNOTATION, annotation_number
from k8stui.resources.diff import RESTARTED_AT, Change, diff_templates
from k8stui.resources.text import clean_text

_RESUME_FIRST: Final = "it is paused: resume it first"


def _spec(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    found = obj.get("spec")
    return found if isinstance(found, Mapping) else {}


def rollback(intent: Rollback, subject: Subject, around: Around) -> Plan:
    """As kubectl `rollout undo`: the template of the revision, and a Deployment's annotations.

    Raises:
        CantDo: paused, the same already, or the revision is gone.
    """
    obj, revisions = around.obj, around.revisions
    spec = _spec(obj)
    if subject.kind == DEPLOYMENTS and spec.get("paused"):
        raise CantDo(_RESUME_FIRST)
    try:
        target = revision_to(revisions, intent.to_revision, spec.get("revisionHistoryLimit"))
    except HistoryGone as error:
        raise CantDo(str(error)) from error
    template = template_of(obj)
    if not target.template:
        raise CantDo(f"revision {target.number} holds no pod template")
    if same_template(template, target.template):
        raise AlreadySo(f"the template is that of revision {target.number} already")
    current = _current_number(subject, obj, revisions)
    new = max(one.number for one in revisions) + 1
    cause = f" ({target.change_cause})" if target.change_cause else ""
    sentences = [f"Revision {target.number}{cause} comes back, as revision {new}"]
    changes = [*diff_templates(template, target.template)]
    if subject.kind == DEPLOYMENTS:
        changes += _annotation_changes(annotations_of(obj), target.annotations)
    if not changes:
        sentences.append("Nothing that one would notice differs, but every pod is replaced")
    return Plan(
        write=_rollback_write(subject, around, target),
        title=f"Roll back {clean_text(subject.text)} to revision {target.number}",
        intent=Rollback(target.number),
        sentences=tuple(sentences),
        changes=tuple(changes),
        warnings=strategy_warnings(subject.kind, obj, _broken(around)),
        before=Facts(revision=current, images=images_of(template)),
        after=Facts(revision=target.number, images=images_of(target.template)),
    )


def _rollback_write(subject: Subject, around: Around, target: StoredRevision) -> Write:
    sure = preconditions(around.obj)
    if subject.kind != DEPLOYMENTS:
        return strategic_merge_patch(around.path, {**target.data, **sure})
    notes = annotations_of(around.obj)
    # RFC 6902 replaces only what is there; a Deployment need not have annotations.
    put = "replace" if "annotations" in (around.obj.get("metadata") or {}) else "add"
    return json_patch(
        around.path,
        [
            *(
                {"op": "replace", "path": f"/metadata/{key}", "value": value}
                for key, value in sure["metadata"].items()
            ),
            {"op": "replace", "path": "/spec/template", "value": target.template},
            {
                "op": put,
                "path": "/metadata/annotations",
                "value": rolled_back_annotations(notes, target.annotations),
            },
        ],
    )


def _current_number(
    subject: Subject, obj: Mapping[str, Any], revisions: tuple[StoredRevision, ...]
) -> int | None:
    if subject.kind == DEPLOYMENTS:
        return annotation_number(annotations_of(obj), REVISION_ANNOTATION) or None
    template = template_of(obj)
    same = [one.number for one in revisions if same_template(one.template, template)]
    if same or not revisions:
        return max(same, default=None)
    generation = (obj.get("metadata") or {}).get("generation")
    # A revision that is used again becomes the newest, once the controller has seen it.
    seen = generation and (obj.get("status") or {}).get("observedGeneration") == generation
    return max(one.number for one in revisions) if seen else None


def _annotation_changes(current: Mapping[str, str], revision: Mapping[str, str]) -> list[Change]:
    after = rolled_back_annotations(current, revision)
    return [
        Change(
            (f"annotation {clean_text(key)}",),
            clean_text(current[key]) if key in current else None,
            clean_text(after[key]) if key in after else None,
        )
        for key in sorted({*current, *after})
        if key not in KEPT_ANNOTATIONS and current.get(key) != after.get(key)
    ]


def _broken(around: Around) -> list[str]:
    """Pods of a StatefulSet that are not ready, of the revision that is to be left."""
    status = around.obj.get("status") or {}
    left = status.get("updateRevision")
    names = []
    for pod in around.pods:
        meta = pod.get("metadata") or {}
        conditions = (pod.get("status") or {}).get("conditions") or ()
        ready = any(
            one.get("type") == "Ready" and one.get("status") == "True" for one in conditions
        )
        if not ready and (meta.get("labels") or {}).get(REVISION_HASH_LABEL) == left:
            names.append(str(meta.get("name", "")))
    return names


def restart(subject: Subject, around: Around, now: float) -> Plan:
    """As kubectl `rollout restart`: only the annotation of the template is patched.

    Raises:
        CantDo: paused.
    """
    obj = around.obj
    if subject.kind == DEPLOYMENTS and _spec(obj).get("paused"):
        raise CantDo(_RESUME_FIRST)
    stamp = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    template = template_of(obj)
    notes = (template.get("metadata") or {}).get("annotations") or {}
    if notes.get(RESTARTED_AT) == stamp:
        raise AlreadySo("it was restarted within this second")
    annotations = {"metadata": {"annotations": {RESTARTED_AT: stamp}}}
    # A merge patch names nothing else: lists that Kubernetes' own patch can't tell apart
    # (ports with the same number) stay as they are.
    write = merge_patch(around.path, {**preconditions(obj), "spec": {"template": annotations}})
    current = _current_number(subject, obj, around.revisions)
    newest = max((one.number for one in around.revisions), default=current)
    return Plan(
        write=write,
        sentences=(f"{_replaced(subject.kind, _spec(obj))}; the images stay as they are",),
        warnings=strategy_warnings(subject.kind, obj, ()),
        before=Facts(revision=current, images=images_of(template)),
        after=Facts(revision=newest + 1 if newest else None, images=images_of(template)),
    )


def _replaced(kind: str, spec: Mapping[str, Any]) -> str:
    """Which pods a changed template replaces."""
    strategy = {} if kind == DEPLOYMENTS else spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    if strategy.get("type") == "OnDelete":
        return "No pod is replaced now: each one is when someone deletes it"
    if spec.get("replicas", 1) == 0 and kind != DAEMONSETS:
        return "It has no pods to replace"
    if partition:
        return f"Pods numbered {partition} and up are replaced"
    after = ", one node after the other" if kind == DAEMONSETS else ""
    return f"Every pod is replaced{after}"


def set_image(intent: SetImage, subject: Subject, around: Around) -> Plan:
    """As kubectl `set image`.

    Raises:
        CantDo: there is no such container, or nothing would change.
    """
    obj = around.obj
    template = template_of(obj)
    places = _places(template)
    operations: list[Mapping[str, object]] = [
        {"op": "replace", "path": f"/metadata/{key}", "value": value}
        for key, value in preconditions(obj)["metadata"].items()
    ]
    before = dict(images_of(template))
    after = dict(before)
    for name, image in intent.images:
        if name not in places:
            raise CantDo(f"there is no container {name}: there is {', '.join(places)}")
        if not image or any(letter.isspace() for letter in image):
            raise CantDo(f"{image!r} is no image")
        if before[clean_text(name)] == image:
            continue
        after[clean_text(name)] = clean_text(image)
        pointer = f"/spec/template/spec/{places[name]}"
        operations.append({"op": "test", "path": f"{pointer}/name", "value": name})
        operations.append({"op": "replace", "path": f"{pointer}/image", "value": image})
    if after == before:
        raise AlreadySo("these are its images already")
    paused = subject.kind == DEPLOYMENTS and _spec(obj).get("paused")
    warnings = ["it is paused: nothing is rolled out until it is resumed"] if paused else []
    return Plan(
        write=json_patch(around.path, operations),
        sentences=("A new revision is rolled out",),
        changes=tuple(
            Change((f"container {name}", "image"), before[name], after[name])
            for name in before
            if before[name] != after[name]
        ),
        warnings=(*warnings, *strategy_warnings(subject.kind, obj, ())),
        before=Facts(images=tuple(before.items())),
        after=Facts(images=tuple(after.items())),
    )


def _places(template: Mapping[str, Any]) -> dict[str, str]:
    """Where each container is: `containers/0`."""
    spec = template.get("spec") or {}
    return {
        str(one.get("name", "")): f"{field}/{index}"
        for field in ("containers", "initContainers")
        for index, one in enumerate(spec.get(field) or ())
    }
