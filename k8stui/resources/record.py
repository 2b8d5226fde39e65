"""What every record has in common, and what a column is."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

import msgspec


class Tone(StrEnum):
    """How a text is meant; the theme decides its colour, a glyph or word stands beside it."""

    PLAIN = ""
    OK = "ok"
    WARN = "warn"
    ERROR = "error"
    MUTED = "muted"
    ACCENT = "accent"


class Ref(NamedTuple):
    """Names one object of the cluster."""

    group: str
    plural: str
    namespace: str
    """Empty for cluster-scoped objects."""
    name: str


class Record(msgspec.Struct, frozen=True, gc=False, kw_only=True, weakref=False):
    """The head that all records share. Fields hold only scalars and tuples of scalars.

    Text is clean (see `text.clean_text`): safe for a terminal as it is.
    """

    uid: str
    namespace: str = ""
    name: str
    resource_version: str = ""
    created: int = 0
    """Epoch seconds of creationTimestamp."""
    deleted: int = 0
    """Epoch seconds of deletionTimestamp, 0 when the object is not being deleted."""
    labels: tuple[str, ...] = ()
    """`key=value`, sorted."""
    owner_uid: str = ""
    """The controlling owner (ownerReferences with controller: true)."""
    owner_group: str = ""
    """Its API group: a `Job` may be another project's."""
    owner_kind: str = ""
    owner_name: str = ""


class Usage(msgspec.Struct, frozen=True, gc=False):
    """What a pod or a node used in the metrics server's last window."""

    cpu: int
    """Millicores."""
    memory: int
    """Bytes, working set."""
    timestamp: int
    """Epoch seconds of the end of the window."""
    containers: tuple[tuple[str, int, int], ...] = ()
    """(name, millicores, bytes) of each container; empty for nodes."""
    cpu_trend: tuple[int, ...] = ()
    """Earlier samples of `cpu`, oldest first, the last one included."""
    memory_trend: tuple[int, ...] = ()


class UsageLookup(Protocol):
    """Answers what a pod or node uses, None where there is no sample."""

    def pod(self, namespace: str, name: str) -> Usage | None: ...

    def node(self, name: str) -> Usage | None: ...


class NoUsage:
    """A lookup without any sample, for clusters without a metrics API."""

    def pod(self, namespace: str, name: str) -> Usage | None:
        return None

    def node(self, name: str) -> Usage | None:
        return None


class Context(NamedTuple):
    """What a column may look at beside the record."""

    now: float
    """Epoch seconds."""
    usage: UsageLookup


R = TypeVar("R", bound=Record)
Measure = Literal["text", "number", "millicores", "bytes", "seconds", "percent"]


def _plain(_record: Any, _context: Context) -> Tone:
    return Tone.PLAIN


class Column(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One column of a table: pure functions from a record to what is shown and sorted by."""

    id: str
    """Names the column in filters (`restarts>3`), in JSON and in the configuration."""
    title: str
    text: Callable[[R, Context], str]
    """One line of clean text, as kubectl prints it where kubectl has this column."""
    sort: Callable[[R, Context], Any] | None = None
    """A key that compares within the column; None sorts by the text."""
    value: Callable[[R, Context], float | None] | None = None
    """The number that a comparison in a filter looks at, in the unit of `measure`."""
    measure: Measure = "text"
    tone: Callable[[R, Context], Tone] = _plain
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """0 is always shown; the higher, the sooner it goes when there is no room."""
    min_width: int = 0
    live: bool = False
    """True when the text changes by itself as time passes (AGE)."""
