"""Events as the recorder of a real component writes them: counted and joined when they repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from k8stui.demo.model import Key, Obj, seconds_of, stamp
from k8stui.demo.store import Store

KEPT: Final = 3600.0
"""Seconds after which an event that did not repeat is gone."""
COMBINED: Final = "(combined from similar events): "
SIMILAR_MOST, SIMILAR_WITHIN = 10, 600.0
"""How many different messages of a reason, within how many seconds, become one event."""


class Recorder:
    """Writes Events about objects into the store."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._known: dict[tuple[str, str, str, str], Key] = {}
        self._similar: dict[tuple[str, str, str], list[float]] = {}

    def __call__(
        self,
        obj: Obj,
        reason: str,
        message: str,
        *,
        source: str,
        host: str = "",
        warning: bool = False,
        field: str = "",
    ) -> None:
        """Record that something happened to an object.

        Args:
            source: The component, e.g. "kubelet".
            field: The part concerned, e.g. "spec.containers{web}".
        """
        meta = obj["metadata"]
        namespace = meta.get("namespace") or "default"
        slot = (meta["uid"], reason, message, field)
        now = self._now()
        old = self._store.get("events", *self._known.get(slot, Key("", "")))
        if old is None and self._is_one_of_many(slot, now):
            message = f"{COMBINED}{message}"
            slot = (meta["uid"], reason, COMBINED, field)
            old = self._store.get("events", *self._known.get(slot, Key("", "")))
        if old is not None:
            again = {"count": old["count"] + 1, "lastTimestamp": stamp(now), "message": message}
            self._store.update("events", {**old, **again})
            return
        name = f"{meta['name']}.{int(now * 1e9) + len(self._known):016x}"
        self._known[slot] = Key(namespace, name)
        origin = {"component": source, **({"host": host} if host else {})}
        self._store.create(
            "events",
            {
                "apiVersion": "v1",
                "kind": "Event",
                "metadata": {"name": name, "namespace": namespace},
                "involvedObject": _reference(obj, field),
                "reason": reason,
                "message": message,
                "source": origin,
                "firstTimestamp": stamp(now),
                "lastTimestamp": stamp(now),
                "count": 1,
                "type": "Warning" if warning else "Normal",
                "eventTime": None,
                "reportingComponent": source,
                "reportingInstance": host,
            },
        )

    def _is_one_of_many(self, slot: tuple[str, str, str, str], now: float) -> bool:
        """Whether so many different messages came of late that a recorder joins them."""
        uid, reason, _, field = slot
        group = self._similar.setdefault((uid, reason, field), [])
        group[:] = [moment for moment in group if now - moment < SIMILAR_WITHIN]
        group.append(now)
        return len(group) >= SIMILAR_MOST

    def expire(self) -> None:
        """Drop the events that are older than an API server keeps them."""
        limit = self._now() - KEPT
        for event in list(self._store.all("events")):
            if seconds_of(event["lastTimestamp"] or event["metadata"]["creationTimestamp"]) < limit:
                meta = event["metadata"]
                self._store.remove("events", Key(meta["namespace"], meta["name"]))
        self._similar = {
            group: moments
            for group, moments in self._similar.items()
            if self._now() - moments[-1] < SIMILAR_WITHIN
        }
        self._known = {
            slot: key for slot, key in self._known.items() if self._store.get("events", *key)
        }


def _reference(obj: Obj, field: str) -> Obj:
    """What an event says of the object that it is about."""
    meta = obj["metadata"]
    found = {
        "kind": obj["kind"],
        "namespace": meta.get("namespace", ""),
        "name": meta["name"],
        "uid": meta["uid"],
        "apiVersion": obj["apiVersion"],
        "resourceVersion": meta.get("resourceVersion", ""),
        "fieldPath": field,
    }
    return {key: value for key, value in found.items() if value}
