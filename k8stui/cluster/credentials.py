"""Chooses how a target's user proves who it is, in client-go's order."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from k8stui.cluster.credential import (
    ClientCertificate,
    Credential,
    Credentials,
    Terminal,
    bearer,
)
from k8stui.cluster.exec_plugin import exec_credentials
from k8stui.cluster.kubeconfig import reread_user
from k8stui.cluster.kubeconfig_spec import UserSpec
from k8stui.cluster.oidc import oidc_credentials
from k8stui.cluster.target import Target
from k8stui.cluster.user_check import check_user, whose
from k8stui.errors import LoginFailed, UsageError
from k8stui.resources.text import clean_text

logger = logging.getLogger(__name__)

_REREAD_SECONDS = 60.0

_REPLACEMENTS = {
    "gcp": "install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`",
    "azure": "install kubelogin and run `kubelogin convert-kubeconfig`",
}


def credentials_for(
    target: Target, *, environ: Mapping[str, str], terminal: Terminal | None = None
) -> Credentials:
    """The credentials of the target's user.

    A token, a password or a client certificate goes before an exec plugin, and a token or
    password before an auth provider. Over plain HTTP nothing is sent, as by kubectl.

    Args:
        target: The cluster and the user.
        environ: The environment, for plugins and proxies.
        terminal: Where a plugin runs that has to ask a person, None if there is none.

    Raises:
        LoginFailed: the user's way to log in is not supported, or lacks a setting.
    """
    user = target.user_spec
    if not target.server.startswith("https:"):
        return KubeconfigCredentials(UserSpec(user.name, origin=user.origin), plain_http=True)
    inline = user.token or user.token_file or user.username
    certificate = user.client_certificate or user.client_certificate_data
    if user.auth_provider and not inline:
        if user.auth_provider.name == "oidc":
            return oidc_credentials(target, environ, client_certificate(user))
        raise _unsupported(user)
    if user.exec and not inline and not certificate:
        return exec_credentials(target, user.exec, environ, terminal)
    return KubeconfigCredentials(user)


def _unsupported(user: UserSpec) -> LoginFailed:
    name = clean_text(user.auth_provider.name) if user.auth_provider else ""
    return LoginFailed(
        f"{whose(user)} has the auth-provider {name}, which Kubernetes replaced by exec plugins",
        _REPLACEMENTS.get(name, "make the kubeconfig anew with an up-to-date login tool"),
    )


class KubeconfigCredentials:
    """What stands in the kubeconfig, or in files that it names, which are read again each minute.

    Args:
        user: The user as the kubeconfig has it.
        plain_http: The server is not asked by https, so that nothing is sent.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        user: UserSpec,
        plain_http: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._user = user
        self._plain_http = plain_http
        self._clock = clock
        self._current: Credential | None = None
        self._read_at = 0.0
        self._has_files = bool(user.token_file or user.client_certificate or user.client_key)

    async def get(self) -> Credential:
        """As `Credentials.get`; once files were read, it does not matter if they go for a while."""
        if self._current is None:
            return self._read()
        if self._has_files and self._clock() - self._read_at >= _REREAD_SECONDS:
            try:
                return self._read()
            except LoginFailed as error:
                logger.warning("the last credentials are used on: %s", error.message)
                self._read_at = self._clock()
        return self._current

    async def refresh(self, generation: int) -> Credential:
        """As `Credentials.refresh`: succeeds when the files, or the kubeconfig, have changed."""
        if self._current is not None and self._current.generation != generation:
            return self._current
        fresh = reread_user(self._user) if not self._plain_http else self._user
        if _stands_whole(fresh):
            self._user = fresh
        renewed = self._read()
        if renewed.generation == generation:
            raise self._not_accepted(renewed)
        return renewed

    def _read(self) -> Credential:
        authorization, certificate = authorization_of(self._user), client_certificate(self._user)
        self._read_at = self._clock()
        before = self._current
        if before and (before.authorization, before.certificate) == (authorization, certificate):
            return before
        generation = before.generation + 1 if before else 1
        self._current = Credential(authorization, certificate, generation)
        return self._current

    def _not_accepted(self, credential: Credential) -> LoginFailed:
        who = whose(self._user)
        if self._plain_http:
            return LoginFailed(
                "the cluster asks for a login, and none is sent to a server without https",
                "make the server's URL in the kubeconfig begin with https://",
            )
        if self._user.token or self._user.token_file:
            what = "the token"
        elif self._user.username:
            what = "the password"
        elif credential.certificate:
            what = "the client certificate"
        else:
            return LoginFailed(
                f"the cluster asks for a login, and {who} has none"
                if self._user.name
                else "the cluster asks for a login, and the context names no user"
            )
        return LoginFailed(
            f"the cluster does not accept {what} of {who} (it may have expired)",
            "log in anew; k8stui looks at the kubeconfig again by itself",
        )


def _stands_whole(user: UserSpec) -> bool:
    """Whether the kubeconfig holds all that it takes, and neither plugin nor provider is asked."""
    try:
        check_user(user)
    except UsageError:
        return False
    inline = user.token or user.token_file or user.username
    certificate = user.client_certificate or user.client_certificate_data
    return bool(inline or certificate or not (user.exec or user.auth_provider))


def authorization_of(user: UserSpec) -> str | None:
    """The Authorization header that the kubeconfig gives: tokenFile, else token, else password.

    Raises:
        LoginFailed: the token or its file can't be used.
    """
    if user.token_file:
        try:
            return bearer(_text(user.token_file), f"tokenFile {user.token_file} of {whose(user)}")
        except (LoginFailed, OSError) as error:
            if not user.token:  # client-go falls back on it too
                raise _unreadable("tokenFile", user, error) from None
    if user.token:
        return bearer(user.token, f"the token of {whose(user)}")
    if user.username:
        pair = f"{user.username}:{user.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
    return None


def client_certificate(user: UserSpec) -> ClientCertificate | None:
    """The client certificate that the kubeconfig gives; of data and file the data counts.

    Raises:
        LoginFailed: a file can't be read.
    """
    if not (user.client_certificate or user.client_certificate_data):
        return None
    certificate_pem, certificate_field = _data_or_file(
        user, "client-certificate", user.client_certificate_data, user.client_certificate
    )
    key_pem, key_field = _data_or_file(user, "client-key", user.client_key_data, user.client_key)
    source = f"{certificate_field} and {key_field} of {whose(user)}"
    return ClientCertificate(certificate_pem, key_pem, source)


def _data_or_file(user: UserSpec, field: str, data: str, path: str) -> tuple[str, str]:
    """The text, and the name of the field that it comes from."""
    if data:
        return data, f"{field}-data"
    try:
        return _text(path), f"{field} {path}"
    except OSError as error:
        raise _unreadable(field, user, error) from None


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")


def _unreadable(field: str, user: UserSpec, error: Exception) -> LoginFailed:
    if isinstance(error, LoginFailed):
        return error
    path = getattr(error, "filename", "") or ""
    reason = getattr(error, "strerror", "") or "it is no file"
    return LoginFailed(f"{field} {path} of {whose(user)} can't be read: {reason}")


__all__ = [
    "ClientCertificate",
    "Credential",
    "Credentials",
    "KubeconfigCredentials",
    "Terminal",
    "credentials_for",
]
