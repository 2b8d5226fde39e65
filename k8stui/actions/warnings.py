"""What one should know before an action: who will undo it, what it will not do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from k8stui.actions.history import annotations_of
from k8stui.actions.intents import DAEMONSETS, STATEFULSETS
from k8stui.resources.text import clean_text
from k8stui.resources.update_limits import RollingUpdate, int_or_percent, resolve

JsonObject = Mapping[str, Any]


def owner_warnings(obj: JsonObject) -> tuple[str, ...]:
    """Who else has a say in the object's spec: GitOps tools and controllers, by their marks."""
    meta = obj.get("metadata") or {}
    labels: Mapping[str, str] = meta.get("labels") or {}
    notes = annotations_of(obj)
    found = []
    tracking = notes.get("argocd.argoproj.io/tracking-id", "").partition(":")[0]
    if argo := tracking or labels.get("argocd.argoproj.io/instance", ""):
        found.append(f"Argo CD application {argo} manages it and may undo this: change it in Git")
    for label, what in (
        ("kustomize.toolkit.fluxcd.io/name", "Kustomization"),
        ("helm.toolkit.fluxcd.io/name", "HelmRelease"),
    ):
        if label in labels:
            found.append(
                f"Flux {what} {labels[label]} manages it and may undo this: change it there"
            )
    release = notes.get("meta.helm.sh/release-name", "")
    by_helm = release or labels.get("app.kubernetes.io/managed-by") == "Helm"
    if by_helm and "helm.toolkit.fluxcd.io/name" not in labels and not argo:
        named = f"Helm release {release}" if release else "Helm"
        found.append(f"{named} manages it: its next upgrade or rollback will undo this")
    found.extend(
        f"{owner.get('kind')} {owner.get('name')} controls it and may undo this"
        for owner in meta.get("ownerReferences") or ()
        if owner.get("controller")
    )
    return tuple(clean_text(one) for one in found)


def autoscalers_of(kind: str, name: str, autoscalers: Iterable[JsonObject]) -> list[JsonObject]:
    """Those HorizontalPodAutoscalers that scale this object."""
    found = []
    for one in autoscalers:
        target = (one.get("spec") or {}).get("scaleTargetRef") or {}
        if target.get("name") == name and target.get("kind") == kind:
            found.append(one)
    return found


def rollback_warnings(autoscalers: Iterable[JsonObject]) -> tuple[str, ...]:
    """What the autoscalers of the object have to do with a template that comes back."""
    return tuple(
        f"{_bounds(one)}: it goes on setting the number of pods, by the requests of that revision"
        for one in autoscalers
    )


def _bounds(one: JsonObject) -> str:
    """`hpa/web scales it between 2 and 10`."""
    spec = one.get("spec") or {}
    least, most = spec.get("minReplicas") or 1, spec.get("maxReplicas") or 0
    name = clean_text(str((one.get("metadata") or {}).get("name", "")))
    return f"hpa/{name} scales it between {least} and {most}"


def scaling_warnings(autoscalers: Iterable[JsonObject], replicas: int) -> tuple[str, ...]:
    """What the autoscalers of the object will make of a number of replicas set by hand."""
    found = []
    for one in autoscalers:
        spec = one.get("spec") or {}
        least, most = spec.get("minReplicas") or 1, spec.get("maxReplicas") or 0
        said = _bounds(one)
        if replicas == 0:
            found.append(f"{said}: at 0 it stops until someone scales it up again")
        elif replicas < least or replicas > most:
            found.append(f"{said}: it will bring it back there at once")
        else:
            found.append(f"{said}: it will set its own number within a minute")
    return tuple(found)


def strategy_warnings(kind: str, obj: JsonObject, broken_pods: Iterable[str]) -> tuple[str, ...]:
    """What a changed template will and won't do, by the update strategy.

    Args:
        broken_pods: Names of the pods that are not ready and of an old revision.
    """
    spec = obj.get("spec") or {}
    strategy = (
        spec.get("updateStrategy" if kind in (STATEFULSETS, DAEMONSETS) else "strategy") or {}
    )
    if strategy.get("type") == "OnDelete":
        return ("updateStrategy is OnDelete: each pod stays as it is until it is deleted",)
    if strategy.get("type") == "Recreate":
        return ("strategy is Recreate: all pods are stopped before new ones are started",)
    found = [*_outage_warnings(kind, spec, strategy.get("rollingUpdate") or {})]
    if kind != STATEFULSETS:
        return tuple(found)
    partition = (strategy.get("rollingUpdate") or {}).get("partition") or 0
    if partition:
        found.append(f"partition {partition}: only pods numbered {partition} and up are replaced")
    names = sorted(broken_pods)
    if names and spec.get("podManagementPolicy", "OrderedReady") == "OrderedReady":
        verb = "is" if len(names) == 1 else "are"
        found.append(
            f"{', '.join(names)} {verb} not ready: a StatefulSet waits for that and does not "
            "replace it by itself; delete it afterwards"
        )
    return tuple(clean_text(one) for one in found)


def _outage_warnings(kind: str, spec: JsonObject, rolling: JsonObject) -> Iterator[str]:
    """Whether a rolling update may take all pods away at once, by the controllers' own sums."""
    replicas = spec.get("replicas")
    if not replicas or kind == DAEMONSETS:
        return
    if kind == STATEFULSETS:
        # Its pods have fixed names: none is started before the one of that name is gone.
        partition = rolling.get("partition") or 0
        most = max(1, int_or_percent(rolling.get("maxUnavailable"), replicas, round_up=True))
        if partition == 0 and most >= replicas:
            yield _outage(replicas, "before a new one starts")
    elif rolling:
        limits = resolve(
            RollingUpdate(rolling.get("maxSurge"), rolling.get("maxUnavailable")),
            replicas,
            round_unavailable_up=False,
        )
        if limits.unavailable >= replicas:
            yield _outage(replicas, "before a new one is ready")


def _outage(replicas: int, when: str) -> str:
    whose = "its only pod" if replicas == 1 else f"all {replicas} pods"
    return f"{whose} may be gone {when}: nothing serves then"


def budget_warnings(pod: JsonObject, budgets: Iterable[JsonObject]) -> tuple[str, ...]:
    """The disruption budgets that will refuse the eviction of this pod as things stand."""
    labels = (pod.get("metadata") or {}).get("labels") or {}
    found = []
    for one in budgets:
        selector = (one.get("spec") or {}).get("selector") or {}
        if not _selects(selector, labels):
            continue
        status = one.get("status") or {}
        name = clean_text(str((one.get("metadata") or {}).get("name", "")))
        allowed = status.get("disruptionsAllowed", 0)
        healthy = f"{status.get('currentHealthy', 0)} of {status.get('desiredHealthy', 0)} needed"
        if not allowed:
            found.append(f"pdb/{name} allows no disruption now ({healthy} pods are healthy)")
        else:
            more = "disruption" if allowed == 1 else "disruptions"
            found.append(f"pdb/{name} allows {allowed} {more} now")
    return tuple(found)


def _selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        return False
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_meets(one, labels) for one in selector.get("matchExpressions") or ())


def _meets(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels
