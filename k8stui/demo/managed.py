"""Who wrote what, and when: `managedFields`, and what server-side apply refuses because of it."""

from __future__ import annotations

from k8stui.demo.errors import ApiError, invalid
from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj, stamp


def touched(old: Obj | None, new: Obj, manager: str, now: float) -> Obj:
    """The object with an entry for the writer, when anything but metadata changed.

    Unlike a real server's, the entry names only the top-level fields, and keys of `data`.
    """
    changed: Obj = {}
    for name, value in new.items():
        before = (old or {}).get(name)
        if name in ("apiVersion", "kind", "metadata", "status") or value == before:
            continue
        flat = name in ("data", "stringData", "binaryData") and isinstance(value, dict)
        keys = [k for k in value if (before or {}).get(k) != value[k]] if flat else []
        changed[f"f:{name}"] = {f"f:{key}": {} for key in keys}
    if not changed or not manager:
        return new
    entry = {
        "manager": manager,
        "operation": "Update",
        "apiVersion": new["apiVersion"],
        "time": stamp(now),
        "fieldsType": "FieldsV1",
        "fieldsV1": changed,
    }
    others = [
        e
        for e in new["metadata"].get("managedFields") or []
        if e.get("manager") != manager or e.get("operation") != "Update"
    ]
    return {**new, "metadata": {**new["metadata"], "managedFields": [*others, entry]}}


def check_pod_change(kind: Kind, old: Obj, new: Obj) -> None:
    """Of a pod's spec only the images, deadlines and added tolerations may change.

    Raises:
        ApiError: 422, when anything else does.
    """

    def frozen(pod: Obj) -> Obj:
        spec = {**pod["spec"], "activeDeadlineSeconds": None, "tolerations": None}
        spec["terminationGracePeriodSeconds"] = None
        for name in ("containers", "initContainers"):
            spec[name] = [{**c, "image": ""} for c in spec.get(name) or ()]
        spec["ephemeralContainers"] = None
        return spec

    if frozen(old) != frozen(new):
        text = (
            "Forbidden: pod updates may not change fields other than "
            "`spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
            "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
            "previously negative)"
        )
        raise invalid(kind, new["metadata"]["name"], [("FieldValueForbidden", text, "spec")])


def apply_conflict(found: list[tuple[str, str]]) -> ApiError:
    """409 for fields that others applied; `found` is (manager, field)."""
    first = f'conflict with "{found[0][0]}": {found[0][1]}'
    many = f"conflicts with {len(found)} fields" if len(found) > 1 else first
    causes = [
        {"reason": "FieldManagerConflict", "message": f'conflict with "{m}"', "field": f}
        for m, f in found
    ]
    number = f"{len(found)} conflict{'s' if len(found) > 1 else ''}"
    return ApiError(409, "Conflict", f"Apply failed with {number}: {many}", {"causes": causes})
