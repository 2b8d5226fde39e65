"""What an action would do to an object: pure functions from what was read to a preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from k8stui.actions import template_plans as templates
from k8stui.actions.history import annotations_of, images_of, template_of
from k8stui.actions.intents import (
    DEPLOYMENTS,
    PODS,
    ROLLABLE,
    Delete,
    Evict,
    Intent,
    Pause,
    Restart,
    Resume,
    Rollback,
    Scale,
    SetImage,
    Subject,
)
from k8stui.actions.interface import Facts, Preview, Seen
from k8stui.actions.kubectl import kubectl_command
from k8stui.actions.planning import AlreadySo, CantDo, Plan, preconditions
from k8stui.actions.reading import Around
from k8stui.actions.warnings import (
    autoscalers_of,
    budget_warnings,
    owner_warnings,
    rollback_warnings,
    scaling_warnings,
)
from k8stui.cluster.writes import deletion, eviction, merge_patch, scaling
from k8stui.resources.deployments import REVISION_ANNOTATION, annotation_number
from k8stui.resources.text import clean_text

_NOT_SCALED = {
    "daemonsets.apps": "a DaemonSet runs one pod on each node that fits: it can't be scaled",
    "pods": "a pod can't be scaled: scale what controls it",
    "jobs.batch": "a Job can't be scaled",
    "cronjobs.batch": "a CronJob can't be scaled",
}


def unfit(intent: Intent, kind: str) -> str:
    """Why this can't be done to any object of the kind; empty when it can."""
    name = kind.partition(".")[0]
    match intent:
        case Rollback() | Restart() | SetImage() if kind not in ROLLABLE:
            return f"only Deployments, StatefulSets and DaemonSets roll out: {name} don't"
        case Pause() | Resume() if kind != DEPLOYMENTS:
            return "only a Deployment's rollout can be paused"
        case Scale() if kind in _NOT_SCALED:
            return _NOT_SCALED[kind]
        case Scale() if kind in ("nodes", "services", "events", "controllerrevisions.apps"):
            return f"{name} can't be scaled"
        case Evict() if kind != PODS:
            return "only a pod can be evicted"
        case _:
            return ""


def title_of(intent: Intent, subject: Subject) -> str:
    """What is to be done, in a few words: `Restart deploy/web`."""
    name = clean_text(subject.text)
    match intent:
        case Rollback(to_revision=number):
            return f"Roll back {name} to " + (
                f"revision {number}" if number else "the revision before"
            )
        case Scale(amount=amount, relative=relative):
            return f"Scale {name} " + (f"by {amount:+d}" if relative else f"to {amount}")
        case SetImage():
            return f"Set image of {name}"
        case Delete(force=force):
            return f"Force the deletion of {name}" if force else f"Delete {name}"
        case Evict(force=True):
            return f"Delete {name} past its disruption budgets"
        case _:
            return f"{type(intent).__name__} {name}"


def plan(
    intent: Intent, subject: Subject, around: Around, *, flags: Sequence[str], now: float
) -> Preview:
    """The preview of an action, not yet tried dry.

    Args:
        flags: kubectl's, that say which cluster and as whom.
        now: Epoch seconds.
    """
    meta = around.obj.get("metadata") or {}
    seen = Seen(
        uid=str(meta.get("uid", "")),
        resource_version=str(meta.get("resourceVersion", "")),
        generation=int(meta.get("generation") or 0),
        at=now,
    )
    blank = Preview(intent=intent, subject=subject, title=title_of(intent, subject), seen=seen)
    refused = unfit(intent, subject.kind) or _stranger(subject, seen) or _leaving(intent, meta)
    if refused:
        return msgspec.structs.replace(blank, refused=refused, refused_by="state")
    try:
        made = _plan(intent, subject, around, now)
    except CantDo as error:
        by: Literal["already", "state"] = "already" if isinstance(error, AlreadySo) else "state"
        return msgspec.structs.replace(blank, refused=clean_text(str(error)), refused_by=by)
    # What controls a pod makes another one: that is said in the plan itself.
    owners = owner_warnings(around.obj) if subject.kind != PODS else ()
    scalers: tuple[str, ...] = ()
    if isinstance(intent, Rollback):
        found = autoscalers_of(around.kind.kind, subject.name, around.autoscalers)
        scalers = rollback_warnings(found)
    return msgspec.structs.replace(
        blank,
        title=made.title or blank.title,
        sentences=tuple(clean_text(one) for one in made.sentences),
        changes=made.changes,
        warnings=tuple(dict.fromkeys((*made.warnings, *scalers, *owners))),
        confirm=made.confirm,
        write=made.write,
        before=made.before,
        after=made.after,
        kubectl=kubectl_command(
            flags, made.intent or intent, subject, made.after.replicas or 0, made.write
        ),
    )


