"""What goes over the wire, what an answer becomes, and that no secret gets out."""

from __future__ import annotations

import asyncio
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from k8stui import __version__
from k8stui.cluster.credential import ClientCertificate, Credential
from k8stui.cluster.target import Impersonation, Tls
from k8stui.cluster.transport import ApiError, Transport
from k8stui.errors import ConnectionFailed, K8sTuiError
from tests.fake_api.api import FakeApi, Frozen, Reply, Stream, status
from tests.fake_api.things import StaticCredentials, target_for, transport_for

from .conftest import Certificates
from .connect_proxy import ConnectProxy

PODS = "/api/v1/pods"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


@pytest.fixture
async def tls_api(certificates: Certificates) -> AsyncIterator[FakeApi]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server.certificate_file, certificates.server.key_file)
    context.load_verify_locations(cadata=certificates.authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    async with FakeApi(context) as api:
        yield api


async def test_who_asks(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login a password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    api.on(PODS, Reply(b"{}", headers={"Set-Cookie": "track=1; Path=/"}), Reply(b"{}"))
    who = Impersonation("ann", "7", ("dev", "ops"), (("scopes", ("a", "b")),))
    transport = transport_for(api, "t1", impersonation=who)
    await transport.get(PODS, [("labelSelector", "app in (a,b),!x"), ("limit", "5")])
    await transport.get(PODS)
    await transport.close()
    first, second = api.requests
    assert first.query == {"labelSelector": "app in (a,b),!x", "limit": "5"}
    assert first.header("Authorization") == ["Bearer t1"]
    assert first.header("User-Agent") == [f"k8stui/{__version__}"]
    assert first.header("Impersonate-User") == ["ann"]
    assert first.header("Impersonate-Uid") == ["7"]
    assert first.header("Impersonate-Group") == ["dev", "ops"]
    assert first.header("Impersonate-Extra-scopes") == ["a", "b"]
    assert first.header("Accept") == ["application/json"]
    assert second.header("Cookie") == []


async def test_without_a_credential_netrc_is_not_asked(
    api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login a password from-netrc\n")
    monkeypatch.setenv("NETRC", str(netrc))
    api.on(PODS, Reply(b"{}"))
    transport = transport_for(api)
    await transport.get(PODS)
    await transport.close()
    assert api.requests[0].header("Authorization") == []


@pytest.mark.parametrize(
    ("near", "disabled", "encoding"),
    [(True, False, "identity"), (False, False, "gzip"), (False, True, "identity")],
)
async def test_compressed_where_the_line_is_long(
    api: FakeApi, near: bool, disabled: bool, encoding: str
) -> None:
    api.on(PODS, Reply(b"{}"), Reply({"items": ["x" * 1000]}, gzip=encoding == "gzip"))
    api.on(PODS, Reply(b"{}"), watch=True)
    transport = transport_for(api, disable_compression=disabled)
    await transport.get(PODS)
    transport._sessions.near = near
    assert len(await transport.get(PODS)) > 1000
    async with transport.stream(PODS, [("watch", "true")]) as chunks:
        assert [chunk async for chunk in chunks] == [b"{}"]
    await transport.close()
    assert [seen.header("Accept-Encoding") for seen in api.requests[1:]] == [
        [encoding],
        ["identity"],
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("prefix", ["", "/k8s/clusters/c-1", "/a%2Fb"])
async def test_the_server_may_have_a_path_and_any_address(host: str, prefix: str) -> None:
    async with FakeApi(host=host) as api:
        api.on(f"{prefix}{PODS}", Reply(b"{}"))
        transport = Transport(target_for(api.url + prefix), StaticCredentials(), {})
        assert await transport.get(PODS) == b"{}"
        await transport.close()


async def ask(transport: Transport) -> K8sTuiError:
    """What a GET that fails raises; nothing is left open by it."""
    try:
        with pytest.raises(K8sTuiError) as caught:
            await transport.get(PODS, seconds=5.0)
        return caught.value
    finally:
        await transport.close()


@pytest.mark.parametrize(
    ("reply", "message", "fields"),
    [
        (
            Reply(status(403, "Forbidden", "pods is forbidden: \x1b[31mno"), 403),
            "pods is forbidden: ^[[31mno",
            {"status": 403, "reason": "Forbidden"},
        ),
        (Reply(b"404 page not found\n", 404), "HTTP 404 Not Found: 404 page not found", {}),
        (Reply(b"", 503), "HTTP 503 Service Unavailable", {"exit_code": 3}),
        (Reply(b"[1]", 500), "HTTP 500 Internal Server Error: [1]", {"exit_code": 1}),
        (
            Reply(b"<html>" + b"\x1bx" * 500_000, 502),
            "HTTP 502 Bad Gateway: <html>" + "^[x" * 97,
            {},
        ),
        (Reply(status(429, "TooManyRequests"), 429, {"Retry-After": "7"}), "", {"retry_after": 7}),
        (
            Reply(status(429, details={"retryAfterSeconds": 9}), 429),
            "",
            {"retry_after": 9},
        ),
        (Reply(b"", 429, {"Retry-After": "999999"}), "", {"retry_after": 300}),
        (
            Reply(b"", 503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
            "",
            {"retry_after": 0},
        ),
        (Reply(b"", 503, {"Retry-After": "soon"}), "", {"retry_after": None}),
        (
            Reply(b"", 302, {"Location": "https://login.example/start?state=SECRET"}),
            "the server sends us elsewhere to https://login.example/start (HTTP 302)",
            {"status": 302},
        ),
        (Reply(b"", 301, {"Location": "/ui/"}), "elsewhere to /ui/ (HTTP 301)", {}),
        (Reply(b"", 307), "the server sends us elsewhere (HTTP 307)", {}),
    ],
)
async def test_refusals_in_the_server_s_own_words(
    api: FakeApi, reply: Reply, message: str, fields: dict[str, object]
) -> None:
    api.on(PODS, reply)
    error = await ask(transport_for(api))
    assert isinstance(error, ApiError)
    assert message in error.message
    assert len(error.message) < 500
    for name, value in fields.items():
        assert getattr(error, name) == value
    assert len(api.requests) == 1


async def test_an_answer_that_does_not_come(api: FakeApi) -> None:
    api.on(PODS, Frozen())
    error = await ask(transport_for(api, request_timeout=0.05))
    assert isinstance(error, ConnectionFailed)
    assert error.message == f"{api.url} did not answer within 0.05 s"
    assert error.hint


async def test_an_error_whose_text_never_ends_is_an_error(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8stui.cluster.transport._ANSWER_SECONDS", 0.05)
    stream = Stream(status=503)
    stream.raw(b"upstream is ")
    api.on(PODS, stream, watch=True)
    transport = transport_for(api)
    with pytest.raises(ApiError, match="HTTP 503") as caught:
        async with transport.stream(PODS, [("watch", "1")]):
            pass
    assert "upstream is" in caught.value.message
    await transport.close()
    await stream.closed.wait()


async def test_a_stream_that_is_left_is_closed(api: FakeApi) -> None:
    stream = Stream()
    stream.raw(b"one")
    api.on(PODS, stream, watch=True)
    transport = transport_for(api)
    async with transport.stream(PODS, [("watch", "1")]) as chunks:
        assert await anext(chunks) == b"one"
    await asyncio.wait_for(stream.closed.wait(), 10)
    await api.disconnected()
    await transport.close()


async def test_a_closed_transport_asks_nothing_more(api: FakeApi) -> None:
    transport = transport_for(api)
    await transport.close()
    with pytest.raises(ConnectionFailed, match="closed"):
        await transport.get(PODS)
    assert not api.requests


def secrets_in(error: BaseException, log: pytest.LogCaptureFixture) -> list[str]:
    texts = [*traceback.format_exception(error), repr(error), log.text]
    chain: BaseException | None = error
    while chain is not None:
        texts += [repr(chain), repr(chain.args)]
        chain = chain.__cause__
    return [text for text in texts if "s3cret" in text]


async def test_certificates(tls_api: FakeApi, certificates: Certificates) -> None:
    tls_api.on(PODS, Reply(b"{}", forever=True))
    trusted = Tls(certificates.authority)
    named = msgspec.structs.replace(trusted, server_name="inner.example")
    for tls in (trusted, named, Tls(insecure=True)):
        transport = transport_for(tls_api, tls=tls)
        assert await transport.get(PODS) == b"{}"
        await transport.close()
    for tls, says in (
        (Tls(), "certificate"),
        (msgspec.structs.replace(trusted, server_name="other.example"), "Hostname mismatch"),
        (Tls(certificates.client.certificate), "certificate"),
    ):
        error = await ask(transport_for(tls_api, tls=tls))
        assert "shows a certificate that can't be trusted" in error.message
        assert says in error.message
        assert "certificate-authority" in error.hint


async def test_plain_text_where_tls_is_expected(api: FakeApi) -> None:
    target = target_for(api.url.replace("http:", "https:"))
    error = await ask(Transport(target, StaticCredentials(), {}))
    assert isinstance(error, ConnectionFailed)
    assert "can't reach https://127.0.0.1" in error.message


async def test_a_new_client_certificate_is_shown_and_the_old_one_drains(
    tls_api: FakeApi, certificates: Certificates
) -> None:
    pair = ClientCertificate(certificates.client.certificate, certificates.client.key)

    class Rotating(StaticCredentials):
        certificate: ClientCertificate | None = None

        async def get(self) -> Credential:
            return Credential(None, self.certificate, 1)

    stream = Stream()
    tls_api.on(PODS, stream, watch=True)
    tls_api.on(PODS, Reply(b"{}"), Reply(b"{}"))
    credentials = Rotating()
    target = target_for(tls_api.url, tls=Tls(certificates.authority))
    transport = Transport(target, credentials, {})
    async with transport.stream(PODS, [("watch", "1")]) as chunks:
        credentials.certificate = pair
        await transport.get(PODS)
        await transport.get(PODS)
        assert tls_api.connections == 2
        stream.raw(b"still here")
        assert await anext(chunks) == b"still here"
    async with asyncio.timeout(10):
        while tls_api.connections > 1:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0)
    await transport.close()
    await tls_api.disconnected()


async def test_through_a_proxy(tls_api: FakeApi, certificates: Certificates) -> None:
    """The name in the certificate is checked through the proxy, as is the one that is asked for."""
    tls_api.on(PODS, Reply(b"{}", forever=True))
    trusted = Tls(certificates.authority)
    async with ConnectProxy(tls_api.port) as proxy:
        url = f"http://ann:s3cret@127.0.0.1:{proxy.port}"
        for server, tls in (
            ("https://inner.example:6443", trusted),
            ("https://other.example", msgspec.structs.replace(trusted, server_name="127.0.0.1")),
        ):
            target = target_for(server, tls=tls, proxy_url=url)
            transport = Transport(target, StaticCredentials("token"), {})
            assert await transport.get(PODS) == b"{}"
            await transport.close()
        wrong = target_for("https://other.example", tls=trusted, proxy_url=url)
        error = await ask(Transport(wrong, StaticCredentials(), {}))
        assert "Hostname mismatch" in error.message
    assert proxy.heads[0].startswith("CONNECT inner.example:6443 ")
    assert "Proxy-Authorization: Basic" in proxy.heads[0]
    assert not any("Bearer" in head for head in proxy.heads)


@pytest.mark.parametrize("refuse", ["407 Proxy Authentication Required", "403 Forbidden"])
async def test_a_proxy_that_refuses(
    tls_api: FakeApi, refuse: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with ConnectProxy(tls_api.port, refuse) as proxy:
        url = f"http://ann:s3cret@127.0.0.1:{proxy.port}"
        target = target_for("https://inner.example", proxy_url=url)
        error = await ask(Transport(target, StaticCredentials("s3cret"), {}))
    assert f"the proxy http://127.0.0.1:{proxy.port} refused to connect" in error.message
    assert refuse[:3] in error.message
    assert secrets_in(error, caplog) == []


async def test_a_proxy_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ConnectProxy(1) as proxy:
        pass
    url = f"http://ann:s3cret@127.0.0.1:{proxy.port}"
    target = target_for("https://inner.example", proxy_url=url)
    error = await ask(Transport(target, StaticCredentials("s3cret"), {}))
    assert "can't reach the proxy http://127.0.0.1" in error.message
    assert "Connection refused" in error.message
    assert secrets_in(error, caplog) == []


async def test_a_token_is_in_no_error_and_no_log(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    refused = Reply(status(401, "Unauthorized", "Unauthorized"), 401)
    api.on(PODS, refused, refused)
    error = await ask(transport_for(api, "s3cret", "s3cret2"))
    assert isinstance(error, ApiError)
    assert error.status == 401
    assert secrets_in(error, caplog) == []
    lost = await ask(transport_for(api, "s3cret\r\nX: y"))
    assert isinstance(lost, ConnectionFailed)
    assert secrets_in(lost, caplog) == []
