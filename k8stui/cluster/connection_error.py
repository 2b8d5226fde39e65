"""Why a cluster could not be reached, in a sentence for a person, without a secret in it."""

from __future__ import annotations

import errno
import os
import socket
import ssl

import aiohttp
from yarl import URL

from k8stui.cluster.target import Target
from k8stui.errors import ConnectionFailed
from k8stui.resources.text import clean_text

_REACH_HINT = "is the cluster up, and the VPN or proxy to it?"
_PROXY_HINT = "check proxy-url in the kubeconfig, HTTPS_PROXY and NO_PROXY"


def connection_failed(
    error: BaseException, target: Target, proxy: str | None, seconds: float | None
) -> ConnectionFailed:
    """The sentence for an error of the HTTP client.

    Args:
        error: What was raised; raise the result `from None`, for its texts may hold headers.
        proxy: The proxy's URL, if one is used.
        seconds: The limit that was set, None where there was none.
    """
    server = clean_text(target.server)
    cluster = clean_text(target.cluster)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return ConnectionFailed(
            f"{server} shows a certificate that can't be trusted: {reason_of(error)}",
            f"check certificate-authority and tls-server-name of cluster {cluster} "
            "in the kubeconfig",
        )
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ConnectionFailed(
            f"the proxy {_without_login(proxy)} refused to connect to {server}: "
            f"{error.status} {clean_text(error.message)}",
            _PROXY_HINT,
        )
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ConnectionFailed(
            f"can't reach the proxy {_without_login(proxy)}: {reason_of(error)}", _PROXY_HINT
        )
    if isinstance(error, TimeoutError):
        within = f" within {seconds:g} s" if seconds else " in time"
        return ConnectionFailed(f"{server} did not answer{within}", _REACH_HINT)
    if isinstance(error, aiohttp.ClientConnectorError):
        return ConnectionFailed(f"can't reach {server}: {reason_of(error)}", _REACH_HINT)
    if isinstance(error, ValueError):
        return ConnectionFailed(f"can't send a request to {server}: {reason_of(error)}")
    return ConnectionFailed(f"the connection to {server} was lost: {reason_of(error)}")


def _without_login(url: str | None) -> str:
    return clean_text(str(URL(url).with_user(None))) if url else ""


def reason_of(error: BaseException) -> str:
    """The operating system's or library's words for what went wrong, on one line."""
    inner = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    if isinstance(inner, ssl.SSLCertVerificationError):
        return clean_text(inner.verify_message or str(inner))
    if isinstance(inner, ssl.SSLError) and inner.reason:
        return clean_text(inner.reason.replace("_", " ").lower())
    if isinstance(inner, OSError) and inner.strerror:
        # asyncio puts words of its own there; the names of resolvers' errors are not in errno.
        code = -1 if isinstance(inner, socket.gaierror) else inner.errno or -1
        return clean_text(os.strerror(code) if code in errno.errorcode else inner.strerror)
    text = str(inner) or type(inner).__name__
    return clean_text(" ".join(text.split()))