def _stranger(subject: Subject, seen: Seen) -> str:
    if subject.uid and seen.uid != subject.uid:
        return f"{clean_text(subject.text)} is another object of the same name by now"
    return ""


def _leaving(intent: Intent, meta: Mapping[str, Any]) -> str:
    if not meta.get("deletionTimestamp") or (isinstance(intent, Delete) and intent.force):
        return ""
    held = ", ".join(meta.get("finalizers") or ())
    return clean_text(
        "it is being deleted already" + (f"; finalizers hold it: {held}" if held else "")
    )


def _plan(intent: Intent, subject: Subject, around: Around, now: float) -> Plan:
    match intent:
        case Rollback():
            return templates.rollback(intent, subject, around)
        case Restart():
            return templates.restart(subject, around, now)
        case SetImage():
            return templates.set_image(intent, subject, around)
        case Pause() | Resume():
            return _pause(intent, around)
        case Scale():
            return _scale(intent, subject, around)
        case Delete():
            return _delete(intent, subject, around)
        case Evict():
            return _evict(intent, subject, around)
        case _:
            raise CantDo(f"nothing is known of {type(intent).__name__}")


def _pause(intent: Pause | Resume, around: Around) -> Plan:
    paused = bool((around.obj.get("spec") or {}).get("paused"))
    wanted = isinstance(intent, Pause)
    if paused == wanted:
        raise AlreadySo("it is paused already" if paused else "it is not paused")
    sentence = (
        "Pods are replaced no further until it is resumed; a changed template waits too"
        if wanted
        else "The rollout goes on, to the template as it is now"
    )
    # null, not false: kubectl leaves the field out of a Deployment that is resumed.
    document = {**preconditions(around.obj), "spec": {"paused": True if wanted else None}}
    return Plan(
        write=merge_patch(around.path, document),
        sentences=(sentence,),
        before=Facts(paused=paused),
        after=Facts(paused=wanted),
    )


def _scale(intent: Scale, subject: Subject, around: Around) -> Plan:
    present = around.replicas
    if present is None:
        raise CantDo("how many replicas it has now can't be read")
    wanted = present + intent.amount if intent.relative else intent.amount
    if wanted < 0:
        raise CantDo(f"{present}{intent.amount:+d} is below 0")
    if wanted == present:
        raise AlreadySo(f"it is scaled to {present} already")
    scalers = autoscalers_of(around.kind.kind, subject.name, around.autoscalers)
    sentences = [f"{present} → {wanted} replicas"]
    if wanted == 0:
        sentences.append("No pod of it will be left")
    elif wanted < present:
        fewer = present - wanted
        sentences.append("1 pod is stopped" if fewer == 1 else f"{fewer} pods are stopped")
    meta = preconditions(around.obj)["metadata"]
    return Plan(
        write=scaling(around.path, wanted, meta),
        title=f"Scale {clean_text(subject.text)} from {present} to {wanted}",
        sentences=tuple(sentences),
        warnings=scaling_warnings(scalers, wanted),
        confirm="again" if wanted == 0 else "enter",
        before=Facts(replicas=present),
        after=Facts(replicas=wanted),
    )


