"""How a kind's lists and watch events become records: typed kinds, and the server's own Tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar, cast

import msgspec

from k8stui.cluster.envelope import KEY_ONLY, RAW_LIST
from k8stui.cluster.transport import JSON
from k8stui.resources.record import Record

R = TypeVar("R", bound=Record)
R_co = TypeVar("R_co", bound=Record, covariant=True)


class Page(NamedTuple, Generic[R]):
    """One page of a list."""

    items: Sequence[msgspec.Raw | R]
    continue_token: str
    resource_version: str
    remaining: int | None


class Codec(Protocol[R]):
    """Decodes what the API sends for one kind."""

    accept: str
    """The media type to ask for."""
    params: tuple[tuple[str, str], ...]
    """Query parameters that belong to it."""

    def page(self, body: bytes) -> Page[R]:
        """A list's body. Raises msgspec.MsgspecError when it isn't one."""

    def key(self, item: msgspec.Raw | R) -> tuple[str, str]:
        """(uid, resourceVersion) of an item, without decoding all of it."""

    def record(self, item: msgspec.Raw | R) -> R:
        """An item's record. Raises msgspec.MsgspecError when it can't be read."""

    def event(self, raw: msgspec.Raw) -> Sequence[R]:
        """The records of a watch event's object. Raises msgspec.MsgspecError."""

    def uid(self, raw: msgspec.Raw) -> str:
        """The uid of a watch event's object that can't be read as a whole, or ""."""

    def bookmark(self, raw: msgspec.Raw) -> str:
        """The resourceVersion that a bookmark brings, or ""."""


class TypedCodec(Generic[R]):
    """Whole objects as JSON, of which `decode` takes only what is shown."""

    accept = JSON
    params: tuple[tuple[str, str], ...] = ()

    def __init__(self, decode: Callable[[bytes], R]) -> None:
        self._decode = decode

    def page(self, body: bytes) -> Page[R]:
        page = RAW_LIST.decode(body)
        if not page.kind.endswith("List"):
            # An empty list would take every row away: nothing else may pass for one.
            raise msgspec.ValidationError("not a list")
        meta = page.metadata
        return Page(page.items or (), meta.continue_, meta.resourceVersion, meta.remainingItemCount)

    def key(self, item: msgspec.Raw | R) -> tuple[str, str]:
        meta = KEY_ONLY.decode(_raw(item)).metadata
        return meta.uid, meta.resourceVersion

    def record(self, item: msgspec.Raw | R) -> R:
        return self._decode(_raw(item))

    def event(self, raw: msgspec.Raw) -> Sequence[R]:
        return (self._decode(bytes(raw)),)

    def uid(self, raw: msgspec.Raw) -> str:
        return KEY_ONLY.decode(raw).metadata.uid

    def bookmark(self, raw: msgspec.Raw) -> str:
        return KEY_ONLY.decode(raw).metadata.resourceVersion


def _raw(item: object) -> bytes:
    """The item's JSON. msgspec reads a Raw as it reads bytes: no object has to be copied."""
    assert isinstance(item, msgspec.Raw)
    return cast("bytes", item)
