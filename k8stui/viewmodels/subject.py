"""What a detail pane is about: one object, or several that were marked."""

from __future__ import annotations

from typing import NamedTuple

from k8stui.viewmodels.live import ObjectRef


class Subject(NamedTuple):
    """What the detail pane is about."""

    title: str
    ref: ObjectRef
    version: str
    """Another value means that the object changed."""
    uids: frozenset[str]
    """Whose events concern it."""
    pods: frozenset[str]
    """Whose logs concern it."""
    container: str = ""
    """Only this container's logs, "" for all."""
    marks: frozenset[str] = frozenset()
    """The rows that were marked, where the logs and events are of all of them together."""
    marked: tuple[ObjectRef, ...] = ()
    """The same by name, as other clusters know them."""

    @property
    def refs(self) -> tuple[ObjectRef, ...]:
        """What the logs and events are of."""
        return self.marked or (self.ref,)
