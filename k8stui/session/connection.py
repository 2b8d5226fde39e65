"""One cluster as one user: the transport, and what holds for every namespace of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

import msgspec

from k8stui.actions.audit import Who
from k8stui.actions.desk import Desk
from k8stui.actions.gate import READ_ONLY
from k8stui.cluster.backoff import Backoff, Recovery
from k8stui.cluster.credential import Terminal
from k8stui.cluster.credentials import credentials_for
from k8stui.cluster.discovery import discover
from k8stui.cluster.target import Target
from k8stui.cluster.transport import Transport
from k8stui.errors import K8sTuiError, LoginFailed
from k8stui.paths import state_directory
from k8stui.resources.kinds import ResourceType, TypedKind
from k8stui.resources.registry import TYPED
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)


_DISCOVERY_SECONDS = 300.0
_LOGIN_RETRY_SECONDS = 15.0


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class Connection:
    """Owns the transport and every task that uses it; closing it ends them all.

    Args:
        read_only: Why nothing may be written, empty where it may.
    """

    def __init__(
        self,
        target: Target,
        environ: Mapping[str, str],
        request_timeout: float | None = None,
        terminal: Terminal | None = None,
        *,
        read_only: str = READ_ONLY,
    ) -> None:
        self.target = target
        self.recovery = Recovery()
        self.server_version = ""
        self.failure: K8sTuiError | None = None
        """Why the cluster never answered so far, None once it did."""
        credentials = credentials_for(target, environ=environ, terminal=terminal)
        self.transport = Transport(
            target, credentials, environ, request_timeout, writes=not read_only
        )
        # Streams that nobody reads fill their buffers: logs get connections of their own.
        self.log_transport = Transport(target, credentials, environ)
        self.actions = Desk(
            self.transport,
            self.kind,
            read_only=read_only,
            who=Who(user_text(target), clean_text(target.context), clean_text(target.server)),
            state=state_directory(environ),
            flags=_kubectl_flags(target),
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._discovery: asyncio.Task[None] | None = None
        self._discovered_at = 0.0
        self._served: tuple[ResourceType, ...] | None = None

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Runs `work` until it ends or the connection is closed; a crash of it is logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s ended", task.get_name(), exc_info=error)

    async def check(self) -> str:
        """The server's version: proof that it can be reached and lets us in.

        Raises:
            ConnectionFailed, LoginFailed, ApiError: it can't, or does not.
        """
        body = await self.transport.get("/version", seconds=10.0)
        try:
            self.server_version = msgspec.json.decode(body, type=_Version).git_version
        except msgspec.MsgspecError:
            self.server_version = ""
        return self.server_version

    async def greet(self) -> None:
        """Asks for the version until the cluster answers; meanwhile `failure` says why not."""
        backoff = Backoff()
        while True:
            try:
                await self.check()
            except K8sTuiError as error:
                self.failure = error
                # A login may open a browser each time.
                slow = isinstance(error, LoginFailed)
                await self.recovery.wait(backoff.delay(_LOGIN_RETRY_SECONDS if slow else 0.0))
            else:
                self.failure = None
                return

    def known_kind(self, key: str) -> ResourceType | None:
        """A typed kind of only one version, which needs no discovery to be found."""
        kind = TYPED.get(key)
        return _first_version(kind) if kind is not None and len(kind.versions) == 1 else None

    async def kind(self, key: str) -> ResourceType | None:
        """The kind that the cluster serves under this key, None where it serves none."""
        known = self.known_kind(key)
        if known is not None:
            return known
        return next((kind for kind in await self.kinds() if kind.key == key), None)

    async def kinds(self) -> tuple[ResourceType, ...]:
        """What the cluster serves; the kinds known by heart where it won't tell.

        Older than five minutes, it is asked again in the background: a kind may be new.
        """
        if self._discovery is None or self._discovery.done():
            loop = asyncio.get_running_loop()
            if self._served is None or loop.time() - self._discovered_at > _DISCOVERY_SECONDS:
                self._discovery = loop.create_task(self._discover(), name="discovery")
        if self._served is None and self._discovery is not None:
            # Who asked may stop waiting; the answer is for all.
            await asyncio.shield(self._discovery)
        return self._served or tuple(_first_version(kind) for kind in TYPED.values())

    async def _discover(self) -> None:
        try:
            self._served = _with_core(await discover(self.transport))
        except K8sTuiError as error:
            logger.warning("discovery failed: %s", error)
        else:
            self._discovered_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Ends every task and closes every connection."""
        ending = [*self._tasks, *([self._discovery] if self._discovery else [])]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self.transport.close()
        await self.log_transport.close()


def user_text(target: Target) -> str:
    """Who acts, clean: the kubeconfig's user, and whom it impersonates."""
    user = clean_text(target.user)
    return f"{user} as {clean_text(who)}" if (who := target.impersonation.user) else user


def _kubectl_flags(target: Target) -> tuple[str, ...]:
    """The flags with which kubectl acts on the same cluster as the same user."""
    flags = [f"--context={target.context}"] if target.context else []
    who = target.impersonation
    flags += [f"--as={who.user}"] if who.user else []
    flags += [f"--as-group={group}" for group in who.groups]
    flags += [f"--as-uid={who.uid}"] if who.uid else []
    return tuple(flags)


def _with_core(served: tuple[ResourceType, ...]) -> tuple[ResourceType, ...]:
    """Every cluster has the core group: where it is not told, what is known of it by heart."""
    if any(not kind.group for kind in served):
        return served
    return (*(_first_version(kind) for kind in TYPED.values() if not kind.group), *served)


def _first_version(kind: TypedKind) -> ResourceType:
    return ResourceType(
        group=kind.group,
        version=kind.versions[0],
        plural=kind.plural,
        kind=kind.kind,
        namespaced=kind.namespaced,
        singular=kind.kind.lower(),
        verbs=("list", "watch", "get"),
    )
