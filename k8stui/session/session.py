"""The clusters of the kubeconfig, and which of them is open."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from k8stui.actions.gate import why_read_only
from k8stui.cluster.credential import Terminal
from k8stui.cluster.kubeconfig import KubeConfig
from k8stui.cluster.target import Overrides, Target, resolve_target
from k8stui.errors import K8sTuiError
from k8stui.paths import state_directory
from k8stui.session.connection import Connection
from k8stui.session.recent import Recent
from k8stui.session.scope import Scope
from k8stui.viewmodels.live import ContextChoice


class Session:
    """Opens contexts and namespaces; see `viewmodels.live.Clusters`.

    Args:
        overrides: The command line's flags, which hold for every context that is opened.
        read_only_contexts: Patterns of the contexts in which nothing may be written.
    """

    def __init__(
        self,
        config: KubeConfig,
        overrides: Overrides,
        environ: Mapping[str, str],
        *,
        selector: str = "",
        all_namespaces: bool = False,
        read_only: bool = False,
        read_only_contexts: Sequence[str] = (),
        request_timeout: float | None = None,
        demo: bool = False,
        log_hold_back: float = 0.5,
    ) -> None:
        self.terminal: Terminal | None = None
        self._config = config
        self._overrides = overrides
        self._environ = environ
        self._selector = selector
        self._all_namespaces = all_namespaces
        self._read_only = read_only
        self._read_only_contexts = read_only_contexts
        self._request_timeout = request_timeout
        self._demo = demo
        self._log_hold_back = log_hold_back
        self._recent = Recent(state_directory(environ) / "recent.json")
        self._connections: list[Connection] = []
        self._scopes: dict[Connection, int] = {}
        self._present: Connection | None = None
        self._failure: K8sTuiError | None = None

    def contexts(self) -> Sequence[ContextChoice]:
        recent = {name: place for place, name in enumerate(self._recent.contexts())}
        choices = [
            ContextChoice(name, spec.cluster, spec.namespace or "default", spec.user)
            for name, spec in self._config.contexts.items()
        ]
        return sorted(choices, key=lambda each: (recent.get(each.name, len(recent)), each.name))

    def recent_namespaces(self, context: str) -> Sequence[str]:
        return self._recent.namespaces(context)

    def target(self, context: str | None = None) -> Target:
        """Where a context leads.

        Raises:
            UsageError, LoginFailed: the kubeconfig does not allow it.
        """
        overrides = self._overrides
        if context is not None:
            # The namespace flag was meant for the context of the command line.
            namespace = overrides.namespace if context == overrides.context else ""
            overrides = msgspec.structs.replace(overrides, context=context, namespace=namespace)
        return resolve_target(self._config, overrides, self._environ)

    async def open(self, context: str | None, namespace: str | None) -> Scope:
        connection = self._present
        if connection is not None and context in (None, connection.target.context):
            name = connection.target.namespace if namespace is None else namespace
        else:
            connection = self._present = await self._connect(context)
            fallback = "" if self._all_namespaces else connection.target.namespace
            name = fallback if namespace is None else namespace
        self._recent.used(connection.target.context, name)
        scope = self._scope(connection, name)
        for left in [each for each in self._connections if not self._scopes.get(each)]:
            await self._drop(left)
        return scope

    async def open_beside(self, context: str, namespace: str) -> Scope:
        return self._scope(await self._connect(context), namespace)

    async def _connect(self, context: str | None) -> Connection:
        target = await asyncio.to_thread(self.target, context)
        connection = Connection(
            target,
            self._environ,
            self._request_timeout,
            self.terminal,
            read_only=self.why_read_only(target.context),
        )
        connection.spawn(connection.greet(), "version")
        self._connections.append(connection)
        return connection

    def _scope(self, connection: Connection, name: str) -> Scope:
        self._scopes[connection] = self._scopes.get(connection, 0) + 1
        return Scope(
            connection,
            name,
            self._selector,
            demo=self._demo,
            released=self._released,
            log_hold_back=self._log_hold_back,
        )

    def why_read_only(self, context: str) -> str:
        """Why nothing may be written in this context, empty where it may."""
        return why_read_only(context, self._read_only_contexts, everywhere=self._read_only)

    async def _released(self, connection: Connection) -> None:
        """Closes a connection that was left for another one when its last scope is closed."""
        self._scopes[connection] -= 1
        if not self._scopes[connection] and connection is not self._present:
            await self._drop(connection)

    async def _drop(self, connection: Connection) -> None:
        self._scopes.pop(connection, None)
        if connection in self._connections:
            self._connections.remove(connection)
        await connection.close()

    @property
    def failure(self) -> K8sTuiError | None:
        """Why the last cluster never answered, None where it did; known after closing, too."""
        return self._present.failure if self._present else self._failure

    async def close(self) -> None:
        """Closes everything."""
        self._failure = self.failure
        for connection in list(self._connections):
            await connection.close()
        self._connections.clear()
        self._present = None
