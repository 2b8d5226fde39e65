"""The auth provider `oidc`: an id token, renewed with a refresh token; no file is written."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from ssl import SSLContext
from typing import ClassVar
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec

from k8stui.cluster.credential import ClientCertificate, bearer
from k8stui.cluster.kubeconfig import reread_user
from k8stui.cluster.kubeconfig_spec import UserSpec
from k8stui.cluster.masked import Masked
from k8stui.cluster.proxy import proxy_for
from k8stui.cluster.renewal import Grant, RenewedCredentials
from k8stui.cluster.target import Target
from k8stui.cluster.tls import trusting
from k8stui.cluster.user_check import whose
from k8stui.errors import LoginFailed, UsageError
from k8stui.resources.text import clean_text

_SKEW_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_LONGEST_WORDS = 300
_LOG_IN = "log in anew with the tool that made the kubeconfig"


class _Discovery(msgspec.Struct, frozen=True):
    token_endpoint: str = ""


class _Tokens(Masked, frozen=True):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"id_token", "refresh_token"})

    id_token: str = ""
    refresh_token: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""
    error_description: str = ""


class _Claims(msgspec.Struct, frozen=True):
    exp: float = 0.0


class OidcLogin:
    """Renews the id token of one user at the user's identity provider.

    Args:
        user: The user; its file is looked at again before the provider is asked.
        environ: The environment, for proxies.
        certificate: A client certificate that the user has besides.
        clock: Epoch seconds.

    Raises:
        LoginFailed: the configuration lacks the issuer or the client id.
    """

    def __init__(
        self,
        user: UserSpec,
        environ: Mapping[str, str],
        certificate: ClientCertificate | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._user = user
        self._environ = environ
        self._certificate = certificate
        self._clock = clock
        self._who = whose(user)
        self._given = ""
        self._refresh_token = ""
        self._settings = _settings(user)
        for name in ("idp-issuer-url", "client-id"):
            if not self._settings.get(name):
                raise LoginFailed(f"auth-provider oidc of {self._who} has no {name}")

    async def fetch(self) -> Grant:
        """As `renewal.Login.fetch`: the configured id token while it is good, else a new one.

        Raises:
            LoginFailed: there is no refresh token, or the provider refuses it or can't be asked.
        """
        self._reread()
        configured = self._settings.get("id-token", "").strip()
        if configured and configured != self._given:
            expires = self._expiry(configured)
            if expires > self._clock():
                return self._grant(configured, expires)
        refresh_token = self._refresh_token or self._settings.get("refresh-token", "")
        if not refresh_token:
            raise LoginFailed(
                f"the login of {self._who} is over, and there is no refresh-token to renew it",
                _LOG_IN,
            )
        tokens = await self._renewed(refresh_token)
        if not tokens.id_token:
            raise LoginFailed(
                f"{self._issuer} renewed the login of {self._who} without an id_token",
                "the provider may want the scope openid at login; " + _LOG_IN,
            )
        self._refresh_token = tokens.refresh_token or refresh_token
        return self._grant(tokens.id_token, self._expiry(tokens.id_token))

    def _reread(self) -> None:
        fresh = _settings(reread_user(self._user))
        if fresh.get("refresh-token") != self._settings.get("refresh-token"):
            self._refresh_token = ""
        if fresh.get("idp-issuer-url") == self._issuer and fresh.get("client-id"):
            self._settings = fresh

    def _grant(self, id_token: str, expires: float) -> Grant:
        self._given = id_token
        authorization = bearer(id_token, f"the id token of {self._who}")
        return Grant(authorization, self._certificate, expires)

    @property
    def _issuer(self) -> str:
        return self._settings["idp-issuer-url"]

    def _expiry(self, id_token: str) -> float:
        """When an id token is to be renewed, in epoch seconds."""
        parts = id_token.split(".")
        try:
            padded = parts[1] + "=" * (-len(parts[1]) % 4)
            payload = base64.b64decode(padded, altchars=b"-_", validate=True)
            return msgspec.json.decode(payload, type=_Claims).exp - _SKEW_SECONDS
        except (IndexError, binascii.Error, ValueError, msgspec.DecodeError):
            raise LoginFailed(f"the id token of {self._who} is no JWT", _LOG_IN) from None

    def _trust(self) -> SSLContext:
        path = self._settings.get("idp-certificate-authority", "")
        data = self._settings.get("idp-certificate-authority-data", "")
        where = f"of auth-provider oidc of {self._who}"
        try:
            if data:
                pem = base64.b64decode(data).decode()
                return trusting(pem, f"idp-certificate-authority-data {where}")
            pem = Path(path).read_text(encoding="utf-8") if path else ""
            return trusting(pem if path else None, f"idp-certificate-authority {where} ({path})")
        except OSError as error:
            problem = f"idp-certificate-authority {where} can't be read: {error.strerror}"
            raise LoginFailed(problem) from None
        except ValueError:
            problem = f"idp-certificate-authority-data {where} is not valid base64"
            raise LoginFailed(problem) from None

    async def _renewed(self, refresh_token: str) -> _Tokens:
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        try:
            connector = aiohttp.TCPConnector(ssl=await asyncio.to_thread(self._trust))
            async with aiohttp.ClientSession(
                connector=connector, timeout=timeout, trust_env=False
            ) as session:
                endpoint = await self._token_endpoint(session)
                return await self._ask(session, endpoint, refresh_token)
        except UsageError as error:
            raise LoginFailed(error.message, error.hint) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise LoginFailed(f"{self._issuer} answered with something else than JSON") from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            reason = clean_text(str(error)) or "it did not answer in time"
            raise LoginFailed(
                f"{self._issuer}, which renews the login of {self._who}, can't be asked: {reason}"
            ) from None

    async def _token_endpoint(self, session: aiohttp.ClientSession) -> str:
        self._check_private(self._issuer)
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        async with session.get(url, proxy=self._proxy(url), allow_redirects=False) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise LoginFailed(f"{url} answered with HTTP status {answer.status}")
        endpoint = msgspec.json.decode(body, type=_Discovery).token_endpoint
        if not endpoint:
            raise LoginFailed(f"{url} names no token_endpoint")
        self._check_private(endpoint)
        return endpoint

    async def _ask(
        self, session: aiohttp.ClientSession, endpoint: str, refresh_token: str
    ) -> _Tokens:
        """The provider's new tokens.

        Providers differ in where they want the client's secret: first it is sent as RFC 6749
        prefers, in the header, then in the body.
        """
        client, secret = self._settings["client-id"], self._settings.get("client-secret", "")
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        tries: list[tuple[dict[str, str], dict[str, str]]] = [({**form, "client_id": client}, {})]
        if secret:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()
            basic = f"Basic {base64.b64encode(pair).decode()}"
            tries = [
                (form, {"Authorization": basic}),
                ({**form, "client_id": client, "client_secret": secret}, {}),
            ]
        refusal = _Refusal()
        for data, headers in tries:
            async with session.post(
                endpoint,
                data=data,
                headers={"Accept": "application/json", **headers},
                proxy=self._proxy(endpoint),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
                status = answer.status
            if status == 200:
                return msgspec.json.decode(body, type=_Tokens)
            refusal = _refusal(body, status)
            if status not in (400, 401) or refusal.error == "invalid_grant":
                break
        words = ": ".join(text for text in (refusal.error, refusal.error_description) if text)
        raise LoginFailed(
            f"{self._issuer} does not renew the login of {self._who}: "
            f"{clean_text(words[:_LONGEST_WORDS])}",
            _LOG_IN,
        )

    def _proxy(self, url: str) -> str | None:
        return proxy_for(url, None, self._environ)

    def _check_private(self, url: str) -> None:
        """Refuses to send a refresh token where others can read it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(host)):
            return
        raise LoginFailed(
            f"the identity provider of {self._who} is not reached by https: {clean_text(url)}"
        )


def oidc_credentials(
    target: Target, environ: Mapping[str, str], certificate: ClientCertificate | None
) -> RenewedCredentials:
    """The credentials of the target's user: one and the same for all who ask in this process.

    Raises:
        LoginFailed: the user's configuration lacks the issuer or the client id.
    """
    key = (target.server, target.user_spec)
    if key not in _logins:
        _logins[key] = RenewedCredentials(OidcLogin(target.user_spec, environ, certificate))
    return _logins[key]


_logins: dict[tuple[str, UserSpec], RenewedCredentials] = {}


def _settings(user: UserSpec) -> dict[str, str]:
    return dict(user.auth_provider.config) if user.auth_provider else {}


def _refusal(body: bytes, status: int) -> _Refusal:
    try:
        refusal = msgspec.json.decode(body, type=_Refusal)
    except (msgspec.DecodeError, UnicodeDecodeError):
        refusal = _Refusal()
    return refusal if refusal.error else _Refusal(f"HTTP status {status}")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
