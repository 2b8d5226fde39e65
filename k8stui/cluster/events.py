"""Reads the lines of a watch stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from k8stui.cluster.api_error import STATUS, ApiError, error_from_status
from k8stui.cluster.codec import Codec
from k8stui.cluster.envelope import WATCH_EVENT, WatchEvent
from k8stui.resources.record import Record

R = TypeVar("R", bound=Record)


class EventReader(Generic[R]):
    """Turns watch events into changes.

    Args:
        skipped: Told of each line that can't be read.

    Attributes:
        version: The last resourceVersion that a line brought; whoever took it empties it.
        bookmarked: Whether this stream had a bookmark; whoever begins another one sets it back.
        foreign: The last line that is no event at all.
    """

    def __init__(self, codec: Codec[R], skipped: Callable[[Exception], None]) -> None:
        self._codec = codec
        self._skipped = skipped
        self.version = ""
        self.bookmarked = False
        self.foreign = b""

    def read(self, line: bytes, changed: dict[str, R], removed: dict[str, R | None]) -> bool:
        """Takes one line; the last state of each object wins.

        Args:
            line: One event.
            changed: Gets the objects that there are.
            removed: Gets those that are gone, with their last states where these can be read.

        Returns:
            Whether it could be read.

        Raises:
            ApiError: the line says that the watch can't go on.
        """
        try:
            event = WATCH_EVENT.decode(line)
        except msgspec.MsgspecError as error:
            self.foreign = line
            self._skipped(error)
            return False
        if event.type == "ERROR":
            raise _stream_error(event.object)
        try:
            return self._take(event, changed, removed)
        # One odd object must not end the watch of all the others, whatever its reader stumbled on.
        except Exception as error:
            self._skipped(error)
        if event.type == "DELETED":
            self._remove(event.object, changed, removed)
        return False

    def _take(self, event: WatchEvent, changed: dict[str, R], removed: dict[str, R | None]) -> bool:
        match event.type:
            case "ADDED" | "MODIFIED":
                for record in self._codec.event(event.object):
                    removed.pop(record.uid, None)
                    changed[record.uid] = record
                    self.version = record.resource_version
            case "DELETED":
                for record in self._codec.event(event.object):
                    changed.pop(record.uid, None)
                    removed[record.uid] = record
                    self.version = record.resource_version
            case "BOOKMARK":
                if version := self._codec.bookmark(event.object):
                    self.version = version
                    self.bookmarked = True
            case _:
                self._skipped(ValueError(f"a watch event of the type {event.type[:40]!r}"))
                return False
        return True

    def _remove(
        self, raw: msgspec.Raw, changed: dict[str, R], removed: dict[str, R | None]
    ) -> None:
        """Takes an object away though it can't be read: its uid is enough."""
        try:
            uid = self._codec.uid(raw)
        except msgspec.MsgspecError:
            return
        if uid:
            changed.pop(uid, None)
            removed[uid] = None


def _stream_error(raw: msgspec.Raw) -> ApiError:
    try:
        return error_from_status(STATUS.decode(bytes(raw)))
    except msgspec.MsgspecError:
        return ApiError(500, "the watch ended with an error that can't be read")
