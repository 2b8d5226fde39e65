"""What a kind is: where the API serves it, and for typed kinds how its objects become records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from k8stui.resources.record import Column, Record


class ResourceType(msgspec.Struct, frozen=True):
    """A kind as the cluster's discovery tells of it."""

    group: str
    """Empty for the core group."""
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`deployments.apps`, or `pods` for the core group: what kubectl takes as a name."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, or of one object, without a query."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root]
        if namespace and self.namespaced:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        if name:
            parts.append(name)
        if subresource:
            parts.append(subresource)
        return "/".join(parts)


class TypedKind(msgspec.Struct, frozen=True):
    """A kind that k8stui knows by heart."""

    group: str
    versions: tuple[str, ...]
    """The versions that `decode` understands, the best first."""
    plural: str
    kind: str
    decode: Callable[[bytes], Record]
    """One object's JSON to its record. Raises msgspec.MsgspecError for what isn't one."""
    columns: tuple[Column[Any], ...]
    """As of `kubectl get -o wide`, without NAMESPACE; NAME first, AGE where kubectl has one."""
    short: str = ""
    """The short word before a name in lists of mixed kinds: `deploy/web`."""
    namespaced: bool = True

    @property
    def key(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural
