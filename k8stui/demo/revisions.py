"""ControllerRevisions: the history of StatefulSets and DaemonSets."""

from __future__ import annotations

from typing import Final

from k8stui.demo.model import Key, Obj
from k8stui.demo.pods import owner_reference, template_hash
from k8stui.demo.world import World

HASH: Final = "controller-revision-hash"


def current_revision(world: World, owner: Obj) -> Obj:
    """The revision of the owner's template as it is now; made or renumbered where needed."""
    history = revisions(world, owner)
    template = owner["spec"]["template"]
    for revision in history:
        if revision["data"]["spec"]["template"] == {**template, "$patch": "replace"}:
            newest = history[-1]["revision"]
            if revision["revision"] == newest:
                return revision
            renumbered = {**revision, "revision": newest + 1}
            return world.store.update("controllerrevisions", renumbered)
    meta, hash_ = owner["metadata"], template_hash(template)
    number = history[-1]["revision"] + 1 if history else 1
    labels = {**((template.get("metadata") or {}).get("labels") or {}), HASH: hash_}
    if owner["kind"] == "StatefulSet":
        labels[HASH] = f"{meta['name']}-{hash_}"
    return world.store.create(
        "controllerrevisions",
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": f"{meta['name']}-{hash_}",
                "namespace": meta["namespace"],
                "labels": labels,
                "annotations": {
                    k: v
                    for k, v in (meta.get("annotations") or {}).items()
                    if k != "kubectl.kubernetes.io/last-applied-configuration"
                },
                "ownerReferences": [owner_reference(owner)],
            },
            "data": {"spec": {"template": {**template, "$patch": "replace"}}},
            "revision": number,
        },
    )


def revisions(world: World, owner: Obj) -> list[Obj]:
    """The owner's revisions, oldest first."""
    found = world.store.owned(owner["metadata"]["uid"], "controllerrevisions")
    return sorted(found, key=lambda revision: int(revision["revision"]))


def clean_up(world: World, owner: Obj, in_use: set[str]) -> None:
    """Drop the oldest revisions beyond the history limit that no pod has."""
    limit = owner["spec"].get("revisionHistoryLimit", 10)
    idle = [r for r in revisions(world, owner)[:-1] if r["metadata"]["labels"][HASH] not in in_use]
    for revision in idle[: max(len(idle) - limit, 0)]:
        meta = revision["metadata"]
        world.store.remove("controllerrevisions", Key(meta["namespace"], meta["name"]))
