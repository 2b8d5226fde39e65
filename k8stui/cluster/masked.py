"""Structs that hold secrets and never show them in a log, a traceback or an error."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

MASK = "***"


class Masked(msgspec.Struct, frozen=True):
    """A struct whose secret fields are shown as `***`, by `repr` and by Rich alike."""

    secret_fields: ClassVar[frozenset[str]] = frozenset()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        values = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [
            (name, MASK if value and name in self.secret_fields else value)
            for name, value in values
        ]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"
