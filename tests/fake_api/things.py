"""A kind for tests, where it is collected, and waits that a test ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Iterable

import msgspec

from k8stui.cluster.backoff import Recovery
from k8stui.cluster.codec import TypedCodec
from k8stui.cluster.credential import Credential
from k8stui.cluster.kubeconfig_spec import UserSpec
from k8stui.cluster.target import Target, Tls
from k8stui.cluster.transport import Transport
from k8stui.resources.phase import Phase, Syncing
from k8stui.resources.record import Record
from k8stui.resources.wire import ObjectMeta, head

from .api import LIMIT, FakeApi

PATH = "/api/v1/things"


class Thing(Record, frozen=True, gc=False, kw_only=True, weakref=False):
    """The record of a thing."""

    size: int = 0


class _Wire(msgspec.Struct):
    metadata: ObjectMeta
    size: int = 0


def decode_thing(raw: bytes) -> Thing:
    wire = msgspec.json.decode(raw, type=_Wire)
    if wire.size < 0:
        raise ZeroDivisionError("a fault in a reader")
    return Thing(size=wire.size, **head(wire.metadata))


CODEC = TypedCodec(decode_thing)


def thing(name: str, version: int | str, size: int = 0, **more: object) -> dict[str, object]:
    """A thing as the API writes it; its uid is `uid-NAME`."""
    meta = {
        "name": name,
        "namespace": "default",
        "uid": f"uid-{name}",
        "resourceVersion": str(version),
    }
    return {"kind": "Thing", "apiVersion": "v1", "metadata": meta, "size": size, **more}


def bookmark(version: int | str) -> dict[str, object]:
    return {
        "kind": "Thing",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": str(version), "creationTimestamp": None},
    }


def page(
    *items: object, version: int | str = 10, token: str = "", remaining: int | None = None
) -> dict[str, object]:
    """A page of a list."""
    meta: dict[str, object] = {"resourceVersion": str(version)}
    if token:
        meta["continue"] = token
    if remaining is not None:
        meta["remainingItemCount"] = remaining
    return {"kind": "ThingList", "apiVersion": "v1", "metadata": meta, "items": list(items)}


class Shelf:
    """A sink that keeps what it is told, and everything that it showed on the way."""

    def __init__(self) -> None:
        self.rows: dict[str, Thing] = {}
        self.phases: list[Phase] = []
        self.shown: list[tuple[str, ...]] = []
        self.upserts: list[str] = []
        self._news = asyncio.Event()

    @property
    def names(self) -> str:
        """The names of the rows, with their size where it is not 0: `a b=2`."""
        rows = sorted(self.rows.values(), key=lambda row: row.name)
        return " ".join(f"{row.name}={row.size}" if row.size else row.name for row in rows)

    @property
    def phase(self) -> Phase:
        return self.phases[-1] if self.phases else Syncing()

    def upsert(self, records: Iterable[Thing]) -> None:
        for record in records:
            self.rows[record.uid] = record
            self.upserts.append(record.name)
        self._told()

    def remove(self, uids: Iterable[str], _last: object = None) -> None:
        for uid in list(uids):
            self.rows.pop(uid, None)
        self._told()

    def keep_only(self, uids: Container[str]) -> None:
        self.remove([uid for uid in self.rows if uid not in uids])

    def resource_version(self, uid: str) -> str | None:
        return self.rows[uid].resource_version if uid in self.rows else None

    def set_phase(self, phase: Phase) -> None:
        if not self.phases or phase != self.phases[-1]:
            self.phases.append(phase)
        self._told()

    def _told(self) -> None:
        self._news.set()

    async def until(self, true: Callable[[], object]) -> None:
        """Waits until something holds; it is looked at after each change."""
        async with asyncio.timeout(LIMIT):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def shows(self, names: str) -> None:
        await self.until(lambda: self.names == names)

    async def is_in(self, phase: type[Phase]) -> None:
        await self.until(lambda: isinstance(self.phase, phase))


class HeldRecovery(Recovery):
    """Waits end when the test says so, or when the program wakes them."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.woken = 0
        self._began = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self._began.set()
        return await super().wait(1000.0)

    def wake(self) -> None:
        self.woken += 1
        super().wake()

    async def waiting(self, number: int = 1) -> float:
        """Waits until the so many-th wait has begun; returns how long it is to be."""
        async with asyncio.timeout(LIMIT):
            while len(self.waits) < number:
                self._began.clear()
                await self._began.wait()
        return self.waits[number - 1]

    def go_on(self) -> None:
        """As if the time were over."""
        super().wake()


class StaticCredentials:
    """The tokens one after the other, a new one for each renewal."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = tokens or ("",)
        self.renewals = 0
        self._place = 0

    def _credential(self) -> Credential:
        token = self.tokens[self._place]
        return Credential(f"Bearer {token}" if token else None, None, self._place)

    async def get(self) -> Credential:
        return self._credential()

    async def refresh(self, generation: int) -> Credential:
        if generation == self._place and self._place + 1 < len(self.tokens):
            self.renewals += 1
            self._place += 1
        return self._credential()


def target_for(server: str, **fields: object) -> Target:
    """A target with nothing special."""
    plain = Target("prod", "eu", server, "default", "u", Tls(), UserSpec("u"))
    return msgspec.structs.replace(plain, **fields)


def transport_for(
    api: FakeApi, *tokens: str, request_timeout: float | None = None, **fields: object
) -> Transport:
    """A transport to the fake server."""
    credentials = StaticCredentials(*tokens)
    return Transport(target_for(api.url, **fields), credentials, {}, request_timeout)
