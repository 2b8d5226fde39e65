"""The contexts and namespaces that were used lately, the newest first."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

import msgspec

from k8stui.paths import open_private

logger = logging.getLogger(__name__)

_MOST = 20


class _Remembered(msgspec.Struct):
    contexts: list[str] = []
    namespaces: dict[str, list[str]] = {}


class Recent:
    """Remembers names over runs in one small private file; a broken one is no error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._remembered = _Remembered()
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self._remembered = msgspec.json.decode(path.read_bytes(), type=_Remembered)

    def contexts(self) -> tuple[str, ...]:
        return tuple(self._remembered.contexts)

    def namespaces(self, context: str) -> tuple[str, ...]:
        return tuple(self._remembered.namespaces.get(context, ()))

    def used(self, context: str, namespace: str) -> None:
        """Puts these first; `namespace` is "" for all of them."""
        self._remembered.contexts = _first(context, self._remembered.contexts)
        if namespace:
            mine = self._remembered.namespaces.get(context, [])
            self._remembered.namespaces[context] = _first(namespace, mine)
        try:
            self._write(msgspec.json.encode(self._remembered))
        except OSError as error:
            logger.info("can't remember recent names in %s: %s", self._path, error)

    def _write(self, body: bytes) -> None:
        beside = self._path.with_suffix(f".{os.getpid()}")
        with os.fdopen(open_private(beside, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            file.write(body)
        beside.replace(self._path)


def _first(name: str, names: list[str]) -> list[str]:
    return [name, *(other for other in names if other != name)][:_MOST]
