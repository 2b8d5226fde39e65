"""The outer layers of lists and watch streams; what is inside stays bytes until it is needed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class ListMeta(msgspec.Struct, rename={"continue_": "continue"}):
    continue_: str = ""
    resourceVersion: str = ""  # noqa: N815
    remainingItemCount: int | None = None  # noqa: N815


class RawList(msgspec.Struct):
    """A page of a list with its items undecoded."""

    kind: str = ""
    metadata: ListMeta = msgspec.field(default_factory=ListMeta)
    items: list[msgspec.Raw] | None = None


class KindOnly(msgspec.Struct):
    """Just enough of an answer to know what it is."""

    kind: str = ""


class KeyMeta(msgspec.Struct):
    uid: str = ""
    resourceVersion: str = ""  # noqa: N815
    annotations: dict[str, str] | None = None


class KeyOnly(msgspec.Struct):
    """Just enough of an object to know whether it changed."""

    metadata: KeyMeta


class WatchEvent(msgspec.Struct):
    type: str
    object: msgspec.Raw


RAW_LIST = msgspec.json.Decoder(RawList)
KIND_ONLY = msgspec.json.Decoder(KindOnly)
KEY_ONLY = msgspec.json.Decoder(KeyOnly)
WATCH_EVENT = msgspec.json.Decoder(WatchEvent)


class LineSplitter:
    """Turns chunks into lines of any length, joining the parts of a long line only once."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that this chunk completes, without line feeds; empty ones are left out."""
        head, *rest = chunk.split(b"\n")
        if not rest:
            self._parts.append(head)
            return
        self._parts.append(head)
        rest.insert(0, b"".join(self._parts))
        self._parts = [rest.pop()]
        for line in rest:
            if line:
                yield line
