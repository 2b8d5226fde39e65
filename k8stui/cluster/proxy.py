"""Whether a server is reached through a proxy: the rules of Go's `httpproxy` and of client-go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from k8stui.errors import UsageError
from k8stui.resources.text import clean_text

Address = IPv4Address | IPv6Address

_PORTS = {"http": "80", "https": "443"}
_HOST_AND_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<host>[^:]*)):(?P<port>[^:]*)")


def proxy_for(server_url: str, proxy_url: str | None, environ: Mapping[str, str]) -> str | None:
    """The URL of the proxy for a server, or None to connect directly.

    The cluster's own proxy-url always counts. Else it is HTTPS_PROXY or HTTP_PROXY, in upper or
    lower case and by the server's scheme, unless NO_PROXY names the server or it is this machine.

    Raises:
        UsageError: the proxy is no URL, or of a kind that can't be used.
    """
    if proxy_url:
        return _checked(proxy_url, "proxy-url in the kubeconfig")
    server = urlsplit(server_url)
    variable = "HTTPS_PROXY" if server.scheme == "https" else "HTTP_PROXY"
    name, value = _first(environ, variable)
    if not value or not _goes_through_proxy(server, _first(environ, "NO_PROXY")[1]):
        return None
    if "://" not in value:
        value = f"http://{value}"
    return _checked(value, name)


def _first(environ: Mapping[str, str], variable: str) -> tuple[str, str]:
    for name in (variable, variable.lower()):
        if value := environ.get(name, ""):
            return name, value
    return variable, ""


def _checked(url: str, where: str) -> str:
    shown = clean_text(re.sub(r"//[^/]*@", "//***@", url))
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme in ("socks5", "socks5h", "socks4", "socks"):
        raise UsageError(
            f"{where} is a SOCKS proxy, which k8stui can't use: {shown}",
            "name an HTTP proxy there, put one in front of it (such as privoxy), "
            "or forward the API server's port with ssh -L",
        )
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise UsageError(f"{where} is not the URL of an HTTP proxy: {shown}", _EXAMPLE)
    return url


_EXAMPLE = "it looks like http://proxy:3128"


def _goes_through_proxy(server: SplitResult, no_proxy: str) -> bool:
    host = (server.hostname or "").lower()
    port = str(server.port or _PORTS.get(server.scheme, ""))
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return False
    entries = [entry.strip().lower() for entry in no_proxy.split(",")]
    return "*" not in entries and not any(
        _names(entry, host, port, address) for entry in entries if entry
    )


def _names(entry: str, host: str, port: str, address: Address | None) -> bool:
    """Whether an entry of NO_PROXY (network, address, domain; with a port or not) is this host."""
    if "/" in entry:
        try:
            network = ip_network(entry, strict=False)
        except ValueError:
            pass
        else:
            return address is not None and address in network
    wanted_host, wanted_port = entry, ""
    if match := _HOST_AND_PORT.fullmatch(entry):
        wanted_host = match["v6"] if match["v6"] is not None else match["host"]
        wanted_port = match["port"]
    if not wanted_host or (wanted_port and wanted_port != port):
        return False
    if (wanted := _address(wanted_host)) is not None:
        return address == wanted
    if address is not None:
        return False
    suffix = wanted_host[1:] if wanted_host.startswith("*.") else wanted_host
    if suffix.startswith("."):
        return host.endswith(suffix)
    return host == suffix or host.endswith(f".{suffix}")


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
