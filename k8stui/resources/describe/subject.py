"""The object described and all that is known around it, as every describer gets it."""

from __future__ import annotations

import msgspec

from k8stui.resources.describe.related import Related
from k8stui.resources.describe.values import JsonObject, mapping, string


class Subject(msgspec.Struct, frozen=True):
    kind_key: str
    obj: JsonObject
    related: Related
    now: float
    """Epoch seconds."""
    reveal: bool = False
    """Whether the values of a Secret may be shown."""

    @property
    def metadata(self) -> JsonObject:
        return mapping(self.obj, "metadata")

    @property
    def spec(self) -> JsonObject:
        return mapping(self.obj, "spec")

    @property
    def status(self) -> JsonObject:
        return mapping(self.obj, "status")

    @property
    def name(self) -> str:
        return string(self.obj, "metadata", "name")

    @property
    def namespace(self) -> str:
        return string(self.obj, "metadata", "namespace")
