"""Bodies of requests: read up to a limit, decoded, and refused in the words of a real server."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from k8stui.demo import protobuf
from k8stui.demo.errors import (
    ApiError,
    bad_request,
    invalid_patch,
    plain_failure,
    unsupported_media,
)
from k8stui.demo.kinds import Kind

JSON: Final = "application/json"
MERGE: Final = "application/merge-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
OPERATIONS: Final = "application/json-patch+json"
APPLY: Final = "application/apply-patch+yaml"
YAML: Final = "application/yaml"
LARGEST: Final = 3 * 1024 * 1024
_SHOWN: Final = 30
_TYPED: Final = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; '
    'Kind string "json:\\"kind,omitempty\\"" }'
)
_ACCEPTED: Final = (
    "the body of the request was in an unknown format - accepted media types include: "
    "application/json, application/yaml, application/vnd.kubernetes.protobuf"
)
_NO_VERSION: Final = "couldn't get version/kind; json parse error: "
_OPTIONS_SCHEME: Final = "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"
_KEY: Final = "looking for beginning of object key string"
_GO: Final = {
    "Expecting property name enclosed in double quotes": _KEY,
    "Illegal trailing comma before end of object": _KEY,
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting value": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}
"""Where Python's parser stopped, in the words of Go's."""


def media(request: web.BaseRequest) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def decoded(request: web.BaseRequest, kind: Kind) -> Any:
    """The body of a request for a kind; None for one that asks for another protocol.

    Raises:
        ApiError: as a server refuses what it can't read.
    """
    if request.headers.get("Upgrade"):
        return None
    type_, raw = media(request), await _read(request)
    if request.method == "PATCH":
        return _patch(type_, raw)
    if raw and type_ == protobuf.MEDIA:
        try:
            return protobuf.decode(raw)
        except ValueError as error:
            raise _unreadable(kind, raw, str(error)) from error
    if raw and type_ not in ("", JSON, YAML, "application/octet-stream"):
        raise unsupported_media(_ACCEPTED)
    plain = _as_json(kind, raw) if type_ == YAML and (raw or request.method != "DELETE") else raw
    return _options(plain) if request.method == "DELETE" else _object(kind, plain, raw)


def _as_json(kind: Kind, raw: bytes) -> bytes:
    """What a body in YAML holds, in JSON."""
    from k8stui.demo import yamlbody

    try:
        return json.dumps(yamlbody.loads(raw)).encode()
    except ValueError as error:
        raise _unreadable(kind, raw, str(error)) from error


def _object(kind: Kind, plain: bytes, raw: bytes) -> Any:
    """The object in a body in JSON; errors show the body as it came."""
    try:
        value = loads(plain)
    except ValueError as error:
        raise _unreadable(kind, raw, f"{_NO_VERSION}{error}") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        why = f"json: cannot unmarshal {go_type(value)} into Go value of type {_TYPED}"
        raise _unreadable(kind, raw, f"{_NO_VERSION}{why}")
    return value


def _options(raw: bytes) -> Any:
    if not raw:
        return {}
    try:
        value = loads(raw)
    except ValueError as error:
        raise plain_failure(f"couldn't get version/kind; json parse error: {error}") from error
    if not isinstance(value, dict):
        why = f"json: cannot unmarshal {go_type(value)} into Go value of type {_TYPED}"
        raise plain_failure(f"couldn't get version/kind; json parse error: {why}")
    name = value.get("kind", "DeleteOptions")
    if name != "DeleteOptions":
        version = value.get("apiVersion", "v1")
        raise plain_failure(
            f'no kind "{name}" is registered for version "{version}" in scheme "{_OPTIONS_SCHEME}"'
        )
    return value


def _patch(type_: str, raw: bytes) -> Any:
    if type_ not in (MERGE, STRATEGIC, OPERATIONS, APPLY):
        raise unsupported_media(details={})
    try:
        value = _patch_value(type_, raw) if raw else None
        if not raw:
            end = "yaml: unexpected end" if type_ == APPLY else "unexpected end of JSON input"
            raise ValueError("EOF" if type_ == STRATEGIC else end)
    except ValueError as error:
        if type_ == MERGE:
            raise plain_failure("Invalid JSON Patch") from error
        if type_ == APPLY:
            text = f"error decoding YAML: error converting YAML to JSON: {error}"
            raise bad_request(text) from error
        raise bad_request(str(error)) from error
    if type_ == OPERATIONS:
        if not isinstance(value, list):
            text = f"json: cannot unmarshal {go_type(value)} into Go value of type jsonpatch.Patch"
            raise bad_request(text)
    elif not isinstance(value, dict):
        if type_ == MERGE and not isinstance(value, list):
            raise plain_failure("Invalid JSON Patch")
        text = f"json: cannot unmarshal {go_type(value)} into Go value of type"
        if type_ == MERGE:
            why = f"couldn't get version/kind; json parse error: {text} {_TYPED}"
            raise invalid_patch(raw.decode(errors="replace"), why)
        raise bad_request(f"{text} map[string]interface {{}}")
    return value


def _patch_value(type_: str, raw: bytes) -> Any:
    """Raises ValueError for what can't be read."""
    if type_ != APPLY:
        return loads(raw)
    try:
        return loads(raw)  # All that kubectl sends, and much quicker.
    except ValueError:
        from k8stui.demo import yamlbody

        return yamlbody.loads(raw)


def loads(raw: bytes) -> Any:
    """A JSON value.

    Raises:
        ValueError: for what is none, in the words of Go's parser.
    """
    text = raw.decode(errors="replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise ValueError("unexpected end of JSON input") from error
        where = _GO.get(error.msg, "looking for beginning of value")
        raise ValueError(f"invalid character {_quoted(text[error.pos])} {where}") from error
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error


def go_type(value: object) -> str:
    """What Go's JSON package calls a value of this type."""
    names = {str: "string", int: "number", float: "number", bool: "bool", dict: "object"}
    return names.get(type(value), "array")


def _quoted(char: str) -> str:
    return "'\\''" if char == "'" else repr(char)


def _unreadable(kind: Kind, raw: bytes, why: str) -> ApiError:
    head = raw[:_SHOWN].decode(errors="replace") if raw[:1] == b"{" else raw[:_SHOWN].hex()
    shown = f"{head}{' ...' if len(raw) > _SHOWN else ''}" or "<empty>"
    return bad_request(
        f"the object provided is unrecognized (must be of type {kind.kind}): {why} ({shown})"
    )


async def _read(request: web.BaseRequest) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_any():
        raw += chunk
        if len(raw) > LARGEST:
            message = f"Request entity too large: limit is {LARGEST}"
            raise ApiError(413, "RequestEntityTooLarge", message)
    return bytes(raw)
