"""Whether a body is an object of the kind and the name that its path says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from k8stui.demo.errors import bad_request
from k8stui.demo.kinds import Kind, registered
from k8stui.demo.model import Obj, without_nulls
from k8stui.demo.schema import check_fields
from k8stui.demo.versions import inward

_SCHEME: Final = "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"


def incoming(kind: Kind, body: Any, query: Mapping[str, str]) -> tuple[Obj, list[str]]:
    """The object as the store has it, and what the sender should be warned of.

    Raises:
        ApiError: 400, for another kind, and for fields of the wrong type.
    """
    version, name = str(body.get("apiVersion") or ""), str(body.get("kind") or "")
    version, name = version or kind.api_version, name or kind.kind
    if (version, name) != (kind.api_version, kind.kind):
        raise bad_request(_wrong_kind(kind, version, name))
    copy = without_nulls(body)
    warnings = check_fields(kind, copy, query.get("fieldValidation", "Warn"))
    return dict(inward(kind, copy)), warnings


def _wrong_kind(kind: Kind, version: str, name: str) -> str:
    short = version.rpartition("/")[2]
    head = f'{name} in version "{short}" cannot be handled as a {kind.kind}'
    if not registered(version, name):
        why = f'no kind "{name}" is registered for version "{version}" in scheme "{_SCHEME}"'
        return f"{head}: {why}"
    if name == kind.kind:
        return (
            f"the API version in the data ({version}) does not match the expected API version "
            f"({kind.api_version})"
        )
    inside = kind.group.partition(".")[0] or "core"
    return f"{head}: converting ({short}.{name}) to ({inside}.{kind.kind}): unknown conversion"


def check_name(obj: Obj, name: str) -> None:
    """The object must be called what the path says.

    Raises:
        ApiError: 400, when it is not.
    """
    own = (obj.get("metadata") or {}).get("name", "")
    if not own:
        raise bad_request(
            f"the name of the object ({name} based on URL) was undeterminable: name must be "
            "provided"
        )
    if own != name:
        raise bad_request(
            f"the name of the object ({own}) does not match the name on the URL ({name})"
        )
