"""Credentials from a program, by the protocol of exec credential plugins (ExecCredential)."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import ClassVar, NamedTuple

import msgspec

from k8stui.cluster.credential import ClientCertificate, Terminal, bearer
from k8stui.cluster.kubeconfig_spec import ExecSpec
from k8stui.cluster.masked import Masked
from k8stui.cluster.renewal import Grant, RenewedCredentials
from k8stui.cluster.target import Target, Tls
from k8stui.cluster.user_check import whose
from k8stui.errors import LoginFailed
from k8stui.resources.text import clean_lines, clean_text

logger = logging.getLogger(__name__)

EXEC_INFO = "KUBERNETES_EXEC_INFO"

_SECONDS = 60.0
"""How long a plugin may take; one that needs longer waits for a person it can't ask."""
_SKEW_SECONDS = 60.0
_SKEW_SHARE = 0.1
_LAST_LINES = 3
_LONGEST_LINE = 300


class _Status(Masked, frozen=True, rename="camel"):
    secret_fields: ClassVar[frozenset[str]] = frozenset(
        {"token", "client_certificate_data", "client_key_data"}
    )

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: str | None = None


class _ExecCredential(msgspec.Struct, frozen=True, rename="camel"):
    kind: str = ""
    api_version: str = ""
    status: _Status | None = None


_decoder = msgspec.json.Decoder(_ExecCredential)


class _Failure(NamedTuple):
    """A plugin that ran and did not succeed."""

    exit_code: int
    last_words: str


class ExecPlugin:
    """Runs one user's plugin for one cluster; the target must have passed `check_user`."""

    def __init__(
        self, target: Target, spec: ExecSpec, environ: Mapping[str, str], terminal: Terminal | None
    ) -> None:
        self.environ = environ
        self.terminal = terminal
        self._spec = spec
        self._who = whose(target.user_spec)
        self._name = clean_text(os.path.basename(spec.command))
        self._cluster = _cluster_info(target) if spec.provide_cluster_info else None
        self._asked_in_vain = False

    async def fetch(self) -> Grant:
        """As `renewal.Login.fetch`: a token, a client certificate or both.

        Raises:
            LoginFailed: the plugin can't be found or started, fails, takes longer than a minute
                or prints something else than the credential that it is configured for.
        """
        program = self._program()
        if self._spec.interactive_mode == "Always":
            if self.terminal is None:
                raise LoginFailed(
                    f"{self._name}, the login program of {self._who}, has to ask you something",
                    "log in with it or with kubectl first, then try again",
                )
            return self._grant(await self._run_in_terminal(program, self.terminal))
        result = await self._run(program)
        if isinstance(result, bytes):
            self._asked_in_vain = False
            return self._grant(result)
        if (
            self._spec.interactive_mode == "IfAvailable"
            and self.terminal is not None
            and not self._asked_in_vain
        ):
            logger.info("%s failed without a terminal and is run in one", self._name)
            # One that fails here too must not take the screen away with every retry.
            self._asked_in_vain = True
            grant = self._grant(await self._run_in_terminal(program, self.terminal))
            self._asked_in_vain = False
            return grant
        words = f": {result.last_words}" if result.last_words else " without a word"
        raise self._failed(f"failed with exit code {result.exit_code}{words}")

    def _program(self) -> str:
        command = self._spec.command
        found = shutil.which(command, path=self.environ.get("PATH"))
        if found is not None:
            return found
        hint = " ".join(clean_lines(self._spec.install_hint.strip()))
        there = "/" in command and os.path.exists(command)
        problem = "can't be executed" if there else "is not there"
        raise LoginFailed(
            f"{clean_text(command)}, the login program of {self._who}, {problem}",
            hint or "install it, or put its directory on PATH",
        )

    async def _run_in_terminal(self, program: str, terminal: Terminal) -> bytes:
        return await terminal.run([program, *self._spec.args], self._environment(True))

    async def _run(self, program: str) -> bytes | _Failure:
        try:
            process = await self._started(program)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or "bad arguments"
            raise self._failed(f"can't be started: {reason}") from None
        finished = False
        try:
            async with asyncio.timeout(_SECONDS):
                stdout, stderr = await process.communicate()
            finished = True
        except TimeoutError:
            raise self._failed(f"did not finish within {_SECONDS:g} s") from None
        finally:
            if not finished:
                await _end(process)
        if process.returncode == 0:
            return stdout
        return _Failure(process.returncode or 0, _last_words(stderr))

    async def _started(self, program: str) -> asyncio.subprocess.Process:
        """The plugin's process; who is cancelled while it starts leaves none behind."""
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                program,
                *self._spec.args,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(False),
                # Without a controlling terminal it can't write on the screen by way of /dev/tty.
                start_new_session=True,
            )
        )
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with suppress(OSError, ValueError):
                await _end(await starting)
            raise

    def _environment(self, interactive: bool) -> dict[str, str]:
        spec: dict[str, object] = {"interactive": interactive}
        if self._cluster is not None:
            spec["cluster"] = self._cluster
        info = {"kind": "ExecCredential", "apiVersion": self._spec.api_version, "spec": spec}
        return {
            **self.environ,
            **dict(self._spec.env),
            EXEC_INFO: msgspec.json.encode(info).decode(),
        }

    def _grant(self, output: bytes) -> Grant:
        try:
            credential = _decoder.decode(output)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            wrong = clean_text(str(error)) if isinstance(error, msgspec.ValidationError) else ""
            raise self._failed(
                f"printed something else than an ExecCredential{f' ({wrong})' if wrong else ''}"
                if output.strip()
                else "printed no credential"
            ) from None
        if credential.kind != "ExecCredential":
            raise self._failed("printed something else than an ExecCredential")
        if credential.api_version != self._spec.api_version:
            raise self._failed(
                f"answers with apiVersion {clean_text(credential.api_version) or 'none'}, and "
                f"the kubeconfig asks for {self._spec.api_version}"
            )
        status = credential.status
        if status is None:
            raise self._failed("printed an ExecCredential without a status")
        if bool(status.client_certificate_data) != bool(status.client_key_data):
            raise self._failed("gave a client certificate without its key, or the other way round")
        if not status.token and not status.client_certificate_data:
            raise self._failed("gave neither a token nor a client certificate")
        return Grant(
            bearer(status.token, f"the token from {self._name}") if status.token else None,
            self._certificate(status),
            self._use_until(status.expiration_timestamp),
        )

    def _certificate(self, status: _Status) -> ClientCertificate | None:
        if not status.client_certificate_data or not status.client_key_data:
            return None
        source = f"client certificate from {self._name}, the login program of {self._who}"
        return ClientCertificate(status.client_certificate_data, status.client_key_data, source)

    def _use_until(self, expiration: str | None) -> float | None:
        """Some time before the end, so that no request is on its way when it comes."""
        if not expiration:
            return None
        try:
            moment = datetime.fromisoformat(expiration)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self._failed(
                f"gave an expirationTimestamp that is no time: {clean_text(expiration[:40])}"
            )
        end = moment.timestamp()
        return end - min(_SKEW_SECONDS, max(end - time.time(), 0.0) * _SKEW_SHARE)

    def _failed(self, what: str) -> LoginFailed:
        return LoginFailed(
            f"{self._name}, the login program of {self._who}, {what}",
            "try the same with kubectl, or log in anew with the program itself",
        )


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends a plugin with everything that it started and that still holds its output open."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in clean_lines(stderr.decode(errors="replace"))]
    return "; ".join(line[:_LONGEST_LINE] for line in [li for li in lines if li][-_LAST_LINES:])


