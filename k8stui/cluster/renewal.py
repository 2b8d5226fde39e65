"""Credentials that are asked for, kept until they expire and asked for again after a 401."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Protocol

from k8stui.cluster.credential import ClientCertificate, Credential
from k8stui.cluster.masked import Masked
from k8stui.errors import LoginFailed

_LEAST_SECONDS = 10.0
"""A grant is used this long even if it says that it is over: this machine's clock may be wrong."""
_PAUSE_SECONDS = 3.0
"""After a failure nobody is asked again within this time, however many requests wait."""


class Grant(Masked, frozen=True):
    """What a login gave."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"authorization"})

    authorization: str | None
    certificate: ClientCertificate | None = None
    expires: float | None = None
    """Epoch seconds from when on it is not to be used; None for as long as it is accepted."""


class Login(Protocol):
    """Someone to ask for a grant: a plugin, an identity provider."""

    async def fetch(self) -> Grant:
        """A new grant.

        Raises:
            LoginFailed: none can be had.
        """
        ...


class RenewedCredentials:
    """Asks a login at most once at a time, and shares its answer or failure among all who wait."""

    def __init__(self, login: Login, clock: Callable[[], float] = time.time) -> None:
        self.login = login
        self._clock = clock
        self._lock = asyncio.Lock()
        self._attempts = 0
        self._current: Credential | None = None
        self._use_until: float | None = None
        self._failure: LoginFailed | None = None
        self._failed_at = 0.0

    async def get(self) -> Credential:
        """As `Credentials.get`."""
        if self._current is not None and not self._expired():
            return self._current
        return await self._renew()

    async def refresh(self, generation: int) -> Credential:
        """As `Credentials.refresh`."""
        if self._current is not None and self._current.generation != generation:
            return await self.get()
        return await self._renew()

    def _expired(self) -> bool:
        return self._use_until is not None and self._clock() >= self._use_until

    async def _renew(self) -> Credential:
        attempts = self._attempts
        async with self._lock:
            waited = self._attempts != attempts
            if self._failure is not None:
                if waited or 0 <= self._clock() - self._failed_at < _PAUSE_SECONDS:
                    raise LoginFailed(self._failure.message, self._failure.hint)
            elif waited and self._current is not None:
                return self._current
            return await self._ask()

    async def _ask(self) -> Credential:
        try:
            grant = await self.login.fetch()
        except LoginFailed as error:
            self._failure, self._failed_at = error, self._clock()
            self._attempts += 1
            raise
        self._failure = None
        self._attempts += 1
        generation = self._current.generation + 1 if self._current else 1
        self._current = Credential(grant.authorization, grant.certificate, generation)
        self._use_until = (
            max(grant.expires, self._clock() + _LEAST_SECONDS)
            if grant.expires is not None
            else None
        )
        return self._current
