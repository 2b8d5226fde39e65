"""Events (core/v1): their record, health and columns."""

from __future__ import annotations

from sys import intern

import msgspec

from k8stui.resources.age import UNKNOWN
from k8stui.resources.columns import name_column, natural_key, number_column, since_column
from k8stui.resources.columns import text_column as text
from k8stui.resources.health import Health
from k8stui.resources.kinds import TypedKind
from k8stui.resources.lenient import LenientDecoder
from k8stui.resources.record import Column, Context, Record, Tone
from k8stui.resources.text import clean_text
from k8stui.resources.wire import ObjectMeta, epoch, head


class Event(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """Times are epoch seconds, 0 where there is none."""

    type: str = ""
    """Normal or Warning."""
    reason: str = ""
    message: str = ""
    """On one line, whole."""
    object_kind: str = ""
    object_namespace: str = ""
    object_name: str = ""
    object_uid: str = ""
    """Joins it with the object's record; some events name none."""
    field_path: str = ""
    """The part of the object it is about: `spec.containers{web}`."""
    source: str = ""
    """Who says so: `kubelet, node-1`."""
    count: int = 1
    first_seen: int = 0
    last_seen: int = 0

    @property
    def container(self) -> str:
        """The container that the event is about, empty when it is about none."""
        return self.field_path.partition("{")[2].rstrip("}")


class _Object(msgspec.Struct, gc=False, rename="camel"):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    field_path: str = ""


class _Source(msgspec.Struct, gc=False):
    component: str = ""
    host: str = ""


class _Series(msgspec.Struct, gc=False, rename="camel"):
    count: int = 0
    last_observed_time: str | None = None


class _Event(msgspec.Struct, gc=False, rename="camel"):
    metadata: ObjectMeta
    involved_object: _Object = msgspec.field(default_factory=_Object)
    type: str = ""
    reason: str = ""
    message: str = ""
    source: _Source = msgspec.field(default_factory=_Source)
    first_timestamp: str | None = None
    last_timestamp: str | None = None
    event_time: str | None = None
    count: int = 0
    series: _Series | None = None
    reporting_component: str = ""
    reporting_instance: str = ""


_EVENT = LenientDecoder(_Event)


def decode(raw: bytes) -> Event:
    """An event's JSON to its record. Raises msgspec.MsgspecError for what isn't one.

    Times and counts are taken as `kubectl get events` does: a series' own before the event's,
    eventTime where an event of the newer API has no timestamps.
    """
    wire = _EVENT.decode(raw)
    about, source, series = wire.involved_object, wire.source, wire.series
    first = epoch(wire.first_timestamp) or epoch(wire.event_time)
    last = epoch(wire.last_timestamp) or first
    count = wire.count or 1
    if series is not None:
        last, count = epoch(series.last_observed_time), series.count
    component = source.component or wire.reporting_component
    host = source.host or wire.reporting_instance
    return Event(
        type=intern(clean_text(wire.type)),
        reason=intern(clean_text(wire.reason)),
        message=intern(clean_text(_one_line(wire.message))),
        object_kind=intern(clean_text(about.kind)),
        object_namespace=intern(clean_text(about.namespace)),
        object_name=intern(clean_text(about.name)),
        object_uid=intern(about.uid),
        field_path=intern(clean_text(about.field_path)),
        source=intern(clean_text(f"{component}, {host}" if host else component)),
        count=count,
        first_seen=first,
        last_seen=last,
        **head(wire.metadata),
    )


def health(event: Event, _now: float) -> Health:
    """A warning is one; everything else is news."""
    return Health(Tone.WARN if event.type == "Warning" else Tone.MUTED, event.type)


def object_text(event: Event) -> str:
    """OBJECT as kubectl prints it: `pod/web-0`."""
    kind = event.object_kind.lower()
    return f"{kind}/{event.object_name}" if event.object_name else kind


def _one_line(message: str) -> str:
    message = message.strip()
    return message if message.isprintable() else " ".join(message.splitlines())


def _type_tone(event: Event, _context: Context) -> Tone:
    return Tone.WARN if event.type == "Warning" else Tone.PLAIN


COLUMNS: tuple[Column[Event], ...] = (
    since_column("last_seen", "LAST SEEN", lambda event: event.last_seen, never=UNKNOWN),
    text("type", "TYPE", lambda event: event.type, tone=_type_tone),
    text("reason", "REASON", lambda event: event.reason),
    Column(
        id="object",
        title="OBJECT",
        text=lambda event, _: object_text(event),
        sort=lambda event, _: natural_key(object_text(event)),
    ),
    number_column("count", "COUNT", lambda event: event.count, priority=1),
    text("message", "MESSAGE", lambda event: event.message),
    text("subobject", "SUBOBJECT", lambda event: event.field_path, priority=4),
    text("source", "SOURCE", lambda event: event.source, priority=5),
    since_column("first_seen", "FIRST SEEN", lambda event: event.first_seen, priority=3),
    msgspec.structs.replace(name_column(), priority=9),
)

KIND = TypedKind(
    group="",
    versions=("v1",),
    plural="events",
    kind="Event",
    decode=decode,
    columns=COLUMNS,
    short="ev",
)