def _cluster_info(target: Target) -> dict[str, object]:
    """`spec.cluster` of an ExecCredential: how this program connects, without what is not set."""
    ca_data = target.tls.ca_data
    info: dict[str, object] = {
        "tls-server-name": target.tls.server_name,
        "insecure-skip-tls-verify": target.tls.insecure,
        "certificate-authority-data": base64.b64encode(ca_data.encode()).decode()
        if ca_data
        else None,
        "proxy-url": target.proxy_url,
        "disable-compression": target.disable_compression,
        "config": msgspec.Raw(target.exec_config.encode()) if target.exec_config else None,
    }
    return {"server": target.server} | {name: value for name, value in info.items() if value}


_plugins: dict[tuple[ExecSpec, str, Tls, str], RenewedCredentials] = {}


def exec_credentials(
    target: Target, spec: ExecSpec, environ: Mapping[str, str], terminal: Terminal | None
) -> RenewedCredentials:
    """The plugin's credentials for a target: one and the same for all who ask in this process.

    Args:
        target: The cluster and the user.
        spec: The user's `exec`.
        environ: The environment to run the plugin in; the newest one is used.
        terminal: Where a plugin that asks a person runs; the newest one is used.
    """
    key = (spec, target.server, target.tls, target.exec_config)
    if known := _plugins.get(key):
        if isinstance(known.login, ExecPlugin):
            known.login.environ = environ
            known.login.terminal = terminal or known.login.terminal
        return known
    made = RenewedCredentials(ExecPlugin(target, spec, environ, terminal))
    return _plugins.setdefault(key, made)