def _delete(intent: Delete, subject: Subject, around: Around) -> Plan:
    obj = around.obj
    meta = obj.get("metadata") or {}
    grace = 0 if intent.force else intent.grace_seconds
    sentences = [_propagation_text(intent, obj)] if subject.kind != PODS else []
    if subject.kind == PODS:
        sentences.append(_grace_text("Its containers", obj, grace))
    elif template_of(obj) and intent.propagation != "Orphan":
        sentences.append(_grace_text("Its pods", template_of(obj), None))
    warnings = []
    if intent.force:
        warnings.append("nobody waits for the node: its containers may go on running there")
    if held := ", ".join(meta.get("finalizers") or ()):
        warnings.append(f"finalizers hold it until their owners let it go: {held}")
    if subject.kind == PODS:
        sentences += _successor(meta)[0]
        warnings += _successor(meta)[1]
    for one in autoscalers_of(around.kind.kind, subject.name, around.autoscalers):
        name = (one.get("metadata") or {}).get("name", "")
        warnings.append(f"hpa/{name} stays and will find nothing to scale")
    return Plan(
        write=deletion(around.path, intent.propagation, grace, preconditions(obj)["metadata"]),
        sentences=tuple(sentences),
        warnings=tuple(clean_text(one) for one in warnings),
        confirm="name" if intent.force or subject.kind == "namespaces" else "again",
        before=Facts(
            revision=_revision(obj),
            replicas=(obj.get("spec") or {}).get("replicas"),
            images=images_of(template_of(obj)),
        ),
    )


def _grace_text(whose: str, obj: Mapping[str, Any], grace: int | None) -> str:
    """How long the containers of a pod, or of a pod template, are given to stop."""
    own = (obj.get("spec") or {}).get("terminationGracePeriodSeconds", 30)
    seconds = own if grace is None else grace
    return (
        f"{whose} get {seconds} s to stop (grace period)"
        if seconds
        else (f"{whose} get no time to stop (grace period 0)")
    )


def _revision(obj: Mapping[str, Any]) -> int | None:
    return annotation_number(annotations_of(obj), REVISION_ANNOTATION) or None


def _propagation_text(intent: Delete, obj: Mapping[str, Any]) -> str:
    status = obj.get("status") or {}
    count = status.get("replicas") or status.get("currentNumberScheduled") or 0
    pods = f" ({count} {'pod' if count == 1 else 'pods'})" if count else ""
    match intent.propagation:
        case "Orphan":
            text = f"What it owns{pods} stays, and nothing controls it any more"
        case "Foreground":
            text = f"What it owns{pods} is deleted first, then it"
        case _:
            text = f"It is deleted, and then what it owns{pods}"
    return f"{text} (propagation: {intent.propagation})"


def _evict(intent: Evict, subject: Subject, around: Around) -> Plan:
    meta = around.obj.get("metadata") or {}
    follows, alone = _successor(meta)
    node = (around.obj.get("spec") or {}).get("nodeName", "")
    if intent.force:
        sure = preconditions(around.obj)["metadata"]
        return Plan(
            write=deletion(around.path, "Background", intent.grace_seconds, sure),
            sentences=(
                f"It leaves {node or 'its node'} whatever the disruption budgets say",
                _grace_text("Its containers", around.obj, intent.grace_seconds),
                *follows,
            ),
            warnings=(*budget_warnings(around.obj, around.budgets), *alone),
            confirm="name",
        )
    write = eviction(
        around.path,
        around.eviction_version,
        subject.namespace,
        subject.name,
        intent.grace_seconds,
        preconditions(around.obj)["metadata"],
    )
    return Plan(
        write=write,
        sentences=(
            f"It leaves {node or 'its node'} if every disruption budget allows it",
            *follows,
        ),
        warnings=(*budget_warnings(around.obj, around.budgets), *alone),
        confirm="again",
    )


def _successor(meta: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """(sentences, warnings) on what takes the place of a pod."""
    for one in meta.get("ownerReferences") or ():
        if one.get("controller"):
            return [f"{one.get('kind')} {one.get('name')} makes another one in its place"], []
    return [], ["nothing controls this pod: no other will take its place"]
