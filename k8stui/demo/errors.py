"""Refusals, each as the Status object that a real API server answers with."""

from __future__ import annotations

import json

from k8stui.demo.kinds import Kind
from k8stui.demo.model import Obj

Cause = tuple[str, str, str]
"""(reason, message, field) of one thing that is wrong with an object."""


class ApiError(Exception):
    """A request that is answered with a Status of failure, or with plain text."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Obj | None = None,
        *,
        plain: bool = False,
    ) -> None:
        super().__init__(message)
        self.plain = plain
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> Obj:
        """The body of the answer."""
        out: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        out["message"] = self.message
        if self.reason:
            out["reason"] = self.reason
        if self.details is not None:
            out["details"] = self.details
        out["code"] = self.code
        return out


def _details(kind: Kind, name: str) -> Obj:
    out: Obj = {"name": name} if name else {}
    if kind.group:
        out["group"] = kind.group
    return {**out, "kind": kind.plural}


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequest", message)


def not_found(kind: Kind, name: str) -> ApiError:
    return ApiError(404, "NotFound", f'{kind.qualified} "{name}" not found', _details(kind, name))


def no_such_resource() -> ApiError:
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def page_not_found() -> ApiError:
    return ApiError(404, "NotFound", "404 page not found", plain=True)


def no_such_method() -> ApiError:
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message, {})


def already_exists(kind: Kind, name: str) -> ApiError:
    message = f'{kind.qualified} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(kind, name))


def conflict(kind: Kind, name: str, why: str = "") -> ApiError:
    why = why or (
        "the object has been modified; please apply your changes to the latest version and try "
        "again"
    )
    message = f'Operation cannot be fulfilled on {kind.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(kind, name))


def forbidden(kind: Kind, name: str, why: str) -> ApiError:
    what = f'{kind.qualified} "{name}"' if name else kind.qualified
    return ApiError(403, "Forbidden", f"{what} is forbidden: {why}", _details(kind, name))


def expired(message: str) -> ApiError:
    return ApiError(410, "Expired", message)


def too_large_version(asked: int, current: int) -> ApiError:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return ApiError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {asked}, current: {current}",
        {"causes": [cause], "retryAfterSeconds": 1},
    )


def plain_failure(message: str) -> ApiError:
    """500 without a reason: what a server says of errors that it has no class for."""
    return ApiError(500, "", message)


def invalid(kind: Kind, name: str, causes: list[Cause]) -> ApiError:
    """422 with its causes, worded as field errors are."""
    return _invalid(kind.group, kind.kind, name, causes)


def invalid_options(kind: str, causes: list[Cause]) -> ApiError:
    """422 for the parameters of a request, which are an object too: CreateOptions and so on."""
    return _invalid("meta.k8s.io", kind, "", causes)


def invalid_patch(value: str, why: str) -> ApiError:
    """422 for a patch, or for what it would make of an object."""
    text = f"Invalid value: {json.dumps(value, ensure_ascii=False)}: {why}"
    return _invalid("", "", "", [("FieldValueInvalid", text, "patch")])


def _invalid(group: str, kind: str, name: str, causes: list[Cause]) -> ApiError:
    title = f"{kind}.{group}" if group else kind
    texts = [f"{field}: {message}" for _, message, field in causes]
    text = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    named = {"name": name, "group": group, "kind": kind}
    details: Obj = {key: value for key, value in named.items() if value}
    details["causes"] = [{"reason": r, "message": m, "field": f} for r, m, f in causes]
    return ApiError(422, "Invalid", f'{title} "{name}" is invalid: {text}', details)


def unsupported_media(
    message: str = "415: Unsupported Media Type", details: Obj | None = None
) -> ApiError:
    return ApiError(415, "UnsupportedMediaType", message, details)
