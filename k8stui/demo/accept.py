"""What a client accepts, and whether there is such an answer."""

from __future__ import annotations

from typing import Final

from k8stui.demo.bodies import JSON
from k8stui.demo.errors import ApiError

_SHAPES: Final = {"Table", "PartialObjectMetadata", "PartialObjectMetadataList"}
_VERSIONS: Final = {"v1", "v1beta1"}


def check_accept(header: str) -> None:
    """Refuse a client that takes no JSON.

    Args:
        header: Its `Accept`.

    Raises:
        ApiError: 406.
    """
    if header.strip() and not any(_has(clause) for clause in header.split(",")):
        raise ApiError(406, "NotAcceptable", "406: Not Acceptable", {})


def _has(clause: str) -> bool:
    media = clause.partition(";")[0].strip().lower()
    if media not in (JSON, "application/*", "*/*"):
        return False
    given = dict(part.partition("=")[::2] for part in clause.replace(" ", "").split(";")[1:])
    if "as" not in given:
        return True
    right = given["as"] in _SHAPES and given.get("v") in _VERSIONS
    return right and given.get("g") == "meta.k8s.io"
