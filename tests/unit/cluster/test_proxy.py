"""The same servers go through the same proxies as with Go's rules, which kubectl follows."""

from __future__ import annotations

import pytest

from k8stui.cluster.proxy import proxy_for
from k8stui.errors import UsageError

EU = "https://eu.example.com:6443"
PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("server", "environ", "proxy"),
    [
        (EU, {}, None),
        (EU, {"HTTPS_PROXY": PROXY}, PROXY),
        (EU, {"https_proxy": PROXY}, PROXY),
        (EU, {"HTTPS_PROXY": PROXY, "https_proxy": "http://other"}, PROXY),
        (EU, {"HTTPS_PROXY": "", "https_proxy": PROXY}, PROXY),
        (EU, {"HTTPS_PROXY": "proxy:3128"}, PROXY),
        (EU, {"HTTPS_PROXY": "https://bob:pw@proxy"}, "https://bob:pw@proxy"),
        (EU, {"HTTP_PROXY": PROXY, "ALL_PROXY": PROXY}, None),
        (EU, {"HTTPS_PROXY": PROXY, "REQUEST_METHOD": "GET"}, PROXY),
        ("http://eu", {"HTTP_PROXY": PROXY, "HTTPS_PROXY": "http://other"}, PROXY),
        ("https://localhost:6443", {"HTTPS_PROXY": PROXY}, None),
        ("https://127.8.0.1", {"HTTPS_PROXY": PROXY}, None),
        ("https://[::1]:6443", {"HTTPS_PROXY": PROXY}, None),
    ],
)
def test_the_environment_names_the_proxy_by_the_servers_scheme(
    server: str, environ: dict[str, str], proxy: str | None
) -> None:
    assert proxy_for(server, None, environ) == proxy


@pytest.mark.parametrize(
    ("no_proxy", "server", "direct"),
    [
        ("example.com", EU, True),
        ("example.com", "https://example.com", True),
        ("example.com", "https://notexample.com", False),
        ("EXAMPLE.com", "https://Example.COM", True),
        (".example.com", EU, True),
        (".example.com", "https://example.com", False),
        ("*.example.com", EU, True),
        ("*.example.com", "https://example.com", False),
        ("*example.com", EU, False),
        ("example.com:6443", EU, True),
        ("example.com:443", EU, False),
        ("example.com:443", "https://example.com", True),
        ("example.com:80", "http://example.com", True),
        ("other, example.com", EU, True),
        ("other,,*", EU, True),
        (" ", EU, False),
        (":6443", EU, False),
        ("10.0.0.0/8", "https://10.1.2.3:6443", True),
        ("10.0.0.0/8", "https://11.1.2.3:6443", False),
        ("10.0.0.0/33", "https://10.1.2.3:6443", False),
        ("10.1.2.3", "https://10.1.2.3:6443", True),
        ("10.1.2.3:443", "https://10.1.2.3:6443", False),
        ("10.1.2.3:6443", "https://10.1.2.3:6443", True),
        ("2.3", "https://10.1.2.3", False),
        ("fd00::/8", "https://[fd00::1]:6443", True),
        ("fd00::1", "https://[fd00::1]:6443", True),
        ("[fd00::1]:6443", "https://[fd00::1]:6443", True),
        ("[fd00::1]:443", "https://[fd00::1]:6443", False),
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_names_hosts_domains_networks_and_ports(
    variable: str, no_proxy: str, server: str, direct: bool
) -> None:
    environ = {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY, variable: no_proxy}
    assert (proxy_for(server, None, environ) is None) is direct


def test_the_clusters_own_proxy_always_counts() -> None:
    environ = {"HTTPS_PROXY": "http://other", "NO_PROXY": "*"}
    assert proxy_for(EU, PROXY, environ) == PROXY
    assert proxy_for("https://127.0.0.1:6443", PROXY, environ) == PROXY


@pytest.mark.parametrize(
    ("proxy_url", "environ", "problem"),
    [
        (
            "socks5://bob:s3cret@proxy",
            {},
            "proxy-url in the kubeconfig is a SOCKS proxy, which k8stui can't use: "
            "socks5://***@proxy",
        ),
        (None, {"https_proxy": "socks5h://p"}, "https_proxy is a SOCKS proxy"),
        ("proxy:3128", {}, "proxy-url in the kubeconfig is not the URL of an HTTP proxy: proxy"),
        ("http://", {}, "is not the URL of an HTTP proxy"),
        ("http://p:99999999", {}, "is not the URL of an HTTP proxy"),
        (None, {"HTTPS_PROXY": "ftp://p"}, "HTTPS_PROXY is not the URL of an HTTP proxy: ftp://p"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_named_without_its_password(
    proxy_url: str | None, environ: dict[str, str], problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        proxy_for(EU, proxy_url, environ)
    assert problem in caught.value.message
    assert caught.value.hint
    assert "s3cret" not in " ".join(caught.value.lines())


def test_a_proxy_that_is_not_needed_is_not_complained_about() -> None:
    assert proxy_for("https://localhost", None, {"HTTPS_PROXY": "socks5://p"}) is None
