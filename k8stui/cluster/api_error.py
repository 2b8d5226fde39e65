"""The API server's refusals, as it words them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import msgspec

from k8stui.errors import EXIT_CONNECTION, EXIT_ERROR, K8sTuiError
from k8stui.resources.text import clean_text

_MOST_OF_A_FOREIGN_BODY = 200
_MOST_RETRY_AFTER = 300
"""Seconds; who asks for more is asked again all the same."""


class StatusCause(msgspec.Struct):
    reason: str = ""
    message: str = ""
    field: str = ""


class StatusDetails(msgspec.Struct, rename="camel"):
    name: str = ""
    group: str = ""
    kind: str = ""
    causes: list[StatusCause] | None = None
    retry_after_seconds: int = 0


class StatusMeta(msgspec.Struct, rename={"continue_": "continue"}):
    continue_: str = ""


class Status(msgspec.Struct, rename="camel"):
    """The API's Status object, as answered with every error and inside watch streams."""

    kind: str = ""
    message: str = ""
    reason: str = ""
    code: int = 0
    details: StatusDetails | None = None
    metadata: StatusMeta | None = None


STATUS = msgspec.json.Decoder(Status)


class ApiError(K8sTuiError):
    """The server answered with an error status.

    Attributes:
        status: HTTP status code, 0 where the error came inside a stream without one.
        reason: The API's machine word (`Forbidden`, `NotFound`, `Expired`, …) or "".
        retry_after: Seconds that the server asks to wait, None where it does not.
        continue_token: What an expired list may go on with, or "".
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        reason: str = "",
        retry_after: float | None = None,
        continue_token: str = "",
        details: StatusDetails | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after
        self.continue_token = continue_token
        self.details = details
        self.exit_code = EXIT_CONNECTION if status in (401, 502, 503, 504) else EXIT_ERROR

    @property
    def words(self) -> str:
        """The message with those causes that it does not tell itself (which disruption budget)."""
        causes = self.details.causes if self.details and self.details.causes else []
        told = [clean_text(one.message) for one in causes if one.message not in self.message]
        return ": ".join(filter(None, (self.message.rstrip("."), "; ".join(filter(None, told)))))

    @property
    def gone(self) -> bool:
        """Whether the resourceVersion or continue token asked for is too old."""
        return self.status == 410 or self.reason in ("Expired", "Gone")

    @property
    def version_too_large(self) -> bool:
        """Whether the server has yet to see the resourceVersion (after a restore)."""
        causes = self.details.causes if self.details and self.details.causes else []
        return "Too large resource version" in self.message or any(
            cause.reason == "ResourceVersionTooLarge" for cause in causes
        )


def error_from_status(status: Status, code: int = 0, retry_after: str | None = None) -> ApiError:
    """An error from a Status object; `code` and `retry_after` are the HTTP answer's, if any."""
    wait = _seconds(retry_after)
    if wait is None and status.details and status.details.retry_after_seconds > 0:
        wait = float(min(status.details.retry_after_seconds, _MOST_RETRY_AFTER))
    return ApiError(
        code or status.code,
        clean_text(status.message) or status.reason or f"the server answered {code}",
        reason=status.reason,
        retry_after=wait,
        continue_token=status.metadata.continue_ if status.metadata else "",
        details=status.details,
    )


def start_of(body: bytes) -> str:
    """The first 200 bytes of an answer that is no Kubernetes object, on one clean line."""
    return clean_text(" ".join(body[:_MOST_OF_A_FOREIGN_BODY].decode("utf-8", "replace").split()))


def error_from_body(code: int, phrase: str, body: bytes, retry_after: str | None) -> ApiError:
    """An error from an HTTP answer: its Status object, or the start of whatever else came."""
    try:
        status = STATUS.decode(body)
    except msgspec.MsgspecError:
        status = Status()
    if status.kind == "Status":
        return error_from_status(status, code, retry_after)
    text = start_of(body)
    said = f": {text}" if text else ""
    return ApiError(
        code, f"HTTP {code} {clean_text(phrase)}{said}", retry_after=_seconds(retry_after)
    )


def error_from_redirect(code: int, location: str) -> ApiError:
    """An error for a 3xx, which no API server answers: a login page or a wrong URL does.

    The place that it leads to is shown without its query, which may hold a secret.
    """
    try:
        parts = urlsplit(location)
        place = f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else parts.path
    except ValueError:
        place = ""
    leads = f" to {clean_text(place)}" if place else ""
    error = ApiError(code, f"the server sends us elsewhere{leads} (HTTP {code})")
    error.hint = "is server in the kubeconfig the API server's own URL? a login page is not"
    return error


def _seconds(retry_after: str | None) -> float | None:
    """A Retry-After header: seconds, or a date."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), _MOST_RETRY_AFTER)
    try:
        wait = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
    return float(min(max(0, math.ceil(wait)), _MOST_RETRY_AFTER))
