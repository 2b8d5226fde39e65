"""What the workload controllers share: pods from templates, and whether pods are well."""

from __future__ import annotations

from typing import Final

import msgspec

from k8stui.demo.admission import admitted
from k8stui.demo.errors import ApiError
from k8stui.demo.kinds import of_plural
from k8stui.demo.lifecycle import begin_deletion
from k8stui.demo.model import Obj, clone, condition, dig, digest, seconds_of, suffix
from k8stui.demo.podstatus import qos_class
from k8stui.demo.world import World

REFUSED_FIRST: Final = 1.0
REFUSED_MAX: Final = 300.0
_POD: Final = of_plural("pods")


def owner_reference(owner: Obj) -> Obj:
    """A controlling reference to an owner."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def controller_of(obj: Obj) -> Obj | None:
    """The controlling owner reference of an object."""
    for ref in obj["metadata"].get("ownerReferences") or ():
        if ref.get("controller"):
            return dict(ref)
    return None


def create_pod(
    world: World, owner: Obj, template: Obj, *, name: str = "", labels: Obj | None = None
) -> str:
    """Create a pod for a workload; its containers are shared with the template.

    Returns:
        Why the server refused it, "" when it did not; see `wait_after_refusal`.
    """
    meta = template.get("metadata") or {}
    owner_name = owner["metadata"]["name"]
    name = name or f"{owner_name}-{suffix((owner['metadata']['uid'], world.store.version))}"
    metadata: Obj = {
        "name": name,
        "namespace": owner["metadata"]["namespace"],
        "labels": {**(meta.get("labels") or {}), **(labels or {})},
        "ownerReferences": [owner_reference(owner)],
    }
    if not name.startswith(f"{owner_name}-") or owner["kind"] != "StatefulSet":
        metadata["generateName"] = f"{owner_name}-"
    if meta.get("annotations"):
        metadata["annotations"] = meta["annotations"]
    pod: Obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {**template["spec"]},
        "status": {"phase": "Pending", "qosClass": qos_class(template["spec"])},
    }
    uid = owner["metadata"]["uid"]
    try:
        pod = admitted(world.store, _POD, pod)
    except ApiError as error:
        world.waits[uid] = min(world.waits.get(uid, REFUSED_FIRST / 2) * 2, REFUSED_MAX)
        note(world, owner, "FailedCreate", _failure(owner, name, error.message), warning=True)
        return error.message
    world.waits.pop(uid, None)
    world.store.create("pods", pod)
    note(world, owner, "SuccessfulCreate", f"Created pod: {name}")
    return ""


def wait_after_refusal(world: World, owner: Obj, otherwise: float | None = None) -> float | None:
    """When to try again for an owner whose pods are refused, or `otherwise` where none are."""
    return world.waits.get(owner["metadata"]["uid"], otherwise)


def _failure(owner: Obj, name: str, why: str) -> str:
    if owner["kind"] == "StatefulSet":
        return f"create Pod {name} in StatefulSet {owner['metadata']['name']} failed error: {why}"
    return f"Error creating: {why}"


def note(world: World, owner: Obj, reason: str, message: str, *, warning: bool = False) -> None:
    """An event of the controller that looks after `owner`."""
    source = f"{owner['kind'].lower()}-controller"
    world.events(owner, reason, message, source=source, warning=warning)


def delete_pod(
    world: World, pod: Obj, owner: Obj | None = None, grace: float | None = None
) -> None:
    """Ask for a pod's end, as an API delete with its own grace period does."""

    if pod["metadata"].get("deletionTimestamp"):
        return
    if owner is not None:
        note(world, owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
    begin_deletion(world.store, "pods", pod, world.now(), grace)


def active(pods: list[Obj]) -> list[Obj]:
    """The pods that count as replicas: not finished and not on their way out."""
    return [
        pod
        for pod in pods
        if not pod["metadata"].get("deletionTimestamp")
        and dig(pod, "status", "phase") not in ("Succeeded", "Failed")
    ]


def ready(pod: Obj) -> bool:
    return condition(pod, "Ready").get("status") == "True"


def available(pod: Obj, min_ready: float, now: float) -> bool:
    """Ready for at least `min_ready` seconds."""
    entry = condition(pod, "Ready")
    if entry.get("status") != "True":
        return False
    return min_ready <= 0 or now - seconds_of(entry["lastTransitionTime"]) >= min_ready


def template_hash(template: Obj) -> str:
    """The pod-template-hash of a template: letters that can't spell a word."""

    text = msgspec.json.encode(template, order="sorted").decode()
    return suffix(digest("template", text), 9)


def conditions_of(obj: Obj) -> list[Obj]:
    """A copy of an object's status conditions, to change and write back."""
    return clone(dig(obj, "status", "conditions") or [])
